"""The route blocks of a script: which there are, and how one walks through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ..dialect import Dialect
from ..module import Route
from .diagnostics import Label
from .nodes import And, Block, Condition, If, Not, Or, RouteBlock, Statement, StatementCondition, Tree
from .report import Report
from .source import Span

Key: TypeAlias = tuple[Route, str]
MAIN: Key = (Route.REQUEST, "0")


@dataclass(slots=True)
class RouteBody:
    """One route: the blocks of this name, joined."""

    kind: Route
    name: str
    span: Span
    statements: list[Statement]

    @property
    def title(self) -> str:
        """How it is called in tracebacks and messages: `route`, `failure_route[1]`."""
        return title(self.kind, self.name)


def title(kind: Route, name: str) -> str:
    """A route's name as the script writes it."""
    return kind.keyword if (kind, name) == MAIN else f"{kind.keyword}[{name}]"


def collect(tree: Tree, dialect: Dialect, report: Report) -> dict[Key, RouteBody]:
    """The routes by kind and name. SER 0.8 and 0.9 join blocks of one name, SER 2 those without a name only."""
    routes: dict[Key, RouteBody] = {}
    for item in tree.items:
        if not isinstance(item, RouteBlock):
            continue
        known = routes.get((item.kind, item.name))
        if known is None:
            routes[item.kind, item.name] = RouteBody(item.kind, item.name, item.head, list(item.body.statements))
        elif dialect.is_classic or not item.named:
            known.statements.extend(item.body.statements)
        else:
            first = Label(known.span, "the first one")
            report.error(
                "two-routes", item.head, f"{known.title} is defined twice", "give one of them another name", first
            )
    return routes


def statements(body: list[Statement]) -> Iterator[Statement | Condition]:
    """All statements and conditions inside, each before what it contains. (No recursion: `else if` nests deeply.)"""
    pending: list[Statement | Condition | Block] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, Block):
            pending.extend(reversed(node.statements))
            continue
        yield node
        if isinstance(node, If):
            pending.extend([node.otherwise] if node.otherwise else [])
            pending.extend([node.then, node.condition])
        elif isinstance(node, Or | And):
            pending.extend(reversed(node.parts))
        elif isinstance(node, Not):
            pending.append(node.part)
        elif isinstance(node, StatementCondition):
            pending.append(node.body)
