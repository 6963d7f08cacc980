"""Routes become Python functions: `ast` nodes with the script's own places, so that tracebacks show the script.

A route answers the value of its last action (SER dialect 3.1). In SER 0.8 and 0.9 the value 0 ends the route at
once; in SER 2 it ends the whole script.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..dialect import Dialect
from ..module import Command, Module
from . import infer, rt
from .conditions import Conditions, Test, constant, name
from .nodes import Block, Call, End, If, Literal, Number, RouteCall, Statement
from .places import Place, place
from .routes import MAIN, Key, RouteBody, statements

_PLAIN = (int, str, bytes, float, bool, type(None))
MARK = "serpy routes"
"""Stands in the globals of compiled routes: how their frames are known in a traceback."""


class Emitter:
    """Compiles the routes of one script for the modules of one server."""

    def __init__(self, routes: Mapping[Key, RouteBody], dialect: Dialect, instances: Mapping[str, Module]) -> None:
        self.routes = routes
        self.dialect = dialect
        self._instances = instances
        self._bound: dict[Command, tuple[str, bool]] = {}
        self.namespace: dict[str, Any] = {**rt.HELPERS, MARK: True}
        self.facts = infer.infer(routes, self.awaits)

    def compile(self) -> dict[Key, tuple[Callable[[Any], Any], bool]]:
        """Each route as the server runs it, and whether it gives a coroutine."""
        with _room_for_depth(self.routes):
            raising = {key for key, route in self.routes.items() if self._compile_route(key, route)}
        compiled: dict[Key, tuple[Callable[[Any], Any], bool]] = {}
        for key, route in self.routes.items():
            run, awaits = self.namespace[route.title], key in self.facts.awaiting
            if key in raising or self.facts.reaches[key] & raising:
                run = rt.ending_async(run) if awaits else rt.ending(run)
            compiled[key] = (run, awaits)
        return compiled

    def _compile_route(self, key: Key, route: RouteBody) -> bool:
        """Put the route's function into the namespace; whether it may raise ScriptEnd."""
        emitter = RouteEmitter(self, key)
        emitter.function(route.title, route.statements, place(route.span), key in self.facts.awaiting)
        module = ast.Module(body=list(emitter.functions), type_ignores=[])
        # the code was made here, from a script that was checked
        exec(compile(module, route.span.source.path, "exec", dont_inherit=True), self.namespace)
        return emitter.raises

    # what routes ask for

    def bind(self, call: Call) -> tuple[str, bool]:
        """The global name of a command's callable, and whether it awaits."""
        command = call.command
        assert command is not None
        known = self._bound.get(command)
        if known is None:
            function = self._instances[call.module].bind(command)
            global_name = f"{call.module}.{command.name}"
            while global_name in self.namespace:  # two methods of one name, told apart by their arguments
                global_name += "'"
            self.namespace[global_name] = function
            known = self._bound[command] = (global_name, inspect.iscoroutinefunction(function))
        return known

    def awaits(self, call: Call) -> bool:
        return self.bind(call)[1]

    def value(self, value: Any, where: Place) -> ast.expr:
        """A value that was made at load: a literal in the code, or a global."""
        if isinstance(value, _PLAIN):
            return ast.Constant(value, **where)
        global_name = f"value {id(value)}"
        self.namespace[global_name] = value
        return name(global_name, where)


@contextmanager
def _room_for_depth(routes: Mapping[Key, RouteBody]) -> Iterator[None]:
    """Let Python recurse as deep as the longest chain of `else if` can make it: here, and in its own compiler."""
    ifs = sum(isinstance(node, If) for route in routes.values() for node in statements(route.statements))
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + 10 * ifs)
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


