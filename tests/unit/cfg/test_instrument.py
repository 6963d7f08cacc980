"""Instrumented routes do the same as others, and note what they do; others know nothing of it."""

from __future__ import annotations

import dis
import random
from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest

from serpy.cfg import cache
from serpy.cfg.emit import Emitter
from serpy.cfg.load import Script
from serpy.cfg.nodes import RouteBlock
from serpy.cfg.tracer import Run, Tracer, What
from serpy.dialect import Dialect
from serpy.module import Route
from tests.programs.choices import Choices
from tests.programs.machine import Machine
from tests.programs.messages import REPLY, REQUESTS
from tests.programs.reader import parsed
from tests.programs.reference import Evaluator, TooLong
from tests.programs.ser import Grower
from tests.programs.writer import Writer

from .bench import Bench

PROGRAMS = 60
"""Random programs for each dialect."""


class Traced(Bench):
    """A bench whose routes are instrumented."""

    def __init__(self, text: str, dialect: Dialect = Dialect.SER_0_9, *, watches: bool = False) -> None:
        super().__init__(text, dialect)
        self.runs: list[Run] = []
        self.tracer = Tracer(on_end=self.runs.append, watches=watches)
        self.program = self.script.traced(self.tracer).compile(self.instances)

    def events(self, **options: Any) -> list[tuple[What, int, Any]]:
        """(what, line, value) of each event of a run of the main route; the bench puts one line above the script."""
        self.run(**options)
        sites = self.tracer.sites
        return [(sites[site].what, sites[site].span.line - 1, value) for site, value in self.runs[-1].events]

    def of(self, what: What) -> list[Any]:
        """The values of one kind of events."""
        return [value for kind, _, value in self.events() if kind is what]


# -- without a tracer nothing is different -----------------------------------------------------------------------------

SCRIPT = """
route {
    if (method == "MESSAGE" && good()) { route(1); } else if (bad()) { result(0); } else { note("x"); }
    if (slow(1)) exit;
}
route[1] { if (uri =~ "bob") { return 5; } break; }
failure_route[1] { note("failed"); }
"""


def _codes(script: Script, instances: Any, tracer: Tracer | None) -> dict[str, CodeType]:
    emitter = Emitter(script._routes, script.dialect, instances, tracer)
    emitter.compile()
    return {route.title: emitter.namespace[route.title].__code__ for route in script._routes.values()}


def _everything(code: CodeType) -> Iterator[Any]:
    yield code.co_code, code.co_names, code.co_varnames, [*code.co_positions()]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _everything(constant)


def test_a_server_in_service_runs_code_without_any_trace() -> None:
    bench = Bench(SCRIPT)
    before = _codes(bench.script, bench.instances, None)
    traced = _codes(bench.script, bench.instances, Tracer())
    after = _codes(bench.script, bench.instances, None)
    assert before == after
    assert [*map(list, map(_everything, before.values()))] == [*map(list, map(_everything, after.values()))]
    for title, code in before.items():
        assert not [step for step in dis.get_instructions(code) if "trace" in str(step.argval)], title
        assert code.co_code != traced[title].co_code


def test_a_traced_script_leaves_the_script_itself_as_it_was() -> None:
    bench = Traced(SCRIPT)
    noted = len(bench.tracer.sites)
    bench.script.compile(bench.instances)
    assert len(bench.tracer.sites) == noted


# -- with a tracer the results are the same ----------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", [Dialect.SER_0_8, Dialect.SER_0_9, Dialect.SER_2], ids=lambda it: it.value)
def test_instrumented_programs_do_what_the_evaluator_says(dialect: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "folder", lambda: None)  # as tests/programs: thousands of programs would fill it
    octets = random.Random(dialect.value)
    ran = 0
    for _ in range(PROGRAMS):
        choices = Choices(octets.randbytes(octets.randrange(50, 400)))
        made = Grower(choices, dialect).program()
        text = Writer(choices, dialect).write(made)
        tree = parsed(text, dialect)
        tracer = Tracer()
        machine = Machine(text, dialect, tracer)
        for kind, name in {(item.kind, item.name) for item in tree.items if isinstance(item, RouteBlock)}:
            if kind is Route.REQUEST and name != "0":
                continue
            for message in [REPLY] if kind is Route.ONREPLY else REQUESTS:
                try:
                    wanted = Evaluator(tree, dialect, message).run(kind, name)
                except TooLong:
                    continue
                assert machine.run(kind, name, message) == wanted, text
                ran += 1
        assert not tracer.open
    assert ran > PROGRAMS


def test_a_chain_of_two_thousand_is_instrumented() -> None:
    links = " else ".join(f'if (method == "M{number}") {{ good(); }}' for number in range(2000))
    bench = Traced(f'route {{ {links} else {{ bad(); }} note("end"); }}')
    assert bench.of(What.DECISION) == [False] * 2000


# -- what is noted -----------------------------------------------------------------------------------------------------


