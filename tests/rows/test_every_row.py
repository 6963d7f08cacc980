"""Each of the 99 rows of SER dialect 8 has a test, or a reason why not."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from tests.rows.untested import UNTESTED

HERE = Path(__file__).parent
ROWS = set(range(1, 100))
TESTS = [
    name
    for path in sorted(HERE.glob("test_*.py"))
    for name in vars(importlib.import_module(f"tests.rows.{path.stem}"))
    if name.startswith("test_row_")
]


def test_each_row_is_tested_or_has_a_reason_why_not() -> None:
    tested = {int(name.split("_")[2]) for name in TESTS}
    assert tested | set(UNTESTED) == ROWS
    assert tested & set(UNTESTED) == set()


def test_each_decision_that_overrides_a_row_is_among_the_differences() -> None:
    told = (HERE.parents[1] / "docs" / "differences.md").read_text(encoding="utf-8")
    decisions = {number for name in TESTS for number in re.findall(r"_D(\d+)(?=_)", name)}
    assert {number for number in decisions if f"| D{number} |" not in told} == set()
