"""SER dialect 3 and 9.2: what results do, in SER 0.8/0.9 and in SER 2."""

from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from serpy.module import Route
from tests.unit.cfg.bench import Bench

CLASSIC, NEWER = Dialect.SER_0_9, Dialect.SER_2


def either(condition: str) -> str:
    """A main route that notes T where the condition holds, else F."""
    return f'route{{ if ({condition}) note("T"); else note("F"); }}'


# (script, notes in 0.8/0.9, notes in 2): the rows of SER dialect 9.2, and of section 8 where a number stands
ROWS = {
    "9.2 drop in a sub-route": ('route{ route(1); note("A"); } route[1]{ drop; }', ["A"], []),
    "9.2 break in a sub-route": ('route{ route(1); note("A"); } route[1]{ break; }', ["A"], ["A"]),
    "9.2 break makes route() true": (
        either("route(1)") + "route[1]{ break; }",
        ["T"],
        ["F"],
    ),
    "9.2 last action fails": (
        either("route(1)") + "route[1]{ isflagset(3); }",
        ["F"],
        ["F"],
    ),
    "9.2 empty route": (either("route(1)") + "route[1]{ ; }", ["T"], ["T"]),
    "9.2 zero in a condition": ('route{ if (!result("0")) { note("X"); } note("rest"); }', ["result 0"], ["result 0"]),
    "3 drop in a condition's route": (
        either("route(1)") + "route[1]{ drop; }",
        ["T"],
        [],
    ),
    "4 a later action hides a failure": (
        either("route(1)") + "route[1]{ bad(); good(); }",
        ["bad", "good", "T"],
        ["bad", "good", "T"],
    ),
    "5 value of an if without branch": (
        either("route(1)") + "route[1]{ if (bad()) bad(); }",
        ["bad", "T"],
        ["bad", "T"],
    ),
    "5 value of a branch": (
        either("route(1)") + "route[1]{ if (good()) { bad(); } }",
        ["good", "bad", "F"],
        ["good", "bad", "F"],
    ),
    "zero as a statement": ('route{ result("0"); note("rest"); }', ["result 0"], ["result 0"]),
    "zero in a sub-route": (
        'route{ route(1); note("A"); } route[1]{ result("0"); note("B"); }',
        ["result 0", "A"],
        ["result 0"],
    ),
    "zero at the end of a sub-route": (
        'route{ route(1); note("A"); } route[1]{ result("0"); }',
        ["result 0", "A"],
        ["result 0"],
    ),
    "negative as a statement": ('route{ result("-1"); note("rest"); }', ["result -1", "rest"], ["result -1", "rest"]),
    "a bool never ends": ('route{ bad(); note("rest"); }', ["bad", "rest"], ["bad", "rest"]),
    "AND stops at zero": (either('result("0") && good()'), ["result 0"], ["result 0"]),
    "OR stops at zero": (
        'route{ if (bad() || result("0") || good()) note("T"); }',
        ["bad", "result 0"],
        ["bad", "result 0"],
    ),
    "zero is not reached": (
        'route{ if (good() || result("0")) note("T"); note("rest"); }',
        ["good", "T", "rest"],
        ["good", "T", "rest"],
    ),
    "false AND zero, OR true": (
        'route{ if (bad() && result("0") || good()) note("T"); }',
        ["bad", "good", "T"],
        ["bad", "good", "T"],
    ),
    "drop in an if": ('route{ if (good()) { drop; } note("rest"); }', ["good"], ["good"]),
    "block as a condition": (
        either("{ good(); bad(); }"),
        ["good", "bad", "F"],
        ["good", "bad", "F"],
    ),
    "break in a block as a condition": (either("{ break; }"), [], ["F"]),
    "if as a condition": (
        either("(if (good()) { bad(); })"),
        ["good", "bad", "F"],
        ["good", "bad", "F"],
    ),
    "undefined route": ('route{ if (route(7)) note("T"); }', ["T"], ["T"]),
    "exit in a sub-route": ('route{ route(1); note("A"); } route[1]{ exit; }', [], []),
    "return value": (either("route(1)") + "route[1]{ return -1; }", ["F"], ["F"]),
    "return alone is true": (either("route(1)") + "route[1]{ return; }", ["T"], ["T"]),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_results_in_ser_0_9(row: tuple[str, list[str], list[str]]) -> None:
    assert Bench(row[0], CLASSIC).notes() == row[1]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_results_in_ser_2(row: tuple[str, list[str], list[str]]) -> None:
    assert Bench(row[0], NEWER).notes() == row[2]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_route_that_awaits_does_the_same(row: tuple[str, list[str], list[str]]) -> None:
    awaiting = Bench(row[0].replace("result(", "slow("), CLASSIC)
    assert awaiting.notes() == [note.replace("result", "slow") for note in row[1]]


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ('result("3");', 3),
        ("good();", 1),
        ("bad();", -1),
        ('result("-2");', -2),
        ("drop;", 0),
        ("route(1);", 1),
        ("if (bad()) good();", 1),
        ("", 1),
    ],
)
def test_a_route_answers_the_value_of_its_last_action(body: str, result: int) -> None:
    assert Bench(f'route{{ {body} }} route[1]{{ result("7"); }}').run() == result


def test_the_script_ends_with_the_value_of_exit() -> None:
    assert Bench("route{ route(1); } route[1]{ exit(5); }", NEWER).run() == 5


def test_blocks_of_one_name_are_joined() -> None:
    assert Bench('route{ note("A"); } route[1]{ ; } route{ note("B"); }').notes() == ["A", "B"]


def test_the_result_of_the_last_function_is_kept() -> None:
    script = """route{ result("-7"); log("x"); if ($? == -7) note("seven"); route(1); if ($retcode < 0) note("no"); }
        route[1] { return -1; }"""
    assert Bench(script, NEWER).notes() == ["result -7", "seven", "no"]


def test_routes_that_call_each_other_end_at_a_hundred() -> None:
    bench = Bench('route{ route(1); note("end"); } route[1]{ note("in"); route(2); } route[2]{ route(1); }')
    notes = bench.notes()
    assert notes[-1] == "end"
    assert 45 < notes.count("in") < 52
    assert "deep" in bench.logged[0]


def test_routes_that_await_and_call_each_other_end_at_a_hundred() -> None:
    bench = Bench('route{ route(1); note("end"); } route[1]{ if (good()) { slow("1"); route(1); } }')
    notes = bench.notes()
    assert notes[-1] == "end"
    assert 45 < notes.count("slow 1") < 52


def test_a_request_route_can_be_called_from_a_failure_route() -> None:
    bench = Bench('route{ ; } route[2]{ good(); } failure_route[1]{ route(2); note("F"); }')
    assert bench.notes(kind=Route.FAILURE, name="1") == ["good", "F"]


def test_a_route_that_is_not_there_leaves_1_as_the_last_result() -> None:
    assert Bench('route{ result("-7"); route(7); exit $?; }', NEWER).run() == 1
