"""The requests that msilo makes: a delivery (R4, D11, D12, D39) and the notice to a sender (R9, D19)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import formatdate

from .letter import Letter

FIRST_CSEQ = 10
_YEAR_10000 = 253402300800
"""SER's number for requests of its own."""

_PLAIN_TEXT = re.compile(r"text/plain[ \t]*(?:;(?P<params>.*))?", re.IGNORECASE | re.DOTALL)
_WIDE_CHARSET = re.compile(r"""charset[ \t]*=[ \t]*["']?(?:utf-?16|utf-?32|ucs-?[24]|iso-10646)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a delivery recognisable as the same one after a crash (D39)."""

    call_id: bytes
    from_tag: bytes
    cseq: int
    branch: bytes


def identity(letter: Letter, table: str, uri: bytes) -> Identity:
    """The identifiers of delivering this row to this contact.

    They follow from the row alone. A new attempt after a failed one keeps Call-ID and From tag and counts the CSeq up
    (RFC 3261 8.1.3.5); each contact has its own branch.
    """
    row = hashlib.sha256(f"{table}\0{letter.mid}\0{letter.inc_time}\0{letter.owner}".encode()).hexdigest()
    attempt = hashlib.sha256(b"%b\0%d\0%b" % (row.encode(), letter.tries, uri)).hexdigest()
    return Identity(
        call_id=row[:32].encode(),
        from_tag=row[32:48].encode(),
        cseq=FIRST_CSEQ + letter.tries,
        branch=b"msilo-" + attempt[:24].encode(),
    )


def headers(letter: Letter) -> list[bytes]:
    """The header lines that say what the message is and when it came in."""
    return [
        b"Date: " + formatdate(letter.inc_time, usegmt=True).encode(),
        b"Content-Type: " + letter.ctype.encode("utf-8", "surrogateescape"),
    ]


def body(letter: Letter, zone: tzinfo | None = None) -> bytes:
    """The body, behind the time at which it came in where that does not spoil it (D12).

    Args:
        zone: where that time is written for; None: where this machine is.
    """
    plain = _PLAIN_TEXT.fullmatch(letter.ctype.strip())
    # a charset of wide characters would be shifted by 46 octets of ASCII
    if plain is None or _WIDE_CHARSET.search(plain["params"] or ""):
        return letter.body
    when = datetime.fromtimestamp(letter.inc_time, zone).ctime()
    return b"[Offline message - %b] %b" % (when.encode("ascii"), letter.body)


def notice(address: str) -> bytes:
    """The text that tells a sender that the message waits (D19)."""
    return f"User [{address}] is offline. The message will be delivered when user goes online.".encode()


def is_clean(letter: Letter) -> bool:
    """False when a row, written by another program, would break the message that it is put into."""
    texts = (letter.src, letter.dst, letter.ctype)
    return (
        all(texts)
        and not any(ord(char) < 32 and char != "\t" for text in texts for char in text)
        and 0 <= letter.inc_time < _YEAR_10000
        and ("<" not in letter.src + letter.dst and ">" not in letter.src + letter.dst)
    )
