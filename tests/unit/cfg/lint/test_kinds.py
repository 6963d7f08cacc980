"""Commands in a kind of route in which they are not allowed, by way of route()."""

from __future__ import annotations

from tests.unit.cfg.lint.findings import found, labels, told

ARMED = 'route { t_on_failure("1"); t_relay(); }'


def test_a_command_that_a_failure_route_leads_to() -> None:
    text = f'{ARMED} failure_route[1] {{ route(2); }} route[2] {{ sl_send_reply("480", "No"); }}'
    finding = told("not-allowed-here", text)
    assert finding.message == "sl_send_reply is not allowed in failure_route, and failure_route[1] leads here"
    assert labels(finding) == [("route(2)", "called here")]


def test_the_labels_are_the_calls_on_the_way() -> None:
    text = (
        f"{ARMED} failure_route[1] {{ route(2); }} route[2] {{ route(3); }} "
        'route[3] { if (method=="INVITE") sl_send_reply("480", "No"); }'
    )
    assert labels(told("not-allowed-here", text)) == [("route(2)", "called here"), ("route(3)", "called here")]


def test_a_command_that_is_allowed_there() -> None:
    text = f'{ARMED} failure_route[1] {{ route(2); }} route[2] {{ t_reply("480", "No"); }}'
    assert not found("not-allowed-here", text)


def test_a_route_that_only_requests_come_to() -> None:
    text = f'{ARMED} failure_route[1] {{ drop; }} route[2] {{ sl_send_reply("480", "No"); }}'
    assert not found("not-allowed-here", text)


def test_it_is_told_once_for_a_kind() -> None:
    text = """
        route { t_on_failure("1"); t_on_failure("2"); t_relay(); }
        failure_route[1] { route(3); route(3); } failure_route[2] { route(3); } route[3] { sl_reply_error(); }
    """
    assert found("not-allowed-here", text) == ["sl_reply_error"]
