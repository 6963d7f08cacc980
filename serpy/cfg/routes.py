"""The route blocks of a script: which there are, and how one walks through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..dialect import Dialect
from ..module import Route
from .diagnostics import Label
from .nodes import (
    And,
    Assign,
    Block,
    Call,
    Compare,
    Condition,
    End,
    If,
    Network,
    Not,
    Number,
    Operation,
    Or,
    Prefixed,
    RouteBlock,
    RouteCall,
    Statement,
    StatementCondition,
    Switch,
    Text,
    Tree,
    While,
    Word,
)
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
    return kind.keyword if name == MAIN[1] else f"{kind.keyword}[{name}]"


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


def statements(body: Sequence[Statement | Condition]) -> Iterator[Statement | Condition]:
    """All statements, conditions and values inside, each before what it contains. (No recursion: `else if` nests
    deeply.)

    Literals are given where they stand as a condition; as operands and arguments they belong to what they stand in, as
    is the operand's name on the left of a comparison.
    """
    pending: list[Statement | Condition | Block] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, Block):
            pending.extend(reversed(node.statements))
            continue
        yield node
        kind = type(node)
        if kind in _CONDITIONS:
            pending.extend(part for part in reversed(_CONDITIONS[kind](node)) if part is not None)
        elif kind in _VALUES:
            pending.extend(part for part in reversed(_VALUES[kind](node)) if type(part) not in _LITERALS)


_CONDITIONS: Mapping[type, Callable[[Any], Sequence[Any]]] = {
    If: lambda node: (node.condition, node.then, node.otherwise),
    Or: lambda node: node.parts,
    And: lambda node: node.parts,
    Not: lambda node: (node.part,),
    StatementCondition: lambda node: (node.body,),
    While: lambda node: (node.condition, node.body),
}
"""What stands in a node as a condition or a statement."""
_VALUES: Mapping[type, Callable[[Any], Sequence[Any]]] = {
    Call: lambda node: node.arguments,
    Compare: lambda node: (node.right,) if _is_operand(node.left) else (node.left, node.right),
    Assign: lambda node: (node.target, node.value),
    RouteCall: lambda node: (node.expression,),
    End: lambda node: (node.value,),
    Operation: lambda node: (node.left, node.right),
    Prefixed: lambda node: (node.operand,),
    Switch: lambda node: (node.subject, *(case.body for case in node.cases)),
}
"""What stands in a node as a value."""
_LITERALS = (Text, Number, Word, Network, type(None))


def _is_operand(left: Condition) -> bool:
    return isinstance(left, Call) and left.bare
