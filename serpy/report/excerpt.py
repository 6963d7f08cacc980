"""The lines of a file that a finding is about, with marks under its places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ..cfg.source import Source, Span
from .paint import Paint
from .shown import one_line, stretch, width

_TAB = 4
_CUT = "..."


class Mark(NamedTuple):
    """What is to be underlined in a line: characters start to stop, counted from 0."""

    line: int
    start: int
    stop: int
    text: str
    is_main: bool


class _Drawn(NamedTuple):
    """A mark in columns of the screen."""

    left: int
    right: int
    mark: Mark


def mark(span: Span, text: str, is_main: bool) -> Mark:
    """The mark for a place; one that spans lines is marked to the end of its first line."""
    lines = span.source.lines
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    start = span.column - 1
    stop = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    return Mark(span.line, start, max(start + 1, stop), one_line(text), is_main)


def excerpt(source: Source, marks: Sequence[Mark], room: int, gutter: int, paint: Paint) -> Iterator[str]:
    """The marked lines in their order; `room` columns for the text of a line, `gutter` for its number."""
    before = 0
    for number, on_line in groupby(sorted(marks), key=lambda one: one.line):
        line = source.lines[number - 1] if number <= len(source.lines) else ""
        if before and number == before + 2:
            between = source.lines[before]
            yield _numbered(before + 1, _Row(between, 0, min(len(between), room - len(_CUT))).text, gutter, paint)
        elif before and number > before + 1:
            yield paint.dim(f"{_CUT:<{gutter}}")
        before = number
        for low, high, together in _windows(line, list(on_line), room):
            row = _Row(line, low, high)
            yield _numbered(number, row.text, gutter, paint)
            for drawn in _lanes([row.place(one) for one in together]):
                for under in _underline(drawn, paint):
                    yield f"{paint.dim(' ' * gutter + ' |')} {under}".rstrip()


def _numbered(number: int, text: str, gutter: int, paint: Paint) -> str:
    return f"{paint.dim(f'{number:>{gutter}} |')} {text}".rstrip()


def _windows(line: str, marks: list[Mark], room: int) -> Iterator[tuple[int, int, list[Mark]]]:
    """Stretches of a line that fit, each with the marks in it: the whole line where it is short."""
    if len(line) <= room:
        yield 0, len(line), marks
        return
    room -= 2 * len(_CUT)
    while marks:
        first = marks[0].start
        low = 0 if first < room * 2 // 3 else first - room // 3
        high = min(len(line), low + room)
        inside = [one for one in marks if one.start < high] or marks[:1]  # it may stand behind the last character
        yield low, high, inside
        marks = marks[len(inside) :]


class _Row:
    """A stretch of a line on the screen: tabs as blanks, `...` where it is cut."""

    def __init__(self, line: str, low: int, high: int) -> None:
        self._low, self._high = low, high
        at = len(_CUT) if low else 0
        parts = [_CUT if low else ""]
        self._columns = [at]
        """Where each character starts, and where the last one ends."""
        for character in stretch(line, low, high):
            shown = " " * (_TAB - at % _TAB) if character == "\t" else character
            parts.append(shown)
            at += width(shown)
            self._columns.append(at)
        self.text = "".join(parts) + (_CUT if high < len(line) else "")

    def place(self, one: Mark) -> _Drawn:
        """Where a mark stands."""
        start = min(one.start, self._high) - self._low
        stop = min(one.stop, self._high) - self._low
        left = self._columns[start]
        return _Drawn(left, max(left + 1, self._columns[stop]), one)


def _lanes(marks: list[_Drawn]) -> Iterator[list[_Drawn]]:
    """The marks in lines of their own where they overlap; the main one comes first."""
    lanes: list[list[_Drawn]] = []
    for one in sorted(marks, key=lambda drawn: (not drawn.mark.is_main, drawn.left)):
        for lane in lanes:
            if all(one.right < other.left or other.right < one.left for other in lane):
                lane.append(one)
                break
        else:
            lanes.append([one])
    return iter([sorted(lane) for lane in lanes])


def _underline(marks: list[_Drawn], paint: Paint) -> Iterator[str]:
    """The carets of one lane, and what is said about them: the last in its line, the others below, right to left."""
    carets = [(one.left, ("^" if one.mark.is_main else "-") * (one.right - one.left), one.mark) for one in marks]
    last = marks[-1]
    if last.mark.text:
        carets.append((last.right + 1, last.mark.text, last.mark))
    yield _line(carets, paint)
    below = [one for one in marks[:-1] if one.mark.text]
    while below:
        last = below.pop()
        bars = [(one.left, "|", one.mark) for one in below]
        yield _line([*bars, (last.left, last.mark.text, last.mark)], paint)


def _line(pieces: list[tuple[int, str, Mark]], paint: Paint) -> str:
    at = 0
    parts: list[str] = []
    for left, text, one in pieces:
        parts.append(" " * (left - at))
        parts.append(paint.main(text) if one.is_main else paint.dim(text))
        at = left + width(text)
    return "".join(parts)
