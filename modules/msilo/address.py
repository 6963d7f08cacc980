"""Which URI is the address of a message, and the key under which its recipient is found again (R2, R14, D10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ...sip.uri import BadUri, Uri, parse_uri, unescape

if TYPE_CHECKING:
    from ...apis import Registrar

OwnerOf = Callable[[Uri], str]

_ESCAPED = re.compile(r"\\(?:\\|u(dc[89a-f][0-9a-f]))")


def complete(text: bytes) -> Uri | None:
    """The URI when it is a complete address of record: `sip:user@host`; None when it is not (R2)."""
    try:
        uri = parse_uri(text)
    except BadUri:
        return None
    return uri if uri.user and uri.host else None


def first_complete(texts: Iterable[bytes]) -> Uri | None:
    """The first of these URIs that is a complete address of record."""
    return next((uri for text in texts if (uri := complete(text)) is not None), None)


def bare(uri: Uri) -> bytes:
    """The address without password, parameters and headers, as it is stored: `sip:user@host:port`."""
    host = b"[%b]" % uri.host if uri.is_ipv6 else uri.host
    port = b":%d" % uri.port if uri.port else b""
    return b"%b:%b@%b%b" % (uri.scheme, uri.user or b"", host, port)


def same_address(one: Uri, other: Uri) -> bool:
    """Whether two URIs name the same user of the same host, however they are written."""
    return _parts(one) == _parts(other)


def _parts(uri: Uri) -> tuple[bytes, bytes, int]:
    secure = uri.scheme == b"sips"
    return unescape(uri.user or b"").lower(), uri.host.lower(), uri.port or (5061 if secure else 5060)


def owner_rule(registrar: Registrar | None) -> OwnerOf:
    """The rule by which `lookup` finds bindings, as a key that fits a text column (D10)."""

    def owner(uri: Uri) -> str:
        if registrar is not None:
            aor = registrar.aor(uri)
        else:
            # the registrar's rule with its parameters unset (SER dialect 6.7): the user alone, in lower case
            aor = unescape(uri.user or b"").lower().decode("utf-8", "surrogateescape")
        return owner_of_aor(aor)

    return owner


def owner_of_aor(aor: str) -> str:
    """The key of an address of record: itself, but that octets which are no text (a user part of %ff) are escaped.

    No two addresses have the same key: a backslash is doubled.
    """
    return aor.replace("\\", "\\\\").encode("utf-8", "backslashreplace").decode()


def aor_of(owner: str) -> str:
    """The address of record behind a key, under which its bindings are found."""
    if "\\" not in owner:
        return owner
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "\\", owner)
