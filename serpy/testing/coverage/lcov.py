"""Coverage as editors and services read it: the tracefile format of lcov (geninfo(1))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .report import FileCoverage


def lcov(of: Sequence[FileCoverage]) -> str:
    """The tracefile."""
    return "".join(f"{line}\n" for one in of for line in _record(one))


def _record(one: FileCoverage) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{one.path}"
    for line, title, _ in one.routes:
        yield f"FN:{line},{title}"
    for _, title, count in one.routes:
        yield f"FNDA:{count},{title}"
    yield f"FNF:{len(one.routes)}"
    yield f"FNH:{len(one.routes) - len(one.never_entered)}"
    blocks: dict[tuple[int, int], int] = {}
    for branch, count in one.branches:
        block = blocks.setdefault((branch.line, branch.column), len(blocks))
        taken = count if one.lines.get(branch.line) else "-"  # the `if` itself was never reached
        yield f"BRDA:{branch.line},{block},{0 if branch.outcome else 1},{taken}"
    yield f"BRF:{len(one.branches)}"
    yield f"BRH:{len(one.branches) - len(one.missed_branches)}"
    for line in sorted(one.lines):
        yield f"DA:{line},{one.lines[line]}"
    yield f"LF:{len(one.lines)}"
    yield f"LH:{len(one.lines) - len(one.missed)}"
    yield "end_of_record"
