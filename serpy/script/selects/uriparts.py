"""The parts of a URI that a select can read (SER dialect 2.7): `.user`, `.host`, `.params.transport`."""

from __future__ import annotations

from collections.abc import Callable

from ...sip.params import find_param
from ...sip.uri import Uri, parse_uri

Part = Callable[[bytes], bytes | None]


def _host(uri: Uri) -> bytes:
    return b"[%b]" % uri.host if uri.is_ipv6 else uri.host


def _hostport(uri: Uri) -> bytes:
    """Host and port; the default port of the scheme where the URI has none."""
    return b"%b:%d" % (_host(uri), uri.port or (5061 if uri.scheme == b"sips" else 5060))


# what a URI does not have is empty, as in SER; only a parameter can be missing
_PARTS: dict[str, Callable[[Uri], bytes]] = {
    "type": lambda uri: uri.scheme,
    "user": lambda uri: uri.user or b"",
    "pwd": lambda uri: uri.password or b"",
    "host": _host,
    "port": lambda uri: b"%d" % uri.port if uri.port else b"",
    "params": lambda uri: uri.params,
    "hostport": _hostport,
}
NAMES = tuple(_PARTS)


def uri_part(parts: list[str | int]) -> Part | None:
    """What reads this part of a URI: `["user"]`, `["params", "lr"]`; None when there is no such part.

    It raises BadUri when the URI cannot be read.
    """
    name, *rest = parts
    read = _PARTS.get(name) if isinstance(name, str) else None
    if read is None:
        return None
    if not rest:
        return lambda text: read(parse_uri(text))
    if name != "params" or len(rest) > 1 or not isinstance(rest[0], str):
        return None
    wanted = rest[0].lower().encode("utf-8", "surrogateescape")
    return lambda text: find_param(parse_uri(text).params, wanted)
