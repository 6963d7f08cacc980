"""Statements that stand behind the end of their route, and comparisons that mean something else on replies."""

from __future__ import annotations

from itertools import pairwise

from ...module import Route
from ..nodes import Block, Case, Compare, End, If, Statement, StatementCondition, Switch, While
from ..report import Report
from .subject import Subject


def warn(subject: Subject, report: Report) -> None:
    """Warn of what is never reached, and of `method` in an onreply_route."""
    for key, route in subject.routes.items():
        _unreachable(route.statements, report)
        for node in subject.nodes[key]:
            for block in _blocks(node):
                _unreachable(block.statements, report)
            if isinstance(node, Compare) and node.operand == "method" and route.kind is Route.ONREPLY:
                # SER dialect 8, row 96
                report.warning(
                    "method-of-reply",
                    node.span,
                    "method is SIP/2.0 in an onreply_route",
                    'compare status, as in status=="200"',
                )


def _blocks(node: object) -> list[Block]:
    if isinstance(node, If):
        return [node.then, *([node.otherwise] if node.otherwise else [])]
    if isinstance(node, While | StatementCondition | Case):
        return [node.body]
    return [case.body for case in node.cases] if isinstance(node, Switch) else []


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
