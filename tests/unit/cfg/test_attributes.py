"""SER dialect 2.6: attributes in conditions and assignments."""

from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.dialect import Dialect
from serpy.module import Route
from tests.unit.cfg.bench import RESPONSE, Bench


def notes(body: str, blocks: str = "", before: str = "") -> list[str]:
    return Bench(f"{before} route {{ {body} }} {blocks}", Dialect.SER_2).notes()


def holds(condition: str, before: str) -> bool:
    return notes(f'{before} if ({condition}) note("T"); else note("F");')[-1] == "T"


def errors(body: str, before: str = "") -> list[str]:
    with pytest.raises(ScriptError) as caught:
        Bench(f"{before}\nroute {{ {body} }}", Dialect.SER_2)
    return [f"{one.code}: {one.message}" for one in caught.value.diagnostics if one.severity == "error"]


@pytest.mark.parametrize(
    "condition",
    [
        "$s",
        "$s[]",
        "%s",
        "$f.s",
        "$fr.s",
        '$s == "bob"',
        '$s == "BOB"',
        '$s != "bo"',
        '$s =~ "^B.b$"',
        '$s != "alice"',
        "$n",
        "$n == 5",
        "$n != 4",
        "$n > 4",
        "$n >= 5",
        "$n < 6",
        "$n <= 5",
        '$n == "5"',
        '$n != "six"',
        '$n =~ "^5$"',
        "$n & 4",
        "$n | 2",
        "$text < 43",
        "$text == 42",
        "$text & 2",
        "$s == @to.uri.user",
        "$s == $same",
        "$s =~ $expression",
        "$s != $n",
        "@to.uri.user == $s",
        '@to.uri.user == "bob"',
        '@to.uri =~ "^sip:bob@"',
        "@to.uri.user =~ $expression",
        "method == $method",
        "method =~ $methods",
        "uri == @to.uri",
        "from_uri != @to.uri",
        "src_port == $port",
        "src_port > $n",
        "src_ip == $ip",
        "proto == $proto",
        "af == $af",
        "msg:len > $n",
        "$two[1] == 1",
        "$two[2] == 2",
        "$two[-1] == 2",
        "$two[-2] == 1",
        "$two == 2",
        "$fr.s && $s",
    ],
)
def test_comparisons_that_hold(condition: str) -> None:
    before = """$s = "bob"; $n = 5; $text = "42"; $same = "Bob"; $expression = "^b.b$"; $method = "message";
        $methods = "^(MESSAGE|INFO)$"; $port = 5070; $ip = "10.0.0.1"; $proto = "udp"; $af = "inet";
        $two = 1; $two[] = 2;"""
    assert holds(condition, before)
    assert not holds(f"!({condition})", before)


@pytest.mark.parametrize(
    "condition",
    [
        "$none",
        "$none[]",
        '$none == "a"',
        "$none > 0",
        '$none =~ "."',
        "$none & 255",
        "$none == $none",
        "$t.s",
        "$g.s",
        "$fu.s",
        "$empty",
        "$zero",
        "$s < 5",
        "$s & 1",
        "$s == $n",
        '$n == "five"',
        "$s =~ $broken",
        "$s[2]",
        "method == $none",
        "src_port == $s",
        "@record_route.uri",
        '@record_route.uri == "sip:a@b"',
        "@from.params.none",
    ],
)
def test_comparisons_that_do_not_hold(condition: str) -> None:
    before = '$s = "bob"; $n = 5; $empty = ""; $zero = 0; $broken = "(";'
    assert not holds(condition, before)
    assert holds(f"!({condition})", before)


@pytest.mark.parametrize("condition", ['$none != "a"', "$none != 1", "method != $none", '@record_route.uri != "a"'])
def test_what_is_missing_differs_from_everything(condition: str) -> None:
    assert holds(condition, ";")


def test_an_assignment_replaces_all_values_and_brackets_add_one() -> None:
    assert notes('$x[] = 1; $x[] = 2; $x = 3; if ($x[1] == 3 && !$x[2]) note("one");') == ["one"]


def test_values_are_copied_in_order() -> None:
    body = '$x[] = "a"; $x[] = "b"; $y = 1; $y = $x[]; if ($y[1] == "a" && $y[2] == "b" && !$y[3]) note("both");'
    assert notes(body) == ["both"]


def test_one_value_is_copied_and_later_changes_are_not() -> None:
    assert notes('$x = 1; $y = $x; $x = 2; if ($y == 1) note("copy");') == ["copy"]


def test_a_missing_source_changes_nothing_and_fails() -> None:
    assert notes(
        '$x = 1; if (route(A)) note("T"); else note("F"); if ($x == 1) note("kept");', "route[A] { $x = $no; }"
    ) == [
        "F",
        "kept",
    ]


