"""Conditions as Python expressions.

NOT is moved down to the single tests, so that each test is an expression that is true when the test certainly holds.
A test whose command answered 0 leaves 0 in `r`, one that could not be carried out leaves 0 in `e`: what follows by AND
is not run then because the test is false, what follows by OR is guarded. So an expression that is true was decided, and
one that is false with `r` at 0 ends the route.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ..script.regex import Pattern
from .nodes import (
    And,
    Assign,
    Attribute,
    Block,
    Call,
    Compare,
    Condition,
    Not,
    Number,
    Or,
    RouteCall,
    Select,
    StatementCondition,
    Text,
    Word,
)
from .operands import ADDRESSES, BITS, FAMILIES, ON_SEND, PROTOS, HostName, Myself, Prefix
from .places import Place, constant, name, place

if TYPE_CHECKING:
    from .emit import RouteEmitter

_OPERATORS: dict[str, ast.cmpop] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    ">": ast.Gt(),
    "<=": ast.LtE(),
    ">=": ast.GtE(),
}
_NUMBERS = ("src_port", "dst_port", "msg:len", "$?", "snd_port", "to_port")
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}


class Test(NamedTuple):
    """An expression, and which variables it uses."""

    expr: ast.expr
    stops: bool = False
    """It may leave 0 in `r`: the route ends."""
    fails: bool = False
    """It may leave 0 in `e`: the condition is false."""
    unset: frozenset[str] = frozenset()
    """The variables that may be read without having been set: they start as 1."""
    guard: str = ""
    """A variable that must be true for the test to be made at all."""


class Conditions:
    """Makes the conditions of one route."""

    def __init__(self, route: RouteEmitter) -> None:
        self._route = route
        self._classic = route.classic

    def test(self, condition: Condition, negated: bool = False) -> Test:
        """The condition, or its opposite."""
        while isinstance(condition, Not):
            condition, negated = condition.part, not negated
        where = place(condition.span)
        if isinstance(condition, And | Or):
            parts: list[Test] = []
            for part in condition.parts:
                # a list comprehension would double the depth of the recursion
                parts.append(self.test(part, negated))  # noqa: PERF401
            return self._all(parts, where) if isinstance(condition, And) is not negated else self._any(parts, where)
        if isinstance(condition, Compare):
            return self._compare(condition, negated)
        if isinstance(condition, Call):
            return self._command(condition, negated)
        if isinstance(condition, Number | Text):
            return Test(ast.Constant(bool(condition.value) is not negated, **where))
        if isinstance(condition, RouteCall):
            return self._route_call(condition, negated)
        if isinstance(condition, Attribute | Select):
            truth = self._route.values.truth(condition)
            return Test(_negate(truth, where) if negated else truth)
        if isinstance(condition, Assign):
            condition = StatementCondition(condition.span, Block(condition.span, [condition]))
        assert isinstance(condition, StatementCondition), "resolve lets no lone word through, nor what Kamailio has"
        return self._statement(condition, negated)

    # AND and OR

    def _all(self, parts: list[Test], where: Place) -> Test:
        # a test that is not reached leaves its variable as it was, so all but the first may be read unset
        return Test(ast.BoolOp(ast.And(), [part.expr for part in parts], **where), *_flags(parts))

    def _any(self, parts: list[Test], where: Place) -> Test:
        values: list[ast.expr] = []
        guards: set[str] = set()
        for part in parts:
            guarded = [name(variable, where) for variable in sorted(guards)]
            values.append(ast.BoolOp(ast.And(), [*guarded, part.expr], **where) if guarded else part.expr)
            guards |= {variable for variable, used in (("r", part.stops), ("e", part.fails)) if used}
        return Test(ast.BoolOp(ast.Or(), values, **where), *_flags(parts))

    # single tests

    def _command(self, call: Call, negated: bool) -> Test:
        where = place(call.span)
        value = self._route.call_value(call)
        assert call.command is not None
        if call.command.is_bool:
            return Test(_negate(value, where) if negated else value)
        return self._stopping(value, negated, where)

    def _stopping(self, value: ast.expr, negated: bool, where: Place) -> Test:
        result = ast.NamedExpr(ast.Name("r", ast.Store(), **where), value, **where)
        return Test(_sign(result, "<" if negated else ">", where), stops=True)

    def _route_call(self, call: RouteCall, negated: bool) -> Test:
        where = place(call.span)
        value = self._route.route_value(call)
        if self._classic:  # everything but a failure is 1
            return Test(_sign(value, "<" if negated else ">=", where))
        return Test(_sign(value, "<=" if negated else ">", where))

    def _statement(self, condition: StatementCondition, negated: bool) -> Test:
        """A block as a condition: a function of its own, made on the spot."""
        where = place(condition.span)
        value = self._route.block_value(condition.body)
        if self._classic:
            return self._stopping(value, negated, where)
        return Test(_sign(value, "<=" if negated else ">", where))

    def _fallible(self, value: ast.expr, negated: bool, where: Place) -> Test:
        """A test that answers 1, -1, or 0 when it could not be carried out (SER dialect 2.5)."""
        if not self._classic:
            return Test(_sign(value, "<=" if negated else ">", where))
        result = ast.NamedExpr(ast.Name("e", ast.Store(), **where), value, **where)
        return Test(_sign(result, "<" if negated else ">", where), fails=True)

    # comparisons

    def _compare(self, compare: Compare, negated: bool) -> Test:
        if compare.operand not in ON_SEND or self._route.is_onsend:
            return self._known_compare(compare, negated)
        # in a route that is called from elsewhere too: without a value the comparison is false (SER dialect 2.5)
        where = place(compare.span)
        test = self._known_compare(compare, False)
        both = ast.BoolOp(ast.And(), [self._route.helper("is_going", [], where), test.expr], **where)
        return test._replace(expr=_negate(both, where) if negated else both)

    def _known_compare(self, compare: Compare, negated: bool) -> Test:
        where = place(compare.span)
        operand, value = compare.operand, compare.value
        operator = compare.operator
        if operand in ("$", "@") or isinstance(value, Attribute | Select | Word):
            test = self._compare_values(compare, where)
            return Test(_negate(test, where) if negated else test)
        if operator == "!=" and operand not in _NUMBERS:
            operator, negated = "==", not negated
        if isinstance(value, Myself) and operand not in ADDRESSES:
            uri, _ = self._text(operand, where)
            return self._fallible(self._route.helper("is_myself", [uri], where), negated, where)
        if operand in ("from_uri", "to_uri"):
            return self._header_uri(operand, value, negated, where)
        if operand in ADDRESSES:
            test = self._address(operand, value, where)
        elif isinstance(value, Pattern):
            text, _ = self._text(operand, where)
            found = ast.Call(
                self._attribute(self._route.emitter.value(value, where), "search", where), [text], [], **where
            )
            return Test(_is_none(found, where) if negated else _is_some(found, where))
        elif operand in ("method", "uri", "status"):
            text, fold = self._text(operand, where)
            folded = ast.Call(self._attribute(text, fold, where), [], [], **where)
            wanted = value.upper() if fold == "upper" else value.lower()
            test = _compared(folded, "==", ast.Constant(wanted, **where), where)
        elif operand in (*PROTOS, *FAMILIES):
            test = self._kind(operand, value, where)
        else:
            left = self._number(operand, where)
            return Test(_compared(left, _OPPOSITE[operator] if negated else operator, constant(value, where), where))
        return Test(_negate(test, where) if negated else test)

    def _compare_values(self, compare: Compare, where: Place) -> ast.expr:
        """A comparison one of whose sides is known only when the script runs."""
        route, operator, value = self._route, compare.operator, compare.value
        left = route.values.of(compare.left) if compare.operand in ("$", "@") else self._value(compare.operand, where)
        if operator in BITS:
            arguments = [left, ast.Constant(operator, **where), constant(value, where)]
            return ast.Call(name("has_bit", where), arguments, [], **where)
        if isinstance(value, Pattern):
            return ast.Call(name("finds", where), [left, route.emitter.value(value, where)], [], **where)
        known = isinstance(value, bytes | int)
        right: ast.expr = ast.Constant(value, **where) if known else route.values.of(value)
        if operator == "=~":
            return route.helper("finds_later", [left, right], where)
        return ast.Call(name("compare", where), [left, ast.Constant(operator, **where), right], [], **where)

    def _value(self, operand: str, where: Place) -> ast.expr:
        """What an operand is, as bytes or a number."""
        if operand in _NUMBERS:
            return self._number(operand, where)
        if operand in ADDRESSES or operand in PROTOS:
            text = self._ip(operand, where) if operand in ADDRESSES else self._proto(operand, where)
            return ast.Call(self._attribute(text, "encode", where), [], [], **where)
        if operand in FAMILIES:
            is_ipv6 = self._kind(operand, "inet6", where)
            return ast.IfExp(is_ipv6, ast.Constant(b"inet6", **where), ast.Constant(b"inet", **where), **where)
        return self._text(operand, where)[0]

    def _text(self, operand: str, where: Place) -> tuple[ast.expr, str]:
        """What the operand is, in octets, and how case is folded in it."""
        call = name("call", where)
        if operand in ("from_uri", "to_uri"):
            return self._route.helper(operand, [], where), "lower"
        if operand == "method":
            if self._route.on_replies:
                return self._route.helper("method", [], where), "upper"
            return self._attribute(self._attribute(call, "message", where), "method", where), "upper"
        if self._route.on_replies:
            return self._route.helper("uri_or_status", [], where), "lower"
        return self._attribute(call, "uri", where), "lower"

    def _header_uri(self, operand: str, value: bytes | Pattern, negated: bool, where: Place) -> Test:
        text, _ = self._text(operand, where)
        compared = value if isinstance(value, Pattern) else value.lower()
        function = "matches" if isinstance(value, Pattern) else "equals"
        tested = ast.Call(name(function, where), [text, self._route.emitter.value(compared, where)], [], **where)
        return self._fallible(tested, negated, where)

    def _address(self, operand: str, value: Prefix | HostName | Myself | Pattern, where: Place) -> ast.expr:
        ip = self._ip(operand, where)
        if isinstance(value, Prefix):
            numbers = [constant(number, where) for number in value]
            return ast.Call(name("in_network", where), [ip, *numbers], [], **where)
        if isinstance(value, HostName):
            looked_up = self._route.helper("has_name", [ip, ast.Constant(value.name, **where)], where)
            return ast.Await(looked_up, **where)
        octets = ast.Call(self._attribute(ip, "encode", where), [], [], **where)
        if isinstance(value, Pattern):
            search = self._attribute(self._route.emitter.value(value, where), "search", where)
            return _is_some(ast.Call(search, [octets], [], **where), where)
        host = self._attribute(name("call", where), "host", where)
        return ast.Call(self._attribute(host, "is_myself", where), [octets], [], **where)

    def _ip(self, operand: str, where: Place) -> ast.expr:
        if operand == "src_ip":
            return _item(self._of_message("source", where), 0, where)
        if operand == "to_ip":
            return self._attribute(self._of_call("target", where), "host", where)
        return self._attribute(self._listener(operand, where), "host", where)

    def _listener(self, operand: str, where: Place) -> ast.expr:
        """The socket of ours: where the message came in, or by which it leaves."""
        if operand in ON_SEND:
            return self._attribute(self._of_call("target", where), "listener", where)
        return self._of_message("listener", where)

    def _kind(self, operand: str, value: str, where: Place) -> ast.expr:
        if operand in PROTOS:
            if value == "*":
                return ast.Constant(True, **where)
            return _compared(self._proto(operand, where), "==", ast.Constant(value, **where), where)
        ip = self._ip("src_ip" if operand == "af" else "to_ip", where)
        colon = ast.Constant(":", **where)
        return ast.Compare(colon, [ast.In() if value == "inet6" else ast.NotIn()], [ip], **where)

    def _proto(self, operand: str, where: Place) -> ast.expr:
        return self._attribute(self._listener(operand, where), "proto", where)

    def _number(self, operand: str, where: Place) -> ast.expr:
        if operand == "src_port":
            return _item(self._of_message("source", where), 1, where)
        if operand == "to_port":
            return self._attribute(self._of_call("target", where), "port", where)
        if operand in ("dst_port", "snd_port"):
            return self._attribute(self._listener(operand, where), "port", where)
        if operand != "msg:len":
            return self._route.helper("retcode", [], where)
        if self._route.on_sends:
            return self._route.helper("length", [], where)
        return ast.Call(name("len", where), [self._of_message("data", where)], [], **where)

    def _of_call(self, attribute: str, where: Place) -> ast.expr:
        return self._attribute(name("call", where), attribute, where)

    def _of_message(self, attribute: str, where: Place) -> ast.expr:
        return self._attribute(self._of_call("message", where), attribute, where)

    def _attribute(self, value: ast.expr, attribute: str, where: Place) -> ast.expr:
        return ast.Attribute(value, attribute, ast.Load(), **where)


def _flags(parts: list[Test]) -> tuple[bool, bool, frozenset[str]]:
    stops = any(part.stops for part in parts)
    fails = any(part.fails for part in parts)
    first = parts[0]
    unset = set(first.unset)
    if stops and not first.stops:
        unset.add("r")
    if fails and not first.fails:
        unset.add("e")
    return stops, fails, frozenset(unset)


def _negate(value: ast.expr, where: Place) -> ast.expr:
    return ast.UnaryOp(ast.Not(), value, **where)


def _sign(value: ast.expr, operator: str, where: Place) -> ast.expr:
    return _compared(value, operator, constant(0, where), where)


def _compared(left: ast.expr, operator: str, right: ast.expr, where: Place) -> ast.expr:
    return ast.Compare(left, [_OPERATORS[operator]], [right], **where)


def _is_none(value: ast.expr, where: Place) -> ast.expr:
    return ast.Compare(value, [ast.Is()], [ast.Constant(None, **where)], **where)


def _is_some(value: ast.expr, where: Place) -> ast.expr:
    return ast.Compare(value, [ast.IsNot()], [ast.Constant(None, **where)], **where)


def _item(value: ast.expr, index: int, where: Place) -> ast.expr:
    return ast.Subscript(value, constant(index, where), ast.Load(), **where)
