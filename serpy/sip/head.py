"""The headers of a message, found on demand in its bytes.

Nothing is indexed: a header is looked for in its usual spelling first, which costs one `find`; only when that fails
by a pattern that knows every case, compact forms, blanks before the colon and line ends without CR. So when a header
that may stand once is there twice in different spellings, `header` answers the usually spelled one; repeated in one
spelling, the first one. `fields` knows all of them in order.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .lines import unfold
from .via import end_of_field

COMPACT = {
    b"a": b"accept-contact",
    b"b": b"referred-by",
    b"c": b"content-type",
    b"d": b"request-disposition",
    b"e": b"content-encoding",
    b"f": b"from",
    b"i": b"call-id",
    b"j": b"reject-contact",
    b"k": b"supported",
    b"l": b"content-length",
    b"m": b"contact",
    b"o": b"event",
    b"r": b"refer-to",
    b"s": b"subject",
    b"t": b"to",
    b"u": b"allow-events",
    b"v": b"via",
    b"x": b"session-expires",
    b"y": b"identity",
}
"""The compact forms of header names that IANA lists."""

_ONE_LETTER = {name: letter for letter, name in COMPACT.items()}
_ODDLY_SPELLED = {b"call-id": b"Call-ID", b"cseq": b"CSeq", b"www-authenticate": b"WWW-Authenticate"}


class Field(NamedTuple):
    """One header as it stands in the message: `data[start:end]` is all of it with its line ends."""

    name: bytes
    """In lower case, a compact form spelled out; b"" for a line without a colon."""
    start: int
    value_start: int
    value_end: int
    end: int


class _Search(NamedTuple):
    usual: bytes
    length: int
    any: re.Pattern[bytes]


@lru_cache(256)
def _make_search(name: bytes) -> _Search:
    usual = _ODDLY_SPELLED.get(name) or b"-".join(word.capitalize() for word in name.split(b"-"))
    letter = _ONE_LETTER.get(name)
    names = re.escape(name) + (b"|" + letter if letter else b"")
    return _Search(b"\n%b:" % usual, len(usual) + 2, re.compile(rb"\n(?:%b)[ \t]*+:" % names, re.IGNORECASE))


_SEARCHES = {
    name: _make_search(name)
    for name in (
        *(b"via", b"from", b"to", b"call-id", b"cseq", b"contact", b"max-forwards", b"route", b"record-route"),
        *(b"content-length", b"content-type", b"expires", b"user-agent", b"date", b"authorization"),
    )
}


class Head:
    """The headers of a message.

    `data[head_end]` begins the empty line behind them; a message without one must be given one.
    """

    __slots__ = ("body_at", "data", "head_end", "start")

    def __init__(self, data: bytes, start: int, head_end: int, body_at: int) -> None:
        self.data = data
        self.start = start
        """Where the first line begins, behind leading line ends."""
        self.head_end = head_end
        """The offset behind the last header's line end."""
        self.body_at = body_at

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header of this name, stripped and unfolded; None when there is none.

        `name` is in lower case and not compact: `call-id`.
        """
        usual, length, pattern = _SEARCHES.get(name) or _make_search(name)
        data = self.data
        at = data.find(usual, self.start, self.head_end)
        if at >= 0:
            at += length
        else:
            found = pattern.search(data, self.start, self.head_end)
            if found is None:
                return None
            at = found.end()
        end = data.find(b"\n", at)
        # below the letters: a blank, or the empty line
        if data[end + 1] <= 0x20 and data[end + 1] in b" \t":
            return unfold(data[at : end_of_field(data, at)].strip())
        return data[at:end].strip()

    def field(self, name: bytes) -> Field | None:
        """Where the header stands that `header` reads."""
        usual, length, pattern = _SEARCHES.get(name) or _make_search(name)
        at = self.data.find(usual, self.start, self.head_end)
        if at >= 0:
            return self._field(name, at + 1, at + length)
        found = pattern.search(self.data, self.start, self.head_end)
        return None if found is None else self._field(name, found.start() + 1, found.end())

    def fields(self, name: bytes) -> list[Field]:
        """All headers of this name in order."""
        search = _SEARCHES.get(name) or _make_search(name)
        return [
            self._field(name, found.start() + 1, found.end())
            for found in search.any.finditer(self.data, self.start, self.head_end)
        ]

    def next_field(self, name: bytes, at: int) -> Field | None:
        """The first header of this name that begins at `at`, which is where a line begins, or behind it."""
        search = _SEARCHES.get(name) or _make_search(name)
        found = search.any.search(self.data, at - 1, self.head_end)
        return None if found is None else self._field(name, found.start() + 1, found.end())

    def values(self, name: bytes) -> list[bytes]:
        """The values of all headers of this name in order, stripped and unfolded."""
        data = self.data
        return [unfold(data[field.value_start : field.value_end]) for field in self.fields(name)]

    def all_fields(self) -> list[Field]:
        """All headers in order."""
        data, head_end = self.data, self.head_end
        fields: list[Field] = []
        start = data.index(b"\n", self.start) + 1
        while start < head_end:
            end = end_of_field(data, start)
            colon = data.find(b":", start, data.index(b"\n", start))
            name = data[start:colon].rstrip(b" \t").lower() if colon >= 0 else b""
            fields.append(self._field(COMPACT.get(name, name), start, colon + 1 if colon >= 0 else start))
            start = end
        return fields

    def _field(self, name: bytes, start: int, at: int) -> Field:
        data = self.data
        end = end_of_field(data, at)
        text = data[at:end]
        value = text.strip()
        value_start = at + text.find(value) if value else at
        return Field(name, start, value_start, value_start + len(value), end)
