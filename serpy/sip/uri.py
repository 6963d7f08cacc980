"""SIP, SIPS and tel URIs: taken apart, and changed as SER's rewrite commands change them."""

from __future__ import annotations

import re
from functools import lru_cache

from .errors import BadUri as BadUri
from .params import find_param

# userinfo before the first `@`: a user may hold `;` and `?` (RFC 3261 25.1 user-unreserved)
_SIP = re.compile(
    rb"(sips?):"
    rb"(?:([^@:\x00-\x20\x7f<>]++)(?::([^@\x00-\x20\x7f<>]*+))?@)?"
    rb"([A-Za-z0-9._-]++|\[[0-9A-Fa-f:.]++\])"
    rb"(?::([0-9]{1,10}))?"
    rb"(?:;([^?\x00-\x20\x7f<>]*+))?"
    rb"(?:\?([^\x00-\x20\x7f<>]*+))?\Z",
    re.IGNORECASE,
)
_TEL = re.compile(rb"(tel):([^;?@:\x00-\x20\x7f<>]++)(?:;([^\x00-\x20\x7f<>]*+))?\Z", re.IGNORECASE)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


class Uri:
    """A parsed URI, not to be changed. Everything is as written; nothing is unescaped."""

    __slots__ = ("headers", "host", "params", "password", "port", "scheme", "text", "user")

    def __init__(
        self,
        text: bytes,
        scheme: bytes,
        user: bytes | None,
        password: bytes | None,
        host: bytes,
        port: int,
        params: bytes,
        headers: bytes,
    ) -> None:
        self.text = text
        self.scheme = scheme
        """In lower case."""
        self.user = user
        """None when there is none; the number of a tel URI."""
        self.password = password
        self.host = host
        """IPv6 without its brackets; empty for tel."""
        self.port = port
        """0 when there is none."""
        self.params = params
        """The text behind the first `;`."""
        self.headers = headers
        """The text behind the `?`."""

    def param(self, name: bytes) -> bytes | None:
        """The value of a parameter (name in lower case); b"" for one without a value."""
        return find_param(self.params, name)

    @property
    def transport(self) -> bytes | None:
        """The `transport` parameter in lower case."""
        if not self.params:
            return None
        value = find_param(self.params, b"transport")
        return None if value is None else value.lower()

    @property
    def is_ipv6(self) -> bool:
        return b":" in self.host

    @property
    def host_port(self) -> int:
        """The port as written, 0 when there is none."""
        return self.port

    def __repr__(self) -> str:
        return f"<Uri {self.text!r}>"


# A script asks about one URI several times; few are kept, for each may be as long as a datagram.
@lru_cache(64)
def parse_uri(text: bytes) -> Uri:
    """The parts of a sip, sips or tel URI.

    Raises:
        BadUri: it is none of these. Other schemes are errors in SER too (SER dialect 5.9).
    """
    found = _SIP.match(text)
    if found is None:
        return _parse_tel(text)
    scheme, user, password, host, digits, params, headers = found.groups()
    port = 0
    if digits is not None:
        port = int(digits)
        if port > 65535:
            raise BadUri(text, "the port is above 65535")
    if host.startswith(b"["):
        host = host[1:-1]
    return Uri(text, scheme.lower(), user, password, host, port, params or b"", headers or b"")


def _parse_tel(text: bytes) -> Uri:
    found = _TEL.match(text)
    if found:
        return Uri(text, b"tel", found[2], None, b"", 0, found[3] or b"", b"")
    scheme, colon, _ = text.partition(b":")
    if not colon or not scheme.isalnum():
        raise BadUri(text, "it has no scheme such as sip:")
    if scheme.lower() in (b"sip", b"sips", b"tel"):
        raise BadUri(text, "it is malformed")
    raise BadUri(text, "its scheme is neither sip, sips nor tel")


def unescape(text: bytes) -> bytes:
    """The text with its %XX decoded; a `%` that no two hex digits follow stays."""
    if b"%" not in text:
        return text
    return _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), text)


def _userinfo(user: bytes | None, password: bytes | None) -> bytes:
    # without a user there can be no password (RFC 3261 25.1 userinfo)
    if not user:
        return b""
    return user + b"@" if password is None else b"%b:%b@" % (user, password)


def _host_port(uri: Uri) -> bytes:
    host = b"[%b]" % uri.host if uri.is_ipv6 else uri.host
    return b"%b:%d" % (host, uri.port) if uri.port else host


def _join(uri: Uri, userinfo: bytes, host_port: bytes) -> bytes:
    # SER dialect section 4: what comes out is a sip: URI, whatever went in
    if not host_port:
        raise BadUri(uri.text, "it has no host, so only its host can be rewritten")
    params = b";" + uri.params if uri.params else b""
    headers = b"?" + uri.headers if uri.headers else b""
    return b"sip:%b%b%b%b" % (userinfo, host_port, params, headers)


def set_user(text: bytes, user: bytes) -> bytes:
    """The URI with this user; its password stays. An empty user takes both away. Raises BadUri."""
    uri = parse_uri(text)
    return _join(uri, _userinfo(user, uri.password), _host_port(uri))


def set_user_password(text: bytes, user_password: bytes) -> bytes:
    """The URI with `user:password` or `user`, put in as it is, in place of both. Raises BadUri."""
    uri = parse_uri(text)
    return _join(uri, _userinfo(user_password, None), _host_port(uri))


def set_host(text: bytes, host: bytes) -> bytes:
    """The URI with this host (IPv6 in brackets); its port stays. Raises BadUri."""
    uri = parse_uri(text)
    host_port = b"%b:%d" % (host, uri.port) if uri.port else host
    return _join(uri, _userinfo(uri.user, uri.password), host_port)


def set_host_port(text: bytes, host_port: bytes) -> bytes:
    """The URI with `host[:port]`, put in as it is; the old port goes. Raises BadUri."""
    uri = parse_uri(text)
    return _join(uri, _userinfo(uri.user, uri.password), host_port)


def set_port(text: bytes, port: bytes) -> bytes:
    """The URI with this port; an empty one takes it away. Raises BadUri."""
    uri = parse_uri(text)
    host = b"[%b]" % uri.host if uri.is_ipv6 else uri.host
    host_port = b"%b:%b" % (host, port) if port and host else host
    return _join(uri, _userinfo(uri.user, uri.password), host_port)


def prefix_user(text: bytes, prefix: bytes) -> bytes:
    """The URI with `prefix` before its user, or as its user when it had none. Raises BadUri."""
    uri = parse_uri(text)
    return _join(uri, _userinfo(prefix + (uri.user or b""), uri.password), _host_port(uri))


def strip_user(text: bytes, count: int) -> bytes:
    """The URI without the first `count` characters of its user; no user is left when it was shorter. Raises BadUri."""
    uri = parse_uri(text)
    return _join(uri, _userinfo((uri.user or b"")[count:], uri.password), _host_port(uri))


def strip_user_tail(text: bytes, count: int) -> bytes:
    """The URI without the last `count` characters of its user. Raises BadUri."""
    uri = parse_uri(text)
    user = uri.user or b""
    return _join(uri, _userinfo(user[: max(len(user) - count, 0)], uri.password), _host_port(uri))
