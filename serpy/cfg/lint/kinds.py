"""Commands that come to run in a kind of route in which they are not allowed, by way of `route()`."""

from __future__ import annotations

from collections import deque

from ...module import Route
from ..diagnostics import Label, and_list
from ..nodes import Call, RouteCall
from ..report import Report
from ..routes import Key
from .subject import Subject

_KINDS = (Route.REQUEST, Route.FAILURE, Route.ONREPLY, Route.BRANCH, Route.ONSEND)


def warn(subject: Subject, report: Report) -> None:
    """Warn once of each such command, with the calls that lead to it."""
    calls = {
        key: [node for node in nodes if isinstance(node, Call | RouteCall)] for key, nodes in subject.nodes.items()
    }
    for kind in _KINDS[1:]:
        _in_kind(kind, calls, subject, report)


def _in_kind(kind: Route, calls: dict[Key, list[Call | RouteCall]], subject: Subject, report: Report) -> None:
    starts = [key for key in subject.routes if key[0] is kind]
    ways: dict[Key, tuple[Key, tuple[RouteCall, ...]]] = {start: (start, ()) for start in starts}
    """From where a route is reached, and by which calls (the last ones)."""
    pending = deque(starts)
    while pending:
        key = pending.popleft()
        start, way = ways[key]
        for node in calls[key]:
            if isinstance(node, RouteCall):
                to = (Route.REQUEST, node.name)
                if to in subject.routes and to not in ways:
                    ways[to] = start, (*way[-2:], node)
                    pending.append(to)
            elif key[0] is not kind and node.command is not None and kind not in node.command.routes:
                may = [one.keyword for one in _KINDS if one in node.command.routes]
                labels = [Label(call.span, "called here") for call in way]
                report.warning(
                    "not-allowed-here",
                    node.name_span,
                    f"{node.name} is not allowed in {kind.keyword}, and {subject.routes[start].title} leads here",
                    f"call it in {and_list(may)} only",
                    *labels,
                )
