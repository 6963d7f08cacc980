"""The small changes that may mend a script where the parser stopped, each with how unlikely it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .mistakes import opens_item
from .preprocess import CodeToken, token
from .spot import Change, in_condition
from .told import keyword_like

_FAR = 40
_WIDE = 2000
_BEHIND_SEMICOLON = frozenset(("CLOSE_BLOCK", "ELSE", "IF", "END", "ROUTE"))
_BEFORE_STRING = frozenset(("OPEN", "COMMA", "LOADMODULE", "EQUALS", "COLON", "SETTING"))
_VALUES = frozenset(("NUMBER", "STRING", "WORD", "MINUS", "NETWORK"))
_BOUNDARIES = frozenset(("SEMICOLON", "OPEN_BLOCK", "CLOSE_BLOCK"))

_PUT = {
    "SEMICOLON": (";", 2),
    "CLOSE": (")", 3),
    "COMMA": (",", 4),
    "EQUALS": ("=", 4),
    "OPERATOR": ("==", 4),
    "CLOSE_INDEX": ("]", 4),
    "OPEN_INDEX": ("[", 5),
    "OPEN": ("(", 5),
    "OPEN_BLOCK": ("{", 5),
    "CLOSE_BLOCK": ("}", 6),
    "COLON": (":", 6),
    "ELSE": ("else", 5),
    "IF": ("if", 6),
    "ROUTE": ("route", 6),
    "LOADMODULE": ("loadmodule", 6),
    "MODPARAM": ("modparam", 6),
    "PARAM": ("name", 6),
    "ID": ("name", 7),
    "STRING": ("text", 7),
    "ROUTE_NAME": ("name", 7),
    "NUMBER": ("0", 8),
    "AND": ("&&", 8),
    "ATTRIBUTE": ("$name", 9),
}
"""What may be missing, and how unlikely that is."""
_OTHER_SIGN = {
    "EQUALS": (("OPERATOR", "=="),),
    "OPERATOR": (("EQUALS", "="),),
    "COMMA": (("SEMICOLON", ";"),),
    "SEMICOLON": (("COMMA", ","), ("COLON", ":"), ("CLOSE", ")")),
    "COLON": (("SEMICOLON", ";"), ("COMMA", ",")),
    "OPEN": (("OPEN_BLOCK", "{"), ("OPEN_INDEX", "[")),
    "CLOSE": (("CLOSE_BLOCK", "}"), ("CLOSE_INDEX", "]")),
    "OPEN_INDEX": (("OPEN", "("),),
    "CLOSE_INDEX": (("CLOSE", ")"),),
    "OPEN_BLOCK": (("OPEN", "("),),
    "CLOSE_BLOCK": (("CLOSE", ")"),),
    "ID": (("STRING", ""), ("PARAM", "")),
    "WORD": (("STRING", ""),),
    "NUMBER": (("STRING", ""),),
}


def made(kind: str, beside: CodeToken) -> CodeToken:
    """A token that may be missing, at the place of another one."""
    return token(kind, _PUT[kind][0], beside.span)


class Changes:
    """The changes that may be meant.

    Args:
        tokens: those of the whole script, the end too; they may change.
        depths: how many blocks are open before each token that was read.
    """

    def __init__(self, tokens: Sequence[CodeToken], depths: Sequence[int], *, is_kamailio: bool) -> None:
        self._tokens = tokens
        self._depths = depths
        self._is_kamailio = is_kamailio

    def at(self, at: int) -> Iterator[tuple[Change, int]]:
        """The changes where the parser stopped at this token, each with its cost."""
        tokens = self._tokens
        for back in (0, 1, 2):
            here = at - back
            if here < 0:
                break
            each = tokens[here]
            before = tokens[here - 1] if here else None
            if here < len(tokens) - 1:
                if before is not None and (each.type, str(each)) == (before.type, str(before)):
                    far = 8 * (each.span.line != before.span.line)
                    yield Change(here, 1, (), "twice"), 1 + back + far
                if back < 2:
                    yield Change(here, 1, ()), 5 + 2 * back + 4 * opens_item(self._tokens, here)
                if word := keyword_like(each):
                    yield (
                        Change(here, 1, (token(word[0], word[1], each.span),), "misspelled"),
                        _unlike(each, word[1]) + back,
                    )
                if here + 1 < len(tokens) - 1:
                    yield Change(here, 2, (tokens[here + 1], each), "swap"), 6 + back - (back == 1)
                if back < 2 and (each.type != "EQUALS" or in_condition(tokens, here)):
                    for kind, text in _OTHER_SIGN.get(each.type, ()):
                        if kind == "STRING" and (before is None or before.type not in _BEFORE_STRING):
                            continue
                        yield Change(here, 1, (token(kind, text or str(each), each.span),), "instead"), 4 + 2 * back
            yield from self._missing(here, back)
        start = self._statement_start(at)
        if at - start > 2 and (word := keyword_like(tokens[start])):
            yield (
                Change(start, 1, (token(word[0], word[1], tokens[start].span),), "misspelled"),
                1 + _unlike(tokens[start], word[1]),
            )
        yield from self._statement(at)

    def _is_alone(self, at: int) -> bool:
        """Whether a word and a value are all that stands in the line."""
        following = self._tokens[min(at + 2, len(self._tokens) - 1)]
        return following.type in ("$END", "SEMICOLON") or following.span.line > self._tokens[at].span.line

    def _missing(self, here: int, back: int) -> Iterator[tuple[Change, int]]:
        """Something put in before this token."""
        tokens = self._tokens
        span = tokens[here].span
        new_line = bool(here) and tokens[here].span.line > tokens[here - 1].span.end_line
        for kind, (text, cost) in _PUT.items():
            if kind == "OPEN_INDEX" and tokens[min(here + 1, len(tokens) - 1)].type != "CLOSE_INDEX":
                continue
            far = 3 * (kind == "SEMICOLON" and not new_line and tokens[here].type not in _BEHIND_SEMICOLON)
            far += 3 * (kind == "EQUALS" and in_condition(tokens, here))
            far -= 2 * (kind in ("LOADMODULE", "MODPARAM") and new_line and not self._depths[here])
            yield Change(here, 0, (token(kind, text, span),)), cost + far + 3 * back
        if back == 0 and self._is_kamailio:
            yield Change(here, 0, (token("DEFAULT", "default", span), token("COLON", ":", span)), "case"), 6
        value = tokens[here + 1].type if here + 1 < len(tokens) else ""
        if (
            back < 2
            and tokens[here].type == "ID"
            and value in _VALUES
            and not self._depths[here]
            and self._is_alone(here)
        ):  # `fork yes`: without the = it is no parameter
            name = token("PARAM", str(tokens[here]), tokens[here].span)
            yield Change(here, 1, (name, made("EQUALS", tokens[here])), "equals"), 4 + back

    def _statement(self, at: int) -> Iterator[tuple[Change, int]]:
        """The statement at this place left out."""
        tokens = self._tokens
        start = self._statement_start(at)
        stop = at
        for cost in (20, 28):
            while stop < len(tokens) - 2 and stop - at < _FAR and not self._ends(stop):
                stop += 1
            yield Change(start, stop + 1 - start, (), "statement"), cost
            if tokens[stop].type == "OPEN_BLOCK" and (behind := self._behind_block(stop)):
                yield Change(start, behind - start, (), "statement"), cost
            if tokens[stop].type != "SEMICOLON":
                yield Change(start, stop - start, (), "statement"), cost
            stop += 1
            if stop >= len(tokens) - 1:
                return

    def _behind_block(self, at: int) -> int:
        """Behind the } of the block that opens here; 0 where it does not close soon."""
        depth = 0
        for here in range(at, min(at + _WIDE, len(self._tokens))):
            kind = self._tokens[here].type
            depth += (kind == "OPEN_BLOCK") - (kind == "CLOSE_BLOCK")
            if depth == 0:
                return here + 1
        return 0

    def _statement_start(self, at: int) -> int:
        start = at
        while start > 0 and at - start < _FAR and not self._ends(start - 1):
            start -= 1
        return start

    def _ends(self, at: int) -> bool:
        """Whether a statement, or an item of one line, ends with this token."""
        following = self._tokens[at + 1]
        return self._tokens[at].type in _BOUNDARIES or opens_item(self._tokens, at + 1) or following.type == "PARAM"


def _unlike(word: str, keyword: str) -> int:
    """Nothing, where only capital letters are what is wrong with it."""
    return 0 if word.lower() == keyword else 2
