"""Operands and operators in a row become an expression: what binds more tightly is each dialect's own affair.

SER (dialect 2.4): OR, then AND (each in all its spellings), then NOT, then comparisons, so that `!method=="X"` negates
the comparison. Kamailio (dialect 2.2): fourteen levels as in C, and NOT binds to its operand, unless that is one of the
old names (`method`, `uri`, ...), which are no values without their comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .nodes import (
    And,
    Attribute,
    Call,
    Compare,
    Condition,
    Not,
    Number,
    Operation,
    Or,
    Prefixed,
    Word,
)

if TYPE_CHECKING:
    from .preprocess import CodeToken
    from .source import Span

_OR, _AND, _NOT, _COMPARE = 1, 2, 3, 8
_LEVELS = {
    "|": 3,
    "&": 4,
    "^": 5,
    "<<": 6,
    ">>": 7,
    **dict.fromkeys(("==", "!=", "=~", "eq", "ne", "ieq", "ine"), _COMPARE),
    **dict.fromkeys((">", "<", ">=", "<="), 9),
    **dict.fromkeys(("+", "-"), 10),
    **dict.fromkeys(("*", "/", "mod"), 11),
}
_LOGICAL = {"||": _OR, "or": _OR, "&&": _AND, "and": _AND}
_DEEPEST = 100
_COMPARISONS = frozenset(("==", "!=", "=~", "<", ">", "<=", ">="))
_OLD = frozenset(
    (
        *("method", "uri", "status", "from_uri", "to_uri", "myself", "msg:len", "max_len"),
        *("src_ip", "src_port", "dst_ip", "dst_port", "snd_ip", "snd_port", "to_ip", "to_port"),
        *("proto", "snd_proto", "to_proto", "af", "snd_af", "to_af"),
    )
)


@dataclass(slots=True, eq=False)
class Pending:
    """An operand with the operators in front of it, the outermost last."""

    prefixes: list[CodeToken]
    operand: Condition


class TooDeep(Exception):
    """Operators nest too deeply, as in `a == !b == !c == ...`; `span` is where."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


Operand: TypeAlias = Condition | Pending
"""What stands between operators."""


def fold(operands: Sequence[Operand], operators: Sequence[CodeToken], *, kamailio: bool) -> Condition:
    """The expression; each operator stands behind the operand of its place.

    Raises:
        TooDeep
    """
    return _Folder(operands, operators, kamailio).fold(0)


class _Folder:
    def __init__(self, operands: Sequence[Operand], operators: Sequence[CodeToken], kamailio: bool) -> None:
        self._operands = operands
        self._operators = operators
        self._kamailio = kamailio
        self._at = 0
        """The next operand; the next operator is the one before it."""
        self._nots = 0

    def fold(self, least: int) -> Condition:
        """What stands from here on, up to an operator that binds less tightly than `least`."""
        return self._rest(self._operand(), least)

    def _rest(self, left: Condition, least: int) -> Condition:
        while self._at <= len(self._operators):
            operator = self._operators[self._at - 1]
            level = self._level(operator, left)
            if level < least:
                break
            left = _combined(left, operator, self.fold(level + 1), level)
        return left

    def _level(self, operator: CodeToken, left: object) -> int:
        sign = str(operator)
        if sign in _LOGICAL:
            return _LOGICAL[sign]
        if sign in ("&", "|") and not self._kamailio:
            following = self._operands[self._at]
            if isinstance(left, Attribute) and isinstance(following, Number):  # SER 2's bit test
                return _COMPARE
            return _AND if sign == "&" else _OR
        return _LEVELS[sign]

    def _operand(self) -> Condition:
        part = self._operands[self._at]
        self._at += 1
        if not isinstance(part, Pending):
            return part
        tightly = [prefix for prefix in part.prefixes if prefix.type != "NOT"]
        if tightly and (self._kamailio or len(tightly) == len(part.prefixes)):
            return _prefixed(part.operand, part.prefixes)
        if self._kamailio and not _is_old(part.operand):
            return _prefixed(part.operand, part.prefixes)
        if self._nots == _DEEPEST:
            raise TooDeep(part.operand.span)
        self._nots += 1
        operand = self._rest(part.operand, _NOT)  # NOT takes the whole comparison
        self._nots -= 1
        return _prefixed(operand, part.prefixes)


def _is_old(node: object) -> bool:
    if isinstance(node, Call):
        return node.bare and node.name in _OLD
    return isinstance(node, Word) and node.text in _OLD


def _prefixed(operand: Condition, prefixes: Sequence[CodeToken]) -> Condition:
    node = operand
    for prefix in prefixes:
        span = prefix.span.to(node.span)
        if prefix.type == "NOT":
            node = Not(span, node)
        elif prefix.type == "MINUS" and isinstance(node, Number):
            node = Number(span, -node.value)
        else:
            node = Prefixed(span, str(prefix), node)
    return node


def _combined(left: Condition, operator: CodeToken, right: Condition, level: int) -> Condition:
    span = left.span.to(right.span)
    if level in (_OR, _AND):
        kind = Or if level == _OR else And
        if isinstance(left, kind):
            left.parts.append(right)
            left.span = span
            return left
        return kind(span, [left, right])
    sign = str(operator)
    if sign in _COMPARISONS or (level == _COMPARE and sign in ("&", "|")):
        return Compare(span, as_value(left), sign, as_value(right))
    return Operation(span, as_value(left), sign, operator.span, as_value(right))


def as_value(node: Condition) -> Condition:
    """A word alone is a command as a condition, but a word where a value is wanted."""
    return Word(node.span, node.name) if isinstance(node, Call) and node.bare else node


__all__ = ["Pending", "as_value", "fold"]
