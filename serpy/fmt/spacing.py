"""Where a blank stands between two pieces of one line."""

from __future__ import annotations

from .pieces import Piece

GLUED_BEFORE = frozenset({"COMMA", "SEMICOLON", "CLOSE", "CLOSE_INDEX", "COLON"})
_GLUED_AFTER = frozenset({"OPEN", "OPEN_INDEX", "CAST"})
CALLS = frozenset({"ID", "PARAM", "ROUTE", "LOADMODULE", "MODPARAM", "DEFINED"})
"""What an opening parenthesis follows at once."""
_AS_WRITTEN = frozenset({"STRANGE", "OPEN_STRING", "OPEN_COMMENT"})
_REFERENCES = frozenset({"VARIABLE", "ATTRIBUTE", "SELECT", "WORD", "NETWORK", "NUMBER"})


def is_spaced(before: Piece, piece: Piece, *, prefix: bool, top: bool, socket: bool, empty: bool) -> bool:
    """Whether a blank goes between two neighbours.

    Args:
        prefix: the one before is an operator before its operand, such as a minus.
        top: they are part of a global parameter or its like.
        socket: they are part of the description of a socket.
        empty: nothing stands in the parentheses that open here.
    """
    kind, first = piece.type, before.type
    if kind in _AS_WRITTEN or first in _AS_WRITTEN:
        return before.end < piece.start
    if kind in GLUED_BEFORE or first in _GLUED_AFTER:
        # ( int ) without its blanks is another word: a cast
        return kind == "CLOSE" and piece.text == ")" and before.text in ("int", "str") and before.end < piece.start
    if kind == "OPEN" and first == "END":
        return not empty
    if first == "NOT":
        return before.text == "not" or (kind == "NOT" and before.end < piece.start)
    if first == "COMMA":
        return True
    if prefix:
        return False
    if kind == "OPEN":
        if first in CALLS:
            return False
        return first not in _REFERENCES or before.end < piece.start
    if kind == "OPEN_INDEX":
        return first not in ("ROUTE", "EVENT_ROUTE") and before.end < piece.start
    if top:
        if first == "EQUALS":
            return kind == "TILDE"
        if kind == "EQUALS" or first == "COLON":
            return False
        if kind in ("MINUS", "SLASH", "STAR") or first in ("SLASH", "STAR"):
            return before.end < piece.start
    if socket and "MINUS" in (kind, first):
        return before.end < piece.start
    if kind == "STRING" and first in ("ID", "NUMBER"):
        return before.end < piece.start
    return True
