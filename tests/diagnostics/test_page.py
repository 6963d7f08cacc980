"""docs/mistakes.md says what serpy says: its scripts with what is found in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serpy.cli.check import check
from serpy.report.human import render_all

PAGE = Path(__file__).parents[2] / "docs" / "mistakes.md"
_PAIR = re.compile(r"```cfg\n(?P<script>.*?)```\n\n```text\n(?P<said>.*?)```\n", re.DOTALL)


def _said(found: re.Match[str]) -> str:
    findings = check("my.cfg", text=found["script"].encode()).findings
    assert findings
    said = "\n\n".join(render_all(findings, color=False))
    return f"```cfg\n{found['script']}```\n\n```text\n{said}\n```\n"


def test_the_page_of_mistakes_says_what_serpy_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_update: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = PAGE.read_text()
    assert len(_PAIR.findall(text)) == 10
    current = _PAIR.sub(_said, text)
    if is_update:
        PAGE.write_text(current)
    assert current == PAGE.read_text()
