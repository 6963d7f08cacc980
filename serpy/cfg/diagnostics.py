"""What is wrong with a script, said to its author: where, what, next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .source import Span

Severity = Literal["error", "warning"]


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
        from ..report.human import render_all  # a script without errors does not need it

        return "\n\n".join(render_all(self.diagnostics, color=False))


def suggest(wrong: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant, or the two that are equally near; "" when none is near."""
    from difflib import get_close_matches  # a script without mistakes does not need it

    low = wrong.lower()[:_LONGEST]
    # the length alone rules out most of them
    shortest, longest = len(low) * _NEAR / (2 - _NEAR), len(low) * (2 - _NEAR) / _NEAR
    by_lower = {word.lower(): word for word in known if shortest <= len(word) <= longest}
    letters = _letters(low)
    near = get_close_matches(low, [word for word in by_lower if _may_be_near(letters, word)], n=2, cutoff=_NEAR)
    swapped = [word for word in near if sorted(word) == sorted(low)]
    if len(swapped) == 1:
        return by_lower[swapped[0]]
    if len(near) == 2 and _nearness(wrong, near[0]) > _nearness(wrong, near[1]):
        near.pop()
    return " or ".join(by_lower[word] for word in sorted(near))


_NEAR = 0.65
_LONGEST = 200


def _may_be_near(letters: frozenset[str], word: str) -> bool:
    """Whether the letters suffice: a script of ten thousand unknown words must not cost ten seconds."""
    others = _letters(word)
    return 2 * len(letters & others) >= _NEAR * (len(letters) + len(others))


@lru_cache(maxsize=2048)
def _letters(word: str) -> frozenset[str]:
    """The letters of a word, each as often as it is there: `a`, and `a1` for the second one."""
    seen: dict[str, int] = {}
    letters = set()
    for letter in word:
        number = seen[letter] = seen.get(letter, -1) + 1
        letters.add(f"{letter}{number}" if number else letter)
    return frozenset(letters)


def _nearness(wrong: str, word: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, wrong.lower()).ratio()


def and_list(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
