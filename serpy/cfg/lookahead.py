"""The parser's way without making nodes: what could stand where, and how far a changed script would get."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from lark.parsers.lalr_analysis import Shift

from .grammar import grammar

Stack: TypeAlias = Any
"""`(state, the rest of the stack)`: a place in the script; keeping one costs nothing."""


class Lookahead:
    """Follows the parser's tables by types of tokens alone."""

    def __init__(self) -> None:
        self._states, start, self._end = grammar().tables()
        self.start: Stack = (start, None)

    def step(self, stack: Stack, kind: str) -> Stack | None:
        """The place behind a token of this type; None where it cannot stand."""
        states = self._states
        while True:
            entry = states[stack[0]].get(kind)
            if entry is None:
                return None
            action, target = entry
            if action is Shift:
                return (target, stack)
            for _ in target.expansion:
                stack = stack[1]
            stack = (states[stack[0]][target.origin.name][1], stack)
            if kind == "$END" and stack[0] == self._end:
                return stack

    def stuck(self, stack: Stack, kind: str) -> int:
        """The state in which the parser finds that a token of this type cannot stand here."""
        states = self._states
        while (entry := states[stack[0]].get(kind)) is not None and entry[0] is not Shift:
            for _ in entry[1].expansion:
                stack = stack[1]
            stack = (states[stack[0]][entry[1].origin.name][1], stack)
        return int(stack[0])

    def accepted(self, stack: Stack) -> set[str]:
        """The types of tokens that can stand here."""
        return {kind for kind in self._states[stack[0]] if kind.isupper() and self.step(stack, kind) is not None}


@cache
def lookahead() -> Lookahead:
    """The one that is made of grammar/script.lark."""
    return Lookahead()
