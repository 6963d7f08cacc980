"""What compiled routes are: functions at the script's places, plain where nothing awaits."""

from __future__ import annotations

import inspect
import linecache
import traceback
from pathlib import Path

import pytest

from serpy.cfg.trace import script_frames
from serpy.dialect import Dialect
from serpy.module import Route
from tests.unit.cfg.bench import Bench

SCRIPT = """
route {
    route(1);
}
route[1] {
    note("a");
    if (method=="MESSAGE") {
        broken();
    }
}
"""


def test_an_exception_shows_the_lines_of_the_script() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        Bench(SCRIPT).run()
    # the bench puts a loadmodule line before the script
    assert script_frames(caught.value) == [("test.cfg", 4, "route"), ("test.cfg", 9, "route[1]")]


def test_a_route_that_awaits_shows_them_too() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        Bench(SCRIPT.replace("note(", 'slow("1"); note(')).run()
    assert [line for _, line, _ in script_frames(caught.value)] == [4, 9]


def test_an_exception_in_a_block_that_is_a_condition_belongs_to_the_route() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        Bench("failure_route[1] { if ({ broken(); }) good(); }").run(kind=Route.FAILURE, name="1")
    assert {route for _, _, route in script_frames(caught.value)} == {"failure_route[1]"}


def test_a_traceback_marks_the_command(tmp_path: Path) -> None:
    bench = Bench('route { good(); if (good() && broken()) drop; } # "é"')
    linecache.cache["test.cfg"] = (1, None, ["\n", "route { good(); if (good() && broken()) drop; }\n"], "test.cfg")
    with pytest.raises(ZeroDivisionError) as caught:
        bench.run()
    text = "".join(traceback.format_exception(caught.value))
    del linecache.cache["test.cfg"]
    assert 'File "test.cfg", line 2, in route\n' in text
    marks = text.split("broken()) drop; }\n")[1].split("\n")[0]
    before = "    route { good(); if (good() && "
    assert marks.strip("~^ ") == ""  # Python 3.13 marks the called name by ~ and the parentheses by ^
    assert len(marks) - len(marks.lstrip()) == len(before)


@pytest.mark.parametrize(
    ("text", "awaiting"),
    [
        ("route { good(); }", False),
        ('route { slow("1"); }', True),
        ('route { if (bad() && slow("1")) good(); }', True),
        ('route { route(1); } route[1] { route(2); } route[2] { slow("1"); }', True),
        ('route { route(1); } route[1] { good(); } route[2] { slow("1"); }', False),
        ('route { if ({ slow("1"); }) good(); }', True),
        ("route { if (src_ip==a.b) good(); }", True),
        ("route { forward(10.0.0.1); }", True),
        ('route { rewriteuri("a"); }', False),
    ],
)
def test_only_routes_that_reach_an_awaiting_command_are_async(text: str, awaiting: bool) -> None:
    main = Bench(text).program.routes[Route.REQUEST, "0"]
    assert main.awaits is awaiting
    assert inspect.iscoroutinefunction(main.run) is awaiting


def test_there_is_always_a_route_for_requests() -> None:
    bench = Bench("failure_route[1] { good(); }")
    assert bench.run() == 1
    assert "no-route" in [warning.code for warning in bench.script.warnings]


def test_routes_know_where_they_stand() -> None:
    code = Bench("\n\nfailure_route[1] { good(); }").program.routes[Route.FAILURE, "1"]
    assert (code.path, code.line, code.kind, code.name) == ("test.cfg", 4, Route.FAILURE, "1")


def test_regular_expressions_are_compiled_at_load() -> None:
    assert Bench('route { if (find("^MESSAGE.*bob")) note("T"); }').notes() == ["T"]


def test_routes_of_ser_2_have_names() -> None:
    assert Bench("route { route(A_B); } route[A_B] { good(); }", Dialect.SER_2).notes() == ["good"]


def test_commands_with_one_name_are_told_apart_by_their_arguments() -> None:
    bench = Bench('debug=4\nroute { log("a\\n"); log(1, "b"); }')
    bench.host.log.debug_level = 4
    bench.run()
    assert bench.logged == ["a", "b"]
