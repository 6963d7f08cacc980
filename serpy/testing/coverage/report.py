"""Coverage file by file: what was missed, in numbers and in words."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from .hits import Branch, Coverage, Part


@dataclass(slots=True)
class FileCoverage:
    """What was reached of one file."""

    path: str
    lines: dict[int, int] = field(default_factory=dict)
    """line -> how often it was reached."""
    branches: list[tuple[Branch, int]] = field(default_factory=list)
    """By place; of each `if` the way when it is true comes first."""
    routes: list[tuple[int, str, int]] = field(default_factory=list)
    """(line, title, how often it was entered)."""
    parts: list[tuple[Part, int]] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The path as people read it: from here, where it is not far."""
        near = os.path.relpath(self.path)
        return self.path if near.startswith(os.pardir + os.sep + os.pardir) else near

    @property
    def missed(self) -> list[int]:
        """The lines that were not reached."""
        return sorted(line for line, count in self.lines.items() if not count)

    @property
    def missed_branches(self) -> list[Branch]:
        return [branch for branch, count in self.branches if not count]

    @property
    def partial(self) -> list[Branch]:
        """The ways that were never taken from an `if` that was reached."""
        return [branch for branch in self.missed_branches if self.lines.get(branch.line)]

    @property
    def reached(self) -> int:
        """Lines and branches that were."""
        return self.total - len(self.missed) - len(self.missed_branches)

    @property
    def total(self) -> int:
        return len(self.lines) + len(self.branches)

    @property
    def percent(self) -> float:
        return percent(self.reached, self.total)

    @property
    def missing(self) -> str:
        """`41-43, 53->57`: lines that were not reached, and ways that were not taken to lines that were."""
        found = [(first, ranged(first, last)) for first, last in self._ranges()]
        ways = self.ways()
        found += [
            (branch.line, ways[branch])
            for branch in self.partial
            if branch.to is None or branch.to == branch.line or self.lines.get(branch.to, 1)
        ]
        return ", ".join(text for _, text in sorted(found, key=lambda one: one[0]))

    @property
    def never_entered(self) -> list[str]:
        return [title for _, title, count in self.routes if not count]

    def ways(self) -> dict[Branch, str]:
        """Each branch in words: `53->57`, `53->end`; `53 never true` where a line does not tell which way it is."""
        targets: dict[tuple[int, int], set[int | None]] = {}
        for branch, _ in self.branches:
            targets.setdefault(branch[1:3], set()).add(branch.to)
        found = {}
        for branch, _ in self.branches:
            if branch.to == branch.line or len(targets[branch[1:3]]) == 1:
                found[branch] = f"{branch.line} never {'true' if branch.outcome else 'false'}"
            else:
                found[branch] = f"{branch.line}->{'end' if branch.to is None else branch.to}"
        return found

    def _ranges(self) -> list[tuple[int, int]]:
        """The missed lines; those with nothing reached between them go together."""
        ranges: list[tuple[int, int]] = []
        goes_on = False
        for line in sorted(self.lines):
            if self.lines[line]:
                goes_on = False
            elif goes_on:
                ranges[-1] = (ranges[-1][0], line)
            else:
                ranges.append((line, line))
                goes_on = True
        return ranges


def files(coverage: Coverage) -> list[FileCoverage]:
    """The files, by path."""
    found: dict[str, FileCoverage] = {}

    def of(path: str) -> FileCoverage:
        return found.setdefault(path, FileCoverage(path))

    for line, count in coverage.lines.items():
        of(line.path).lines[line.line] = count
    for branch, count in sorted(coverage.branches.items(), key=lambda one: (one[0][:3], not one[0].outcome)):
        of(branch.path).branches.append((branch, count))
    for route, count in sorted(coverage.routes.items()):
        of(route.path).routes.append((route.line, route.title, count))
    for part, count in sorted(coverage.parts.items()):
        of(part.path).parts.append((part, count))
    return [found[path] for path in sorted(found)]


def total(of: Sequence[FileCoverage]) -> float:
    """The percentage over all files."""
    return percent(sum(one.reached for one in of), sum(one.total for one in of))


def percent(reached: int, of: int) -> float:
    """100 when there is nothing to reach."""
    return 100.0 * reached / of if of else 100.0


def shown_percent(value: float) -> str:
    """In full per cents; 100 % only when nothing is missing, 0 % only when all is."""
    return f"{min(99, max(1, round(value))) if 0 < value < 100 else round(value)}%"


def ranged(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
