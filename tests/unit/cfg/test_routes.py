"""Walking through routes: everything that runs is found, in every dialect's statements."""

from __future__ import annotations

import pytest

from serpy.cfg.front import read_script
from serpy.cfg.nodes import Attribute, Call, RouteBlock, RouteCall, Select, Variable
from serpy.cfg.report import Report
from serpy.cfg.routes import statements
from serpy.cfg.source import Source
from serpy.dialect import Dialect


def found(body: str, dialect: Dialect = Dialect.KAMAILIO) -> list[str]:
    """The commands, routes, attributes, selects and variables in the order in which they are met."""
    tree, *_ = read_script(Source("x.cfg", f"route {{ {body} }}".encode()), dialect, Report(dialect))
    (block,) = (item for item in tree.items if isinstance(item, RouteBlock))
    names: list[str] = []
    for node in statements(block.body.statements):
        if isinstance(node, Call):
            names.append(node.name)
        elif isinstance(node, RouteCall):
            names.append(f"route {node.name}".strip())
        elif isinstance(node, Attribute | Select | Variable):
            names.append(node.text)
    return names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("a(); if (b()) { c(); } else if (d()) e(); else { f(); }", ["a", "b", "c", "d", "e", "f"]),
        ("if (a() && (b() || !c())) ;", ["a", "b", "c"]),
        ("while (a()) { b(); }", ["a", "b"]),
        ('switch (a()) { case 1: b(); break; case "x": c(); default: d(); }', ["a", "b", "c", "d"]),
        ("$var(x) = a() + b();", ["$var(x)", "a", "b"]),
        ("if ($rU == a()) ;", ["$rU", "a"]),
        ("if (a() > 1) ;", ["a"]),
        ("if (defined $avp(x)) ;", ["$avp(x)"]),
        ("return (a() || b());", ["a", "b"]),
        ("return a();", ["a"]),
        ("route(a());", ["route", "a"]),
        ("a(b(), $rU);", ["a", "b", "$rU"]),
    ],
)
def test_a_walk_meets_all(body: str, names: list[str]) -> None:
    assert found(body) == names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("$x = a();", ["$x", "a"]),
        ("$x[] = $y[];", ["$x[]", "$y[]"]),
        ("$x = @from.uri;", ["$x", "@from.uri"]),
        ("$x = (a() && $y);", ["$x", "a", "$y"]),
        ("$x = route(A);", ["$x", "route A"]),
        ("if (method == $x || @from.uri) ;", ["$x", "@from.uri"]),
        ("if ({ a(); }) b();", ["a", "b"]),
        ('if (method == "X") a($x);', ["a", "$x"]),
        ("return $x;", ["$x"]),
    ],
)
def test_a_walk_through_ser_2(body: str, names: list[str]) -> None:
    assert found(body, Dialect.SER_2) == names


def test_an_operand_is_no_command() -> None:
    assert found("if (method==INVITE && uri==myself) a();", Dialect.SER_0_9) == ["a"]
