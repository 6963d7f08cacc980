"""The selects that read digest credentials: `@authorization["realm"].username` (SER dialect 2.7, RFC 3261 20.7)."""

from __future__ import annotations

import re

from ...module import Module, select
from ...sip.params import split_list
from ..call import Call

_QUOTED_PAIR = re.compile(rb"\\(.)", re.DOTALL)


class CredentialSelects(Module):
    """The parameters of the credentials that a request has for one realm; None when it has none for it."""

    @select("authorization.*.*")
    def authorization(self, call: Call, realm: str, param: str) -> bytes | None:
        """A parameter of the credentials in Authorization."""
        return _credential(call, b"authorization", realm, param)

    @select("authorization.*.uri", uri=True)
    def authorization_uri(self, call: Call, realm: str) -> bytes | None:
        """The digest URI in Authorization."""
        return _credential(call, b"authorization", realm, "uri")

    @select("authorization.*.username.user")
    def authorization_user(self, call: Call, realm: str) -> bytes | None:
        """The user name in Authorization, up to its @."""
        return _user(_credential(call, b"authorization", realm, "username"))

    @select("authorization.*.username.domain")
    def authorization_domain(self, call: Call, realm: str) -> bytes | None:
        """What stands behind the @ of the user name in Authorization."""
        return _domain(_credential(call, b"authorization", realm, "username"))

    @select("proxy_authorization.*.*")
    def proxy_authorization(self, call: Call, realm: str, param: str) -> bytes | None:
        """A parameter of the credentials in Proxy-Authorization."""
        return _credential(call, b"proxy-authorization", realm, param)

    @select("proxy_authorization.*.uri", uri=True)
    def proxy_authorization_uri(self, call: Call, realm: str) -> bytes | None:
        """The digest URI in Proxy-Authorization."""
        return _credential(call, b"proxy-authorization", realm, "uri")

    @select("proxy_authorization.*.username.user")
    def proxy_authorization_user(self, call: Call, realm: str) -> bytes | None:
        """The user name in Proxy-Authorization, up to its @."""
        return _user(_credential(call, b"proxy-authorization", realm, "username"))

    @select("proxy_authorization.*.username.domain")
    def proxy_authorization_domain(self, call: Call, realm: str) -> bytes | None:
        """What stands behind the @ of the user name in Proxy-Authorization."""
        return _domain(_credential(call, b"proxy-authorization", realm, "username"))


def _credential(call: Call, header: bytes, realm: str, param: str) -> bytes | None:
    wanted = realm.encode("utf-8", "surrogateescape")
    for value in call.message.values(header):
        scheme, _, rest = value.partition(b" ")
        if scheme.lower() != b"digest":
            continue
        params = dict(_split(piece) for piece in reversed(split_list(rest)))  # the first of a name counts
        if params.get(b"realm") == wanted:
            return params.get(param.lower().encode("utf-8", "surrogateescape"))
    return None


def _split(piece: bytes) -> tuple[bytes, bytes]:
    name, _, value = piece.partition(b"=")
    value = value.strip()
    if value.startswith(b'"') and value.endswith(b'"') and len(value) > 1:
        value = _QUOTED_PAIR.sub(rb"\1", value[1:-1])
    return name.strip().lower(), value


def _user(name: bytes | None) -> bytes | None:
    return None if name is None else name.partition(b"@")[0]


def _domain(name: bytes | None) -> bytes | None:
    return None if name is None else name.partition(b"@")[2]
