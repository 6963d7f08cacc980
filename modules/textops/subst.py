r"""The sed-like argument of `subst`: `/expression/replacement/flags`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from ...module import Kind
from ...script.regex import Match, Pattern

_ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}
URI = -1
r"""The part of a replacement that `\u` stands for: the current Request-URI."""


@dataclass(frozen=True, slots=True)
class Subst:
    """One substitution, ready to run."""

    pattern: Pattern
    replacement: tuple[bytes | int, ...]
    """Literal bytes, numbers of groups, and `URI`."""
    every: bool
    """Flag `g`: all places, not the first alone."""

    def changes(self, text: bytes, uri: bytes) -> Iterator[tuple[int, int, bytes]]:
        """(start, end, new text) of each place to change."""
        for found in self.pattern.finditer(text):
            yield *found.span(), self._expand(found, uri)
            if not self.every:
                return

    def apply(self, text: bytes, uri: bytes) -> bytes | None:
        """The changed text; None when nothing matches."""
        pieces: list[bytes] = []
        position = 0
        for start, end, new in self.changes(text, uri):
            pieces += (text[position:start], new)
            position = end
        return b"".join((*pieces, text[position:])) if pieces else None

    def _expand(self, found: Match, uri: bytes) -> bytes:
        parts = (
            part if isinstance(part, bytes) else uri if part == URI else found.group(part) or b""
            for part in self.replacement
        )
        return b"".join(parts)


def parse_subst(text: str) -> Subst:
    r"""Read `/expression/replacement/flags`; the first character is the delimiter, `\` hides it.

    Raises:
        ValueError: what is wrong with it.
    """
    if len(text) < 3:
        raise ValueError(f"{text!r} is not of the form /expression/replacement/flags")
    delimiter = text[0]
    expression, at = _until(text, 1, delimiter)
    replacement, at = _until(text, at, delimiter)
    flags = text[at:].strip()
    unknown = set(flags) - set("igs")
    if unknown:
        raise ValueError(f"{min(unknown)!r} is not a flag of a substitution: those are i, g and s")
    if not expression:
        raise ValueError("the expression is empty")
    # `\/` means the delimiter itself, which has no meaning of its own in expressions unless it is special there
    pattern = Pattern(expression, ignore_case="i" in flags, lines="s" not in flags)
    return Subst(pattern, _parse_replacement(replacement, delimiter, pattern.groups), "g" in flags)


def _until(text: str, at: int, delimiter: str) -> tuple[str, int]:
    start = at
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == delimiter:
            return text[start:at], at + 1
        else:
            at += 1
    raise ValueError(f"a {delimiter!r} is missing in {text!r}: write {delimiter}expression{delimiter}text{delimiter}")


def _parse_replacement(text: str, delimiter: str, groups: int) -> tuple[bytes | int, ...]:
    parts: list[bytes | int] = []
    at = 0
    while at < len(text):
        if text[at] != "\\":
            end = text.find("\\", at)
            end = len(text) if end < 0 else end
            parts.append(text[at:end].encode("utf-8", "surrogateescape"))
            at = end
            continue
        escaped = text[at + 1]  # `_until` has seen to it that something follows
        if escaped.isdigit():
            if int(escaped) > groups:
                raise ValueError(f"\\{escaped} is used, but the expression has {groups} groups in parentheses")
            parts.append(int(escaped))
        elif escaped == "u":
            parts.append(URI)
        elif escaped == delimiter:
            parts.append(delimiter.encode())
        elif escaped in _ESCAPES:
            parts.append(_ESCAPES[escaped])
        else:
            raise ValueError(f"\\{escaped} has no meaning in a replacement")
        at += 2
    return tuple(parts)


Substitution = Annotated[Subst, Kind("a substitution such as /expression/text/", parse_subst)]
"""An argument of the form /expression/replacement/flags."""
