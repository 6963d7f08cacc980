"""Routes become Python functions: `ast` nodes with the script's own places, so that tracebacks show the script.

A route answers the value of its last action (SER dialect 3.1). In SER 0.8 and 0.9 the value 0 ends the route at
once; in SER 2 it ends the whole script.
"""

from __future__ import annotations

import ast
import inspect
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..dialect import Dialect
from ..module import Command, Module, Route
from . import infer, rt
from .conditions import Conditions, Test
from .nodes import Assign, Attribute, Block, Call, End, If, Number, RouteCall, Select, Statement, Text, Word
from .places import Place, constant, name, place
from .routes import MAIN, Key, RouteBody
from .selects import Reader
from .values import Values, is_later

if TYPE_CHECKING:
    from .tracer import Tracer

_PLAIN = (int, str, bytes, float, bool, type(None))
_VALUES = (Call, RouteCall, Attribute, Select, Text, Number, Word)
UNDECIDED = "undecided"
"""The variable that is true as long as no branch of a chain of `else if` was taken."""
SKIPPED = 32
"""So many links of a chain are passed by at once when a branch was taken before them."""
MARK = "serpy routes"
"""Stands in the globals of compiled routes: how their frames are known in a traceback."""


class Emitter:
    """Compiles the routes of one script for the modules of one server."""

    def __init__(
        self,
        routes: Mapping[Key, RouteBody],
        dialect: Dialect,
        instances: Mapping[str, Module],
        tracer: Tracer | None = None,
    ) -> None:
        self.routes = routes
        self.dialect = dialect
        self.tracer = tracer
        self._instances = instances
        self._bound: dict[Command, tuple[str, bool]] = {}
        self.namespace: dict[str, Any] = {**rt.HELPERS, MARK: True}
        if tracer is not None:
            self.namespace.update(tracer.names())
        self.facts = infer.infer(routes, self.awaits)

    def compile(self) -> dict[Key, tuple[Callable[[Any], Any], bool]]:
        """Each route as the server runs it, and whether it gives a coroutine."""
        raising = self.facts.leading_to({key for key, route in self.routes.items() if self._compile_route(key, route)})
        compiled: dict[Key, tuple[Callable[[Any], Any], bool]] = {}
        for key, route in self.routes.items():
            run, awaits = self.namespace[route.title], key in self.facts.awaiting
            if key in raising:
                run = rt.ending_async(run) if awaits else rt.ending(run)
            if self.tracer is not None:
                run = self.tracer.running(key, run, awaits)
            compiled[key] = (run, awaits)
        return compiled

    def _compile_route(self, key: Key, route: RouteBody) -> bool:
        """Put the route's function into the namespace; whether it may raise ScriptEnd."""
        emitter = RouteEmitter(self, key) if self.tracer is None else self.tracer.emitter(self, key)
        emitter.functions_of(route, key in self.facts.awaiting)
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

    def reader(self, select: Select) -> str:
        """The global name of the function that reads a select."""
        assert isinstance(select.meaning, Reader)
        if select.text not in self.namespace:
            self.namespace[select.text] = select.meaning.bind(self._instances)
        return select.text

    def value(self, value: Any, where: Place) -> ast.expr:
        """A value that was made at load: a literal in the code, or a global."""
        if isinstance(value, _PLAIN):
            return ast.Constant(value, **where)
        global_name = f"value {id(value)}"
        self.namespace[global_name] = value
        return name(global_name, where)


class Waiting(NamedTuple):
    """A block in a condition, whose function is made when that of the route is done."""

    title: str
    body: Block
    awaits: bool
    blocks: int


