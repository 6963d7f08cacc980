"""Whole scripts and their layout: NAME.before.cfg as somebody wrote it, NAME.after.cfg as `serpy fmt` has it.

With SERPY_UPDATE=1 the second is written anew, to be read before it is kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serpy.cfg.source import Source
from serpy.fmt.script import formatted

PAIRS = sorted(Path(__file__).parent.glob("*.before.cfg"))


@pytest.mark.parametrize("before", PAIRS, ids=lambda file: file.name.partition(".")[0])
def test_a_script_is_laid_out_as_recorded(before: Path) -> None:
    after = before.with_name(before.name.replace(".before.", ".after."))
    text = formatted(Source.read(before), None, {}).encode("utf-8", "surrogateescape")
    if os.environ.get("SERPY_UPDATE"):
        after.write_bytes(text)
    assert text == after.read_bytes()


def test_the_example_of_the_guide_is_in_its_layout() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "formatting.md").read_text()
    example = next(block for block in guide.split("```\n") if block.startswith("#!KAMAILIO"))
    assert formatted(Source("t.cfg", example.encode()), None, {}) == example


def test_there_are_pairs() -> None:
    assert len(PAIRS) >= 3
