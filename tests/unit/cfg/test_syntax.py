"""What only SER 2 or Kamailio write, as nodes (SER dialect 2.3 to 2.7, Kamailio dialect 2.2)."""

from __future__ import annotations

import logging

import lark
import pytest

from serpy.cfg.grammar import grammar
from serpy.cfg.lexemes import flavour_of
from serpy.cfg.nodes import (
    And,
    Assign,
    Assignment,
    Attribute,
    AvpFlags,
    Call,
    Compare,
    Custom,
    End,
    EventRoute,
    If,
    ModParam,
    Network,
    Not,
    Number,
    Operation,
    Or,
    Prefixed,
    RouteBlock,
    RouteCall,
    Select,
    Statement,
    StatementCondition,
    Switch,
    Text,
    Tree,
    Variable,
    While,
    Word,
)
from serpy.cfg.parse import parse
from serpy.cfg.preprocess import Preprocessor
from serpy.cfg.source import Source
from serpy.dialect import Dialect

KAMAILIO, SER_2, SER_0_9 = Dialect.KAMAILIO, Dialect.SER_2, Dialect.SER_0_9


def tree(text: str, dialect: Dialect) -> Tree:
    parsed = parse(Source("x.cfg", text.encode()), Preprocessor(flavour_of(dialect, text), {}), dialect)
    assert parsed.diagnostics == []
    return parsed.tree


def statement(text: str, dialect: Dialect = KAMAILIO) -> Statement:
    """The only statement."""
    (block,) = tree(f"route {{ {text} }}", dialect).items
    assert isinstance(block, RouteBlock)
    (found,) = block.body.statements
    return found


def said(node: object) -> str:
    """An expression with all its parentheses."""
    match node:
        case Or(parts=parts) | And(parts=parts):
            return f"({(' or ' if isinstance(node, Or) else ' and ').join(map(said, parts))})"
        case Not(part=part):
            return f"not {said(part)}"
        case Compare(left=left, operator=sign, right=right) | Operation(left=left, operator=sign, right=right):
            return f"({said(left)} {sign} {said(right)})"
        case Prefixed(operator=sign, operand=operand):
            return f"{sign} {said(operand)}"
        case Call(bare=True):
            return f"{node.name}?"
        case Call(arguments=arguments):
            return f"{node.name}({', '.join(map(said, arguments))})"
        case RouteCall(expression=None):
            return f"route({node.name})"
        case Number(value=number):
            return str(number)
        case Text(value=value):
            return f'"{value}"'
        case Network(address=address, mask=mask):
            return f"{address}/{mask}"
        case Assign(target=target, value=value):
            return f"({said(target)} = {said(value)})"
        case StatementCondition():
            return "{}"
        case Word(text=text) | Variable(text=text) | Attribute(text=text) | Select(text=text):
            return text
    raise AssertionError(node)


