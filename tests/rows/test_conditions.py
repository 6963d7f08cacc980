"""SER dialect 8, the rows about conditions and what they compare."""

# ruff: noqa: N802 - names bear the numbers of decisions
from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from serpy.module import Route
from tests.unit.cfg.bench import REQUEST, RESPONSE, Bench

DIALECTS = [Dialect.SER_0_8, Dialect.SER_0_9, Dialect.SER_2]


def holds(condition: str, data: bytes = REQUEST, dialect: Dialect = Dialect.SER_0_9) -> bool:
    """Whether it holds for MESSAGE sip:bob@here.org from 10.0.0.1:5070."""
    return Bench(f'route{{ if ({condition}) note("T"); else note("F"); }}', dialect).notes(data)[-1] == "T"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("sign", ["!", "not "])
def test_row_07_not_negates_the_comparison(sign: str, dialect: Dialect) -> None:
    assert holds(f'{sign}method=="INVITE"', dialect=dialect)
    assert not holds(f'{sign}method=="MESSAGE"', dialect=dialect)
    assert not holds(f"{sign}uri==myself", dialect=dialect)
    assert not holds(f"{sign}src_ip==10.0.0.0/8", dialect=dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("bad() and bad() or good()", True),
        ("bad() && (bad() || good())", False),
        ("bad() & good() | good()", True),
        ("good() | good() & bad()", True),
        ("!bad() and good()", True),
        ("!(bad() and good())", True),
        ("not good() or good()", True),
    ],
)
def test_row_08_not_binds_closer_than_and_and_that_than_or(condition: str, expected: bool, dialect: Dialect) -> None:
    assert holds(condition, dialect=dialect) is expected


def test_row_09_a_condition_needs_no_parentheses() -> None:
    script = 'route{ if method=="MESSAGE" { note("a"); } if uri==myself note("b"); if good() & bad() { note("c"); } }'
    assert Bench(script).notes() == ["a", "b", "good", "bad"]


@pytest.mark.parametrize("condition", ["method==MESSAGE", "method==message", "method!=INVITE", "src_ip!=no.where.org"])
def test_row_13_a_literal_needs_no_quotes(condition: str) -> None:
    assert holds(condition)


def test_row_13_a_host_name_needs_no_quotes() -> None:
    assert holds("uri==here.org", REQUEST.replace(b"sip:bob@here.org SIP", b"here.org SIP"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_row_14_D53_a_text_is_compared_without_case_and_whole(dialect: Dialect) -> None:
    """0.8 compared only as many letters as the message has: nobody can want that."""
    assert holds('method=="message"', dialect=dialect)
    assert not holds('method=="MESSAGES"', dialect=dialect)
    assert not holds('method=="MESS"', dialect=dialect)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('method=~"ess"', True),
        ('method=~"^(invite|message)$"', True),
        ('method=~"^ess"', False),
        ('uri=~"BOB@h[e]re[.]org"', True),
        ('uri=~"(bo|b)+b@"', True),
    ],
)
def test_row_15_a_pattern_is_searched_anywhere_and_without_case(condition: str, expected: bool) -> None:
    assert holds(condition) is expected


def test_row_16_a_pattern_sees_the_whole_uri() -> None:
    data = REQUEST.replace(b"sip:bob@here.org SIP", b"sip:bob@here.org:5070;transport=udp?x=y SIP")
    assert holds('uri=~"^sip:bob@"', data)
    assert holds('uri=~";transport=udp[?]x=y$"', data)
    assert not holds('uri=~"^bob@"', data)


def test_row_17_conditions_see_the_rewritten_uri() -> None:
    script = 'route{ rewriteuri("sip:a@b"); if (uri=="sip:a@b") note("new"); if (uri=~"here") note("old"); }'
    assert Bench(script).notes() == ["new"]


@pytest.mark.parametrize("word", ["status", "uri"])
def test_row_18_status_is_the_same_operand_as_uri(word: str) -> None:
    assert holds('status=="sip:bob@here.org"')
    script = f'route{{ ; }} onreply_route[1]{{ if ({word}=~"^1[0-9]+$") note("a"); if ({word}=="180") note("b"); }}'
    assert Bench(script).notes(RESPONSE, Route.ONREPLY, "1") == ["a", "b"]


def test_row_87_another_port_is_not_ours() -> None:
    def at_port(port: bytes) -> bytes:
        return REQUEST.replace(b"bob@here.org SIP", b"bob@here.org" + port + b" SIP")

    assert holds("uri==myself", at_port(b""))
    assert holds("uri==myself", at_port(b":5060"))
    assert not holds("uri==myself", at_port(b":5070"))
    assert holds("uri!=myself", at_port(b":5070"))


def test_row_96_method_in_an_onreply_route_is_the_version() -> None:
    script = 'route{ ; } onreply_route[1]{ if (method=="SIP/2.0") note("version"); if (method=="INVITE") note("no"); }'
    bench = Bench(script)
    assert bench.notes(RESPONSE, Route.ONREPLY, "1") == ["version"]
    codes = [warning.code for warning in bench.script.warnings]
    assert codes.count("method-of-reply") == 2


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('$x = "a"; if ($fr.x == "a") note("uri of from");', ["uri of from"]),
        ('$x = "a"; if ($f.x == "a") note("from"); if ($t.x) note("to");', ["from"]),
        ('$fu.x = "a"; $fd.x = "b"; if ($x == "a") note("user before domain");', ["user before domain"]),
        ('$fd.x = "b"; $g.x = "c"; if ($x == "b") note("domain before global");', ["domain before global"]),
        ('$g.x = "c"; if ($x == "c") note("global");', ["global"]),
        ('$t.x = "d"; $tr.x = "e"; if ($x) note("to");', []),
    ],
)
def test_row_95_an_attribute_without_class_is_looked_for_along_from_and_set_for_its_uri(
    body: str, found: list[str]
) -> None:
    assert Bench(f"route{{ {body} }}", Dialect.SER_2).notes() == found
