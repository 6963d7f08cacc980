"""Routes that nothing leads to."""

from __future__ import annotations

from tests.unit.cfg.lint.findings import found, told


def test_a_route_that_is_never_called() -> None:
    assert found("never-called", "route { drop; } route[2] { drop; }") == ["route[2]"]


def test_a_route_that_is_called() -> None:
    assert not found("never-called", "route { route(2); } route[2] { drop; }")


def test_a_failure_route_that_is_never_armed() -> None:
    finding = told("never-called", 'route { t_relay(); } failure_route[1] { t_reply("480", "No"); }')
    assert finding.message == "failure_route[1] is never armed"
    assert finding.hint == 'arm it by t_on_failure("1") before the request is relayed, or remove it'


def test_routes_that_are_armed() -> None:
    text = """
        route { t_on_failure("1"); t_on_reply("2"); t_on_branch("3"); t_relay(); }
        failure_route[1] { drop; } onreply_route[2] { drop; } branch_route[3] { drop; }
    """
    assert not found("never-called", text)


def test_what_the_core_runs_by_itself() -> None:
    assert not found("never-called", "route { exit; } onreply_route { exit; } onsend_route { exit; }")


def test_an_onreply_route_without_a_name_is_never_run_by_ser_0_9() -> None:
    finding = told("never-called", "route { t_relay(); } onreply_route { drop; }")
    assert finding.message == "onreply_route is never run: SER 0.9 has no default onreply_route"
    assert finding.hint is not None
    assert "#!SER 2" in finding.hint
    assert not found("never-called", "route { t_relay(); } onreply_route { drop; }", head="#!SER 2")


def test_of_routes_that_only_a_lost_one_leads_to_nothing_is_said() -> None:
    text = "route { drop; } route[1] { route(2); } route[2] { route(3); } route[3] { drop; }"
    assert found("never-called", text) == ["route[1]"]


def test_routes_that_call_each_other_only_are_told_of_once() -> None:
    assert found("never-called", "route { drop; } route[1] { route(2); } route[2] { route(1); }") == ["route[1]"]


def test_a_failure_route_that_another_one_arms() -> None:
    text = """
        route { t_on_failure("1"); t_relay(); }
        failure_route[1] { append_branch(); t_on_failure("2"); t_relay(); }
        failure_route[2] { drop; }
    """
    assert not found("never-called", text)


def test_a_failure_route_without_a_name_cannot_be_armed() -> None:
    finding = told("never-called", 'route { t_on_failure("0"); t_relay(); } failure_route { exit; }')
    assert finding.hint == "give it a name, as in failure_route[1], and arm that"