class RouteEmitter:
    """Makes the function of one route."""

    def __init__(self, emitter: Emitter, key: Key) -> None:
        self.emitter = emitter
        self.key = key
        self.classic = emitter.dialect.is_classic
        self.on_replies = key in emitter.facts.on_replies
        self.nested = 0
        """How many functions for blocks in conditions we are in."""
        self.blocks = 0
        """How many blocks we are in: each counts for the depth of recursion."""
        self.raises = False
        """Whether an `exit` was compiled into an exception."""
        self.functions: list[ast.stmt] = []
        """The route's function, and those of blocks that stand as conditions."""
        self.conditions = Conditions(self)

    def function(self, title: str, statements: list[Statement], where: Place, awaits: bool) -> None:
        """Add a function of `call` that runs the statements and answers the value of the last."""
        parameters = ast.arguments([], [ast.arg("call", None, **where)], None, [], [], None, [])
        made = ast.AsyncFunctionDef if awaits else ast.FunctionDef
        self.functions.append(made(title, parameters, self.block(statements, True, where), [], None, **where))

    # statements: `tail` ones answer their value

    def block(self, statements: list[Statement], tail: bool, where: Place) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for position, statement in enumerate(statements, 1):
            out.extend(self._statement(statement, tail and position == len(statements)))
            if isinstance(statement, End):
                return out
        if tail and not statements:
            out.append(ast.Return(constant(1, where), **where))
        return out

    def _statement(self, statement: Statement, tail: bool) -> list[ast.stmt]:
        if isinstance(statement, Call):
            return self._call(statement, tail)
        if isinstance(statement, RouteCall):
            return self._route_call(statement, tail)
        if isinstance(statement, End):
            return [self._end(statement)]
        return self._if(statement, tail)

    def _call(self, call: Call, tail: bool) -> list[ast.stmt]:
        where = place(call.span)
        value = self.call_value(call)
        assert call.command is not None
        if call.command.is_bool:  # it cannot end anything
            if not tail:
                return [ast.Expr(value, **where)]
            return [ast.Return(ast.BoolOp(ast.Or(), [value, constant(-1, where)], **where), **where)]
        if tail and not self.zero_raises:
            return [ast.Return(value, **where)]
        result = ast.NamedExpr(ast.Name("r", ast.Store(), **where), value, **where)
        out: list[ast.stmt] = [ast.If(ast.UnaryOp(ast.Not(), result, **where), [self.zero(where)], [], **where)]
        if tail:
            out.append(ast.Return(name("r", where), **where))
        return out

    def _route_call(self, call: RouteCall, tail: bool) -> list[ast.stmt]:
        where = place(call.span)
        value = self.route_value(call)
        if not tail:
            return [ast.Expr(value, **where)]
        if self.classic:  # only a failure comes back; everything else is 1
            result = ast.NamedExpr(ast.Name("r", ast.Store(), **where), value, **where)
            failed = ast.Compare(result, [ast.Lt()], [constant(0, where)], **where)
            value = ast.IfExp(failed, name("r", where), constant(1, where), **where)
        return [ast.Return(value, **where)]

    def _end(self, end: End) -> ast.stmt:
        where = place(end.span)
        if end.word == "return":
            return ast.Return(self._end_value(end.value, 1, where), **where)
        if end.word == "break" or (end.word == "drop" and self.classic):
            return ast.Return(constant(0, where), **where)
        return self._exit(self._end_value(end.value, 0, where), where)

    def _end_value(self, value: Literal | None, default: int, where: Place) -> ast.expr:
        if value is None:
            return constant(default, where)
        if isinstance(value, Number):
            return constant(value.value, where)
        return self.helper("retcode", [], where)

    def _if(self, statement: If, tail: bool) -> list[ast.stmt]:
        where = place(statement.span)
        test = self.conditions.test(statement.condition)
        then = self._inner(statement.then, tail)
        otherwise = self._inner(statement.otherwise, tail) if statement.otherwise else []
        if tail and statement.otherwise is None:
            otherwise = [ast.Return(constant(1, where), **where)]
        return self.branch(test, then, otherwise, where)

    def _inner(self, block: Block, tail: bool) -> list[ast.stmt]:
        self.blocks += 1
        out = self.block(block.statements, tail, place(block.span))
        self.blocks -= 1
        return out

    def branch(self, test: Test, then: list[ast.stmt], otherwise: list[ast.stmt], where: Place) -> list[ast.stmt]:
        """`if`, with the end of the route where the condition came to 0."""
        if test.stops:
            stopped = ast.UnaryOp(ast.Not(), name("r", where), **where)
            otherwise = [ast.If(stopped, [self.zero(where)], otherwise, **where)]
        before: list[ast.stmt] = [
            ast.Assign([ast.Name(variable, ast.Store(), **where)], constant(1, where), **where)
            for variable in sorted(test.unset)
        ]
        return [*before, ast.If(test.expr, then or [ast.Pass(**where)], otherwise, **where)]

    # ends

    @property
    def zero_raises(self) -> bool:
        return not self.classic and self._exit_raises

    @property
    def _exit_raises(self) -> bool:
        return self.nested > 0 or self.key in self.emitter.facts.called

    def zero(self, where: Place) -> ast.stmt:
        """What the result 0 does."""
        value = constant(0, where)
        return ast.Return(value, **where) if self.classic else self._exit(value, where)

    def _exit(self, value: ast.expr, where: Place) -> ast.stmt:
        if not self._exit_raises:
            return ast.Return(value, **where)
        self.raises = True
        return ast.Raise(ast.Call(name("ScriptEnd", where), [value], [], **where), None, **where)

    # values

    def call_value(self, call: Call) -> ast.expr:
        """The call of a command."""
        where = place(call.span)
        global_name, awaits = self.emitter.bind(call)
        arguments = [self.emitter.value(value, where) for _, value in call.values]
        value: ast.expr = ast.Call(
            name(global_name, place(call.name_span)), [name("call", where), *arguments], [], **where
        )
        if awaits:
            value = ast.Await(value, **where)
        if self.emitter.facts.uses_retcode and call.module != "core":
            value = self.helper("keep", [value], where)
        return value

    def route_value(self, call: RouteCall) -> ast.expr:
        """The call of a route."""
        where = place(call.span)
        if not call.defined:  # SER dialect 2.1: the call returns 1
            return constant(1, where)
        key = (MAIN[0], call.name)
        facts = self.emitter.facts
        function = name(self.emitter.routes[key].title, where)
        awaits = key in facts.awaiting
        value: ast.expr
        if self.key in facts.circular and key in facts.circular:
            levels = constant(1 + self.blocks, where)
            value = self.helper("descend_async" if awaits else "descend", [levels, function], where)
        else:
            value = ast.Call(function, [name("call", where)], [], **where)
        if awaits:
            value = ast.Await(value, **where)
        if facts.uses_retcode:
            value = self.helper("keep", [value], where)
        return value

    def block_value(self, body: Block) -> ast.expr:
        """The value of a block that stands as a condition: it becomes a function of its own."""
        where = place(body.span)
        awaits = infer.awaits(body.statements, self.emitter.awaits, self.emitter.facts)
        title = f"{self.emitter.routes[self.key].title} {{{body.span.line}:{body.span.column}}}"
        self.nested += 1
        self.blocks += 1
        self.function(title, body.statements, where, awaits)
        self.blocks -= 1
        self.nested -= 1
        value: ast.expr = ast.Call(name(title, where), [name("call", where)], [], **where)
        return ast.Await(value, **where) if awaits else value

    def helper(self, function: str, arguments: list[ast.expr], where: Place) -> ast.expr:
        """A call of one of the helpers in rt.py."""
        return ast.Call(name(function, where), [name("call", where), *arguments], [], **where)