def test_statements_decisions_and_results_in_order() -> None:
    bench = Traced("route {\n if (good()) {\n  result(7);\n }\n bad();\n}")
    assert bench.events() == [
        (What.ROUTE, 1, None),
        (What.RESULT, 2, True),
        (What.TEST, 2, True),
        (What.DECISION, 2, True),
        (What.STATEMENT, 3, None),
        (What.RESULT, 3, 7),
        (What.STATEMENT, 5, None),
        (What.RESULT, 5, False),
    ]
    assert bench.runs[0].result == -1


def test_a_negated_test_tells_what_the_test_itself_was() -> None:
    bench = Traced('route { if (!bad()) { note("x"); } }')
    assert (bench.of(What.TEST), bench.of(What.DECISION)) == ([False], [True])


def test_a_test_that_is_not_made_is_not_noted() -> None:
    assert Traced("route { if (bad() && good()) { exit; } good(); }").of(What.TEST) == [False]


def test_a_condition_that_ends_the_route_was_not_decided() -> None:
    bench = Traced("route { if (result(0)) { good(); } bad(); }")
    assert (bench.of(What.DECISION), bench.runs[0].result) == ([None], 0)


def test_a_comparison_that_cannot_be_made_is_neither_true_nor_false() -> None:
    bench = Traced('route { if (!from_uri == "sip:a@b") { good(); } }')
    broken = bench.call(b"MESSAGE sip:b@here.org SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <\r\n\r\n")
    assert [value for what, _, value in bench.events(call=broken) if what is What.TEST] == [None]


def test_operands_are_noted_with_what_they_were() -> None:
    bench = Traced('route { if (method == "INVITE" || uri =~ "nobody" || src_ip == 10.0.0.1 && src_port > 1) exit; }')
    assert bench.of(What.OPERAND) == [b"MESSAGE", b"sip:bob@here.org", "10.0.0.1", 5070]


def test_a_called_route_is_entered_and_gives_its_value() -> None:
    bench = Traced("route { route(1); good(); }\nroute[1] { return -1; }")
    assert [(what, line, value) for what, line, value in bench.events() if what is not What.STATEMENT] == [
        (What.ROUTE, 1, None),
        (What.CALL, 1, None),
        (What.ROUTE, 2, None),
        (What.RESULT, 1, -1),
        (What.RESULT, 1, True),
    ]


def test_only_the_taken_links_of_a_chain_are_noted() -> None:
    bench = Traced("route { if (bad()) { exit; } else if (good()) { bad(); } else if (good()) { exit; } good(); }")
    assert bench.of(What.DECISION) == [False, True]


def test_attributes_are_noted_when_read_and_when_assigned() -> None:
    bench = Traced('route { $a = "x"; $a[] = 5; if ($a == 5) { exit; } }', Dialect.SER_2)
    assert bench.of(What.ASSIGNED) == [(1, (b"x",)), (1, (b"x", 5))]
    assert bench.of(What.VALUE) == [5]


def test_selects_are_noted() -> None:
    assert Traced("route { $a = @from.uri.user; }", Dialect.SER_2).of(What.VALUE) == [b"alice"]


def test_a_route_that_awaits_is_noted_to_its_end() -> None:
    bench = Traced("route { slow(0); good(); }\n")
    assert (bench.of(What.RESULT), bench.runs[0].result, bench.tracer.open) == ([0], 0, [])


def test_exit_in_a_called_route_ends_the_run() -> None:
    bench = Traced("route { route(1); bad(); }\nroute[1] { exit; }")
    assert bench.of(What.RESULT) == []
    assert bench.runs[0].result == 0


def test_an_exception_ends_the_run() -> None:
    bench = Traced("route { broken(); }")
    with pytest.raises(ZeroDivisionError):
        bench.run()
    assert isinstance(bench.runs[0].error, ZeroDivisionError)
    assert not bench.tracer.open


def test_two_runs_at_once_are_kept_apart() -> None:
    bench = Traced("route { slow(1); good(); }")
    first, second = (bench.program.routes[Route.REQUEST, "0"].run(bench.call()) for _ in range(2))
    first.send(None)
    second.send(None)
    for one in (first, second):
        with pytest.raises(StopIteration):
            one.send(None)
    assert [len(run.events) for run in bench.runs] == [5, 5]


def test_a_block_as_a_condition_is_noted_inside() -> None:
    bench = Traced("route { if ({ good(); bad(); }) { exit; } }")
    assert bench.of(What.RESULT) == [True, False]
    assert bench.of(What.TEST) == [False]


def test_what_a_command_changes_is_noted() -> None:
    bench = Traced('route { rewriteuri("sip:carol@here.org"); setflag(3); good(); }', watches=True)
    assert bench.of(What.CHANGED) == [["uri: sip:carol@here.org"], ["flags set: 3"]]


def test_what_was_reached_is_counted_over_all_runs_open_ones_too() -> None:
    bench = Traced("route { if (good()) { slow(1); } }")
    bench.run()
    waiting = bench.program.routes[Route.REQUEST, "0"].run(bench.call())
    waiting.send(None)
    decisions = [site for site, known in enumerate(bench.tracer.sites) if known.what is What.DECISION]
    assert [bench.tracer.decided()[site, True] for site in decisions] == [2]
    assert bench.tracer.reached()[decisions[0]] == 2
    waiting.close()
