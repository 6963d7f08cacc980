"""What is wrong with a script, said to its author: where, what, next step."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from .source import Span

Severity = Literal["error", "warning"]

_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "dim": "\x1b[34m", "off": "\x1b[0m"}


@dataclass(frozen=True, slots=True)
class Label:
    """A further place that belongs to the story."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding."""

    severity: Severity
    code: str
    """A word for it that stays the same over versions: `unknown-command`."""
    span: Span
    message: str
    hint: str = ""
    """The next step."""
    labels: tuple[Label, ...] = ()


class ScriptError(Exception):
    """The script cannot be run; `diagnostics` says why (warnings among them)."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = list(diagnostics)

    def __str__(self) -> str:
        return "\n".join(render(diagnostic, color=False) for diagnostic in self.diagnostics)


_PASSWORD = re.compile(r"""(\w:/+[^\s:@/"']*:|(?<!\w)(?!sips?:|tel:)[\w.%+-]+:(?!/))([^\s"']+)(?=@)""")
"""The password in a database URL, also where its scheme is damaged or missing: excerpts end in logs and bug reports.
What stands before an @ in a SIP URI is a user, not a password."""


def render(diagnostic: Diagnostic, *, color: bool) -> str:
    """The finding for a terminal: place and message, the lines with a caret under the place, the next step."""
    paint = _COLORS if color else dict.fromkeys(_COLORS, "")
    head = (
        f"{paint['bold']}{diagnostic.span}: {paint[diagnostic.severity]}{diagnostic.severity}:"
        f"{paint['off']}{paint['bold']} {diagnostic.message}{paint['off']}"
    )
    places = [
        (diagnostic.span, "", diagnostic.severity),
        *((label.span, label.text, "dim") for label in diagnostic.labels),
    ]
    width = len(str(max(span.line for span, _, _ in places)))
    parts = [head]
    for span, text, tone in places:
        parts.extend(_excerpt(span, text, width, paint["dim"], paint[tone], paint["off"]))
    if diagnostic.hint:
        parts.append(f"{' ' * width} {paint['dim']}={paint['off']} help: {diagnostic.hint}")
    return "\n".join(parts)


def _excerpt(span: Span, text: str, width: int, dim: str, tone: str, off: str) -> Iterable[str]:
    lines = span.source.lines
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    # tabs and wide characters: what stands before the caret must be as wide on the screen as in the excerpt
    before = line[: span.column - 1]
    marked = line[span.column - 1 : span.end_column - 1 if span.end_line == span.line else None]
    pad = "".join("\t" if character == "\t" else " " * _width(character) for character in before)
    caret = "^" * max(1, sum(_width(character) for character in marked.rstrip()))
    shown = "".join(character if character == "\t" or character.isprintable() else "\ufffd" for character in line)
    shown = _PASSWORD.sub(lambda found: found[1] + "*" * len(found[2]), shown)
    yield f"{dim}{span.line:>{width}} |{off} {shown}"
    yield f"{dim}{' ' * width} |{off} {pad}{tone}{caret}{' ' + text if text else ''}{off}"


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def suggest(wrong: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant, or the two that are equally near; "" when none is near."""
    from difflib import get_close_matches  # a script without mistakes does not need it

    by_lower = {word.lower(): word for word in known}
    near = get_close_matches(wrong.lower(), by_lower, n=2, cutoff=0.65)
    swapped = [word for word in near if sorted(word) == sorted(wrong.lower())]
    if len(swapped) == 1:
        return by_lower[swapped[0]]
    if len(near) == 2 and _nearness(wrong, near[0]) > _nearness(wrong, near[1]):
        near.pop()
    return " or ".join(by_lower[word] for word in sorted(near))


def _nearness(wrong: str, word: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, wrong.lower()).ratio()


def and_list(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
