"""From an address to the key of its bindings."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from ...module import Kind
from ...sip.uri import BadUri, Uri, parse_uri, unescape

MAX_LENGTH = 256
"""The longest key; a longer one is answered `Address Of Record too long`."""


class AorRule(NamedTuple):
    """What of a URI makes its address of record."""

    use_domain: bool = False
    case_sensitive: bool = False
    realm_prefix: bytes = b""
    """Taken off the front of the host: `sip.` makes one realm of sip.example.org and example.org."""

    def key(self, uri: Uri) -> str:
        """The unescaped user, with `@host` by `use_domain`; octets that are no UTF-8 are kept as surrogates.

        The password, the port and all parameters play no part. A URI without a user has the empty key, or its host.
        """
        user = uri.user or b""
        if b"%" in user:
            user = unescape(user)
        if not self.case_sensitive:
            user = user.lower()
        if self.use_domain:
            host = uri.host.lower().removeprefix(self.realm_prefix)
            user = b"%b@%b" % (user, host) if user else host
        return user.decode("utf-8", "surrogateescape")


def _read_address(text: str) -> Uri:
    wire = text.encode("utf-8", "surrogateescape")
    try:
        uri = parse_uri(wire if ":" in text else b"sip:" + wire)
    except BadUri as bad:
        raise ValueError(f"{text!r} is no SIP URI: {bad.reason}") from None
    if uri.scheme == b"tel" or not uri.user:
        raise ValueError(f"{text!r} names no user: write sip:user@host")
    return uri


Address = Annotated[Uri | None, Kind("a SIP address", _read_address)]
"""An argument that names a user by a SIP URI; None where the script gives none."""
