"""Operands and operators in a row become an expression: what binds more tightly is each dialect's own affair.

SER (dialect 2.4): OR, then AND (each in all its spellings), then NOT, then comparisons, so that `!method=="X"` negates
the comparison. Kamailio (dialect 2.2): fourteen levels as in C, and NOT binds to its operand, unless that is one of the
old names (`method`, `uri`, ...), which are no values without their comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .nodes import (
    And,
    Attribute,
    Call,
    Compare,
    Condition,
    Network,
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
    operand: Condition | Network


class TooDeep(Exception):
    """Operators nest too deeply, as in `a == !b == !c == ...`; `span` is where."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


def fold(parts: Sequence[object], *, kamailio: bool) -> Condition | Network:
    """The expression. `parts`: operands (nodes or Pending) and operators (tokens) in turn.

    Raises:
        TooDeep
    """
    return _Folder(parts, kamailio).fold(0)


class _Folder:
    def __init__(self, parts: Sequence[object], kamailio: bool) -> None:
        self._parts = parts
        self._kamailio = kamailio
        self._at = 0
        self._nots = 0

    def fold(self, least: int) -> Condition | Network:
        """What stands from here on, up to an operator that binds less tightly than `least`."""
        return self._rest(self._operand(), least)

    def _rest(self, left: Condition | Network, least: int) -> Condition | Network:
        while self._at < len(self._parts):
            operator: CodeToken = self._parts[self._at]  # type: ignore[assignment] # they come in turn
            level = self._level(operator, left)
            if level < least:
                break
            self._at += 1
            left = _combined(left, operator, self.fold(level + 1), level)
        return left

    def _level(self, operator: CodeToken, left: object) -> int:
        sign = str(operator)
        if sign in _LOGICAL:
            return _LOGICAL[sign]
        if sign in ("&", "|") and not self._kamailio:
            following = self._parts[self._at + 1]
            if isinstance(left, Attribute) and isinstance(following, Number):  # SER 2's bit test
                return _COMPARE
            return _AND if sign == "&" else _OR
        return _LEVELS[sign]

    def _operand(self) -> Condition | Network:
        part = self._parts[self._at]
        self._at += 1
        if not isinstance(part, Pending):
            return part  # type: ignore[return-value]
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


def _prefixed(operand: Condition | Network, prefixes: Sequence[CodeToken]) -> Condition:
    node = operand
    for prefix in prefixes:
        span = prefix.span.to(node.span)
        if prefix.type == "NOT":
            node = Not(span, node)  # type: ignore[arg-type]
        elif prefix.type == "MINUS" and isinstance(node, Number):
            node = Number(span, -node.value)
        else:
            node = Prefixed(span, str(prefix), node)  # type: ignore[arg-type]
    return node  # type: ignore[return-value]


def _combined(left: Condition | Network, operator: CodeToken, right: Condition | Network, level: int) -> Condition:
    span = left.span.to(right.span)
    if level in (_OR, _AND):
        kind = Or if level == _OR else And
        if isinstance(left, kind):
            left.parts.append(right)  # type: ignore[arg-type]
            left.span = span
            return left
        return kind(span, [left, right])  # type: ignore[list-item]
    sign = str(operator)
    if sign in _COMPARISONS or (level == _COMPARE and sign in ("&", "|")):
        return Compare(span, as_value(left), sign, as_value(right))  # type: ignore[arg-type]
    return Operation(span, as_value(left), sign, operator.span, as_value(right))  # type: ignore[arg-type]


def as_value(node: Condition | Network) -> Condition | Network:
    """A word alone is a command as a condition, but a word where a value is wanted."""
    return Word(node.span, node.name) if isinstance(node, Call) and node.bare else node


__all__ = ["Pending", "as_value", "fold"]
