"""Which brace is missing or too many: where the braces of a part of a script do not match, its indentation tells what
its author meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .preprocess import CodeToken
from .source import Span

_STARTS = frozenset(("ID", "IF", "END", "ROUTE", "VARIABLE", "ATTRIBUTE", "WHILE", "SWITCH", "ELSE"))
"""What starts a statement."""
_BOUNDARIES = frozenset(("SEMICOLON", "OPEN_BLOCK", "CLOSE_BLOCK"))
_HEADS = frozenset(("IF", "ELSE", "ROUTE", "EVENT_ROUTE", "WHILE", "SWITCH"))
_TAB = 8


class BraceFault(NamedTuple):
    """What is wrong with the braces."""

    kind: str
    """The type of the token that is to be put in, or "" where the one at `at` is too many."""
    at: int
    """The index of the token before which one is missing, or of the one that is too many."""
    other: Span | None
    """The other place that the story is about: the brace that opens the block, or the one that closes it."""


class _Open(NamedTuple):
    at: int
    indent: int


def line_starts(tokens: Sequence[CodeToken], start: int, stop: int) -> list[bool]:
    """For each of these tokens, whether it is the first of its line."""
    starts = []
    before: Span | None = tokens[start - 1].span if start else None
    for token in tokens[start:stop]:
        span = token.span
        starts.append(before is None or span.line != before.end_line or span.source is not before.source)
        before = span
    return starts


def _lines(first: Sequence[bool], start: int, stop: int) -> tuple[list[int], list[int]]:
    """For each token where its line starts, and where the next line does. (Lines may be very long.)"""
    begins, nexts = [start] * len(first), [stop] * len(first)
    for at in range(1, len(first)):
        begins[at] = start + at if first[at] else begins[at - 1]
    for at in range(len(first) - 2, -1, -1):
        nexts[at] = start + at + 1 if first[at + 1] else nexts[at + 1]
    return begins, nexts


class Braces:
    """The braces of tokens[start:stop], which are those of one item at the top, or of a few."""

    def __init__(self, tokens: Sequence[CodeToken], start: int, stop: int) -> None:
        self._tokens = tokens
        self._start, self._stop = start, stop
        self._first = line_starts(tokens, start, stop)
        self._begins, self._nexts = _lines(self._first, start, stop)
        self._indents: dict[tuple[int, int], int] = {}

    def fault(self) -> BraceFault | None:
        """The first brace that stands against the indentation; None where the braces match, or nothing can be told."""
        kinds = [token.type for token in self._tokens[self._start : self._stop]]
        if kinds.count("OPEN_BLOCK") == kinds.count("CLOSE_BLOCK"):
            return None
        opened: list[_Open] = []
        closed: list[tuple[_Open, int, bool]] = []
        parentheses = 0
        for at in range(self._start, self._stop):
            kind = self._tokens[at].type
            if kind == "OPEN":
                parentheses += 1
            elif kind == "CLOSE":
                parentheses -= parentheses > 0
            elif kind == "OPEN_BLOCK":
                opened.append(_Open(at, self._indent(self._head(at))))
                parentheses = 0
            elif kind == "CLOSE_BLOCK":
                parentheses = 0
                fault = self._closing(at, opened, closed)
                if fault is not None:
                    return fault
            elif opened and kind in _STARTS and self._is_first(at) and not parentheses:
                boundary = self._tokens[at - 1].type in _BOUNDARIES
                if boundary and self._is_indented(opened[-1], at) and self._indent(at) <= opened[-1].indent:
                    return self._unclosed(at, opened[-1])
        return self._unclosed(self._stop, opened[-1]) if opened else None

    def _closing(self, at: int, opened: list[_Open], closed: list[tuple[_Open, int, bool]]) -> BraceFault | None:
        """Match the } at this place."""
        indent = self._indent(at) if self._is_first(at) else -1
        if not opened:
            return self._too_many(at, indent, closed)
        top = opened[-1]
        if indent < 0:
            # at the end of a line it closes what was opened in that line
            same = self._tokens[at].span.line == self._tokens[top.at].span.line
            closed.append((opened.pop(), at, same))
            return None
        if indent > top.indent:
            return self._too_many(at, indent, closed)
        if indent < top.indent and len(opened) > 1 and indent <= opened[-2].indent:
            return self._unclosed(at, top)
        closed.append((opened.pop(), at, indent == top.indent))
        return None

    def _is_indented(self, block: _Open, at: int) -> bool:
        """Whether what stands first in the block is indented, or in its line: only then what follows tells its end."""
        first = self._nexts[block.at - self._start]
        if block.at + 1 < first and first == at:
            return True
        return first < at and self._indent(first) > block.indent

    def _unclosed(self, at: int, block: _Open) -> BraceFault:
        return BraceFault("CLOSE_BLOCK", at, self._tokens[block.at].span)

    def _too_many(self, at: int, indent: int, closed: list[tuple[_Open, int, bool]]) -> BraceFault:
        """A } that closes nothing: an earlier one closed its block, its { is missing, or it is too many."""
        span = self._tokens[at].span
        for block, by, is_aligned in reversed(closed):
            if block.indent == indent and not is_aligned:
                return BraceFault("", by, self._tokens[block.at].span)
            if block.indent < indent:
                break
        head = self._headless(at, indent)
        if head is not None:
            return BraceFault("OPEN_BLOCK", head, span)
        return BraceFault("", at, None)

    def _headless(self, at: int, indent: int) -> int | None:
        """Behind the `if`, `else` or route of this indentation that has no {; None where there is none."""
        if indent < 0:
            return None
        for line in range(at - 1, self._start - 1, -1):
            if not self._is_first(line) or self._indent(line) > indent:
                continue
            end = line + 1
            while end < at and not self._is_first(end):
                end += 1
            if self._tokens[line].type == "OPEN_BLOCK" or self._indent(line) < indent:
                return None
            kinds = [token.type for token in self._tokens[line:end]]
            if not _HEADS.isdisjoint(kinds) and kinds[-1] not in _BOUNDARIES:
                return end
            return None
        return None

    def _head(self, at: int) -> int:
        """The token that starts the line of what a { belongs to: itself, where it stands first in its line."""
        if self._is_first(at):
            return at
        before = at - 1
        if before >= self._start and self._tokens[before].type == "CLOSE":
            depth = 0
            while before >= self._start:
                kind = self._tokens[before].type
                if kind in ("OPEN_BLOCK", "CLOSE_BLOCK", "SEMICOLON"):
                    break
                depth += (kind == "CLOSE") - (kind == "OPEN")
                if depth == 0:
                    break
                before -= 1
        return self._begins[max(before - self._start, 0)]

    def _is_first(self, at: int) -> bool:
        return self._first[at - self._start]

    def _indent(self, at: int) -> int:
        """How far the line of this token is indented."""
        span = self._tokens[at].span
        key = (id(span.source), span.line)
        if key not in self._indents:
            line = span.source.lines[span.line - 1]
            self._indents[key] = len(line[: len(line) - len(line.lstrip())].expandtabs(_TAB))
        return self._indents[key]
