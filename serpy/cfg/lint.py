"""What can be run, but is hardly meant."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from ..module import Route
from .nodes import Block, Compare, End, If, Statement
from .report import Report
from .routes import Key, RouteBody, statements


def lint(routes: Mapping[Key, RouteBody], report: Report) -> None:
    """Warn of code that is never reached, and of comparisons that mean something else on replies."""
    for route in routes.values():
        _unreachable(route.statements, report)
        for node in statements(route.statements):
            if isinstance(node, If):
                for block in (node.then, node.otherwise or Block(node.span, [])):
                    _unreachable(block.statements, report)
            elif isinstance(node, Compare) and node.operand == "method" and route.kind is Route.ONREPLY:
                # SER dialect 8, row 96
                report.warning(
                    "method-of-reply",
                    node.span,
                    "method is SIP/2.0 in an onreply_route",
                    'compare status, as in status=="200"',
                )


def _unreachable(body: list[Statement], report: Report) -> None:
    for ended, following in pairwise(body):
        if isinstance(ended, End):
            report.warning(
                "never-reached",
                following.span,
                f"this is never reached: {ended.word} ends the route before it",
                "remove one of them",
            )
            return