def test_an_unset_select_assigns_the_empty_text_and_a_broken_one_fails() -> None:
    blocks = "route[A] { $x = @from.params.none; } route[B] { $x = @record_route.uri; }"
    body = '$x = 1; if (route(A)) note("T"); if ($x == "") note("empty"); if (!route(B)) note("F");'
    assert notes(body, blocks) == ["T", "empty", "F"]


@pytest.mark.parametrize(
    ("assigned", "value"),
    [
        ('result("7")', "7"),
        ('result("-2")', "-2"),
        ("good()", "1"),
        ("bad()", "-1"),
        ("isflagset(3)", "-1"),
        ("route(A)", "-5"),
        ('(method=="MESSAGE")', "1"),
        ("(good() && bad())", "0"),
        ('"a" ', '"a"'),
        ("0x10", "16"),
        ("@cseq.num", "1"),
        ("(force_rport)", "1"),
        ("(5)", "1"),
        ("(0)", "0"),
        ("($none)", "0"),
        ("(@from.uri)", "1"),
        ("(!good())", "0"),
    ],
)
def test_what_is_assigned(assigned: str, value: str) -> None:
    assert notes(f'$x = {assigned}; if ($x == {value}) note("T");', "route[A] { return -5; }")[-1] == "T"


@pytest.mark.parametrize(("value", "result"), [("7", 7), ("-2", -2)])
def test_the_result_of_a_command_is_that_of_its_assignment(value: str, result: int) -> None:
    assert Bench(f'route {{ $x = result("{value}"); }}', Dialect.SER_2).run() == result


def test_a_command_that_answers_0_ends_the_script_after_it_was_assigned() -> None:
    bench = Bench('route { route(A); note("rest"); } route[A] { $x = result("0"); }', Dialect.SER_2)
    call = bench.call()
    bench.run(call)
    assert call.values["notes"] == ["result 0"]
    assert [one.value for one in call.values["core.attributes"].lists["fr", "x"]] == [0]


def test_an_awaiting_command_can_be_assigned() -> None:
    assert notes('$x = slow("3"); if ($x == 3) note("T");') == ["slow 3", "T"]


def test_a_condition_that_comes_to_0_ends_the_script_and_assigns_nothing() -> None:
    assert notes('$x = (good() && result("0")); note("rest");') == ["good", "result 0"]


def test_the_result_code_can_be_assigned_and_compared() -> None:
    assert notes('result("-7"); $x = $?; if ($x == -7) note("x"); result("4"); $y = 4; if ($? == $y) note("y");') == [
        "result -7",
        "x",
        "result 4",
        "y",
    ]


def test_a_route_can_return_an_attribute() -> None:
    blocks = "route[A] { $x = -4; return $x; } route[B] { return $no; }"
    assert notes('$r = route(A); if ($r == -4) note("A"); if (!route(B)) note("B");', blocks) == ["A", "B"]


def test_classes_are_searched_in_order() -> None:
    body = """$g.x = "server"; if ($x == "server" && $t.x == "server") note("1"); $fd.x = "domain";
        if ($x == "domain") note("2"); $fu.x = "user"; if ($x == "user") note("3"); $x = "uri"; if ($f.x == "uri")
        note("4"); if ($fu.x == "user" && $fd.x == "domain" && $t.x == "server") note("5");"""
    assert notes(body) == ["1", "2", "3", "4", "5"]


def test_the_two_tracks_are_apart() -> None:
    assert notes('$t.x = 1; if (!$x && !$f.x && $tr.x == 1) note("apart");') == ["apart"]


def test_attributes_belong_to_the_message_and_global_ones_to_the_server() -> None:
    bench = Bench('route { if ($x || $g.x) note("again"); $g.x = 1; $x = 1; }', Dialect.SER_2)
    assert bench.notes() == []
    assert bench.notes() == ["again"]
    bench = Bench('route { if ($x) note("again"); $x = 1; }', Dialect.SER_2)
    assert bench.notes() == bench.notes() == []


def test_a_call_without_attributes_keeps_none() -> None:
    bench = Bench("route { if ($x) good(); }", Dialect.SER_2)
    call = bench.call()
    bench.run(call)
    assert call.values == {}


def test_flags_of_attributes_are_set_cleared_and_asked_for() -> None:
    body = """$x[] = 1; if (setavpflag($x, b)) note("set"); $x[] = 2; if (isavpflagset($x, "b")) note("new");
        if (isavpflagset($x[], b)) note("any"); if (isavpflagset($x[1], b)) note("first");
        if (isavpflagset($x[1], a)) note("other"); if (!resetavpflag($x[], b)) note("reset");
        if (isavpflagset($x[], b)) note("any"); if (setavpflag($none, a)) note("none");"""
    assert notes(body, before="avpflags a, b") == ["set", "any", "first", "reset"]


