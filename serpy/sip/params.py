"""Lists and parameters inside header values: split where neither quotes nor angle brackets hide the separator."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A quoted string or bracket that is never closed runs to the end, so that one pass over the text suffices.
_QUOTED = rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_COMMA = re.compile(_QUOTED + rb"|<[^>]*+>?|,", re.DOTALL)
_SEMICOLON = re.compile(_QUOTED + rb"|<[^>]*+>?|;", re.DOTALL)
_CLOSED_QUOTE = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def _pieces(text: bytes, separator: re.Pattern[bytes]) -> Iterator[bytes]:
    start = 0
    for found in separator.finditer(text):
        end = found.end()
        if end - found.start() == 1 and text[end - 1] in b",;":
            yield text[start : end - 1]
            start = end
    yield text[start:]


def split_list(text: bytes) -> list[bytes]:
    """The comma-separated values of a header, stripped; empty ones are left out (RFC 3261 7.3.1, leniently)."""
    pieces = _pieces(text, _COMMA) if b'"' in text or b"<" in text else text.split(b",")
    return [piece for piece in map(bytes.strip, pieces) if piece]


def split_params(params: bytes) -> list[bytes]:
    """The parameters of a text like `tag=1;x="a;b"`, neither stripped nor filtered."""
    if b'"' in params or b"<" in params:
        return list(_pieces(params, _SEMICOLON))
    return params.split(b";")


def find_param(params: bytes, name: bytes) -> bytes | None:
    """The value of the first parameter of this (lower-case) name, as written with its quotes.

    b"" for a parameter without a value; None when there is none.
    """
    if not params:
        return None
    for piece in split_params(params):
        key, _, value = piece.partition(b"=")
        if key.strip().lower() == name:
            return value.strip()
    return None


def quoted_end(text: bytes, at: int, end: int | None = None) -> int:
    """The offset behind the quoted string that begins at `at`; -1 when it is not closed before `end`."""
    found = _CLOSED_QUOTE.match(text, at, len(text) if end is None else end)
    return found.end() if found else -1
