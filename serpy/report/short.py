"""Findings as gcc prints them, one line each: what editors and scripts read without being taught."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ..cfg.diagnostics import Diagnostic
from .findings import Checked, alike, count
from .shown import one_line


def write(checked: Sequence[Checked], stream: TextIO) -> None:
    """`path:line:column: severity: message [code]` for each finding."""
    for script in checked:
        for one in script.findings:
            print(f"{one_line(str(one.span))}: {one.severity}: {one_line(one.message)} [{one.code}]", file=stream)


def brief(findings: Sequence[Diagnostic]) -> list[str]:
    """A line for each finding, for the banner of a server: where there are several of a kind, how many."""
    return [
        f"{one_line(str(group[0].span))}: {one_line(group[0].message)} [{group[0].code}]"
        + (f" and {count(len(group) - 1, 'more place')}" if len(group) > 1 else "")
        for group in alike(findings)
    ]
