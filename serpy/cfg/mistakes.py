"""What is said where the parser stops: the usual mistakes by their examples (grammar/mistakes.toml), else what stands
there and what could."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from .diagnostics import Diagnostic, Label, and_list
from .lexemes import KAMAILIO, SER
from .lookahead import lookahead
from .preprocess import CodeToken, Preprocessor, token
from .source import Source, Span
from .spot import Change, in_condition
from .told import found_words, quoted

ITEMS = frozenset(("LOADMODULE", "MODPARAM", "ROUTE", "EVENT_ROUTE"))
"""The words that open an item and stand nowhere else at the start of a line."""


class Mistake(NamedTuple):
    """A usual mistake."""

    code: str
    message: str
    hint: str
    is_behind: bool
    """Its place is behind what stands before."""
    is_sure: bool
    """It is what matters in its place, whatever would mend it."""


class Place(NamedTuple):
    """Where the parser stopped."""

    token: CodeToken
    before: CodeToken | None
    long_strings: Sequence[Span]
    """The strings that span lines."""
    in_condition: bool


def opens_item(tokens: Sequence[CodeToken], at: int) -> bool:
    """Whether an item begins with the token at this index: one of those words at the very start of its line."""
    each = tokens[at]
    if each.type not in ITEMS or each.span.column != 1:
        return False
    return each.type != "ROUTE" or tokens[at + 1].type != "OPEN"  # a call that is not indented


_SURE = frozenset(("twice", "swap", "misspelled", "equals"))
_SIGNS = frozenset(("SEMICOLON", "COMMA", "OPEN", "CLOSE", "OPEN_INDEX", "CLOSE_INDEX", "OPEN_BLOCK", "CLOSE_BLOCK"))


def says_more(change: Change) -> bool:
    """Whether what a change tells is more than what is known of the place."""
    kinds = [each.type for each in change.put]
    return change.how in _SURE or (change.how == "instead" and kinds == ["OPERATOR"])


def is_about_signs(change: Change, tokens: Sequence[CodeToken]) -> bool:
    """Whether it puts in, or takes out, one of the signs that hold a script together."""
    if change.how:
        return False
    kinds = [each.type for each in change.put or tokens[change.at : change.at + change.removed]]
    return len(kinds) == 1 and kinds[0] in _SIGNS


class Known(NamedTuple):
    """What is known about a place."""

    finding: Diagnostic
    is_sure: bool = False
    """It is what matters there, whatever would mend it."""


def explain(state: int, place: Place, accepted: Iterable[str]) -> Known:
    """What is known about the place where the parser stopped.

    Args:
        state: the parser's.
        accepted: the types of tokens that could stand there.
    """
    token = place.token
    found = found_words(token)
    mistake = known_mistakes().get((state, token.type, place.in_condition))
    labels = _long_string_before(place)
    if mistake is not None:
        if mistake.code == "statement-outside" and token.type == "OPEN" and place.before is not None:
            token = place.before  # the command's name was taken for a value
            found = found_words(token)
        behind = place.before if mistake.is_behind else None
        if behind is not None and behind.span.end_line == token.span.line:
            behind = None
        span = token.span if behind is None else behind.span.end
        message = mistake.message.replace("{found}", found)
        return Known(Diagnostic("error", mistake.code, span, message, mistake.hint, labels), mistake.is_sure)
    words = terminal_words()
    expected = sorted({words.get(name, name) for name in accepted})
    listed = and_list([quoted(word) for word in expected]) if len(expected) <= 6 else ""
    hint = f"expected here: {listed}" if listed else "look at what stands before it"
    return Known(Diagnostic("error", "syntax", token.span, f"{found} cannot stand here", hint, labels))


def _long_string_before(place: Place) -> tuple[Label, ...]:
    # a quote left out turns code into string and string into code: the error shows up at its end
    at = place.token.span
    for each in place.long_strings:
        if each.source is at.source and (each.end_line, each.end_column) <= at[1:3] and at.line - each.end_line <= 1:
            start = Span(each.source, each.line, each.column, each.line, each.column + 1)
            return (Label(start, "a string that spans lines starts here: is its end missing?"),)
    return ()


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("serpy.grammar").joinpath("mistakes.toml").read_text("utf-8"))


def terminal_words() -> dict[str, str]:
    """What terminals are called."""
    words: dict[str, str] = _data()["words"]
    return words


@cache
def known_mistakes() -> dict[tuple[int, str, bool], Mistake]:
    """The usual mistakes by where the parser stops in their examples: its state, the type of the token, and whether
    that stands in a condition."""
    found: dict[tuple[int, str, bool], Mistake] = {}
    for entry in _data()["mistake"]:
        mistake = Mistake(
            entry["code"], entry["message"], entry["hint"], entry.get("behind", False), entry.get("sure", False)
        )
        for example in entry["examples"]:
            found.setdefault(_stop(example, entry.get("kamailio", False)), mistake)
    return found


def _stop(example: str, is_kamailio: bool) -> tuple[int, str, bool]:
    """Where the parser stops in a wrong script."""
    source = Source("example", example.encode())
    ahead = lookahead()
    stack = ahead.start
    end = token("$END", "", source.span(0, 0))
    tokens = [*Preprocessor(KAMAILIO if is_kamailio else SER, {}).tokens(source), end]
    for at, each in enumerate(tokens):
        further = ahead.step(stack, each.type)
        if further is None:
            return ahead.stuck(stack, each.type), each.type, in_condition(tokens, at)
        stack = further
    raise ValueError(f"the example {example!r} is not wrong")


__all__ = [
    "ITEMS",
    "Place",
    "explain",
    "is_about_signs",
    "known_mistakes",
    "says_more",
    "terminal_words",
]
