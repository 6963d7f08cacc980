"""Commands that send over a transport which serpy does not speak."""

from __future__ import annotations

from collections.abc import Mapping

from ..script.kinds import SERVED
from .nodes import Call
from .report import Report
from .routes import Key, RouteBody, statements


def warn_of_transports(routes: Mapping[Key, RouteBody], report: Report) -> None:
    """Warn at each call that can only fail."""
    for route in routes.values():
        for node in statements(route.statements):
            if not isinstance(node, Call) or node.command is None:
                continue
            transport = node.command.transport
            if transport and transport not in SERVED:
                report.warning(
                    "no-transport",
                    node.name_span,
                    f"{node.name} will always fail here: serpy does not speak {transport.upper()} yet, only UDP",
                    f"write {_over_udp(node.name, transport)} for what can go over UDP",
                )


def _over_udp(name: str, transport: str) -> str:
    return "send" if name == "send_tcp" else name.removesuffix(transport) + "udp"
