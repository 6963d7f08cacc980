"""Wrong scripts, each from one mistake that people make, with what is said about it (how they are written: cases.py).

With `pytest tests/diagnostics --update`, or SERPY_UPDATE=1 in the environment, they are recorded; read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diagnostics.cases import Case, cases

CASES = cases(Path(__file__).parent / "scripts")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_script_is_explained(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_update: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    script = tmp_path / "script"
    script.mkdir()
    found = case.annotated(script)
    if is_update:
        for file, text in found.items():
            file.write_text(text)
    assert any("error:" in text or "warning:" in text for text in found.values())
    assert found == {file: file.read_text() for file in case.files}


def test_there_are_enough_wrong_scripts() -> None:
    assert len(CASES) >= 150
