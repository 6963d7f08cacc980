"""What is made of collected coverage: a table, pages, a tracefile, a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .hits import Coverage
from .html import write_html
from .lcov import lcov
from .report import files
from .table import table, too_low


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for besides the table."""

    html: Path | None = None
    """The folder for pages."""
    lcov: Path | None = None
    fail_under: float | None = None


def finish(coverage: Coverage, wanted: Wanted) -> tuple[list[tuple[str, str]], bool]:
    """Write the files that are wanted; the lines to print, each with the style that rich gives it, and whether the
    coverage suffices.

    Raises:
        OSError: one cannot be written; its `filename` is the path.
    """
    of = files(coverage)
    lines = [("", ""), *table(of)]
    if wanted.html is not None:
        lines.append((f"wrote {write_html(of, wanted.html)}", ""))
    if wanted.lcov is not None:
        wanted.lcov.parent.mkdir(parents=True, exist_ok=True)
        wanted.lcov.write_bytes(lcov(of).encode("utf-8", "surrogateescape"))
        lines.append((f"wrote {wanted.lcov}", ""))
    why = "" if wanted.fail_under is None else too_low(of, wanted.fail_under)
    if why:
        lines.append((why, "bold red"))
    return lines, not why
