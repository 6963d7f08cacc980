"""The way of one run of a route as steps: a statement or condition each, with the values that it saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ...cfg.nodes import If, RouteCall, Statement, StatementCondition
from ...cfg.routes import RouteBody, statements
from ...cfg.source import Span
from ...cfg.tracer import Run, Site, What


@dataclass(slots=True)
class Tested:
    """One test of a condition."""

    text: str
    """As the script has it."""
    values: list[tuple[str, Any]]
    """What it looked at: (`uri`, its value), (`lookup`, its result)."""
    outcome: bool | None
    """None: it could not be made, or it ended the route."""


@dataclass(slots=True)
class Step:
    """A line of the script that was carried out."""

    file: str
    line: int
    code: list[str]
    """Its source lines."""
    text: str
    """Itself alone, on one line; of an `if` its condition."""
    depth: int
    """How many routes called each other to come here; 0 in the route that the server runs."""
    kind: Literal["route", "statement", "if"]
    tests: list[Tested] = field(default_factory=list)
    outcome: bool | None = None
    """Of an `if`; None when it ended the route."""
    is_decided: bool = False
    results: list[tuple[str, Any]] = field(default_factory=list)
    """(command or route, its result)."""
    values: list[tuple[str, Any]] = field(default_factory=list)
    """What was read for it, besides its tests."""
    assigned: list[tuple[str, Sequence[Any], int]] = field(default_factory=list)
    """(attribute, its values now, the result of the assignment)."""
    changes: list[str] = field(default_factory=list)
    """What a command changed: `uri: sip:bob@10.0.0.2`."""
    notes: list[Any] = field(default_factory=list)
    """What happened meanwhile: what was sent, what was logged."""


def steps(run: Run, sites: Sequence[Site], notes: Iterable[tuple[int, Any]] = ()) -> list[Step]:
    """The steps of a run so far.

    Args:
        notes: what happened meanwhile, each with how many events there were before it.
    """
    return _Walk(sites).steps(run, list(notes))


class _Walk:
    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = sites
        self._owners: dict[int, Statement] = {}
        """node (by its id) -> the statement it belongs to."""
        for site in sites:
            if site.what is What.ROUTE:
                self._owners.update(_owners(site.node))
        self._done: list[Step] = []
        self._open: dict[int, Step] = {}
        """statement (by its id) -> its step, while it is carried out."""
        self._seen: dict[int, list[tuple[str, Any]]] = {}
        """The same for what was seen and belongs to the next test."""
        self._depth = 0

    def steps(self, run: Run, notes: list[tuple[int, Any]]) -> list[Step]:
        step: Step | None = None
        for position, (number, value) in enumerate(run.events):
            site = self._sites[number]
            meanwhile = []
            while notes and notes[0][0] <= position:
                meanwhile.append(notes.pop(0)[1])
            before, step = step, self._event(site, value)
            for note in meanwhile:
                self._note(before if _begins(site) else step, note)
        for _, note in notes:
            self._note(step, note)
        return self._done

    def _note(self, step: Step | None, note: Any) -> None:
        if step is not None:
            step.notes.append(note)

    def _event(self, site: Site, value: Any) -> Step:
        node = site.node
        if site.what is What.ROUTE:
            self._depth = self._depth + 1 if self._done else 0
            return self._new(site.span, site.span, "route")
        if site.what is What.STATEMENT:
            self._seen.pop(id(node), None)
            step = self._open[id(node)] = self._new(node.span, node.span, "statement")
            return step
        owner = self._owners.get(id(node), node)
        if isinstance(node, RouteCall) and node.defined and site.what is What.RESULT:
            self._depth -= 1
        known = self._open.get(id(owner))
        if known is None:
            span = owner.condition.span if isinstance(owner, If) else owner.span
            known = self._open[id(owner)] = self._new(owner.span, span, "if" if isinstance(owner, If) else "statement")
        self._fill(known, owner, site, value)
        return known

    def _fill(self, step: Step, owner: Statement, site: Site, value: Any) -> None:
        node, seen = site.node, self._seen.setdefault(id(owner), [])
        match site.what:
            case What.OPERAND:
                seen.append((node.operand, value))
            case What.VALUE:
                seen.append((node.text, value))
            case What.RESULT:
                name = f"route({node.name})" if isinstance(node, RouteCall) else node.name
                if node is owner or step.kind == "statement":
                    step.values += seen
                    seen.clear()
                    step.results.append((name, value))
                else:
                    seen.append((name, value))
            case What.TEST:
                if not isinstance(node, StatementCondition):
                    step.tests.append(Tested(source_text(site.span), list(seen), value))
                seen.clear()
            case What.ASSIGNED:
                result, values = value
                step.values += seen
                seen.clear()
                step.assigned.append((node.target.text, values, result))
            case What.CHANGED:
                step.changes += value
            case What.DECISION:
                step.outcome, step.is_decided = value, True
                if isinstance(owner, If):
                    del self._open[id(owner)]
                    del self._seen[id(owner)]

    def _new(self, start: Span, end: Span, kind: Literal["route", "statement", "if"]) -> Step:
        source = start.source
        last = end.end_line if end.source is source else start.line
        if kind == "route":
            last = start.line
        code = source.lines[start.line - 1 : last]
        text = source_text(start if kind == "statement" else end)
        step = Step(source.path, start.line, code, text, self._depth, kind)
        self._done.append(step)
        return step


def _begins(site: Site) -> bool:
    """Whether something begins here, or a called route has ended: what happened just before belongs to what was before.

    All else is noted when it has been done, and the line of an `if` with the first that is.
    """
    if site.what is What.RESULT:
        return isinstance(site.node, RouteCall) and site.node.defined
    return site.what in (What.ROUTE, What.STATEMENT, What.CALL)


def source_text(span: Span) -> str:
    """The script's text, on one line."""
    source = span.source
    end = source.offset(span.end_line, span.end_column)
    text = source.text[source.offset(span.line, span.column) : end]
    # a condition's place may end before the last parenthesis that was opened in it
    while text.count("(") > text.count(")") and source.text[end : end + 1] in (")", " "):
        text += source.text[end]
        end += 1
    return " ".join(text.split())


def _owners(route: RouteBody) -> Iterator[tuple[int, Statement]]:
    """For each part of a statement, by its id, the statement that it belongs to; inner ones come later."""
    inner = [node.body.statements for node in statements(route.statements) if isinstance(node, StatementCondition)]
    for body in [route.statements, *inner]:
        pending = [body]
        while pending:  # no recursion: `else if` nests deeply
            for statement in pending.pop():
                yield id(statement), statement
                for part in statements([statement.condition] if isinstance(statement, If) else [statement]):
                    yield id(part), statement
                pending += _blocks(statement)


def _blocks(statement: Statement) -> list[list[Statement]]:
    if not isinstance(statement, If):
        return []
    return [statement.then.statements, *([statement.otherwise.statements] if statement.otherwise else [])]
