"""From a request to a letter: what `m_store` checks before anything is written (R2, R9, R14, D11-D18, D38)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sip.errors import BadHeader
from ...sip.message import Request
from ...sip.uri import Uri
from .address import OwnerOf, bare, complete, first_complete, same_address
from .letter import Letter
from .schema import TEXT, Layout

if TYPE_CHECKING:
    from ...script.call import Call

LARGEST_BODY = 65507 - 2048
"""Octets: a UDP datagram over IPv4, less what Via, Contact and the other header fields of a delivery may take."""
LATEST = 2**31 - 1
"""SER's tables keep times in 32 bits."""

_MEDIA_TYPE = re.compile(rb"[!#$%&'*+.^_`{|}~0-9A-Za-z-]+[ \t]*/[ \t]*[!#$%&'*+.^_`{|}~0-9A-Za-z-]+[ \t]*(?:;.*)?")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_SECONDS = re.compile(rb"(\d+)[ \t]*(?:;.*)?")
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\"]")
"""What no URI holds, and what would break the header that it is put into."""


class NotStored(Exception):
    """Why a message is not kept: for the log, with the next step where an administrator can take one."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters that decide what is kept."""

    registrar: Uri | None
    expire_time: int
    owner_of: OwnerOf
    layout: Layout


def take_in(call: Call, mode: int, rules: Rules, now: float) -> Letter:
    """The letter that a request makes.

    Args:
        mode: which URI is the address: 0 the current R-URI, else the received one, else To; 1 the received one, else
            To; 2 To (R14).
        now: Unix seconds.

    Raises:
        NotStored
    """
    request = call.request
    body = _body(request)
    ctype = _content_type(request)
    src, dst = _uri(request, "From"), _uri(request, "To")
    to = dst.encode()
    address = first_complete(((call.uri, request.uri, to), (request.uri, to), (to,))[mode])
    if address is None:
        raise NotStored("neither the Request-URI nor To is a complete address (sip:user@host)")
    _check_registrar(rules.registrar, src, dst, address)

    incoming = int(now)
    user, host = _for_two_columns(address, complete(to))
    letter = Letter(
        src=src,
        dst=dst,
        address=_as_text(bare(address), "the address"),
        owner=rules.owner_of(address),
        inc_time=incoming,
        exp_time=min(incoming + _lifetime(request, rules.expire_time), LATEST),
        ctype=ctype,
        body=body,
        user=user,
        host=host,
    )
    _check_sizes(letter, rules.layout)
    return letter


def _body(request: Request) -> bytes:
    try:
        body = request.body
    except BadHeader as error:
        raise NotStored(f"its Content-Length is wrong ({error.reason})") from error  # D16
    if not body:
        raise NotStored("it has no body")  # D17
    return body


def _content_type(request: Request) -> str:
    value = request.header(b"content-type")
    if not value:
        raise NotStored("no Content-Type")  # D17
    value = _FOLD.sub(b" ", value).strip()
    if not _MEDIA_TYPE.fullmatch(value):
        raise NotStored(f"its Content-Type is not type/subtype: {value[:80].decode('utf-8', 'replace')!r}")
    encoding = request.header(b"content-encoding")
    if encoding and encoding.lower() != b"identity":
        # the table has no place for it, and without it nobody could read the body
        raise NotStored(f"its body is encoded ({encoding.decode('utf-8', 'replace')}), which the table cannot note")
    text = _as_text(value, "its Content-Type")
    if any(ord(char) < 32 and char != "\t" for char in text):
        raise NotStored("its Content-Type holds control characters")
    return text


def _uri(request: Request, name: str) -> str:
    try:
        field = request.from_ if name == "From" else request.to
    except BadHeader as error:
        raise NotStored(f"its {name} cannot be read ({error.reason})") from error
    if field is None:
        raise NotStored(f"it has no {name}")
    text = _as_text(field.uri, f"the URI in {name}")
    if ":" not in text or _UNFIT.search(text):
        raise NotStored(f"its {name} holds no URI: {text[:80]!r}")
    return text


def _as_text(value: bytes, what: str) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise NotStored(f"{what} is not UTF-8") from None


def _check_registrar(registrar: Uri | None, src: str, dst: str, address: Uri) -> None:
    """R9, D18: what comes from the registrar is a notice of our own, and what goes to it would be answered with one."""
    if registrar is None:
        return
    for uri, what in ((complete(src.encode()), "comes from"), (complete(dst.encode()), "is for"), (address, "is for")):
        if uri is not None and same_address(uri, registrar):
            raise NotStored(f"it {what} the registrar address of msilo, whose messages are never kept")


def _lifetime(request: Request, expire_time: int) -> int:
    """D38: the shorter of the Expires header and `expire_time`; what is not a positive number is ignored."""
    found = _SECONDS.fullmatch(request.expires or b"")
    # the length first: Python refuses to read numbers of thousands of digits
    if found is None or len(found[1]) > 10 or not (asked := int(found[1])):
        return expire_time
    return min(asked, expire_time)


def _for_two_columns(address: Uri, to: Uri | None) -> tuple[str, str]:
    """User and domain as SER 0.9 fills them: it takes To when the address names its host by a number."""
    uri = to if to is not None and _is_ip(address.host) else address
    return (uri.user or b"").decode("utf-8", "replace"), uri.host.decode("utf-8", "replace")


def _is_ip(host: bytes) -> bool:
    try:
        ipaddress.ip_address(host.decode("ascii", "replace"))
    except ValueError:
        return False
    return True


def _check_sizes(letter: Letter, layout: Layout) -> None:
    """D13: nothing is cut. Not every database refuses what is too long, so it is measured here."""
    names = layout.columns
    texts = {names.src: letter.src, names.dst: letter.dst, names.ctype: letter.ctype}
    if layout.has_address:
        texts[names.address] = letter.address
    if layout.has_user:
        texts.update({names.user: letter.user, names.host: letter.host})
    for column, text in texts.items():
        limit = layout.limit(column)
        if limit is not None and len(text) > limit:
            raise NotStored(
                f"{column} would have {len(text)} characters, the column takes {limit}. Widen it: "
                f"{layout.widening(column, (len(text) // 256 + 1) * 256 - 1)}"
            )
    if len(letter.owner) > TEXT:
        raise NotStored(f"the user part of its address has {len(letter.owner)} characters, at most {TEXT} can be kept")
    column_limit = layout.limit(names.body)
    around = len(letter.src.encode()) + 2 * len(letter.dst.encode()) + len(letter.ctype.encode())
    room = LARGEST_BODY - around
    if column_limit is not None and len(letter.body) > column_limit:
        raise NotStored(
            f"its body has {len(letter.body)} octets, the column takes {column_limit}. Widen it: "
            f"{layout.widening(names.body)}"
        )
    if len(letter.body) > room:
        raise NotStored(
            f"its body has {len(letter.body)} octets, a SIP message could carry {room} when it is delivered"
        )
