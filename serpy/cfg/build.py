"""What the parser finds, as nodes: one method for each rule of grammar/script.lark, called as the rule is complete."""

from __future__ import annotations

import re
from typing import Any

from ..dialect import Dialect
from ..module import Route
from .diagnostics import Diagnostic, Label
from .nodes import (
    Assign,
    Assignment,
    Attribute,
    AvpFlags,
    Block,
    Call,
    Case,
    Condition,
    Custom,
    End,
    EventRoute,
    Expression,
    Flags,
    If,
    Item,
    Literal,
    LoadModule,
    ModParam,
    Network,
    Number,
    Operation,
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
from .precedence import Pending, as_value, fold
from .preprocess import CodeToken
from .source import Span

_KINDS = {
    **{kind.keyword: kind for kind in (Route.REQUEST, Route.FAILURE, Route.ONREPLY, Route.BRANCH, Route.ONSEND)},
    "request_route": Route.REQUEST,
    "reply_route": Route.ONREPLY,
}
_TRUE = frozenset({"yes", "true", "on", "enable"})
_FALSE = frozenset({"no", "false", "off", "disable"})
_BINARY = re.compile(r"[01]+b")
_OCTAL = re.compile(r"0[0-7]+")
_NUMBER = re.compile(r"0x[0-9A-Fa-f]+|[01]+b|[0-9]+", re.ASCII)
_ATTRIBUTE = re.compile(r"[$%](?:([a-z]+)\.)?(\w+)(?:\[\s*(-?\d*)\s*\])?")
_PART = re.compile(r'([A-Za-z_]\w*)|\[(?:(-?\d+)|"([^"]*)"|(\w*))\]')
_VARIABLE = re.compile(r"\$\(?\s*(\w*)")
_LISTEN_WORDS = frozenset({"advertise", "name", "agname", "virtual"})
_DESCRIPTION = frozenset({"desc", "descr", "description"})
_FUNCTIONS = {"strlen": 1, "strempty": 1, "selval": 3}
"""Parts of Kamailio's language, with the number of their arguments."""
_LARGEST_NUMBER = 18
"""Digits of a number: what is longer does not fit into 64 bits."""


def number_of(text: str) -> int:
    """The value of a number as SER writes them: 10, 0x1f, 017, 101b, yes."""
    if text in _TRUE:
        return 1
    if text in _FALSE:
        return 0
    sign = -1 if text.startswith("-") else 1
    digits = text.removeprefix("-")[:100]
    if digits.startswith("0x"):
        return sign * int(digits, 16)
    if _BINARY.fullmatch(digits):
        return sign * int(digits[:-1], 2)
    return sign * int(digits, 8 if _OCTAL.fullmatch(digits) else 10)


class _Group:
    """What stood in parentheses."""

    __slots__ = ("node", "span")

    def __init__(self, span: Span, node: Condition) -> None:
        self.span = span
        self.node = node


def _plain(part: Any) -> Any:
    return part.node if isinstance(part, _Group) else part


class Builder:
    """Makes the nodes of one script. The parts that a method gets are tokens and nodes, each with its `span`."""

    def __init__(self) -> None:
        self.begin(Dialect.SER_0_9)

    def begin(self, dialect: Dialect) -> None:
        """Make ready for a script in this dialect."""
        self._equals: CodeToken
        self._kamailio = dialect is Dialect.KAMAILIO
        self.diagnostics: list[Diagnostic] = []

    # the top

    def start(self, parts: list[Item | None]) -> Tree:
        return Tree([item for item in parts if item is not None])

    def nothing(self, parts: list[Any]) -> None:
        return None

    def assignment(self, parts: list[Any]) -> Assignment:
        name = parts[0]
        made = Assignment(name.span.to(_end(parts[-1])), str(name), name.span, [])
        values = iter(parts[2:])
        for value in values:
            if self._kamailio and isinstance(value, Word) and value.text in _LISTEN_WORDS and name == "listen":
                given = next(values, None)
                if given is not None:
                    made.options.append((value.text, value.span, given))
                    continue
            if isinstance(value, list):
                made.values.extend(value)
            elif self._kamailio and isinstance(value, Text) and made.values and isinstance(made.values[-1], Text):
                if name in ("listen", "alias", "domain"):
                    made.values.append(value)
                else:  # strings side by side are one (Kamailio dialect 1.3)
                    last = made.values[-1]
                    made.values[-1] = Text(last.span.to(value.span), last.value + value.value)
            else:
                made.values.append(value)
        return made

    def socket_block(self, parts: list[Any]) -> Assignment:
        name = parts[0]
        lines = [part for part in parts[3:-1] if isinstance(part, Assignment)]
        options = [(line.name, line.name_span, value) for line in lines for value in line.values]
        values = [value for option, _, value in options if option == "bind"]
        return Assignment(name.span.to(parts[-1].span), str(name), name.span, values, options)

    def setting(self, parts: list[CodeToken]) -> Assignment:
        name, value = parts
        span = name.span.to(value.span)
        return Assignment(span, str(name), name.span, [Text(value.span, str(value))])

    def custom(self, parts: list[Any]) -> Custom:
        name, _, value, *rest = parts
        text = rest[1] if len(rest) > 1 and isinstance(rest[0], Word) and rest[0].text in _DESCRIPTION else None
        description = text if isinstance(text, Text) else None
        span = name.span.to(_end(parts[-1]))
        return Custom(span, str(name), name.span, value, description)

    def loadmodule(self, parts: list[CodeToken]) -> LoadModule:
        path = parts[1] if parts[1].type == "STRING" else parts[2]
        return LoadModule(parts[0].span.to(parts[-1].span), Text(path.span, str(path)), str(parts[0]))

    def modparam(self, parts: list[Any]) -> ModParam:
        return ModParam(parts[0].span.to(parts[-1].span), parts[2], parts[4], parts[6], str(parts[0]))

    def flags(self, parts: list[Any]) -> Flags:
        return Flags(parts[0].span.to(_end(parts[-1])), parts[1::2])

    def flag(self, parts: list[CodeToken]) -> tuple[str, int | None, Span]:
        name, _, number = str(parts[0]).partition(":")
        if len(parts) > 1:
            number = str(parts[2])
        name, number, span = name.strip(), number.strip(), parts[0].span
        if not name or (number and not _NUMBER.fullmatch(number)):
            told = f"{parts[0]} is not the name of a flag"
            self.diagnostics.append(Diagnostic("error", "bad-flag", span, told, "write NAME or NAME:NUMBER"))
            return name, None, span
        return name, number_of(number) if number else None, span

    def avpflags(self, parts: list[CodeToken]) -> AvpFlags:
        return AvpFlags(parts[0].span.to(parts[-1].span), [(str(part), part.span) for part in parts[1::2]])

    def route(self, parts: list[Any]) -> RouteBlock:
        keyword, body = parts[0], parts[-1]
        named = len(parts) > 2
        name = _route_name(parts[2]) if named else "0"
        head = keyword.span.to(parts[3].span) if named else keyword.span
        kind = _KINDS[keyword]
        other = "" if keyword == kind.keyword else str(keyword)
        return RouteBlock(keyword.span.to(body.span), kind, name, named, head, body, other)

    def event_route(self, parts: list[Any]) -> EventRoute:
        keyword, _, name, closing, body = parts
        return EventRoute(keyword.span.to(body.span), str(name), keyword.span.to(closing.span), body)

    # literals

    def string(self, parts: list[CodeToken]) -> Text:
        return Text(parts[0].span, str(parts[0]))

    def text(self, parts: list[CodeToken]) -> Text:
        if len(parts) == 1:
            return Text(parts[0].span, str(parts[0]))
        return Text(parts[0].span.to(parts[-1].span), "".join(parts))

    def number(self, parts: list[CodeToken]) -> Number:
        if len(parts) == 1:
            return Number(parts[0].span, number_of(parts[0]))
        return Number(parts[0].span.to(parts[1].span), -number_of(parts[1]))

    def word(self, parts: list[CodeToken]) -> Word:
        text = str(parts[0])
        return Word(parts[0].span, "".join(text.split()) if ":" in text else text)

    def values(self, parts: list[Any]) -> list[Literal]:
        return parts[1::2]

    def socket(self, parts: list[CodeToken]) -> Word:
        return Word(parts[0].span.to(parts[-1].span), "".join(parts))

    def network(self, parts: list[CodeToken]) -> Network:
        address, _, mask = str(parts[0]).partition("/")
        return Network(parts[0].span, address.strip(), mask.strip())

    def variable(self, parts: list[CodeToken]) -> Variable:
        match = _VARIABLE.match(parts[0])
        return Variable(parts[0].span, str(parts[0]), match[1] if match else "")

    def attribute(self, parts: list[CodeToken]) -> Attribute:
        match = _ATTRIBUTE.match(parts[0])
        assert match is not None, "the scanner knows attributes by this form"
        track, name, index = match.groups()
        number = int(index[:_LARGEST_NUMBER]) if index and index != "-" else None
        return Attribute(parts[0].span, str(parts[0]), track or "", name, number, index == "")

    def select(self, parts: list[CodeToken]) -> Select:
        names: list[str | int] = []
        for name, number, text, word in _PART.findall(parts[0]):
            names.append(int(number[:_LARGEST_NUMBER]) if number else name or text or word)
        return Select(parts[0].span, str(parts[0]), names)

    def target(self, parts: list[CodeToken]) -> Attribute | Variable:
        return self.variable(parts) if parts[0].type == "VARIABLE" else self.attribute(parts)

    # statements

    def block(self, parts: list[Any]) -> Block:
        return Block(parts[0].span.to(parts[-1].span), [part for part in parts[1:-1] if part is not None])

    def statement(self, parts: list[Any]) -> Statement:
        statement: Statement = parts[0]
        return statement

    def call(self, parts: list[Any]) -> Call | Prefixed | Operation:
        name = parts[0]
        span = name.span.to(parts[-1].span)
        arguments = parts[2] if len(parts) > 3 else []
        if self._kamailio and name in _FUNCTIONS and len(arguments) == _FUNCTIONS[name]:
            return self._function(span, name, arguments)
        return Call(span, str(name), name.span, arguments)

    def _function(self, span: Span, name: CodeToken, arguments: list[Condition]) -> Prefixed | Operation:
        """What looks like a call and belongs to the language (Kamailio dialect 2.2)."""
        if len(arguments) == 1:
            return Prefixed(span, str(name), arguments[0])
        condition, yes, no = arguments
        choice = Operation(yes.span.to(no.span), yes, ":", name.span, no)
        return Operation(span, condition, str(name), name.span, choice)

    def bare_call(self, parts: list[CodeToken]) -> Call:
        return Call(parts[0].span, str(parts[0]), parts[0].span, [], bare=True)

    def arguments(self, parts: list[Any]) -> list[Condition]:
        return [_plain(part) for part in parts[::2]]

    def route_call(self, parts: list[Any]) -> RouteCall:
        keyword, _, name, closing = parts
        name = _plain(name)
        span = keyword.span.to(closing.span)
        if isinstance(name, Word):
            return RouteCall(span, name.text, name.span)
        if isinstance(name, Text | Number):
            return RouteCall(span, str(name.value), name.span)
        return RouteCall(span, "", name.span, name)

    def ending(self, parts: list[Any]) -> End:
        word, *rest = parts
        if not rest or len(rest) == 2:
            return End(word.span.to(parts[-1].span), str(word), None)
        value = _plain(rest[0])
        # a command in the next line is hardly the value; `$?` there is
        command = isinstance(value, Call | RouteCall) or (isinstance(value, Word) and not value.text.startswith("$"))
        if command and value.span.line > word.span.end_line:
            place = word.span.end
            self.diagnostics.append(
                Diagnostic("error", "missing-semicolon", place, "a ; is missing here", "end each command with ;")
            )
        return End(word.span.to(rest[0].span), str(word), value)

    def assign(self, parts: list[Any]) -> Assign:
        target, self._equals, value = parts
        # the value came out of `expression`, which keeps a lone group as it is
        truth = isinstance(value, _Group) and not self._kamailio
        plain = _plain(value)
        if truth and isinstance(plain, Word) and not plain.text.startswith("$"):  # in a condition it is a command
            plain = Call(plain.span, plain.text, plain.span, [], bare=True)
        return Assign(target.span.to(value.span), target, plain, truth)

    def if_(self, parts: list[Any]) -> If:
        condition, then, *rest = parts[1:]
        otherwise = _as_block(rest[1], rest[0].span) if rest else None
        body = _as_block(then, parts[1].span)
        end = otherwise or body
        return If(parts[0].span.to(end.span), condition, body, otherwise)

    def while_(self, parts: list[Any]) -> While:
        body = _as_block(parts[2], parts[1].span)
        return While(parts[0].span.to(body.span), parts[1], body)

    def switch_(self, parts: list[Any]) -> Switch:
        defaults = [case for case in parts[3:-1] if case.value is None]
        if len(defaults) > 1:
            first, second = (_word_of(case.span, "default") for case in defaults[:2])
            told, labels = "this is the second default of the switch", (Label(first, "the first one"),)
            self.diagnostics.append(Diagnostic("error", "two-defaults", second, told, "remove one of them", labels))
        return Switch(parts[0].span.to(parts[-1].span), as_value(parts[1]), parts[3:-1])

    def case(self, parts: list[Any]) -> Case:
        keyword = parts[0]
        colon = next(at for at, part in enumerate(parts) if isinstance(part, CodeToken) and part.type == "COLON")
        value = parts[colon - 1] if colon > 1 else None
        statements = [part for part in parts[colon + 1 :] if part is not None]
        start = parts[colon].span
        body = Block(statements[0].span.to(statements[-1].span) if statements else start.end, statements)
        return Case(keyword.span.to(body.span), value, colon == 3, body)

    # expressions

    def condition(self, parts: list[Any]) -> Condition:
        if len(parts) == 1 and isinstance(parts[0], _Group) and isinstance(parts[0].node, Assign):
            place = self._equals.span  # its sign is the last one that was read
            told, hint = "= sets a value here, and is the whole condition", "write == to compare"
            if self._kamailio:
                self.diagnostics.append(Diagnostic("warning", "set-in-condition", place, told, hint))
            else:
                self.diagnostics.append(Diagnostic("error", "single-equals", place, told, hint))
        return self._folded(parts)

    def expression(self, parts: list[Any]) -> Expression | _Group:
        if len(parts) == 1 and isinstance(parts[0], _Group):
            return _Group(parts[0].span, as_value(parts[0].node))
        return as_value(self._folded(parts))

    def _folded(self, parts: list[Any]) -> Condition:
        return fold([_plain(part) for part in parts[::2]], parts[1::2], kamailio=self._kamailio)

    def prefixed(self, parts: list[Any]) -> Pending:
        prefix, operand = parts
        if isinstance(operand, Pending):
            operand.prefixes.append(prefix)
            return operand
        return Pending([prefix], _plain(operand))

    def statement_condition(self, parts: list[Any]) -> StatementCondition:
        body = _as_block(parts[0], parts[0].span)
        return StatementCondition(parts[0].span, body)

    def group(self, parts: list[Any]) -> _Group:
        return _Group(parts[0].span.to(parts[2].span), _plain(parts[1]))


def _route_name(token: CodeToken) -> str:
    """A number is the name that it is as a text, in decimal (SER dialect 2.1)."""
    is_number = token.type == "ROUTE_NAME" and _NUMBER.fullmatch(token)
    return str(number_of(token)) if is_number else str(token)


def _word_of(span: Span, word: str) -> Span:
    """The word that what stands there begins with."""
    return Span(span.source, span.line, span.column, span.line, span.column + len(word))


def _as_block(body: Block | Statement | None, before: Span) -> Block:
    if isinstance(body, Block):
        return body
    return Block(before.end, []) if body is None else Block(body.span, [body])


def _end(part: Any) -> Span:
    """The place of what may be a flag, or several values in parentheses."""
    if isinstance(part, list):
        return _end(part[-1])
    span: Span = part[2] if isinstance(part, tuple) else part.span
    return span
