"""SER dialect 8, the rows about results, routes and their ends."""

from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.dialect import Dialect
from serpy.module import Route
from tests.unit.cfg.bench import Bench

CLASSIC = [Dialect.SER_0_8, Dialect.SER_0_9]
ALL = [*CLASSIC, Dialect.SER_2]
SUB = 'route{{ route(1); note("caller"); }} route[1]{{ {} note("rest"); }}'
EITHER = 'route{{ if (route(1)) note("T"); else note("F"); }} route[1]{{ {} }}'


@pytest.mark.parametrize("dialect", CLASSIC)
@pytest.mark.parametrize("word", ["drop", "break", "drop()"])
def test_row_01_drop_and_break_leave_the_route_and_its_caller_goes_on(word: str, dialect: Dialect) -> None:
    assert Bench(SUB.format(word + ";"), dialect).notes() == ["caller"]


@pytest.mark.parametrize(("word", "notes"), [("drop", []), ("exit", []), ("break", ["caller"]), ("return", ["caller"])])
def test_row_02_in_ser_2_drop_ends_the_script_and_break_the_route(word: str, notes: list[str]) -> None:
    assert Bench(SUB.format(word + ";"), Dialect.SER_2).notes() == notes


@pytest.mark.parametrize("end", ["drop(3)", "drop 3", "exit(3)", "exit 3", 'result("3"); exit $?', "return 3"])
def test_row_02_in_ser_2_an_end_may_have_a_value(end: str) -> None:
    assert Bench(f"route{{ route(1); if ($? == 3) exit 3; }} route[1]{{ {end}; }}", Dialect.SER_2).run() == 3


@pytest.mark.parametrize("dialect", CLASSIC)
@pytest.mark.parametrize(
    ("body", "note"), [("drop;", "T"), ("isflagset(3);", "F"), ('result("5");', "T"), ('result("0");', "T")]
)
def test_row_03_a_route_as_a_condition_is_false_for_a_negative_result_only(
    body: str, note: str, dialect: Dialect
) -> None:
    assert Bench(EITHER.format(body), dialect).notes()[-1] == note


@pytest.mark.parametrize("dialect", ALL)
def test_row_04_a_log_behind_the_failure_makes_the_route_succeed(dialect: Dialect) -> None:
    assert Bench(EITHER.format("bad();"), dialect).notes() == ["bad", "F"]
    assert Bench(EITHER.format('bad(); log("x");'), dialect).notes() == ["bad", "T"]


@pytest.mark.parametrize("dialect", ALL)
def test_row_05_an_if_has_the_value_of_the_branch_that_ran_or_1(dialect: Dialect) -> None:
    assert Bench(EITHER.format("if (good()) bad();"), dialect).notes()[-1] == "F"
    assert Bench(EITHER.format("if (bad()) bad();"), dialect).notes()[-1] == "T"


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize("condition", ['!result("0")', 'result("0")', 'good() && result("0")', 'bad() || result("0")'])
def test_row_06_a_result_of_0_stops_inside_a_condition_too(condition: str, dialect: Dialect) -> None:
    notes = Bench(f'route{{ if ({condition}) note("then"); else note("else"); note("rest"); }}', dialect).notes()
    assert notes[-1] == "result 0"


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize(
    "condition", ["good()", "{ bad(); good(); }", "{ if (bad()) good(); }", "(if (good()) good();)"]
)
def test_row_12_a_command_a_block_or_an_if_can_be_the_condition(condition: str, dialect: Dialect) -> None:
    assert Bench(f'route{{ if ({condition}) note("T"); }}', dialect).notes()[-1] == "T"


def test_row_27_a_route_that_a_failure_route_calls_may_do_what_requests_may() -> None:
    script = 'loadmodule "sl.so"\nroute{ ; } route[2]{ sl_send_reply("500", "x"); } failure_route[1]{ route(2); }'
    from serpy.cfg.load import load_script

    assert load_script("x.cfg", text=script.encode()).path == "x.cfg"
    lexical = script.replace("failure_route[1]{ route(2); }", 'failure_route[1]{ sl_send_reply("500", "x"); }')
    with pytest.raises(ScriptError, match="not allowed in failure_route"):
        load_script("x.cfg", text=lexical.encode())
    called = Bench('route{ ; } route[2]{ good(); } failure_route[1]{ route(2); note("F"); }')
    assert called.notes(kind=Route.FAILURE, name="1") == ["good", "F"]


@pytest.mark.parametrize("dialect", CLASSIC)
def test_row_92_blocks_of_one_name_are_joined(dialect: Dialect) -> None:
    script = 'route{ note("a"); route(1); } route[1]{ note("c"); } route{ note("b"); } route[1]{ note("d"); }'
    assert Bench(script, dialect).notes() == ["a", "c", "d", "b"]


def test_row_92_in_ser_2_blocks_with_a_name_are_not_joined() -> None:
    assert Bench('route{ note("a"); } route{ note("b"); }', Dialect.SER_2).notes() == ["a", "b"]
    with pytest.raises(ScriptError, match="defined twice"):
        Bench("route[1]{ ; } route[1]{ ; }", Dialect.SER_2)
