"""Sockets to send from, held against the script's own `listen` lines: what `serpy check` can know of it."""

from __future__ import annotations

from collections.abc import Mapping

from ..script.core import Core
from ..script.kinds import SOCKET, Socket, is_ip, parse_socket
from .nodes import Call
from .report import Report
from .routes import Key, RouteBody, statements
from .settings import Settings

SIP_PORT = 5060


def warn_of_sockets(routes: Mapping[Key, RouteBody], settings: Settings, report: Report) -> None:
    """Warn of sockets that no `listen` line opens: such a server does not start, unless `-l` says otherwise.

    Where a line or the socket has a name, only the server can tell.
    """
    listened = [parse_socket(str(one.value)) for one in settings.values if one.param is Core.listen]
    ports = [int(one.value) for one in settings.values if one.param is Core.port]
    usual = ports[-1] if ports else SIP_PORT
    if not listened or not all(is_ip(one.host) for one in listened):
        return
    for route in routes.values():
        for node in statements(route.statements):
            if not isinstance(node, Call):
                continue
            for (argument, value), written in zip(node.values, node.arguments, strict=False):
                if argument.kind is SOCKET and isinstance(value, Socket) and is_ip(value.host):
                    if any(_opens(one, value, usual) for one in listened):
                        continue
                    report.warning(
                        "socket-not-listed",
                        written.span,
                        f"no listen line opens {value}: the server will not start",
                        f"add listen={value}, or name one of: {', '.join(map(str, listened))}",
                    )


def _opens(listen: Socket, wanted: Socket, usual: int) -> bool:
    same_proto = wanted.proto in ("", listen.proto or "udp")
    return same_proto and listen.host == wanted.host and (listen.port or usual) == (wanted.port or usual)
