"""The text of a script, and places in it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import NamedTuple


class Source:
    """One file of a script. Octets that are not UTF-8 survive as surrogate escapes."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.text = data.decode("utf-8", "surrogateescape")

    @classmethod
    def read(cls, path: Path | str) -> Source:
        """The file's content.

        Raises:
            OSError
        """
        return cls(str(path), Path(path).read_bytes())

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends. Lines end with LF alone, as the lexer counts them."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    def span(self, start: int, end: int) -> Span:
        """The place of text[start:end]."""
        line = self.text.count("\n", 0, start)
        column = start - self.text.rfind("\n", 0, start)
        end_line = line + self.text.count("\n", start, end)
        end_column = end - self.text.rfind("\n", 0, end)
        return Span(self, line + 1, column, end_line + 1, end_column)

    def offset(self, line: int, column: int) -> int:
        """Where in the text a line and column are."""
        return sum(len(each) + 1 for each in self.text.split("\n")[: line - 1]) + column - 1

    def __repr__(self) -> str:
        return f"Source({self.path!r})"


class Span(NamedTuple):
    """A stretch of a script; lines and columns count from 1, in characters; the end is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """From the start of this one to the end of the other."""
        return Span(self.source, self.line, self.column, other.end_line, other.end_column)

    @property
    def end(self) -> Span:
        """The empty stretch behind this one."""
        return Span(self.source, self.end_line, self.end_column, self.end_line, self.end_column)

    def __str__(self) -> str:
        return f"{self.source.path}:{self.line}:{self.column}"
