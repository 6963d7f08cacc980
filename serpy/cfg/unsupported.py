"""What is read but cannot be run yet: the constructs that only Kamailio has, each named once."""

from __future__ import annotations

from collections.abc import Iterator

from ..module import Route
from .nodes import (
    Assignment,
    Custom,
    EventRoute,
    LoadModule,
    ModParam,
    Operation,
    Prefixed,
    RouteBlock,
    RouteCall,
    Statement,
    Switch,
    Tree,
    Variable,
    While,
)
from .report import Report
from .routes import statements
from .source import Span


def unsupported(tree: Tree, report: Report) -> None:
    """Report each construct of Kamailio once, at its first place, with how often it is used."""
    places: dict[str, list[Span]] = {}
    for name, span in _constructs(tree):
        places.setdefault(name, []).append(span)
    for name, spans in places.items():
        more = f" ({len(spans)} times in this script)" if len(spans) > 1 else ""
        report.error(
            "not-supported-yet",
            spans[0],
            f"{name} of Kamailio is not supported yet{more}",
            "serpy runs the language of SER 0.8, 0.9 and 2; rewrite this part, or wait for a later version",
        )


def foreign(tree: Tree, report: Report) -> None:
    """Report what only Kamailio has in a script that is read as SER's, each once."""
    told: set[str] = set()
    for item in tree.items:
        for name, span in _in_routes(item.body.statements) if isinstance(item, RouteBlock) else ():
            if name in told or name.startswith("route()"):  # another stage tells of those
                continue
            told.add(name)
            report.error(
                "other-dialect",
                span,
                f"{name} belongs to Kamailio's language, and this script is read as SER's",
                "write #!KAMAILIO in the first line if it is a script for Kamailio",
            )


def _constructs(tree: Tree) -> Iterator[tuple[str, Span]]:
    for item in tree.items:
        if isinstance(item, Custom):
            yield f"the setting {item.name}", item.name_span
        elif isinstance(item, EventRoute):
            yield f"event_route[{item.name}]", item.head
            yield from _in_routes(item.body.statements)
        elif isinstance(item, Assignment) and item.options:
            options = dict.fromkeys(name for name, _, _ in item.options)
            yield f"{item.name} with {' and '.join(options)}", item.options[0][1]
        elif isinstance(item, LoadModule | ModParam) and item.form.endswith("x"):
            yield item.form, item.span
        elif isinstance(item, RouteBlock):
            if item.keyword == "reply_route" and item.kind is Route.ONREPLY:
                yield "reply_route", item.head
            yield from _in_routes(item.body.statements)


def _in_routes(body: list[Statement]) -> Iterator[tuple[str, Span]]:
    for node in statements(body):
        if isinstance(node, Variable):
            yield f"the variable ${node.name}", node.span
        elif isinstance(node, While):
            yield "while", _word(node.span, "while")
        elif isinstance(node, Switch):
            yield "switch", _word(node.span, "switch")
        elif isinstance(node, Operation):
            if node.operator == ":":  # the rest of selval
                continue
            yield f"the operator {node.operator}", node.operator_span
        elif isinstance(node, Prefixed):
            yield f"the operator {node.operator}", node.span
        elif isinstance(node, RouteCall) and node.expression is not None:
            yield "route() with a name made at run time", node.name_span


def _word(span: Span, word: str) -> Span:
    return Span(span.source, span.line, span.column, span.line, span.column + len(word))
