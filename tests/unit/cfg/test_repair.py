"""What is said of scripts that cannot be parsed; most of it is shown by tests/diagnostics."""

from __future__ import annotations

from pathlib import Path

import pytest
from lark.exceptions import UnexpectedToken

from serpy.cfg.diagnostics import Diagnostic
from serpy.cfg.grammar import grammar
from serpy.cfg.lexemes import KAMAILIO, SER
from serpy.cfg.lookahead import lookahead
from serpy.cfg.parse import parse
from serpy.cfg.preprocess import CodeToken, Preprocessor, token
from serpy.cfg.source import Source
from serpy.dialect import Dialect

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted(ROOT.glob("examples/*.cfg")) + sorted((ROOT / "tests" / "diagnostics").rglob("*.cfg"))


def found(text: str) -> list[tuple[int, int, str]]:
    """Line, column and code of each finding."""
    return [(each.span.line, each.span.column, each.code) for each in findings(text)]


def findings(text: str) -> list[Diagnostic]:
    return parse(Source("x.cfg", text.encode()), Preprocessor(SER, {}), Dialect.SER_0_9).diagnostics


def tokens(text: str) -> list[CodeToken]:
    source = Source("x.cfg", text.encode("utf-8", "surrogateescape"))
    flavour = KAMAILIO if "#!KAMAILIO" in text else SER
    return [*Preprocessor(flavour, {}).tokens(source), token("$END", "", source.span(0, 0))]


def stop_of_lark(given: list[CodeToken]) -> int:
    reading = grammar().begin(Dialect.SER_0_9)
    for number, each in enumerate(given):
        try:
            reading.end(each) if each.type == "$END" else reading.feed(each)
        except UnexpectedToken:
            return number
    return len(given)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}-{script.stem}")
def test_the_lookahead_stops_where_the_parser_does(script: Path) -> None:
    given = tokens(script.read_text("utf-8", "surrogateescape"))
    ahead, stop = lookahead(), 0
    place = ahead.start
    while stop < len(given) and (further := ahead.step(place, given[stop].type)) is not None:
        assert given[stop].type in ahead.accepted(place)
        place = further
        stop += 1
    assert stop == stop_of_lark(given)


def test_a_mistake_hides_no_other_one() -> None:
    text = 'route { a(; }\nroute[1] { b() c(); }\nmodparam("x")\nroute[2] { if () ; }\n'
    assert found(text) == [
        (1, 11, "missing-parenthesis"),
        (2, 15, "missing-semicolon"),
        (3, 13, "modparam-arguments"),
        (4, 16, "no-condition"),
    ]


def test_two_mistakes_in_one_line_are_two_findings() -> None:
    assert found("route { a() b() c(); }") == [(1, 12, "missing-semicolon"), (1, 16, "missing-semicolon")]


def test_a_missing_brace_is_where_the_indentation_ends() -> None:
    text = "route {\n  if (a()) {\n    b();\n    c();\n\n  d();\n}\n"
    assert found(text) == [(4, 9, "missing-brace")]


def test_the_block_that_is_not_closed_is_shown() -> None:
    (finding,) = findings("route {\n  if (a()) {\n    b();\n  c();\n}\n")
    (label,) = finding.labels
    assert (label.span.line, label.span.column) == (2, 12)


def test_without_indentation_the_outermost_block_is_shown() -> None:
    (finding,) = findings("route {\nif (a()) {\nb();\n}\nif (c()) {\nd();\n}\n")
    (label,) = finding.labels
    assert (finding.code, label.span.line) == ("missing-brace", 1)


def test_a_brace_too_many_is_the_one_that_stands_wrong() -> None:
    assert found("route {\n  if (a()) {\n    b(); }\n  }\n  c();\n}\n") == [(3, 10, "extra-brace")]


def test_a_block_of_one_line_ends_there() -> None:
    assert found("route {\n  if (a()) { b(); c();\n  d();\n}\n") == [(2, 23, "missing-brace")]


def test_a_route_at_the_start_of_a_line_begins_an_item() -> None:
    assert found("route {\n  a();\n\nroute[1] {\n  b();\n}\n") == [(2, 7, "missing-brace")]


def test_a_call_of_a_route_at_the_start_of_a_line_does_not() -> None:
    assert found("route {\nroute(1)\nroute(2);\n}\n") == [(2, 9, "missing-semicolon")]


def test_errors_end_somewhere() -> None:
    assert len(found("route { a(; }\n" * 100)) == 20
