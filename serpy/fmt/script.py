"""A script in its canonical layout, once it is sure that it still says the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import NamedTuple

from ..cfg import dialect as dialects
from ..cfg.diagnostics import Diagnostic, ScriptError
from ..cfg.front import read_script
from ..cfg.lexemes import Lexeme, directive, flavour_of, header
from ..cfg.nodes import Choice, Tree
from ..cfg.parse import parse
from ..cfg.preprocess import Preprocessor
from ..cfg.report import Report
from ..cfg.same import difference
from ..cfg.source import Source
from ..dialect import Dialect
from .layout import lay_out
from .pieces import Piece, directive_text, pieces_of

_OF_OTHER_FILES = frozenset({"no-include", "no-environment", "deep-include"})
"""What is wrong around a script, and no reason not to format it."""
_OUTSIDE = frozenset({"COMMENT", "OPEN_COMMENT", "DIRECTIVE", "RAW"})


class NotTheSame(Exception):
    """The canonical layout would say something else: a fault of the formatter, not of the script."""


class _Read(NamedTuple):
    tree: Tree
    choice: Choice


def formatted(source: Source, dialect: Dialect | None, defines: Mapping[str, str], *, verify: bool = True) -> str:
    """The text of a script in its canonical layout; `dialect` is the one that an option asks for.

    Raises:
        ScriptError: it cannot be read.
        NotTheSame
    """
    before = _read_cached(source, dialect, defines)
    flavour = flavour_of(before.choice.dialect, source.text)
    pieces = pieces_of(source.text, flavour)
    text = lay_out(source.text, pieces)
    if verify and text != source.text:
        new = pieces_of(text, flavour)
        _compare_pieces(pieces, new)
        _compare_trees(source, before, text, new, defines)
    return text


def _read_cached(source: Source, dialect: Dialect | None, defines: Mapping[str, str]) -> _Read:
    try:
        front = read_script(source, dialect, Report(), defines)
    except ScriptError as error:
        if any(finding.code not in _OF_OTHER_FILES for finding in _errors(error.diagnostics)):
            raise
        return _read(source, dialect, defines)
    return _Read(front.tree, front.choice)


def _read(source: Source, dialect: Dialect | None, defines: Mapping[str, str]) -> _Read:
    choice = Choice(dialect, "option") if dialect is not None else dialects.declared(source)
    lexemes = None
    if choice is None:
        choice, lexemes = dialects.detect(source)
    return _parse(source, choice, defines, lexemes)


def _parse(source: Source, choice: Choice, defines: Mapping[str, str], lexemes: list[Lexeme] | None) -> _Read:
    reader = Preprocessor(flavour_of(choice.dialect, source.text), defines)
    parsed = parse(source, reader, choice.dialect, lexemes)
    if any(finding.code not in _OF_OTHER_FILES for finding in _errors(parsed.diagnostics)):
        raise ScriptError(parsed.diagnostics)
    return _Read(parsed.tree, choice)


def _lexemes(pieces: list[Piece]) -> list[Lexeme] | None:
    """The lexemes of these pieces, to save reading them again; None where some are of no use to the parser."""
    if any(piece.type == "RAW" for piece in pieces):
        return None
    return [Lexeme(piece.type, piece.start, piece.end) for piece in pieces]


def _errors(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    return (finding for finding in findings if finding.severity == "error")


def _compare_trees(source: Source, before: _Read, text: str, pieces: list[Piece], defines: Mapping[str, str]) -> None:
    """Read the new text, and compare what it says.

    Raises:
        NotTheSame
    """
    new = Source(source.path, text.encode("utf-8", "surrogateescape"))
    # all its words are the same by now, and so is what they tell about the dialect; what starts a line may be another
    if header(text) != header(source.text) or bool(directive(text)) != bool(directive(source.text)):
        raise NotTheSame("the line that names the dialect would move")
    try:
        after = _parse(new, before.choice, defines, _lexemes(pieces))
    except ScriptError as error:
        raise NotTheSame(f"afterwards it does not parse: {error.diagnostics[0].message}") from error
    where = difference(before.tree, after.tree)
    if where is not None:
        raise NotTheSame(where)


def _compare_pieces(first: list[Piece], second: list[Piece]) -> None:
    """Compare the words of two scripts, so that what `#!ifdef` leaves out of the trees is compared too.

    Raises:
        NotTheSame
    """
    theirs = _words(second)
    expected = next(theirs, None)
    for word in _words(first):
        if word == expected:
            expected = next(theirs, None)
        elif word != ";":  # those may be left out
            raise NotTheSame(f"{word!r} would be lost")
    if expected is not None:
        raise NotTheSame(f"{expected!r} would be added")
    for one, other in zip_longest(_outside(first), _outside(second), fillvalue=""):
        if one != other:
            raise NotTheSame(f"{one!r} would become {other!r}")


def _words(pieces: Iterable[Piece]) -> Iterator[str]:
    """The code of a script. A socket is in parts: blanks may stand around its colons."""
    for piece in pieces:
        if piece.type == "WORD" and ":" in piece.text:
            yield from (part for part in re.split(r"[ \t]*(:)[ \t]*", piece.text) if part)
        elif piece.type not in _OUTSIDE:
            yield piece.text


def _outside(pieces: Iterable[Piece]) -> list[str]:
    """Comments and directives, without the blanks at both ends of their lines."""
    return [
        directive_text(piece)
        if piece.type == "DIRECTIVE"
        else "\n".join(line.strip() for line in piece.text.strip().split("\n"))
        for piece in pieces
        if piece.type in _OUTSIDE
    ]
