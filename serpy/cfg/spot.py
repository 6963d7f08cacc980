"""A place where the parser stopped, what stands around it, and what may be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .diagnostics import Diagnostic, Label
from .preprocess import CodeToken

_ENDS = frozenset(("SEMICOLON", "OPEN_BLOCK", "CLOSE_BLOCK"))
_LONGEST = 60
_NEAR = 20


class Change(NamedTuple):
    """`put` instead of `removed` tokens at this index."""

    at: int
    removed: int
    put: tuple[CodeToken, ...]
    how: str = ""
    """What kind of change it is, where the tokens do not tell: twice, swap, misspelled, instead, equals, statement."""


class Spot(NamedTuple):
    """Where the parser stopped."""

    tokens: Sequence[CodeToken]
    """Those of the whole script; the last one is its end."""
    at: int
    in_block: bool
    is_kamailio: bool = False

    @property
    def token(self) -> CodeToken:
        return self.tokens[self.at]

    @property
    def before(self) -> CodeToken | None:
        return self.tokens[self.at - 1] if self.at else None

    @property
    def start(self) -> int:
        """Where the statement begins in which the parser stopped."""
        at = self.at
        while at > 0 and self.at - at < _LONGEST and self.tokens[at - 1].type not in _ENDS:
            at -= 1
        return at

    def has(self, start: int, *kinds: str) -> bool:
        """Whether tokens of these types stand there; "" is any."""
        tokens = self.tokens[start : start + len(kinds)]
        if start < 0 or len(tokens) < len(kinds):
            return False
        return all(kind in ("", each.type) for kind, each in zip(kinds, tokens, strict=True))

    def behind_block(self, at: int) -> int | None:
        """Behind the } of the block that opens at this place or soon after; None where it does not close."""
        depth = 0
        for here in range(at, len(self.tokens) - 1):
            kind = self.tokens[here].type
            if kind == "OPEN_BLOCK":
                depth += 1
            elif kind == "CLOSE_BLOCK":
                depth -= 1
                if depth <= 0:
                    return here + 1
            elif depth == 0 and here - at > _NEAR:
                return None
        return None


def in_condition(tokens: Sequence[CodeToken], at: int) -> bool:
    """Whether a comparison may stand at this index: in parentheses, or behind `if`."""
    depth, here = 0, at - 1
    while here >= 0 and at - here <= _LONGEST and tokens[here].type not in _ENDS:
        kind = tokens[here].type
        depth += (kind == "OPEN") - (kind == "CLOSE")
        if depth > 0 or kind == "IF":
            return True
        here -= 1
    return False


class Habit(NamedTuple):
    """What is said, and how reading goes on: `put` (types and texts) instead of `removed` tokens."""

    diagnostic: Diagnostic
    at: int
    removed: int
    put: tuple[tuple[str, str], ...] = ()


def over(code: str, first: CodeToken, last: CodeToken, message: str, hint: str, *labels: Label) -> Diagnostic:
    """An error from the first of two tokens to the last."""
    return Diagnostic("error", code, first.span.to(last.span), message, hint, labels)
