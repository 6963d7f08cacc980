"""The table that a terminal shows."""

from __future__ import annotations

from collections.abc import Sequence

from .report import FileCoverage, shown_percent, total

_HEAD = ("File", "Lines", "Missed", "Branches", "Partial", "Cover", "Missing")


def table(of: Sequence[FileCoverage]) -> list[tuple[str, str]]:
    """The lines of the table, each with the style that rich gives it."""
    if not of:
        return [("coverage: no script was run that is a file of its own", "yellow")]
    rows = [_row(one.shown, [one], one.missing) for one in of]
    if len(of) > 1:
        rows.append(_row("Total", of, ""))
    widths = [max(len(row[place]) for row in [_HEAD, *rows]) for place in range(len(_HEAD) - 1)]
    rule = "-" * (sum(widths) + 2 * len(widths) + len(_HEAD[-1]))
    lines = [(_line(_HEAD, widths), "bold"), (rule, "dim")]
    for place, row in enumerate(rows):
        if len(of) > 1 and place == len(of):
            lines.append((rule, "dim"))
        lines.append((_line(row, widths), _style(row[5])))
    asleep = [one for one in of if one.never_entered]
    return [*lines, *((f"never entered in {one.shown}: {', '.join(one.never_entered)}", "") for one in asleep)]


def too_low(of: Sequence[FileCoverage], wanted: float) -> str:
    """Why the coverage does not suffice; "" when it does."""
    reached = total(of)
    if reached >= wanted:
        return ""
    return f"coverage is {reached:.2f} %, which is under {wanted:g} %"


def _row(name: str, of: Sequence[FileCoverage], missing: str) -> tuple[str, ...]:
    counts = (
        sum(len(one.lines) for one in of),
        sum(len(one.missed) for one in of),
        sum(len(one.branches) for one in of),
        sum(len(one.partial) for one in of),
    )
    return (name, *map(str, counts), shown_percent(total(of)), missing)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers, missing = row
    cells = [name.ljust(widths[0]), *(text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True))]
    return "  ".join([*cells, missing]).rstrip()


def _style(shown: str) -> str:
    value = int(shown.rstrip("%"))
    return "green" if value == 100 else "yellow" if value >= 75 else "red"
