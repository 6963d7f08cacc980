"""What would run otherwise, were the script meant for another version than the one that serpy takes it for."""

from __future__ import annotations

from ...module import Route
from ..diagnostics import Label
from ..nodes import Block, End, If, RouteCall, Statement
from ..report import Report
from ..routes import MAIN
from .subject import Subject


def warn(subject: Subject, report: Report) -> None:
    """Warn of `drop` in a route behind whose call something follows: up to 0.9 it runs, since 2.0 it does not."""
    if not (subject.is_guessed and subject.dialect.is_classic):
        return
    followed: dict[str, RouteCall] = {}
    for route in subject.routes.values():
        _calls_with_more(route.statements, False, followed)
    for key, route in subject.routes.items():
        call = followed.get(key[1])
        if key == MAIN or key[0] is not Route.REQUEST or call is None:
            continue
        drop = next((one for one in subject.nodes[key] if isinstance(one, End) and one.word == "drop"), None)
        if drop is not None:
            report.warning(
                "drop-by-version",
                drop.span,
                f"drop ends {route.title} only, and its caller goes on; since SER 2 it ends the whole script",
                "write the version into the first line: #!SER 0.9 if this is meant, #!SER 2 if not",
                Label(call.span, "the caller goes on here"),
            )


def _calls_with_more(body: list[Statement], followed: bool, found: dict[str, RouteCall]) -> None:
    """The calls behind which a statement follows, in their block or in one around it."""
    pending = [(body, followed)]
    while pending:
        block, more_behind = pending.pop()
        for at, statement in enumerate(block):
            behind = block[at + 1 : at + 2]
            more = (bool(behind) and not isinstance(behind[0], End)) or (not behind and more_behind)
            if isinstance(statement, RouteCall) and more:
                found.setdefault(statement.name, statement)
            elif isinstance(statement, If):
                blocks: list[Block] = [statement.then, *([statement.otherwise] if statement.otherwise else [])]
                pending.extend((one.statements, more) for one in blocks)