def test_a_flag_must_be_declared() -> None:
    assert errors("setavpflag($x, colour);", "avpflags color") == ["bad-argument: 'colour' is not declared by avpflags"]


def test_arguments_are_taken_when_the_script_runs() -> None:
    bench = Bench(
        'route { $u = "sip:x@y.z"; rewriteuri($u); strip(@cseq.num); result($n); $n = 7; result($n); }', Dialect.SER_2
    )
    call = bench.call()
    assert bench.run(call) == 7
    assert call.uri == b"sip:y.z" or call.uri == b"sip:@y.z"
    assert call.values["notes"] == ["result 7"]


@pytest.mark.parametrize("command", ["result($x)", "slow($x)", "rewriteport(@record_route.uri)", "find($x)"])
def test_a_value_that_does_not_fit_is_logged_and_the_command_answers_no(command: str) -> None:
    bench = Bench(f'route {{ $x = "(z"; if ({command}) note("T"); else note("F"); {command}; }}', Dialect.SER_2)
    call = bench.call()
    assert bench.run(call) == -1
    assert call.values["notes"] == ["F"]
    assert any(line.startswith(command.partition("(")[0] + ": ") for line in bench.logged)


def test_a_broken_expression_of_an_attribute_is_logged() -> None:
    bench = Bench('route { $x = "("; if (method =~ $x) note("T"); }', Dialect.SER_2)
    assert bench.notes() == []
    assert "regular expression" in bench.logged[0]


def test_digits_without_end_are_no_number() -> None:
    assert holds("$x != 5", f'$x = "{"9" * 10_000}";')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('if ($x[] == "a") good();', "bad-comparison: $x[] stands for all values of the attribute"),
        ("if (method == $x[]) good();", "bad-comparison: $x[] stands for all values of the attribute"),
        ('$x[1] = "a";', "bad-assignment: a value cannot be put in a numbered place"),
        ("$x = ($?);", "no-comparison: $? alone is no condition"),
        ("$x = (status);", "no-comparison: status alone is no condition"),
        ("$x = abc;", "bad-assignment: abc is not in quotes"),
        ("if ($x == abc) good();", "bad-comparison: abc is not in quotes"),
        ("if ($x =~ 5) good();", "bad-comparison: =~ takes a regular expression in quotes"),
        ('if ($x =~ "(") good();', "bad-regex: this regular expression cannot be used"),
        ("if ($x[0]) good();", "bad-index: there is no value 0 of an attribute"),
        ("return $x[];", "bad-argument: the value of return must be a number"),
        ("result($x[]);", "bad-argument: $x[] stands for all values of the attribute"),
        ("setflag($x);", "bad-argument: which flag is meant must be known before the script runs"),
        ("if ($x == 10.0.0.0/8) good();", "bad-comparison: an attribute or a select is no address"),
    ],
)
def test_what_makes_no_sense_is_told(body: str, message: str) -> None:
    (found,) = errors(body, "avpflags a")
    assert found.startswith(message)


def test_attributes_work_on_replies() -> None:
    bench = Bench('onreply_route[1] { $c = @status; if ($c == 180 && @reason == "ringing") note("T"); }', Dialect.SER_2)
    assert bench.notes(RESPONSE, Route.ONREPLY, "1") == ["T"]


@pytest.mark.parametrize("argument", ["good()", "!1", "(good() && bad())"])
def test_an_expression_is_no_argument(argument: str) -> None:
    (found,) = errors(f"result({argument});")
    assert found == "bad-argument: argument 1 of result is an expression, which does not run here yet"


def test_a_route_has_its_name_before_the_script_runs() -> None:
    assert errors("route($x);") == ["bad-argument: the name of a route must be known before the script runs"]


def test_an_attribute_may_be_named_in_quotes() -> None:
    body = 'setavpflag("$f.x", "a"); $f.x = 1; setavpflag("f.x", "a"); if (isavpflagset($x, a)) note("T");'
    assert notes(body, before="avpflags a") == ["T"]
    (found,) = errors('setavpflag("$f..x", "a");', "avpflags a")
    assert found.startswith("bad-argument: '$f..x' is not the name of an attribute")


@pytest.mark.parametrize(
    ("value", "result"),
    [("(good() && bad())", 0), ("(good())", 1), ("good()", 1), ('result("-4")', -4), ("route(A)", 7), ('"5"', 5)],
)
def test_kamailio_returns_expressions(value: str, result: int) -> None:
    script = f"route {{ route(B); }} route[B] {{ return {value}; }} route[A] {{ return 7; }}"
    assert Bench(script, Dialect.KAMAILIO).run() == result
