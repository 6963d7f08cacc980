"""Comparing what has a value only when the script runs: attributes, selects, `$?` (SER dialect 2.5 and 2.6).

What is missing equals nothing: a comparison with it is false, except by `!=`. So is one of a number with a text that is
none.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .attributes import Value
from .regex import Pattern, core_pattern

if TYPE_CHECKING:
    from .call import Call

_ORDERS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LONGEST_NUMBER = 20
"""More digits than this are no number that a script means; and reading thousands of them takes long."""


def text_of(value: Value) -> bytes:
    """The value as text."""
    return value if isinstance(value, bytes) else b"%d" % value


def number_of(value: Value | None) -> int | None:
    """The value as a number; None when it is none."""
    if value is None or isinstance(value, int):
        return value
    digits = value.strip()
    if len(digits) > LONGEST_NUMBER or not digits.lstrip(b"+-").isdigit():
        return None
    try:
        return int(digits)
    except ValueError:  # two signs
        return None


def compare(left: Value | None, sign: str, right: Value | None) -> bool:
    """Whether `left sign right` holds; two texts are compared but for case, anything else as numbers."""
    if left is None or right is None:
        return sign == "!="
    if isinstance(left, bytes) and isinstance(right, bytes) and sign in ("==", "!="):
        return (left.lower() == right.lower()) is (sign == "==")
    left_number, right_number = number_of(left), number_of(right)
    if left_number is None or right_number is None:
        return sign == "!="
    return _ORDERS[sign](left_number, right_number)


def finds(left: Value | None, pattern: Pattern) -> bool:
    """Whether the pattern is found in the value."""
    return left is not None and pattern.search(text_of(left)) is not None


def finds_later(call: Call, left: Value | None, right: Value | None) -> bool:
    """`=~` with an expression that is known only now; one that cannot be used is logged, and finds nothing."""
    if left is None or right is None:
        return False
    text = text_of(right)
    try:
        pattern = core_pattern(text.decode("utf-8", "surrogateescape"))
    except ValueError as error:
        shown = text.decode("utf-8", "replace")
        call.host.log.error(f"=~ {shown!r}: this regular expression cannot be used: {error}", call)
        return False
    return finds(left, pattern)


def has_bit(left: Value | None, sign: str, bits: int) -> bool:
    """`$x & 4`, `$x | 4`: whether the result is not 0."""
    number = number_of(left)
    if number is None:
        return False
    return (number & bits if sign == "&" else number | bits) != 0


def convert(call: Call, command: str, name: str, change: Callable[[str], Any], value: Value | None) -> Any:
    """A value of the script as the argument that a command takes.

    Raises:
        ValueError: it was logged what is wrong.
    """
    if value is None:
        call.host.log.error(f"{command}: there is no value for its argument {name}: the command is left out", call)
        raise ValueError(name)
    text = text_of(value).decode("utf-8", "surrogateescape")
    try:
        return _converted(change, text)
    except ValueError as error:
        call.host.log.error(f"{command}: its argument {name} cannot be used: {error}", call)
        raise


@lru_cache(256)
def _converted(change: Callable[[str], Any], text: str) -> Any:
    return change(text)
