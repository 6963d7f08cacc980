"""The line structure of a message: where its headers begin and end."""

from __future__ import annotations

import re

_EMPTY_LINE = re.compile(rb"\n\r?\n")


def first_line(data: bytes) -> int:
    """The first byte behind leading line ends (RFC 3261 7.5: they are to be ignored)."""
    start = 0
    while data[start : start + 1] in (b"\r", b"\n"):
        start += 1
    return start


def head_bounds(data: bytes, start: int) -> tuple[int, int]:
    """(end of the last header, first byte of the body) of the message whose first line begins at `start`.

    The end of the last header is where the empty line begins; it is -1 when there is no empty line. Lines end with
    CRLF or LF alone, and the first empty line counts, whichever it is.
    """
    found = _EMPTY_LINE.search(data, start)
    return (found.start() + 1, found.end()) if found else (-1, -1)


def unfold(value: bytes) -> bytes:
    """A folded header value on one line (RFC 3261 7.3.1: a line end and blanks count as one blank)."""
    if b"\n" not in value:
        return value
    return b" ".join(line.strip() for line in value.split(b"\n"))
