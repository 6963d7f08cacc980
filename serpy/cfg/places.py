"""Places of a script as Python's compiler wants them."""

from __future__ import annotations

import ast
from typing import TypedDict

from .source import Span


class Place(TypedDict):
    """The attributes that every node of Python's `ast` has: lines from 1, columns from 0, in octets of UTF-8."""

    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


def place(span: Span) -> Place:
    """The place of a span."""
    return Place(
        lineno=span.line,
        col_offset=_octets(span, span.line, span.column),
        end_lineno=span.end_line,
        end_col_offset=_octets(span, span.end_line, span.end_column),
    )


def constant(value: int, where: Place) -> ast.expr:
    """A number at this place."""
    return ast.Constant(value, **where)


def name(identifier: str, where: Place) -> ast.expr:
    """The value of a name at this place."""
    return ast.Name(identifier, ast.Load(), **where)


def _octets(span: Span, line: int, column: int) -> int:
    lines = span.source.lines
    text = lines[line - 1] if line <= len(lines) else ""
    return column - 1 if text.isascii() else len(text[: column - 1].encode("utf-8", "surrogateescape"))
