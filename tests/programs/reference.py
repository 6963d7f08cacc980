"""What a program does, told by walking its tree: SER dialect 2.4 to 2.6 and 3, in the plainest way there is.

It is written from the description of the language and knows nothing of how serpy compiles a script; where the two
differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from serpy.cfg.nodes import (
    And,
    Assign,
    Attribute,
    Block,
    Call,
    Compare,
    Condition,
    End,
    Flags,
    If,
    Not,
    Number,
    Or,
    RouteBlock,
    RouteCall,
    Select,
    Statement,
    StatementCondition,
    Text,
    Tree,
    Word,
)
from serpy.dialect import Dialect
from serpy.module import Route

from .attributes import Attributes
from .machine import MOST_STEPS, Outcome, Step
from .messages import URIS, Message
from .values import in_order, is_address, matches, value_of

DEEPEST = 100
"""So many lists of actions may be inside each other (3.1)."""
_LONGEST = 65535


class TooLong(Exception):
    """The program runs for longer than anybody wants to wait, or in circles of routes that call each other.

    Those end at a hundred calls, with an error; at which exactly is no promise of serpy's.
    """


class _Left(Exception):
    """A route ends before its last action."""

    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.value = value


class _RouteLeft(_Left):
    """The current route ends; who called it goes on."""


class _ScriptLeft(_Left):
    """Everything ends."""


class Evaluator:
    """Runs one route of a program on one message."""

    def __init__(self, tree: Tree, dialect: Dialect, message: Message) -> None:
        self._newer = dialect is Dialect.SER_2
        self._message = message
        self._routes: dict[tuple[Route, str], list[Statement]] = {}
        self._flag_names: dict[str, int] = {}
        for item in tree.items:
            if isinstance(item, RouteBlock):
                self._routes.setdefault((item.kind, item.name), []).extend(item.body.statements)
            elif isinstance(item, Flags):
                self._flag_names.update((name, number or 0) for name, number, _ in item.flags)
        self._depth = self._steps = 0
        self._retcode = 0
        self._flags = 0
        self._uri = message.uri
        self._attributes = Attributes()
        self._trace: list[Step] = []

    def run(self, kind: Route, name: str) -> Outcome:
        """What the route does.

        Raises:
            TooLong
        """
        try:
            result = self._list(self._routes[kind, name])
        except _Left as left:
            result = left.value
        return Outcome(self._trace, result, self._uri, self._flags)

    # 3.1: actions and their values

    def _list(self, statements: Sequence[Statement]) -> int:
        """The value of the last action that ran."""
        if self._depth >= DEEPEST:
            raise TooLong
        self._depth += 1
        value = 1
        try:
            for statement in statements:
                value = self._statement(statement)
        finally:
            self._depth -= 1
        return value

    def _statement(self, statement: Statement) -> int:
        if isinstance(statement, Call):
            return self._command(statement)
        if isinstance(statement, RouteCall):
            return self._route(statement)
        if isinstance(statement, End):
            self._end(statement)
        if isinstance(statement, If):
            return self._if(statement)
        if isinstance(statement, Assign):
            return self._assign(statement)
        raise AssertionError(f"{statement} is no statement of SER")

    def _if(self, statement: If) -> int:
        # an error is as good as false here
        branch = statement.then if self._holds(statement.condition) else statement.otherwise
        return 1 if branch is None else self._list(branch.statements)

    def _end(self, end: End) -> None:
        value = self._value(end)
        if end.word == "exit" or (end.word == "drop" and self._newer):
            raise _ScriptLeft(0 if value is None else value)
        if end.word == "return":
            raise _RouteLeft(1 if value is None else value)
        raise _RouteLeft(0)

    def _value(self, end: End) -> int | None:
        if end.value is None:
            return None
        if isinstance(end.value, Number):
            return end.value.value
        return self._retcode

    def _route(self, call: RouteCall) -> int:
        self._step()
        statements = self._routes.get((Route.REQUEST, call.name))
        value = 1
        if statements is not None:
            try:
                value = self._list(statements)
            except _RouteLeft as left:
                value = left.value
        if self._newer:
            self._retcode = value
            return value
        return value if value < 0 else 1

    # 2.6: attributes

    def _assign(self, assign: Assign) -> int:
        """1, or the result of the command or route that gives the value; -1 where there is no value."""
        source, target = assign.value, assign.target
        result = 1
        if assign.truth:
            values: list[str | int] = [1 if self._holds(source) else 0]
        elif isinstance(source, Text | Number):
            values = [source.value]
        elif isinstance(source, Select):
            values = [self._message.to_uri]
        elif isinstance(source, Attribute):
            values = [each.value for each in self._attributes.found(source)]
            if not values:
                return -1
        elif isinstance(source, RouteCall):
            result = self._route(source)
            values = [result]
        else:
            assert isinstance(source, Call), source
            result = self._command(source)
            values = [result]
        assert isinstance(target, Attribute)
        self._attributes.assign(target, values)
        return result

    def _avp_flag(self, call: Call) -> int:
        attribute, flag = call.arguments
        assert isinstance(attribute, Attribute)
        found = self._attributes.found(attribute)
        if not found:
            return -1
        if call.name == "setavpflag":
            found[0].flags.add(_word(flag))
        elif call.name == "resetavpflag":
            found[0].flags.discard(_word(flag))
        return 1 if _word(flag) in found[0].flags else -1

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooLong

    # commands

    def _command(self, call: Call) -> int:
        """The result of a command; 0 ends the route, or in SER 2 the script."""
        self._step()
        result = self._core_command(call)
        if result is not None:
            return result
        result = self._probe(call)
        self._retcode = result
        if result == 0:
            raise _ScriptLeft(0) if self._newer else _RouteLeft(0)
        return result

    def _core_command(self, call: Call) -> int | None:
        if call.name in ("setflag", "resetflag", "isflagset"):
            bit = 1 << self._flag(call)
            if call.name == "isflagset":
                return 1 if self._flags & bit else -1
            self._flags = self._flags | bit if call.name == "setflag" else self._flags & ~bit
            return 1
        if call.name in ("rewriteuri", "seturi"):
            if not self._message.is_reply:
                self._uri = _text(call, 0)
            return 1
        if call.name == "revert_uri":
            self._uri = self._message.uri
            return 1
        if call.name in ("setavpflag", "resetavpflag", "isavpflagset"):
            return self._avp_flag(call)
        return 1 if call.name in ("log", "force_rport", "add_rport") else None

    def _flag(self, call: Call) -> int:
        (argument,) = call.arguments
        if isinstance(argument, Word):
            return self._flag_names[argument.text]
        return _number(call, 0)

    def _probe(self, call: Call) -> int:
        shown = call.name
        if call.name == "note":
            shown = f"note {_text(call, 0)}"
        elif call.name in ("result", "slow"):
            shown = f"{call.name} {_number(call, 0)}"
        self._trace.append(Step(shown, self._uri, self._flags))
        if call.name in ("result", "slow"):
            return _number(call, 0)
        return -1 if call.name == "bad" else 1

    # 2.4 and 3.2: conditions; None is an error, in SER 0.8 and 0.9 only

    def _holds(self, condition: Condition) -> bool | None:
        if isinstance(condition, Or):
            return self._first_that(condition.parts, True)
        if isinstance(condition, And):
            return self._first_that(condition.parts, False)
        if isinstance(condition, Not):
            holds = self._holds(condition.part)
            return None if holds is None else not holds
        if isinstance(condition, Compare):
            return self._compare(condition)
        if isinstance(condition, StatementCondition):
            return self._block(condition.body) > 0
        if isinstance(condition, Number):
            return condition.value != 0
        if isinstance(condition, RouteCall):
            return self._route(condition) > 0
        if isinstance(condition, Attribute):
            found = self._attributes.found(condition)
            return bool(found) if condition.all_values else bool(found and found[0].value)
        assert isinstance(condition, Call), condition
        return self._command(condition) > 0

    def _first_that(self, parts: Sequence[Condition], decides: bool) -> bool | None:
        for part in parts:
            holds = self._holds(part)
            if holds is None or holds is decides:
                return holds
        return not decides

    def _block(self, block: Block) -> int:
        try:
            return self._list(block.statements)
        except _RouteLeft as left:
            if not self._newer:
                raise
            return left.value

    # 2.5: comparisons

    def _compare(self, compare: Compare) -> bool | None:
        right: object = compare.right
        if isinstance(right, Attribute | Select):
            value = self._attributes.one(right) if isinstance(right, Attribute) else self._message.to_uri
            if value is None:  # compared with nothing: an error, as SER 2 takes errors
                return compare.operator == "!="
            right = Text(compare.span, value) if isinstance(value, str) else Number(compare.span, value)
        if isinstance(compare.left, Attribute):
            return self._compare_attribute(compare.left, compare.operator, right)
        name = _word(compare.left)
        if name == "myself":
            name, right = _word(right), Word(compare.span, "myself")
        equal = self._equal(name, compare.operator, right)
        if equal is None:
            return compare.operator == "!=" if self._newer else None
        return not equal if compare.operator == "!=" else equal

    def _compare_attribute(self, attribute: Attribute, operator: str, right: object) -> bool:
        """2.6; an error is false, or with `!=` true."""
        value, other = self._attributes.one(attribute), value_of(right)
        if value is None:
            return operator == "!="
        if operator == "=~":
            return matches(other, str(value))
        if operator in ("&", "|"):
            assert isinstance(value, int)
            assert isinstance(other, int)
            return (value & other if operator == "&" else value | other) != 0
        if isinstance(value, str) and isinstance(other, str):
            equal = value.lower() == other.lower()
        else:
            try:  # one is a number: so must be the other
                equal = in_order(int(value), operator, int(other))
            except ValueError:
                return operator == "!="
        return not equal if operator == "!=" else equal

    def _equal(self, name: str, operator: str, right: object) -> bool | None:
        """Whether they are equal (or the one before the other, or a match), whatever the sign; None for an error."""
        message = self._message
        if name in ("src_ip", "dst_ip"):
            return is_address(message.source[0] if name == "src_ip" else "127.0.0.1", operator, right)
        if name in ("src_port", "dst_port", "msg:len", "$?", "$retcode"):
            value = {
                "src_port": message.source[1],
                "dst_port": 5060,
                "msg:len": len(message.data),
            }.get(name, self._retcode)
            return in_order(value, operator, _LONGEST if isinstance(right, Word) else value_of(right))
        if name in ("proto", "af"):
            wanted = _word(right).lower()
            family = "inet6" if ":" in message.source[0] else "inet"
            return wanted in (("udp", "*") if name == "proto" else (family,))
        if isinstance(right, Word) and right.text == "myself":
            return self._is_myself(name)
        texts = {"method": message.method, "from_uri": message.from_uri, "to_uri": message.to_uri}
        text = texts.get(name, self._uri)
        if text is None:
            return None
        if operator == "=~":
            return matches(value_of(right), text)
        return text.lower() == str(_word(right) if isinstance(right, Word) else value_of(right)).lower()

    def _is_myself(self, name: str) -> bool | None:
        message = self._message
        if name == "to_uri":
            return message.to_is_myself
        if name == "from_uri":
            return None if message.from_uri is None else message.from_is_myself
        return URIS.get(self._uri)  # the code of a reply is no URI: an error


def _text(call: Call, at: int) -> str:
    argument = call.arguments[at]
    assert isinstance(argument, Text)
    return argument.value


def _number(call: Call, at: int) -> int:
    argument = call.arguments[at]
    return int(argument.value) if isinstance(argument, Text | Number) else 0


def _word(node: object) -> str:
    if isinstance(node, Call):
        return node.name
    assert isinstance(node, Word), node
    return node.text
