"""What is said where the parser stops: the usual mistakes by their examples (grammar/mistakes.toml), else what stands
there and what could."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from .diagnostics import Diagnostic, Label, and_list
from .grammar import grammar
from .nodes import Tree
from .preprocess import Code, strip
from .source import Source, Span

_SEMICOLON = "_SEMICOLON"
_ITEM = re.compile(r"(?:loadmodule|modparam|route|failure_route|onreply_route|branch_route|onsend_route)\b")
_QUOTED = frozenset("{}()[];,=:/*")


class Mistake(NamedTuple):
    """A usual mistake."""

    code: str
    message: str
    hint: str


class Reader:
    """Reads one script, from here or there, and notes what is wrong."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.diagnostics: list[Diagnostic] = []
        self.stopped_at = 0

    def read(self, code: Code) -> Tree | None:
        """The tree of this (remaining) code; None when the parser stopped, at `stopped_at`."""
        try:
            return grammar().parse(code, self._goes_on)
        except UnexpectedInput as error:
            self.stopped_at = _place(error, code)
            self.diagnostics.append(_explain(error, code))
            return None

    def _goes_on(self, error: UnexpectedInput) -> bool:
        """A missing semicolon is noted, and put in its place."""
        if not isinstance(error, UnexpectedToken):
            return False
        parser: Any = error.interactive_parser  # lark gives its methods no types
        if _SEMICOLON not in parser.accepts() or error.token.type == "$END":
            return False
        with_it = parser.copy()
        with_it.feed_token(Token(_SEMICOLON, ";"))
        if error.token.type not in with_it.accepts():
            return False
        at = len(self.code.text[: _place(error, self.code)].rstrip())
        span = self.code.source.span(at, at)
        self.diagnostics.append(
            Diagnostic("error", "missing-semicolon", span, "a ; is missing here", "end each command with ;")
        )
        parser.feed_token(Token(_SEMICOLON, ";"))
        parser.feed_token(error.token)
        return True


def _place(error: UnexpectedInput, code: Code) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(code.text)
    return error.pos_in_stream or 0


def _explain(error: UnexpectedInput, code: Code) -> Diagnostic:
    if isinstance(error, UnexpectedCharacters):
        at = _place(error, code)
        return _strange_character(code, at)
    assert isinstance(error, UnexpectedToken)
    at = _place(error, code)
    opened = _open_brace(code, at)
    opener = _opener(error.token, code, at)
    if opened is not None and opener is not None:
        return _open_block(code, opener, opened)
    span = code.source.span(at, at + (0 if error.token.type == "$END" else len(error.token)))
    found = found_words(error.token)
    mistake = known_mistakes().get((error.state.position, error.token.type))
    if mistake is not None:
        labels = _long_string_before(code, at)
        return Diagnostic("error", mistake.code, span, mistake.message.replace("{found}", found), mistake.hint, labels)
    words = terminal_words()
    parser: Any = error.interactive_parser
    accepted: set[str] = parser.accepts()
    expected = sorted({words.get(name, name) for name in accepted})
    listed = and_list([quoted(word) for word in expected]) if len(expected) <= 6 else ""
    return Diagnostic(
        "error",
        "syntax",
        span,
        f"{found} cannot stand here",
        f"expected here: {listed}" if listed else "look at what stands before it",
        _long_string_before(code, at),
    )


def _strange_character(code: Code, at: int) -> Diagnostic:
    character = code.source.text[at]
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    hint = {
        "$": "variables come with a later version of serpy",
        "@": "selects come with a later version of serpy",
        "\u201c": 'use the plain quote "',
        "\u201d": 'use the plain quote "',
    }.get(character, "remove it, or put the text in quotes")
    return Diagnostic(
        "error", "character", code.source.span(at, at + 1), f"the character {shown} has no meaning here", hint
    )


def _open_brace(code: Code, end: int) -> int | None:
    """The outermost brace that is open at this place."""
    opened: list[int] = []
    for at, character in enumerate(code.text[:end]):
        if character == "{":
            opened.append(at)
        elif character == "}" and opened:
            opened.pop()
    return opened[0] if opened else None


def _opener(token: Token, code: Code, at: int) -> Span | None:
    """The word at this place, or just before it, that opens an item at the start of a line; the file's end too."""
    if token.type == "$END":
        end = len(code.text.rstrip())
        return code.source.span(end, end)
    start = code.text.rfind("\n", 0, at) + 1
    match = _ITEM.match(code.text, start)
    return code.source.span(*match.span()) if match and at in (start, match.end()) else None


def _open_block(code: Code, opener: Span, opened: int) -> Diagnostic:
    line = code.source.span(opened, opened).line
    word = code.source.lines[opener.line - 1][opener.column - 1 : opener.end_column - 1]
    return Diagnostic(
        "error",
        "missing-brace",
        opener,
        f"a }} is missing before {word or 'the end of the file'}: the block that starts at line {line} is not closed",
        "close it with }",
        (Label(code.source.span(opened, opened + 1), "this block, or one inside it"),),
    )


def _long_string_before(code: Code, at: int) -> tuple[Label, ...]:
    # a quote left out turns code into string and string into code: the error shows up at its end
    for start, end in code.long_strings:
        if end <= at and code.text.count("\n", end, at) <= 1:
            return (
                Label(code.source.span(start, start + 1), "a string that spans lines starts here: is its end missing?"),
            )
    return ()


def quoted(word: str) -> str:
    """A sign with quotes of its own kind, so that it is seen as one."""
    return f"'{word}'" if len(word) == 1 and word in _QUOTED else word


def found_words(token: Token) -> str:
    """What stands there, for people."""
    if token.type == "$END":
        return "the end of the file"
    if token.type == "STRING":
        return "a string"
    return f"'{token}'"


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("serpy.grammar").joinpath("mistakes.toml").read_text("utf-8"))


def terminal_words() -> dict[str, str]:
    """What terminals are called."""
    words: dict[str, str] = _data()["words"]
    return words


@cache
def known_mistakes() -> dict[tuple[int, str], Mistake]:
    """The usual mistakes by where the parser stops in their examples: (state, type of the token)."""
    found: dict[tuple[int, str], Mistake] = {}
    for entry in _data()["mistake"]:
        mistake = Mistake(entry["code"], entry["message"], entry["hint"])
        for example in entry["examples"]:
            try:
                grammar().parse(strip(Source("example", example.encode()), None))
            except UnexpectedToken as error:
                found.setdefault((error.state.position, error.token.type), mistake)
            else:
                raise ValueError(f"the example {example!r} of {mistake.code} is not wrong")
    return found


__all__ = ["Reader", "Span", "found_words", "known_mistakes"]
