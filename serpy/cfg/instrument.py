"""Routes compiled with a tracer: what they do to a message is noted, event by event.

The code of a server in service is made by emit.py alone. Here its classes are extended by calls that note what happens:
which route was entered, each statement, what each test saw and how it ended, how each `if` was decided, each command's
result. What is noted, and where in the script, stands in `Tracer.sites`; an event is (number of its site, value).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from . import operands
from .conditions import Conditions, Test
from .emit import RouteEmitter
from .nodes import And, Assign, Attribute, Call, Compare, Condition, End, If, Not, Number, Or, RouteCall, Select, Text
from .places import Place, constant, name, place
from .routes import Key
from .source import Span
from .tracer import ASSIGNED, DECIDED, NOTED, RESULTED, TESTED, TRACE_OF, Tracer, What
from .values import Values

if TYPE_CHECKING:
    from .emit import Emitter
    from .nodes import Expression, Statement
    from .routes import RouteBody

TRACE = "trace"
"""The local variable that takes the events of the run."""


class TracedRoute(RouteEmitter):
    """Makes the function of one route, with calls that note what it does."""

    def __init__(self, emitter: Emitter, key: Key, tracer: Tracer) -> None:
        super().__init__(emitter, key)
        self._tracer = tracer
        self.values: Values = TracedValues(self)
        self.conditions: Conditions = TracedConditions(self)

    def site(self, what: What, node: Any, span: Span | None = None) -> int:
        return self._tracer.site(what, span or node.span, node, self.key)

    def noted(self, what: What, node: Any, value: ast.expr) -> ast.expr:
        """The value, noted when it is made."""
        where = place(node.span)
        return _call(NOTED, [constant(self.site(what, node), where), value], where)

    def functions_of(self, route: RouteBody, awaits: bool) -> None:
        super().functions_of(route, awaits)
        first = self.functions[0]
        assert isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef)
        where = place(route.span)
        first.body.insert(1, ast.Expr(self._event(self.site(What.ROUTE, route), where), **where))

    def _function(self, title: str, statements: list[Statement], where: Place, awaits: bool) -> None:
        super()._function(title, statements, where, awaits)
        made = self.functions[-1]
        assert isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef)
        trace_of = ast.Call(name(TRACE_OF, where), [name("call", where)], [], **where)
        made.body.insert(0, ast.Assign([ast.Name(TRACE, ast.Store(), **where)], trace_of, **where))

    def _plain(self, statement: Statement, tail: bool) -> list[ast.stmt]:
        where = place(statement.span)
        event = ast.Expr(self._event(self.site(What.STATEMENT, statement), where), **where)
        return [event, *super()._plain(statement, tail)]

    def branch(
        self, test: Test, then: list[ast.stmt], otherwise: list[ast.stmt], decides: If | Assign | End
    ) -> list[ast.stmt]:
        where = place(decides.span)
        arguments = [constant(self.site(What.DECISION, decides), where), test.expr]
        if test.stops:
            arguments.append(name("r", where))
        return super().branch(test._replace(expr=_call(DECIDED, arguments, where)), then, otherwise, decides)

    def call_value(self, call: Call) -> ast.expr:
        return self._resulted(call, super().call_value(call))

    def route_value(self, call: RouteCall) -> ast.expr:
        return self._resulted(call, super().route_value(call))

    def _resulted(self, call: Call | RouteCall, value: ast.expr) -> ast.expr:
        where = place(call.span)
        # arguments are evaluated in order: that a route is called is noted before it runs
        begun: ast.expr = ast.Constant(None, **where)
        if isinstance(call, RouteCall):
            begun = self._event(self.site(What.CALL, call), where)
        site = constant(self.site(What.RESULT, call), where)
        return _call(RESULTED, [site, name("call", where), begun, value], where)

    def _event(self, site: int, where: Place) -> ast.expr:
        event = ast.Tuple([constant(site, where), ast.Constant(None, **where)], ast.Load(), **where)
        return ast.Call(name(TRACE, where), [event], [], **where)


class TracedValues(Values):
    """Makes the values of one route, with calls that note them."""

    def __init__(self, route: TracedRoute) -> None:
        super().__init__(route)
        self._traced = route

    def of(self, node: Expression) -> ast.expr:
        value = super().of(node)
        if isinstance(node, Attribute) or operands.is_retcode(node):
            return self._traced.noted(What.VALUE, node, value)
        return value

    def assigned(self, node: Assign) -> ast.expr:
        where = place(node.span)
        assert isinstance(node.target, Attribute)
        site = constant(self._traced.site(What.ASSIGNED, node), where)
        target = self._reference(node.target, where)
        return _call(ASSIGNED, [site, name("call", where), target, super().assigned(node)], where)

    def _read(self, helper: str, node: Select, where: Place) -> ast.expr:
        return self._traced.noted(What.VALUE, node, super()._read(helper, node, where))


class TracedConditions(Conditions):
    """Makes the conditions of one route, with calls that note what was tested and how it came out."""

    def __init__(self, route: TracedRoute) -> None:
        super().__init__(route)
        self._traced = route
        self._comparing: Compare | None = None

    def test(self, condition: Condition, negated: bool = False) -> Test:
        while isinstance(condition, Not):
            condition, negated = condition.part, not negated
        test = super().test(condition, negated)
        if isinstance(condition, And | Or | Number | Text):
            return test
        where = place(condition.span)
        site = self._traced.site(What.TEST, condition)
        arguments = [constant(site, where), test.expr, ast.Constant(negated, **where)]
        if test.stops or test.fails:
            arguments.append(name("r" if test.stops else "e", where))
        return test._replace(expr=_call(TESTED, arguments, where))

    def _compare(self, compare: Compare, negated: bool) -> Test:
        self._comparing = compare
        return super()._compare(compare, negated)

    def _text(self, operand: str, where: Place) -> tuple[ast.expr, str]:
        text, fold = super()._text(operand, where)
        return self._operand(text), fold

    def _ip(self, operand: str, where: Place) -> ast.expr:
        return self._operand(super()._ip(operand, where))

    def _proto(self, operand: str, where: Place) -> ast.expr:
        return self._operand(super()._proto(operand, where))

    def _number(self, operand: str, where: Place) -> ast.expr:
        return self._operand(super()._number(operand, where))

    def _operand(self, value: ast.expr) -> ast.expr:
        assert self._comparing is not None
        return self._traced.noted(What.OPERAND, self._comparing, value)


def _call(function: str, arguments: list[ast.expr], where: Place) -> ast.expr:
    return ast.Call(name(function, where), [name(TRACE, where), *arguments], [], **where)
