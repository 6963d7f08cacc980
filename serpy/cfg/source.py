"""The text of a script, and places in it."""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

LARGEST = 2_000_000
"""The most octets of a script with all that it includes."""


class Source:
    """One file of a script. Octets that are not UTF-8 survive as surrogate escapes.

    Args:
        included_from: the place of the line that includes it; None for the script itself.
    """

    def __init__(self, path: str, data: bytes, included_from: Span | None = None) -> None:
        self.path = path
        self.text = data.decode("utf-8", "surrogateescape")
        self.included_from = included_from

    @classmethod
    def read(cls, path: Path | str) -> Source:
        """The file's content; no more of it than tells that it is too large.

        Raises:
            OSError
        """
        with open(path, "rb") as file:
            return cls(str(path), file.read(LARGEST + 1))

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends. Lines end with LF alone."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    @cached_property
    def starts(self) -> list[int]:
        """Where in the text each line starts."""
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def span(self, start: int, end: int) -> Span:
        """The place of text[start:end]."""
        starts = self.starts
        line = bisect_right(starts, start)
        begin = starts[line - 1]
        if line == len(starts) or end < starts[line]:
            return Span(self, line, start - begin + 1, line, end - begin + 1)
        end_line = bisect_right(starts, end)
        return Span(self, line, start - begin + 1, end_line, end - starts[end_line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Where in the text a line and column are."""
        return self.starts[line - 1] + column - 1

    def __repr__(self) -> str:
        return f"Source({self.path!r})"


def read_included(path: str) -> bytes:
    """The octets of an included file; no more of them than tell that it is too large.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no file: a FIFO would wait, a device would never end.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is not a file")
    with open(path, "rb") as file:
        return file.read(LARGEST + 1)


class Span(NamedTuple):
    """A stretch of a script; lines and columns count from 1, in characters; the end is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """From the start of this one to the end of the other; this one alone where they are in different files."""
        if other.source is not self.source or other[3:] < self[3:]:
            return self
        return Span(self.source, self.line, self.column, other.end_line, other.end_column)

    @property
    def end(self) -> Span:
        """The empty stretch behind this one."""
        return Span(self.source, self.end_line, self.end_column, self.end_line, self.end_column)

    def __str__(self) -> str:
        return f"{self.source.path}:{self.line}:{self.column}"
