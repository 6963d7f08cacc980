"""The steps of a run: what each line of the script saw."""

from __future__ import annotations

import pytest

from serpy.cfg.tracer import What
from serpy.dialect import Dialect
from serpy.testing.flow.document import FlowError
from serpy.testing.tracing.follow import _rules
from serpy.testing.tracing.steps import Step, steps
from tests.unit.cfg.test_instrument import Traced


def of(text: str, dialect: Dialect = Dialect.SER_0_9) -> list[Step]:
    """The steps of the main route."""
    bench = Traced(text, dialect, watches=True)
    bench.run()
    return steps(bench.runs[-1], bench.tracer.sites)


def test_a_step_for_each_line_in_the_order_of_the_script() -> None:
    found = of('route {\n if (good()) {\n  bad();\n }\n note("x");\n}')
    assert [(step.kind, step.line - 1, step.text) for step in found] == [
        ("route", 1, "route"),
        ("if", 2, "good()"),
        ("statement", 3, "bad()"),
        ("statement", 5, 'note("x")'),
    ]


def test_a_test_knows_what_it_saw() -> None:
    (tested,) = of('route { if (method == "INVITE") { exit; } }')[1].tests
    assert (tested.text, tested.values, tested.outcome) == ('method == "INVITE"', [("method", b"MESSAGE")], False)


def test_a_command_in_a_condition_is_seen_by_its_result() -> None:
    step = of("route { if (!bad()) { good(); } }")[1]
    assert (step.tests[0].text, step.tests[0].values, step.outcome) == ("bad()", [("bad", False)], True)


def test_each_test_of_a_joined_condition_stands_by_itself() -> None:
    step = of('route { if (bad() || uri =~ "bob" || good()) { exit; } }')[1]
    assert [(tested.text, tested.outcome) for tested in step.tests] == [("bad()", False), ('uri =~ "bob"', True)]


def test_the_line_of_a_condition_stands_above_the_route_that_it_calls() -> None:
    found = of("route {\n if (route(1)) {\n  good();\n }\n}\nroute[1] {\n return 1;\n}")
    assert [(step.line - 1, step.depth) for step in found] == [(1, 0), (2, 0), (6, 1), (7, 1), (3, 0)]


def test_a_condition_over_several_lines_has_them_all() -> None:
    assert of("route {\n if (bad() ||\n   good()) { exit; }\n}")[1].code == [" if (bad() ||", "   good()) { exit; }"]


def test_a_parenthesis_that_is_opened_is_closed() -> None:
    assert of("route { if (bad() || (good() && !(bad()))) { exit; } }")[1].text == "bad() || (good() && !(bad()))"


def test_what_is_assigned_and_what_it_came_from() -> None:
    step = of("route { $a = @from.uri.user; }", Dialect.SER_2)[1]
    assert (step.values, step.assigned) == ([("@from.uri.user", b"alice")], [("$a", (b"alice",), 1)])


def test_what_a_command_changes() -> None:
    assert of('route { rewriteuri("sip:x@here.org"); }')[1].changes == ["uri: sip:x@here.org"]


def test_a_condition_that_ends_the_route() -> None:
    step = of("route { if (result(0)) { good(); } bad(); }")[-1]
    assert (step.kind, step.outcome, step.is_decided) == ("if", None, True)


def test_the_same_line_twice_is_two_steps() -> None:
    found = of("route {\n route(1);\n route(1);\n}\nroute[1] {\n if (good()) { bad(); }\n}")
    assert [step.line - 1 for step in found if step.kind == "if"] == [6, 6]


def test_a_block_as_a_condition_has_steps_of_its_own() -> None:
    found = of("route {\n if ({\n  if (good()) { bad(); }\n }) {\n  exit;\n }\n}")
    assert [(step.line - 1, step.kind, step.outcome) for step in found[1:]] == [
        (3, "if", True),
        (3, "statement", None),
        (2, "if", False),
    ]


def test_a_chain_of_two_thousand() -> None:
    links = " else ".join(f'if (method == "M{number}") {{ good(); }}' for number in range(2000))
    assert len(of(f"route {{ {links} }}")) == 2001


def test_what_a_command_of_a_condition_sends_stands_at_its_line() -> None:
    bench = Traced("route {\n good();\n if (!good()) {\n  bad();\n }\n}", watches=True)
    bench.run()
    run = bench.runs[-1]
    sites = [bench.tracer.sites[number].what for number, _ in run.events]
    before = [place for place, what in enumerate(sites) if what is What.RESULT]
    assert len(before) == 2
    found = steps(run, bench.tracer.sites, [(place, place) for place in before])
    assert [(step.line - 1, step.notes) for step in found if step.notes] == [(2, [before[0]]), (3, [before[1]])]


def test_an_answer_of_a_peer_that_has_no_place_names_the_option() -> None:
    with pytest.raises(FlowError, match=r"no place of bob is known .*--peer 'bob 10.0.0.2:5060'"):
        _rules("bob INVITE 486", ["alice"])
    assert [(rule.peer, rule.method) for rule in _rules("INVITE 486", ["alice"])] == [("alice", "INVITE")]
