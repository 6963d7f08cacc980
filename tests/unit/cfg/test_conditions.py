"""SER dialect 2.4 and 2.5: what conditions compare, and what they make of errors."""

from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.dialect import Dialect
from serpy.module import Route
from tests.unit.cfg.bench import REQUEST, RESPONSE, Bench


def holds(condition: str, data: bytes = REQUEST, dialect: Dialect = Dialect.SER_0_9, **more: object) -> bool:
    bench = Bench(f'route{{ if ({condition}) note("T"); else note("F"); }}', dialect)
    call = bench.call(data, **more)  # type: ignore[arg-type]
    bench.run(call)
    return bool(call.values["notes"][-1] == "T")


# the request is MESSAGE sip:bob@here.org from 10.0.0.1:5070, received on 127.0.0.1:5060
@pytest.mark.parametrize(
    "condition",
    [
        'method=="MESSAGE"',
        "method==MESSAGE",
        'method=="message"',
        'method!="INVITE"',
        'method=~"^(message|info)$"',
        'uri=="SIP:BOB@here.org"',
        'uri=~"^sip:b.b@"',
        'uri=~"HERE"',
        'uri!="sip:bob@here"',
        "uri==myself",
        "myself==uri",
        'from_uri=="sip:alice@there.org"',
        "from_uri!=myself",
        'from_uri=~"^sip:alice@"',
        "to_uri==myself",
        "src_ip==10.0.0.1",
        'src_ip=="10.0.0.1"',
        "src_ip==10.0.0.0/8",
        "src_ip==10.0.0.0/255.0.0.0",
        "src_ip==012.0.0.0/8",
        "src_ip!=11.0.0.0/8",
        "src_ip!=::/0",
        'src_ip=~"^10[.]"',
        "src_ip!=myself",
        "dst_ip==myself",
        "dst_ip==127.0.0.1",
        "src_port==5070",
        "src_port!=5060",
        "src_port>5060",
        "dst_port<=5060",
        "proto==udp",
        "proto==UDP",
        "proto!=tcp",
        "proto==*",
        "af==inet",
        "af!=INET6",
        "msg:len>100",
        "msg:len<max_len",
        "msg:len<0x1000",
        "5",
        "yes",
        "not 0",
    ],
)
def test_comparisons_that_hold(condition: str) -> None:
    assert holds(condition)
    assert not holds(f"!({condition})")
    assert not holds(f"!{condition}") or condition.startswith("not")


def test_not_negates_the_whole_comparison() -> None:
    """SER dialect 8, row 7."""
    assert holds('!method=="INVITE"')
    assert not holds('!method=="MESSAGE"')


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("good() or bad() and bad()", True),
        ("bad() and bad() or good()", True),
        ("bad() & good() | good()", True),
        ("bad() && (good() || good())", False),
        ("not bad() and good()", True),
        ("!(good() and bad())", True),
        ("!(good() or bad())", False),
        ("!(bad() or bad())", True),
        ("not not good()", True),
    ],
)
def test_not_binds_before_and_before_or(condition: str, expected: bool) -> None:
    """SER dialect 8, row 8."""
    assert holds(condition) is expected


def test_the_rest_of_a_condition_is_not_run() -> None:
    bench = Bench("route{ if (bad() && good()) ; if (good() || bad()) ; }")
    assert bench.notes() == ["bad", "good"]


def test_parentheses_may_be_left_out() -> None:
    """SER dialect 8, row 9."""
    assert Bench('route{ if method=="MESSAGE" { note("T"); } if uri==myself note("U"); }').notes() == ["T", "U"]


def test_conditions_see_the_rewritten_uri() -> None:
    """SER dialect 8, row 17."""
    assert Bench('route{ rewriteuri("sip:x@y"); if (uri=="sip:x@y") note("T"); }').notes() == ["T"]


def test_the_port_counts_for_myself() -> None:
    """SER dialect 8, row 87."""
    assert not holds("uri==myself", REQUEST.replace(b"bob@here.org SIP", b"bob@here.org:5070 SIP"))


def test_a_regular_expression_runs_over_the_whole_text_as_one_line() -> None:
    assert holds('uri=~"^sip:bob@here.org$"')
    assert not holds('uri=~"^bob"')


BROKEN = REQUEST.replace(b"MESSAGE sip:bob@here.org", b"MESSAGE sip:bob@[x")


@pytest.mark.parametrize("condition", ["uri==myself", "!uri==myself", "uri!=myself", "uri==myself or good()"])
def test_an_error_makes_a_condition_false_in_ser_0_9(condition: str) -> None:
    assert not holds(condition, BROKEN)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("uri==myself", False), ("!uri==myself", True), ("uri!=myself", True), ("uri==myself or good()", True)],
)
def test_an_error_counts_as_false_in_ser_2(condition: str, expected: bool) -> None:
    assert holds(condition, BROKEN, Dialect.SER_2) is expected


def test_a_missing_from_is_an_error() -> None:
    without = REQUEST.replace(b"From:", b"X-From:")
    assert not holds('from_uri=="sip:alice@there.org"', without)
    assert not holds('from_uri!="sip:alice@there.org"', without)
    assert holds('from_uri!="sip:alice@there.org"', without, Dialect.SER_2)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('status=="180"', True),
        ('status=~"^1[0-9][0-9]$"', True),
        ('uri=="180"', True),
        ('method=="SIP/2.0"', True),
        ("status==200", False),
    ],
)
def test_status_is_the_code_of_a_reply(condition: str, expected: bool) -> None:
    """SER dialect 8, rows 18 and 96; also in a route that an onreply_route calls."""
    script = f'route{{ ; }} route[1]{{ if ({condition}) note("T"); }} onreply_route[1]{{ route(1); }}'
    assert Bench(script).notes(RESPONSE, Route.ONREPLY, "1") == (["T"] if expected else [])


def test_a_name_is_looked_up_when_addresses_are_compared() -> None:
    assert holds("src_ip==phone.example.org", source=("10.0.0.9", 5060))
    assert not holds("src_ip==phone.example.org", source=("10.0.0.1", 5060))
    assert not holds("src_ip==no.where")


def test_networks_of_ipv6() -> None:
    assert holds("src_ip==2001:db8::/32", source=("2001:db8::7", 5060))
    assert holds("src_ip==[2001:db8::7] and af==inet6", source=("2001:db8::7", 5060))
    assert not holds("src_ip==2001:db9::/32", source=("2001:db8::7", 5060))


@pytest.mark.parametrize("command", ['rewriteuri("sip:a@b")', "forward(10.0.0.1)", "append_branch()", 'prefix("9")'])
def test_an_onsend_route_changes_nothing(command: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Bench(f"route {{ ; }} onsend_route {{ {command}; }}", Dialect.SER_2)
    assert [one.code for one in caught.value.diagnostics] == ["not-allowed"]
    Bench('route { ; } onsend_route { send(10.0.0.1); log(1, "x"); setflag(1); if (msg:len > 5) drop; }', Dialect.SER_2)