class RouteEmitter:
    """Makes the function of one route."""

    def __init__(self, emitter: Emitter, key: Key) -> None:
        self.emitter = emitter
        self.key = key
        self.classic = emitter.dialect.is_classic
        self.on_replies = key in emitter.facts.on_replies
        self.on_sends = key in emitter.facts.on_sends
        self.is_onsend = key[0] is Route.ONSEND
        self.is_nested = False
        """Whether this is the function of a block in a condition."""
        self.blocks = 0
        """How many blocks we are in: each counts for the depth of recursion."""
        self.raises = False
        """Whether an `exit` was compiled into an exception."""
        self.functions: list[ast.stmt] = []
        """The route's function, and those of blocks that stand as conditions."""
        self._titles: set[str] = set()
        self._waiting: deque[Waiting] = deque()
        self.values = Values(self)
        self.conditions = Conditions(self)

    def functions_of(self, route: RouteBody, awaits: bool) -> None:
        """Make the route's function, and then those of the blocks that stand as conditions, one after the other: such
        blocks nest deeply."""
        self._function(route.title, route.statements, place(route.span), awaits)
        self.is_nested = True
        while self._waiting:
            title, body, awaits, self.blocks = self._waiting.popleft()
            self._function(title, body.statements, place(body.span), awaits)

    def _function(self, title: str, statements: list[Statement], where: Place, awaits: bool) -> None:
        """Add a function of `call` that runs the statements and answers the value of the last."""
        parameters = ast.arguments([], [ast.arg("call", None, **where)], None, [], [], None, [])
        made = ast.AsyncFunctionDef if awaits else ast.FunctionDef
        self.functions.append(made(title, parameters, self.block(statements, True, where), [], None, **where))

    # statements: `tail` ones answer their value

    def block(self, statements: list[Statement], tail: bool, where: Place) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for position, statement in enumerate(statements, 1):
            is_last = tail and position == len(statements)
            out.extend(self._if(statement, is_last) if isinstance(statement, If) else self._plain(statement, is_last))
            if isinstance(statement, End):
                return out
        if tail and not statements:
            out.append(ast.Return(constant(1, where), **where))
        return out

    def _plain(self, statement: Statement, tail: bool) -> list[ast.stmt]:
        if isinstance(statement, Call):
            return self._call(statement, tail)
        if isinstance(statement, RouteCall):
            return self._route_call(statement, tail)
        if isinstance(statement, Assign):
            return self._assign(statement, tail)
        assert isinstance(statement, End), "what only Kamailio has does not come this far"
        return self._end(statement)

    def _call(self, call: Call, tail: bool) -> list[ast.stmt]:
        where = place(call.span)
        value = self.call_value(call)
        assert call.command is not None
        if call.command.is_bool:  # it cannot end anything
            if not tail:
                return [ast.Expr(value, **where)]
            return [ast.Return(ast.BoolOp(ast.Or(), [value, constant(-1, where)], **where), **where)]
        return self._ending(value, tail, where)

    def _ending(self, value: ast.expr, tail: bool, where: Place) -> list[ast.stmt]:
        """A value that ends the route, or the script, when it is 0."""
        if tail and not self.zero_raises:
            return [ast.Return(value, **where)]
        result = ast.NamedExpr(ast.Name("r", ast.Store(), **where), value, **where)
        out: list[ast.stmt] = [ast.If(ast.UnaryOp(ast.Not(), result, **where), [self.zero(where)], [], **where)]
        if tail:
            out.append(ast.Return(name("r", where), **where))
        return out

    def _route_call(self, call: RouteCall, tail: bool) -> list[ast.stmt]:
        where = place(call.span)
        if not tail:
            return [ast.Expr(self.route_value(call), **where)]
        return [ast.Return(self.route_result(call), **where)]

    def _assign(self, assign: Assign, tail: bool) -> list[ast.stmt]:
        where = place(assign.span)
        value = assign.value
        if assign.truth or not isinstance(value, _VALUES):  # 1 or 0 is assigned
            test = self.conditions.test(value)
            then, otherwise = (self._assign_number(assign, number, tail) for number in (1, 0))
            return self.branch(test, then, otherwise, assign)
        assigned = self.values.assigned(assign)
        if isinstance(value, Call) and value.command is not None and not value.command.is_bool:
            return self._ending(assigned, tail, where)
        return [ast.Return(assigned, **where) if tail else ast.Expr(assigned, **where)]

    def _assign_number(self, assign: Assign, number: int, tail: bool) -> list[ast.stmt]:
        return self._assign(Assign(assign.span, assign.target, Number(assign.span, number)), tail)

    def _end(self, end: End) -> list[ast.stmt]:
        where = place(end.span)
        value = end.value
        if value is None:
            return [self._ended(end.word, constant(1 if end.word == "return" else 0, where), where)]
        if isinstance(value, Call):
            return [self._ended(end.word, self.call_value(value), where)]
        if isinstance(value, RouteCall):
            return [self._ended(end.word, self.route_result(value), where)]
        if isinstance(value, _VALUES):
            number = self.values.of(value)
            if isinstance(value, Attribute | Select | Text):
                number = ast.Call(name("result_of", where), [number], [], **where)
            return [self._ended(end.word, number, where)]
        met, unmet = (self._ended(end.word, constant(number, where), where) for number in (1, 0))
        return self.branch(self.conditions.test(value), [met], [unmet], end)

    def _ended(self, word: str, value: ast.expr, where: Place) -> ast.stmt:
        if word == "return":
            return ast.Return(value, **where)
        if word == "break" or (word == "drop" and self.classic):
            return ast.Return(constant(0, where), **where)
        return self._exit(value, where)

    def _if(self, statement: If, tail: bool) -> list[ast.stmt]:
        """The `if` with all its `else if`, one behind the other: Python's own compiler takes no chain of thousands."""
        where = place(statement.span)
        links, last = _chain(statement)
        if not tail and len(links) == 1:
            test = self.conditions.test(statement.condition)
            self.blocks += 1
            then = self.block(statement.then.statements, False, where)
            otherwise = self.block(last.statements, False, where) if last else []
            self.blocks -= 1
            return self.branch(test, then, otherwise, statement)
        out: list[ast.stmt] = [] if tail else [_set(UNDECIDED, 1, where)]
        group = out
        for position, link in enumerate(links):
            where = place(link.span)
            if not tail and position and position % SKIPPED == 0:  # what was decided is passed by in strides
                group = []
                out.append(ast.If(name(UNDECIDED, where), group, [], **where))
            test = self.conditions.test(link.condition)
            self.blocks += 1
            then = self.block(link.then.statements, tail, where)
            self.blocks -= 1
            if not tail:  # in a tail every branch returns
                if not (link.then.statements and isinstance(link.then.statements[-1], End)):
                    then.append(_set(UNDECIDED, 0, where))
                if position:
                    test = test._replace(guard=UNDECIDED)
            group.extend(self.branch(test, then, [], link))
        self.blocks += 1
        otherwise = self.block(last.statements, tail, where) if last else []
        self.blocks -= 1
        if tail:
            return [*out, *(otherwise or [ast.Return(constant(1, where), **where)])]
        if otherwise:
            out.append(ast.If(name(UNDECIDED, where), otherwise, [], **where))
        return out

    def branch(
        self, test: Test, then: list[ast.stmt], otherwise: list[ast.stmt], decides: If | Assign | End
    ) -> list[ast.stmt]:
        """`if`, with the end of the route where the condition came to 0."""
        where = place(decides.span)
        guard = [name(test.guard, where)] if test.guard else []
        if test.stops:
            stopped: ast.expr = ast.UnaryOp(ast.Not(), name("r", where), **where)
            if guard:
                stopped = ast.BoolOp(ast.And(), [*guard, stopped], **where)
            otherwise = [ast.If(stopped, [self.zero(where)], otherwise, **where)]
        before: list[ast.stmt] = [_set(variable, 1, where) for variable in sorted(test.unset)]
        decided = ast.BoolOp(ast.And(), [*guard, test.expr], **where) if guard else test.expr
        return [*before, ast.If(decided, then or [ast.Pass(**where)], otherwise, **where)]

    # ends

    @property
    def zero_raises(self) -> bool:
        return not self.classic and self._exit_raises

    @property
    def _exit_raises(self) -> bool:
        return self.is_nested or self.key in self.emitter.facts.called

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
        function = name(global_name, place(call.name_span))
        value: ast.expr
        if any(is_later(argument.kind, value) for argument, value in call.values):
            value = self.values.given(call, function, awaits)
        else:
            arguments = [self.values.known(value, where) for _, value in call.values]
            value = ast.Call(function, [name("call", where), *arguments], [], **where)
        if awaits:
            value = ast.Await(value, **where)
        if self.emitter.facts.uses_retcode and call.module != "core":
            value = self.helper("keep", [value], where)
        return value

    def route_value(self, call: RouteCall) -> ast.expr:
        """The call of a route."""
        where = place(call.span)
        facts = self.emitter.facts
        if not call.defined:  # SER dialect 2.1: the call returns 1
            nothing = constant(1, where)
            return self.helper("keep", [nothing], where) if facts.uses_retcode else nothing
        key = (MAIN[0], call.name)
        function = name(self.emitter.routes[key].title, where)
        awaits = key in facts.awaiting
        value: ast.expr
        if self.key in facts.counted and key in facts.counted:
            levels = constant(1 + self.blocks, where)
            value = self.helper("descend_async" if awaits else "descend", [levels, function], where)
        else:
            value = ast.Call(function, [name("call", where)], [], **where)
        if awaits:
            value = ast.Await(value, **where)
        if facts.uses_retcode:
            value = self.helper("keep", [value], where)
        return value

    def route_result(self, call: RouteCall) -> ast.expr:
        """The value of the call: in SER 0.8 and 0.9 only a failure comes back, everything else is 1."""
        where = place(call.span)
        value = self.route_value(call)
        if not self.classic:
            return value
        result = ast.NamedExpr(ast.Name("r", ast.Store(), **where), value, **where)
        failed = ast.Compare(result, [ast.Lt()], [constant(0, where)], **where)
        return ast.IfExp(failed, name("r", where), constant(1, where), **where)

    def block_value(self, body: Block) -> ast.expr:
        """The value of a block that stands as a condition: it becomes a function of its own."""
        where = place(body.span)
        awaits = infer.awaits(body.statements, self.emitter.awaits, self.emitter.facts)
        title = f"{self.emitter.routes[self.key].title} {{{body.span.line}:{body.span.column}}}"
        while title in self._titles:  # the same place in another file
            title += "'"
        self._titles.add(title)
        self._waiting.append(Waiting(title, body, awaits, self.blocks + 1))
        value: ast.expr = ast.Call(name(title, where), [name("call", where)], [], **where)
        return ast.Await(value, **where) if awaits else value

    def helper(self, function: str, arguments: list[ast.expr], where: Place) -> ast.expr:
        """A call of one of the helpers in rt.py."""
        return ast.Call(name(function, where), [name("call", where), *arguments], [], **where)


def _chain(statement: If) -> tuple[list[If], Block | None]:
    """The `if` and each `else if` that follows, and the last `else`."""
    links = [statement]
    last = statement.otherwise
    while last is not None and len(last.statements) == 1 and isinstance(last.statements[0], If):
        links.append(last.statements[0])
        last = last.statements[0].otherwise
    return links, last


def _set(variable: str, value: int, where: Place) -> ast.stmt:
    return ast.Assign([ast.Name(variable, ast.Store(), **where)], constant(value, where), **where)
