"""Both sides of a flow laid beside each other: what differs, without what is known to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..flow.steps import Pass
from .differs import Known
from .normal import Pair, changes, items, paired
from .rehearsal import Turn
from .seen import Seen

CONTEXT = 4
Row = tuple[str, str]
"""(" ", line) on both sides, ("-", line) at serpy's alone, ("+", line) at the other server's alone."""


def sides(turns: Sequence[Turn], ours: Seen, played: Sequence[list[str]], theirs: Seen, known: Known) -> list[Row]:
    """A rehearsal laid beside what the other server did in as many steps as it was played.

    A step and the waits behind it are one: in real time nobody can say on which side of a wait's begin something falls.
    """
    rows: list[Row] = []
    for group in _groups(list(zip(turns, played, strict=False))):
        mine = [(one, turn) for turn, _ in group for one in items(turn.lines, ours)]
        others = [one for _, lines in group for one in items(lines, theirs)]
        beside: dict[int, list[Pair]] = {}
        place = -1
        for pair in paired([one for one, _ in mine], others):
            place += pair[0] is not None
            turn = mine[max(place, 0)][1] if mine else group[0][0]
            beside.setdefault(id(turn), []).append(pair)
        for turn, _ in group:
            if turn.block is not None:
                rows += [(" ", line) for line in (*turn.block.lines, "")]
            happened: list[Row] = []
            for pair in beside.get(id(turn), ()):
                happened += _uncovered(pair, known, turn.block.line if turn.block is not None else 0)
            rows += [*happened, (" ", "")] if happened else []
    return rows


def unified(rows: Sequence[Row], path: Path, server: str) -> str:
    """The rows as a unified diff; empty when both sides are the same."""
    shown = [any(sign != " " for sign, _ in rows[max(0, at - CONTEXT) : at + CONTEXT + 1]) for at in range(len(rows))]
    lines: list[str] = []
    left = right = 0
    at = 0
    while at < len(rows):
        end = at + 1
        while end < len(rows) and shown[end] == shown[at]:
            end += 1
        hunk = rows[at:end]
        ours, theirs = sum(sign != "+" for sign, _ in hunk), sum(sign != "-" for sign, _ in hunk)
        if shown[at]:
            lines.append(f"@@ -{left + 1},{ours} +{right + 1},{theirs} @@")
            lines += [f"{sign}{line}" if line else sign.strip() for sign, line in hunk]
        left, right, at = left + ours, right + theirs, end
    return "\n".join([f"--- {path} (serpy)", f"+++ {path} ({server})", *lines]) if lines else ""


Step = tuple[Turn, list[str]]


def _groups(steps: Sequence[Step]) -> list[list[Step]]:
    groups: list[list[Step]] = []
    for step in steps:
        if groups and isinstance(step[0].step, Pass):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _uncovered(pair: Pair, known: Known, step: int) -> list[Row]:
    """What two things have in common, and in what they differ without being known to."""
    one, other = pair
    if one is None or other is None:
        lone, sign = (one, "-") if one is not None else (other, "+")
        assert lone is not None
        left, right = known.uncovered(step, lone.title, [one.title] if one else [], [other.title] if other else [])
        return [(sign, line) for line in lone.lines] if left or right else []
    parts = list(changes(one.lines, other.lines))
    only_ours = [line for old, new in parts if old != new for line in old]
    only_theirs = [line for old, new in parts if old != new for line in new]
    left, right = known.uncovered(step, one.title, only_ours, only_theirs)
    rows: list[Row] = []
    for old, new in parts:
        if old == new:
            rows += [(" ", line) for line in old]
        else:
            rows += [("-", line) for line in _taken(old, left)] + [("+", line) for line in _taken(new, right)]
    return rows


def _taken(lines: Sequence[str], left: list[str]) -> list[str]:
    """Those of the lines that are left, which are taken away."""
    found = []
    for line in lines:
        if line in left:
            left.remove(line)
            found.append(line)
    return found
