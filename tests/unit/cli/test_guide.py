"""The user guide says what serpy says: docs/checking.md's scripts with what is found in them.

With SERPY_UPDATE=1 in the environment the page is written anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from serpy.cli.check import FORMATS, check
from serpy.report.human import render_all

PAGE = Path(__file__).parents[3] / "docs" / "checking.md"
_PAIR = re.compile(r"```cfg\n(?P<script>.*?)```\n\n```text\n(?P<said>.*?)```\n", re.DOTALL)


def _said(found: re.Match[str]) -> str:
    texts = render_all(check("my.cfg", text=found["script"].encode()).findings, color=False)
    said = "\n\n".join(texts)
    return f"```cfg\n{found['script']}```\n\n```text\n{said}\n```\n"


def test_the_mistakes_in_the_guide_are_explained_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = PAGE.read_text()
    current = _PAIR.sub(_said, text)
    if os.environ.get("SERPY_UPDATE"):
        PAGE.write_text(current)
    assert len(_PAIR.findall(text)) >= 10
    assert "[" in current
    assert current == PAGE.read_text()


def test_the_guide_names_all_formats() -> None:
    assert all(f"`--format {form}`" in PAGE.read_text() for form in FORMATS)
