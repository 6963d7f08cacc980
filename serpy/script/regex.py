"""The regular expressions of scripts: POSIX extended ones, run by RE2, so that no expression can take forever."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Protocol, cast

from ..module import Kind
from .posix import to_re2

MEMORY = 1 << 20
"""The most octets that one compiled expression may take."""
MOST_GROUPS = 500
"""The most groups in parentheses: a search needs memory for each at each place where it may go on."""


class Match(Protocol):
    """Where a pattern was found."""

    def start(self, group: int = 0) -> int: ...

    def end(self, group: int = 0) -> int: ...

    def span(self, group: int = 0) -> tuple[int, int]:
        """(-1, -1) for a group that took no part."""
        ...

    def group(self, group: int = 0) -> bytes | None: ...


class Pattern:
    r"""One compiled expression over bytes, each octet a character (Latin-1).

    It finds what the C library's `regcomp` finds: the leftmost place, and there the longest match. What differs is in
    docs/differences.md (D48): back references, `[.x.]` and `[=x=]` are refused, as is a `)` without its `(`; `\<` and
    `\>` are any boundary of a word; a `{` that begins no repetition is taken as it is. The time of a search grows with
    the text, never with the square of it, whatever the expression is.

    Args:
        text: the expression as the script has it.
        ignore_case: as all of SER's are, except those of `subst` without its flag `i`.
        lines: REG_NEWLINE, as textops has it: `^` and `$` match at line boundaries, `.` and negated sets do not
            match a newline. Without it, as in the core's `=~`, `^` and `$` are the ends of the whole text.
        dot_newline: whether `.` matches a newline; by default where `lines` is off.

    Raises:
        ValueError: what is wrong with the expression.
    """

    __slots__ = ("_compiled", "text")

    def __init__(
        self, text: str, *, ignore_case: bool = True, lines: bool = False, dot_newline: bool | None = None
    ) -> None:
        import re2  # only scripts with a regular expression pay for it

        self.text = text
        dot_newline = not lines if dot_newline is None else dot_newline
        options = re2.Options()
        options.posix_syntax = True
        options.longest_match = True
        options.perl_classes = True
        options.word_boundary = True
        options.case_sensitive = not ignore_case
        options.one_line = not lines
        options.dot_nl = dot_newline
        options.encoding = re2.Options.Encoding.LATIN1
        options.log_errors = False
        options.max_mem = MEMORY
        spelled = to_re2(text, lines=lines and not dot_newline, one_text=not lines).encode("utf-8", "surrogateescape")
        try:
            self._compiled = re2.compile(spelled, options)
        except re2.error as error:
            raise ValueError(_reason(error)) from None
        if self.groups > MOST_GROUPS:
            raise ValueError(f"it has {self.groups} groups in parentheses, and may have {MOST_GROUPS}")

    @property
    def groups(self) -> int:
        """How many groups in parentheses it has."""
        return int(self._compiled.groups)

    def search(self, data: bytes, start: int = 0) -> Match | None:
        """The first place at or after `start`, the longest match there. `^` matches at offset 0 only, or behind a
        newline."""
        return cast("Match | None", self._compiled.search(data, start))

    def finditer(self, data: bytes, start: int = 0) -> Iterator[Match]:
        """All places, from left to right, without overlap; an empty one does not follow another place at once, as in
        sed."""
        end = -1
        for match in cast("Iterator[Match]", self._compiled.finditer(data, start)):
            span = match.span()
            if span != (end, end):  # RE2 itself finds some empty matches twice
                end = span[1]
                yield match

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, bool, bool, bool]:
        options = self._compiled.options
        return self.text, options.case_sensitive, options.one_line, options.dot_nl

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


def _reason(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return str(text) or "it cannot be compiled"


@lru_cache(maxsize=256)
def core_pattern(text: str) -> Pattern:
    """As in `uri =~ "..."`: the whole text is one line."""
    return Pattern(text)


@lru_cache(maxsize=256)
def line_pattern(text: str) -> Pattern:
    """As in textops: the text consists of lines."""
    return Pattern(text, lines=True)


REGEX = Kind("a regular expression", core_pattern)
LINE_REGEX = Kind("a regular expression", line_pattern)

Regex = Annotated[Pattern, REGEX]
"""An argument that is a regular expression over one text (no REG_NEWLINE)."""
LineRegex = Annotated[Pattern, LINE_REGEX]
"""An argument that is a regular expression over a message's lines (REG_NEWLINE), as in textops."""
