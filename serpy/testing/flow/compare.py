"""What was recorded against what happens: templates, and the merge that keeps what still fits.

A recorded line may hold `<name>` (any text, the same wherever the name stands), `<*>` (the rest of the line) and
`<~regex>` (what the regular expression matches).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .document import Block, FlowError

MARK = re.compile(r"<(?:(\*)|~([^>]*)|([A-Za-z_][\w-]*))>")
"""A template in a recorded line."""
_NAME = re.compile(r"<([A-Za-z_][\w-]*)>")
MANY = 400_000
"""The most pairs of lines that are compared to find the best alignment."""


@dataclass(slots=True)
class Names:
    """The names of a flow's templates, with what they stand for."""

    bound: dict[str, str] = field(default_factory=dict)
    bound_at: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def put_in(self, text: str) -> str:
        """The text of a typed line with its known names replaced."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name not in self.bound:
                return found[0]
            self.used.add(name)
            return self.bound[name]

        return _NAME.sub(value, text) if "<" in text else text

    def fits(self, recorded: str, line: str, number: int) -> bool:
        """Whether what happened fits a recorded line; binds nothing."""
        return _same(recorded, line) or self._match(recorded, line, number) is not None

    def bind(self, recorded: str, line: str, number: int) -> bool:
        """The same, and its names are bound."""
        if _same(recorded, line):
            return True
        found = self._match(recorded, line, number)
        if found is None:
            return False
        for name, value in found.groupdict().items():
            plain = name.replace("__", "-")
            self.bound[plain] = value
            self.bound_at[plain] = number
        for name in _NAME.findall(recorded):
            if self.bound_at.get(name) != number or recorded.count(f"<{name}>") > 1:
                self.used.add(name)
        return True

    def check(self) -> None:
        """Make sure that each name is used.

        Raises:
            FlowError
        """
        for name, line in self.bound_at.items():
            if name not in self.used:
                raise FlowError(
                    line,
                    f"<{name}> is bound here and used nowhere",
                    "write <~[^;]+> or <*> where any text will do, or use it in a later line",
                )

    def _match(self, recorded: str, line: str, number: int) -> re.Match[str] | None:
        if "<" not in recorded:
            return None
        pattern, at, here = [], 0, set()
        marks = list(MARK.finditer(recorded))
        if not marks:
            return None
        for mark in marks:
            pattern.append(re.escape(recorded[at : mark.start()]))
            at = mark.end()
            rest, regex, name = mark.groups()
            if rest:
                pattern.append(".*")
            elif name is None:
                pattern.append(f"(?:{regex})")
            elif name in self.bound:
                pattern.append(re.escape(self.bound[name]))
            elif name in here:
                pattern.append(f"(?P={name.replace('-', '__')})")
            else:
                here.add(name)
                pattern.append(f"(?P<{name.replace('-', '__')}>.+?)")
        try:
            return re.fullmatch("".join(pattern) + re.escape(recorded[at:]), line)
        except re.error as error:
            raise FlowError(
                number, f"a regular expression in this line is wrong: {error}", "`>` inside one is written \\x3e"
            ) from None


def _same(recorded: str, line: str) -> bool:
    return recorded == line or (not line and not recorded.strip())


def merge(blocks: Sequence[Block], happened: Sequence[str], names: Names) -> list[str]:
    """The lines that belong behind a step: recorded ones that fit stay, others give way; comments stay.

    Args:
        blocks: the recorded blocks behind the step, with the gaps between them.
        happened: the lines that a recording would hold now.

    Raises:
        FlowError: a template is wrong.
    """
    old: list[tuple[int, str]] = []
    gaps: dict[int, list[str]] = {}
    """Comments and empty lines, by how many recorded lines stand above them."""
    for block in blocks:
        if block.kind == "gap":
            gaps.setdefault(len(old), []).extend(block.lines)
        else:
            old.extend((block.line + place, text) for place, text in enumerate(block.lines))
    kept = {new: old_at for old_at, new in _pairs(old, happened, names)}
    goes_on_at = [len(old)] * (len(happened) + 1)
    """For each new line, the next old one that stays."""
    for new in range(len(happened) - 1, -1, -1):
        goes_on_at[new] = kept.get(new, goes_on_at[new + 1])
    merged: list[str] = []
    above = 0
    """How many old lines are dealt with."""
    for new, line in enumerate(happened):
        if new in kept:
            for place in range(above, kept[new] + 1):
                merged += gaps.pop(place, ())
            above = kept[new] + 1
            merged.append(old[kept[new]][1])
            continue
        if goes_on_at[new] > above:  # it stands for an old line, below the comment that stands above that
            merged += gaps.pop(above, ())
        merged.append(line)
    for place in sorted(gaps):
        merged += gaps[place]
    return merged


def _pairs(old: Sequence[tuple[int, str]], new: Sequence[str], names: Names) -> list[tuple[int, int]]:
    """Which old line goes on as which new one, both in order."""
    pairs: list[tuple[int, int]] = []
    start = 0
    while start < len(old) and start < len(new) and names.bind(old[start][1], new[start], old[start][0]):
        pairs.append((start, start))
        start += 1
    if start == len(old) or start == len(new):
        return pairs
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end][1] == new[-1 - end]:
        end += 1
    rows, columns = len(old) - start - end, len(new) - start - end
    if rows * columns <= MANY:
        for row, column in _longest(old[start : len(old) - end], new[start : len(new) - end], names):
            number, text = old[start + row]
            if names.bind(text, new[start + column], number):
                pairs.append((start + row, start + column))
    return pairs + [(len(old) - place, len(new) - place) for place in range(end, 0, -1)]


def _longest(old: Sequence[tuple[int, str]], new: Sequence[str], names: Names) -> list[tuple[int, int]]:
    """The longest common sequence of lines."""
    fits = [[names.fits(text, line, number) for line in new] for number, text in old]
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row in range(len(old) - 1, -1, -1):
        for column in range(len(new) - 1, -1, -1):
            best[row][column] = (
                best[row + 1][column + 1] + 1
                if fits[row][column]
                else max(best[row + 1][column], best[row][column + 1])
            )
    found, row, column = [], 0, 0
    while row < len(old) and column < len(new):
        if fits[row][column]:
            found.append((row, column))
            row, column = row + 1, column + 1
        elif best[row + 1][column] >= best[row][column + 1]:
            row += 1
        else:
            column += 1
    return found