def condition(text: str, dialect: Dialect = KAMAILIO) -> str:
    found = statement(f"if ({text}) drop;", dialect)
    assert isinstance(found, If)
    return said(found.condition)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a() | b() & c()", "(a() or (b() and c()))"),
        ("a() || b() && !c()", "(a() or (b() and not c()))"),
        ('!method=="X"', 'not (method == "X")'),
        ('not uri==myself and method=="X"', '(not (uri == myself) and (method == "X"))'),
        ("src_ip==10.0.0.0/8 or src_ip == 10.1.0.0 / 255.255.0.0", None),
        ("(a() or b()) and c()", "((a() or b()) and c())"),
        ("!(a() or b())", "not (a() or b())"),
        ("!!a()", "not not a()"),
        ("method==INVITE", "(method == INVITE)"),
        ("uri==a.b-c.d", "(uri == a.b-c.d)"),
        ("a() and b() and c()", "(a() and b() and c())"),
        ("{ a(); } and if (b()) c();", "({} and {})"),
        ("5", "5"),
    ],
)
def test_what_binds_more_tightly_in_ser(text: str, expected: str | None) -> None:
    wanted = expected or "((src_ip == 10.0.0.0/8) or (src_ip == 10.1.0.0/255.255.0.0))"
    assert condition(text, SER_0_9) == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x & 4", "($x & 4)"),
        ("$x | 4 and a()", "(($x | 4) and a())"),
        ("!$x == 5", "not ($x == 5)"),
        ("$f.x[1] == @from.uri.user", "($f.x[1] == @from.uri.user)"),
        ("$? < 0", "($? < 0)"),
        ("method == $x & a()", "((method == $x) and a())"),
        ('%x[] and @msg["X-Y"]', '(%x[] and @msg["X-Y"])'),
    ],
)
def test_what_binds_more_tightly_in_ser_2(text: str, expected: str) -> None:
    assert condition(text, SER_2) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$var(a) + 1 * 2 == 3", "(($var(a) + (1 * 2)) == 3)"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("$a | $b & $c ^ $d", "($a | ($b & ($c ^ $d)))"),
        ("1 << 2 > 3", "(1 << (2 > 3))"),
        ('!$rm=="X"', '(not $rm == "X")'),
        ('!method=="X"', 'not (method == "X")'),
        ("!uri==myself && !a()", "(not (uri == myself) and not a())"),
        ("not defined $avp(x) and a()", "(not defined $avp(x) and a())"),
        ("(int)$var(a) + -5", "((int) $var(a) + -5)"),
        ("~$var(a) mod 3", "(~ $var(a) mod 3)"),
        ('$var(a) eq "x" or $var(b) ne "y"', '(($var(a) eq "x") or ($var(b) ne "y"))'),
        ("($var(x) = 5) > 3", "(($var(x) = 5) > 3)"),
        ("strlen($(ru{s.len})) > 3", "(strlen $(ru{s.len}) > 3)"),
        ("$sht(a=>$si) != $null", "($sht(a=>$si) != $null)"),
        ('route(X) || f($rU + "x", -1)', '(route(X) or f(($rU + "x"), -1))'),
        ("10-3", "(10 - 3)"),
    ],
)
def test_what_binds_more_tightly_in_kamailio(text: str, expected: str) -> None:
    assert condition(text) == expected


def test_a_comparison_of_comparisons_has_a_limit() -> None:
    text = f"route {{ if ({'!method==' * 300}INVITE) drop; }}"
    parsed = parse(Source("x.cfg", text.encode()), Preprocessor(flavour_of(SER_0_9, text), {}), SER_0_9)
    assert [finding.code for finding in parsed.diagnostics] == ["too-deep"]


@pytest.mark.parametrize(
    ("text", "track", "name", "index", "every"),
    [
        ("$x", "", "x", None, False),
        ("%x", "", "x", None, False),
        ("$f.x", "f", "x", None, False),
        ("$tu.a_b[2]", "tu", "a_b", 2, False),
        ("$g.x[-1]", "g", "x", -1, False),
        ("$x[]", "", "x", None, True),
    ],
)
def test_attributes(text: str, track: str, name: str, index: int | None, every: bool) -> None:
    found = statement(f"{text} = 1;", SER_2)
    assert isinstance(found, Assign)
    target = found.target
    assert isinstance(target, Attribute)
    assert (target.track, target.name, target.index, target.all_values) == (track, name, index, every)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("@from.uri.user", ["from", "uri", "user"]),
        ("@via[2].host", ["via", 2, "host"]),
        ("@via[-1]", ["via", -1]),
        ('@msg["P-Header"].nameaddr.uri', ["msg", "P-Header", "nameaddr", "uri"]),
    ],
)
def test_selects(text: str, parts: list[str | int]) -> None:
    found = statement(f"$x = {text};", SER_2)
    assert isinstance(found, Assign)
    assert isinstance(found.value, Select)
    assert found.value.parts == parts


@pytest.mark.parametrize(("text", "truth"), [("f()", False), ("(f())", True), ("(1)", True), ('"x"', False)])
def test_a_value_in_parentheses_is_a_truth(text: str, truth: bool) -> None:
    found = statement(f"$x = {text};", SER_2)
    assert isinstance(found, Assign)
    assert found.truth is truth


def test_a_while() -> None:
    found = statement("while ($var(i) < 3) { a(); b(); }")
    assert isinstance(found, While)
    assert (said(found.condition), len(found.body.statements)) == ("($var(i) < 3)", 2)


