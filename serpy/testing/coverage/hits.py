"""What was reached of scripts, counted; counts of several runs, and of several processes, are added."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from ...cfg.nodes import And, If, Not, Or, Statement, StatementCondition
from ...cfg.routes import RouteBody, statements
from ...cfg.tracer import Tracer, What

T = TypeVar("T")


class Line(NamedTuple):
    """A line on which a statement or a route begins."""

    path: str
    line: int


class Branch(NamedTuple):
    """One of the two ways out of an `if`."""

    path: str
    line: int
    column: int
    outcome: bool
    to: int | None
    """The line that comes next; None: the route ends."""


class Entry(NamedTuple):
    """A route."""

    path: str
    line: int
    title: str


class Part(NamedTuple):
    """One outcome of a single test in a condition that joins several."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    outcome: bool


@dataclass(slots=True)
class Coverage:
    """How often each place was reached; those that were not are there with 0."""

    lines: dict[Line, int] = field(default_factory=dict)
    branches: dict[Branch, int] = field(default_factory=dict)
    routes: dict[Entry, int] = field(default_factory=dict)
    parts: dict[Part, int] = field(default_factory=dict)

    def add(self, other: Coverage) -> None:
        """Add what another run has reached."""
        _add(self.lines, other.lines)
        _add(self.branches, other.branches)
        _add(self.routes, other.routes)
        _add(self.parts, other.parts)

    def plain(self) -> list[list[tuple[object, ...]]]:
        """The same in Python's own types, as pytest-xdist can send it."""
        return [[(*key, count) for key, count in getattr(self, kind).items()] for kind in _KINDS]


def from_plain(plain: Sequence[Sequence[Sequence[Any]]]) -> Coverage:
    """What `Coverage.plain` gave."""
    coverage = Coverage()
    for (kind, make), counts in zip(_KINDS.items(), plain, strict=True):
        getattr(coverage, kind).update({make(*key): count for *key, count in counts})
    return coverage


_KINDS: dict[str, Callable[..., Any]] = {"lines": Line, "branches": Branch, "routes": Entry, "parts": Part}


def of_tracer(tracer: Tracer) -> Coverage:
    """What the routes of one server have reached.

    A script that is no file, or stands in a flow file, is left out.
    """
    coverage = Coverage()
    reached, decided = tracer.reached(), tracer.decided()
    targets: dict[int, tuple[int | None, int | None]] = {}
    joined: set[int] = set()
    paths: dict[str, str | None] = {}
    for site in tracer.sites:
        if site.what is What.ROUTE:
            targets.update(_targets(site.node))
            joined.update(_joined(site.node))
    for number, site in enumerate(tracer.sites):
        written = site.span.source.path
        if written not in paths:
            paths[written] = _path(written)
        path = paths[written]
        if path is None:
            continue
        line, count = Line(path, site.span.line), reached[number]
        match site.what:
            case What.ROUTE:
                coverage.routes[Entry(path, site.span.line, site.node.title)] = count
                _most(coverage.lines, line, count)
            case What.STATEMENT:
                _most(coverage.lines, line, count)
            case What.DECISION if isinstance(site.node, If):
                _most(coverage.lines, line, count)
                for outcome, to in zip((True, False), targets[id(site.node)], strict=True):
                    branch = Branch(path, site.span.line, site.span.column, outcome, to)
                    coverage.branches[branch] = decided[number, outcome]
            case What.TEST if id(site.node) in joined:
                for outcome in (True, False):
                    coverage.parts[Part(path, *site.span[1:], outcome)] = decided[number, outcome]
    return coverage


def _add(counts: dict[T, int], more: dict[T, int]) -> None:
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count


def _most(counts: dict[T, int], key: T, count: int) -> None:
    counts[key] = max(count, counts.get(key, 0))


def _path(written: str) -> str | None:
    """The file's absolute path; None for what is no script of its own."""
    path = os.path.abspath(written)
    return path if os.path.isfile(path) and not path.endswith(".flow") else None


def _targets(route: RouteBody) -> Iterator[tuple[int, tuple[int | None, int | None]]]:
    """For each `if` (by its id) the lines where it goes on when true and when false; None where the route ends."""
    pending: list[tuple[list[Statement], int | None]] = [(route.statements, None)]
    pending += [
        (node.body.statements, None) for node in statements(route.statements) if isinstance(node, StatementCondition)
    ]
    while pending:  # no recursion: `else if` nests deeply
        block, behind = pending.pop()
        for position, statement in enumerate(block, 1):
            if not isinstance(statement, If):
                continue
            following = block[position].span.line if position < len(block) else behind
            ways = [statement.then.statements, statement.otherwise.statements if statement.otherwise else []]
            yield id(statement), (_first(ways[0], following), _first(ways[1], following))
            pending += [(way, following) for way in ways if way]


def _first(block: list[Statement], following: int | None) -> int | None:
    return block[0].span.line if block else following


def _joined(route: RouteBody) -> Iterator[int]:
    """The tests (by their ids) that stand in a condition with others."""
    for node in statements(route.statements):
        if isinstance(node, And | Or):
            for part in node.parts:
                while isinstance(part, Not):
                    part = part.part
                yield id(part)
