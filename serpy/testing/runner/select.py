"""Which flows `-k` means: words that their path or title holds, with `and`, `or`, `not` and brackets."""

from __future__ import annotations

import re
from collections.abc import Callable

Matches = Callable[[str], bool]
_TOKEN = re.compile(r"""\s*(?:([()])|"([^"]*)"|'([^']*)'|([^\s()"']+))""")
_DEEPEST = 50


class WrongExpression(Exception):
    """An expression that says nothing."""


def expression(text: str) -> Matches:
    """Whether a flow's path and title, in one text, fit an expression; large and small letters are the same.

    Raises:
        WrongExpression
    """
    return _Reader(text).read()


class _Reader:
    """Reads by descent: `or` binds loosest, `not` tightest."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, bool]] = []
        """(text, whether it is a plain word, which may be an operator)."""
        self._at = 0
        self._depth = 0
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise WrongExpression(f"-k {text!r}: a quote is not closed")
            bracket, double, single, plain = found.groups()
            quoted = double if double is not None else single
            self._tokens.append((quoted, False) if quoted is not None else (bracket or plain, True))
            at = found.end()

    def read(self) -> Matches:
        if not self._tokens:
            raise WrongExpression("-k wants a word of the flow's path or title")
        made = self._either()
        if self._at < len(self._tokens):
            word = self._tokens[self._at][0]
            raise WrongExpression(f"-k {self._text!r}: {word!r} comes unexpectedly; write `and` or `or` between words")
        return made

    def _either(self) -> Matches:
        parts = [self._all()]
        while self._takes("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda text: any(part(text) for part in parts)

    def _all(self) -> Matches:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda text: all(part(text) for part in parts)

    def _one(self) -> Matches:
        negative = False
        while self._takes("not"):
            negative = not negative
        made = self._operand()
        return (lambda text: not made(text)) if negative else made

    def _operand(self) -> Matches:
        if self._takes("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise WrongExpression(f"-k: brackets are nested more than {_DEEPEST} deep")
            made = self._either()
            if not self._takes(")"):
                raise WrongExpression(f"-k {self._text!r}: a bracket is not closed")
            self._depth -= 1
            return made
        if self._at == len(self._tokens) or self._tokens[self._at] in ((")", True), ("and", True), ("or", True)):
            raise WrongExpression(f"-k {self._text!r}: a word is missing")
        word = self._tokens[self._at][0].lower()
        self._at += 1
        return lambda text: word in text.lower()

    def _takes(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == (word, True):
            self._at += 1
            return True
        return False
