"""A script's text in pieces: every lexeme, with what stood between it and the one before."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from ..cfg.lexemes import Flavour, Lexeme, scan

BRANCHING = re.compile(r"^[ \t]*[#!]!(?:ifn?def|ifexp|else|endif)(?![A-Za-z0-9_])", re.MULTILINE)
_INCLUDE = re.compile(r"^(\w+)[ \t]*")
_LONG = frozenset({"STRING", "OPEN_STRING", "COMMENT", "OPEN_COMMENT"})


class Piece(NamedTuple):
    """A lexeme of the script. Its type is the lexeme's, or RAW: a branch of `#!ifdef` that is no code."""

    type: str
    text: str
    start: int
    end: int
    breaks: int
    """How many lines ended since the piece before."""


def pieces_of(text: str, flavour: Flavour) -> list[Piece]:
    """All pieces of a script, in their order. Any text has some."""
    found: list[Piece] = []
    end = 1 if text.startswith("\ufeff") else 0  # the mark that some editors put before everything
    lexemes = scan(text, flavour, end)
    branches = _Branches(text)
    depth = 0
    while (lexeme := next(lexemes, None)) is not None:
        kind, at, stop = lexeme
        if branches.open and (inside := _is_no_code(lexeme, depth, branches)):
            # what is switched off may be any text: its apostrophes must not swallow the #!endif
            start, depth = branches.start, branches.depth
            del found[branches.pieces :]
            found.append(Piece("RAW", text[start:inside], start, inside, 1))
            lexemes, end = scan(text, flavour, inside, depth), inside
            continue
        found.append(Piece(kind, text[at:stop], at, stop, text.count("\n", end, at) if at > end else 0))
        end = stop
        if kind == "OPEN_BLOCK":
            depth += 1
        elif kind == "CLOSE_BLOCK":
            depth -= depth > 0
        elif kind == "DIRECTIVE" and BRANCHING.match(found[-1].text):
            depth = branches.turn(found[-1], depth, len(found))
            # how deep it is there decides what some words are
            lexemes = scan(text, flavour, end, depth)
    return found


def directive_text(piece: Piece) -> str:
    """A directive as it is laid out. What stands in a `#!define` may mean something, blanks included."""
    text = piece.text.replace("\r\n", "\n").rstrip()
    return text if text[1:2] == "!" else _INCLUDE.sub(r"\1 ", text)


class _Branches:
    """The `#!ifdef`s that are open, and where the branch that is being read started."""

    def __init__(self, text: str) -> None:
        self.places = [match.start() for match in BRANCHING.finditer(text)]
        """Where their lines start, and those of their `#!else` and `#!endif`."""
        self.open: list[tuple[int, int | None]] = []
        """For each: how many blocks were open there, and at the end of its first branch."""
        self.start = self.depth = self.pieces = 0
        """Of the branch: where its text starts, how many blocks were open, how many pieces there were."""

    def turn(self, directive: Piece, depth: int, pieces: int) -> int:
        """The next branch starts, or the one around goes on; how many blocks are open there."""
        if directive.text.startswith("if", 2):
            self.open.append((depth, None))
        elif self.open:
            start, first = self.open.pop()
            if not directive.text.startswith("endif", 2):
                self.open.append((start, depth if first is None else first))
                depth = start
            elif first is not None:
                depth = first
        self.start, self.depth, self.pieces = directive.end, depth, pieces
        return depth


def _is_no_code(lexeme: Lexeme, depth: int, branches: _Branches) -> int:
    """Where the branch ends that this lexeme shows to be no code: it spans the end, or closes a block that is not open;
    else 0."""
    stray = lexeme.type == "CLOSE_BLOCK" and not depth
    if not stray and lexeme.type not in _LONG:
        return 0
    number = bisect_right(branches.places, lexeme.start)
    place = branches.places[number] if number < len(branches.places) else 0
    return place if stray or place < lexeme.end else 0
