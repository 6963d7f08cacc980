"""What the parser finds, as nodes: one method for each rule of grammar/script.lark."""

from __future__ import annotations

import re
from typing import Any

from lark import Token, v_args
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from ..module import Route
from .nodes import (
    And,
    Assignment,
    Block,
    Call,
    Compare,
    Condition,
    End,
    Flags,
    If,
    Item,
    Literal,
    LoadModule,
    ModParam,
    Network,
    Not,
    Number,
    Or,
    RouteBlock,
    RouteCall,
    Statement,
    StatementCondition,
    Text,
    Tree,
    Word,
)
from .preprocess import Code
from .source import Span

_KINDS = {kind.keyword: kind for kind in (Route.REQUEST, Route.FAILURE, Route.ONREPLY, Route.BRANCH, Route.ONSEND)}
_TRUE = frozenset({"yes", "true", "on", "enable"})
_FALSE = frozenset({"no", "false", "off", "disable"})
_BINARY = re.compile(r"[01]+b")
_OCTAL = re.compile(r"0[0-7]+")


def number_of(text: str) -> int:
    """The value of a number as SER writes them: 10, 0x1f, 017, 101b, yes."""
    if text in _TRUE:
        return 1
    if text in _FALSE:
        return 0
    sign = -1 if text.startswith("-") else 1
    digits = text.removeprefix("-")
    if digits.startswith("0x"):
        return sign * int(digits, 16)
    if _BINARY.fullmatch(digits):
        return sign * int(digits[:-1], 2)
    return sign * int(digits, 8 if _OCTAL.fullmatch(digits) else 10)


@v_args(meta=True)
class Builder(Transformer_NonRecursive[Token, Any]):
    """Makes the nodes of one script. (Not by recursion: a long chain of `else if` is a deep tree.)"""

    def __init__(self, code: Code) -> None:
        super().__init__()
        self._code = code

    # places

    def _span(self, meta: Meta) -> Span:
        return Span(self._code.source, meta.line, meta.column, meta.end_line, meta.end_column)

    def _token_span(self, token: Token) -> Span:
        return self._span(token)  # type: ignore[arg-type]  # a token has the same four attributes

    def _string(self, token: Token) -> str:
        return self._code.strings[token.start_pos]  # type: ignore[index]  # set by the lexer

    def _name(self, token: Token) -> str:
        if token.type == "STRING":
            return self._string(token)
        return str(number_of(token)) if token.type == "NUMBER" else str(token)

    # the top

    def start(self, meta: Meta, items: list[Item | None]) -> Tree:
        return Tree([item for item in items if item is not None])

    def item(self, meta: Meta, nothing: list[Any]) -> None:
        return None

    def assignment(self, meta: Meta, parts: list[Any]) -> Assignment:
        name, *values = parts
        return Assignment(self._span(meta), str(name), self._token_span(name), values)

    def loadmodule(self, meta: Meta, parts: list[Any]) -> LoadModule:
        return LoadModule(self._span(meta), parts[1])

    def modparam(self, meta: Meta, parts: list[Any]) -> ModParam:
        return ModParam(self._span(meta), *parts[1:])

    def flags(self, meta: Meta, parts: list[Any]) -> Flags:
        return Flags(self._span(meta), parts[1:])

    def flag(self, meta: Meta, parts: list[Any]) -> tuple[str, int | None, Span]:
        name, number = parts
        return self._name(name), None if number is None else number_of(number), self._token_span(name)

    def route(self, meta: Meta, parts: list[Any]) -> RouteBlock:
        keyword, name, body = parts
        head = self._token_span(keyword)
        if name is not None:
            head = head.to(name.span)
            head = head._replace(end_column=head.end_column + 1)
        return RouteBlock(
            self._span(meta), _KINDS[keyword], "0" if name is None else name.text, name is not None, head, body
        )

    def route_name(self, meta: Meta, parts: list[Token]) -> Word:
        return Word(self._span(meta), self._name(parts[0]))

    # statements

    def block(self, meta: Meta, parts: list[Any]) -> Block:
        return Block(self._span(meta), [part for part in parts[1:-1] if part is not None])

    def nothing(self, meta: Meta, parts: list[Any]) -> None:
        return None

    def ending(self, meta: Meta, parts: list[Any]) -> End:
        word, *value = parts
        return End(self._span(meta), str(word), value[0] if value else None)

    def call(self, meta: Meta, parts: list[Any]) -> Call:
        name, arguments = parts
        return Call(self._span(meta), str(name), self._token_span(name), arguments or [])

    def bare_call(self, meta: Meta, parts: list[Any]) -> Call:
        return Call(self._span(meta), str(parts[0]), self._token_span(parts[0]), [], bare=True)

    def route_call(self, meta: Meta, parts: list[Any]) -> RouteCall:
        return RouteCall(self._span(meta), parts[1].text, parts[1].span)

    def arguments(self, meta: Meta, parts: list[Literal]) -> list[Literal]:
        return parts

    def if_(self, meta: Meta, parts: list[Any]) -> If:
        _, condition, then, *rest = parts
        return If(
            self._span(meta), condition, self._as_block(then, meta), self._as_block(rest[1], meta) if rest else None
        )

    def _as_block(self, body: Block | Statement | None, meta: Meta) -> Block:
        if isinstance(body, Block):
            return body
        return Block(self._span(meta), []) if body is None else Block(body.span, [body])

    # conditions

    def either(self, meta: Meta, parts: list[Any]) -> Or:
        return Or(self._span(meta), parts[::2])

    def both(self, meta: Meta, parts: list[Any]) -> And:
        return And(self._span(meta), parts[::2])

    def negation(self, meta: Meta, parts: list[Any]) -> Not:
        return Not(self._span(meta), parts[1])

    def compare(self, meta: Meta, parts: list[Any]) -> Compare:
        left, operator, right = parts
        return Compare(self._span(meta), left, str(operator), right)

    def statement_condition(self, meta: Meta, parts: list[Any]) -> Condition:
        return StatementCondition(self._span(meta), self._as_block(parts[0], meta))

    def special(self, meta: Meta, parts: list[Token]) -> Word:
        return Word(self._span(meta), str(parts[0]))

    # literals

    def network(self, meta: Meta, parts: list[Any]) -> Network:
        return Network(self._span(meta), str(parts[0]), str(parts[1]))

    def address(self, meta: Meta, parts: list[Token]) -> str:
        return str(parts[0])

    def string(self, meta: Meta, parts: list[Token]) -> Text:
        return Text(self._span(meta), self._string(parts[0]))

    def text(self, meta: Meta, parts: list[Token]) -> Text:
        return Text(self._span(meta), "".join(map(self._string, parts)))

    def number(self, meta: Meta, parts: list[Token]) -> Number:
        return Number(self._span(meta), number_of(parts[0]))

    def socket(self, meta: Meta, parts: list[Token]) -> Word:
        return Word(self._span(meta), ":".join(parts))