def test_a_switch() -> None:
    found = statement('switch ($rc) { case 1: a(); break; case -2: case "x": b(); case /"^y": c(); default: d(); }')
    assert isinstance(found, Switch)
    cases = [(each.value and said(each.value), each.is_regex, len(each.body.statements)) for each in found.cases]
    assert cases == [("1", False, 2), ("-2", False, 0), ('"x"', False, 1), ('"^y"', True, 1), (None, False, 1)]


def test_words_of_kamailio_are_names_in_ser() -> None:
    found = statement("while(1);", SER_0_9)
    assert isinstance(found, Call)


@pytest.mark.parametrize(
    "text", ["return;", "return -1;", "return-1;", "return (-1);", "return $?;", "exit();", "drop(1);", "break;"]
)
def test_endings(text: str) -> None:
    found = statement(text, SER_2)
    assert isinstance(found, End)
    assert text.startswith(found.word)
    assert (found.value is not None) is any(character in "1?" for character in text)


def test_the_names_of_routes() -> None:
    text = """route[a-b] {;} route["c d"] {;} route[5/* 6 */] {;} route[0x10] {;}
        event_route[core:x-y] {;} request_route {;}"""
    names = [item.name for item in tree(text, KAMAILIO).items if isinstance(item, RouteBlock | EventRoute)]
    assert names == ["a-b", "c d", "5", "16", "core:x-y", "0"]


@pytest.mark.parametrize(
    ("text", "values", "options"),
    [
        ("listen=udp:1.2.3.4:5060 advertise 5.6.7.8:5080", ["udp:1.2.3.4:5060"], ["advertise"]),
        ('listen=eth0 name "x"', ["eth0"], ["name"]),
        ('socket = { bind = udp:1.2.3.4:5060; name = "x" }', ["udp:1.2.3.4:5060"], ["bind", "name"]),
        ('alias="a":5060 udp:b', ["a:5060", "udp:b"], []),
        ("alias=(a, b.c)", ["a", "b.c"], []),
        ('server_header="a" "b"', ["ab"], []),
        ('mpath "/a:/b"', ["/a:/b"], []),
        ("listen = udp : 1.2.3.4 : 5060", ["udp:1.2.3.4:5060"], []),
    ],
)
def test_global_parameters_of_kamailio(text: str, values: list[str], options: list[str]) -> None:
    (item,) = tree(text, KAMAILIO).items
    assert isinstance(item, Assignment)
    assert [said(value).strip('"') for value in item.values] == values
    assert [name for name, _, _ in item.options] == options


def test_settings_of_the_script_itself() -> None:
    items = tree('pstn.gw = "x" desc "y" a[1].b = 2 kemi.onsend_route_callback = "z"', KAMAILIO).items
    assert [(item.name, item.description is not None) for item in items if isinstance(item, Custom)] == [
        ("pstn.gw", True),
        ("a[1].b", False),
        ("kemi.onsend_route_callback", False),
    ]


def test_modparams_of_kamailio() -> None:
    items = tree('modparam("a|b", "c", -1) modparamx("a", "b", $def(X))', KAMAILIO).items
    assert [(item.form, said(item.value)) for item in items if isinstance(item, ModParam)] == [
        ("modparam", "-1"),
        ("modparamx", "$def(X)"),
    ]


def test_names_of_flags_of_attributes() -> None:
    (item,) = tree('avpflags a, "b"', SER_2).items
    assert isinstance(item, AvpFlags)
    assert [name for name, _ in item.flags] == ["a", "b"]


def test_the_dangling_else_is_the_only_conflict(caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.setLevel(logging.DEBUG)
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    lark.logger.addHandler(handler)
    try:
        lark.Lark(grammar().text, parser="lalr", lexer="basic", keep_all_tokens=True, debug=True)
    finally:
        lark.logger.removeHandler(handler)
        lark.logger.setLevel(logging.CRITICAL)
    conflicts = [record for record in records if "conflict" in record.lower()]
    assert len(conflicts) == 1
    assert "ELSE" in conflicts[0]
