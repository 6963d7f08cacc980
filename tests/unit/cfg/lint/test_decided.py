"""Conditions whose answer is known."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import found, told


@pytest.mark.parametrize(
    "condition",
    [
        "1",
        'method!="INVITE" || method!="ACK"',
        'method=="INVITE" || method!="INVITE"',
        "src_ip!=10.0.0.1 || src_ip!=10.0.0.2",
        "msg:len>=0",
        "src_port<70000",
    ],
)
def test_always_true(condition: str) -> None:
    assert found("always-true", f"route {{ if ({condition}) {{ drop; }} drop; }}") == [condition]


def test_a_number_that_decides_a_condition() -> None:
    assert found("always-true", 'route { if (lookup("location") || 1) { drop; } drop; }') == ["1"]


@pytest.mark.parametrize(
    "condition",
    [
        "0",
        'method=="INVITE" && method=="ACK"',
        'method=="INVITE" && method=~"^(BYE|ACK)$"',
        "src_ip==10.0.0.1 && src_ip==10.0.0.2",
        'uri=="sip:a@b" && uri=="sip:c@d"',
        "msg:len>70000",
    ],
)
def test_never_true(condition: str) -> None:
    assert found("never-true", f"route {{ if ({condition}) {{ drop; }} drop; }}") == [condition]


@pytest.mark.parametrize(
    "condition",
    [
        'method=="INVITE" || method=="ACK"',
        'method!="INVITE" && method!="ACK"',
        'method=="INVITE" && uri==myself',
        "src_ip==10.0.0.1 || src_ip==10.0.0.2",
        "src_ip!=10.0.0.1 && src_ip!=10.0.0.2",
        "src_ip==10.0.0.0/8 && src_ip==10.1.0.0/16",
        'uri=~"a" && uri=~"b"',
        "msg:len>=max_len",
        "msg:len>1000",
        'method=~"^[A-Z]+$"',
    ],
)
def test_what_requests_decide(condition: str) -> None:
    text = f"route {{ if ({condition}) {{ drop; }} drop; }}"
    assert not found("always-true", text)
    assert not found("never-true", text)


def test_an_enclosing_condition_decides() -> None:
    text = 'route { if (method=="INVITE") { if (method=="ACK") { drop; } } drop; }'
    assert told("never-true", text).message == "this is never true here"


def test_an_earlier_condition_that_ends_decides() -> None:
    assert found("never-true", 'route { if (method=="ACK") drop; if (method=="ACK") { drop; } drop; }')
    assert found("always-true", 'route { if (!method=="ACK") drop; if (method=="ACK") { drop; } drop; }')


def test_a_rewritten_uri_may_lead_here_again() -> None:
    text = 'route { if (uri==myself) drop; lookup("aliases"); if (uri==myself) { drop; } drop; }'
    assert not found("never-true", text)
    assert found("never-true", text.replace('lookup("aliases");', ""))


def test_a_uri_that_cannot_be_read_is_neither_myself_nor_not() -> None:
    text = "route { if (!uri==myself) { drop; } if (uri==myself) { drop; } drop; }"
    assert not found("always-true", text)


def test_an_earlier_condition_on_one_path_only() -> None:
    text = 'route { if (search("x")) { if (method=="ACK") drop; } if (method=="ACK") { drop; } drop; }'
    assert not found("never-true", text)


def test_a_route_that_is_called_from_two_places() -> None:
    text = 'route { if (method=="ACK") { route(1); } else { route(1); } drop; } route[1] { if (method=="ACK") drop; }'
    assert not found("never-true", text)
    assert not found("always-true", text)


def test_a_comparison_that_is_repeated_for_the_reader() -> None:
    text = 'route { if (method=="ACK") { drop; } if (method!="ACK" && search("x")) { drop; } drop; }'
    assert not found("always-true", text)
