"""Wrong scripts, each with what is said about it.

In `scripts/*.cfg` a finding stands at the end of its line: `#~ COLUMN SEVERITY: MESSAGE (NEXT STEP)`. With
SERPY_UPDATE=1 in the environment the files are written anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

import pytest

from serpy.cli.check import check

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.cfg"))
_NOTE = re.compile(r" *#~.*$")


def _bare(text: str) -> str:
    return "\n".join(_NOTE.sub("", line) for line in text.split("\n"))


def _annotated(file: Path, folder: Path) -> str:
    """The script with what serpy says about it now."""
    bare = _bare(file.read_text())
    script = folder / file.name
    script.write_text(bare)
    found, _ = check(script)
    notes: dict[int, list[str]] = defaultdict(list)
    for finding in found:
        hint = f" ({finding.hint})" if finding.hint else ""
        text = f"  #~ {finding.span.column} {finding.severity}: {finding.message}{hint}"
        notes[finding.span.line].append(text.replace("\n", " "))
    lines = bare.split("\n")
    return "\n".join(line + "".join(notes[number]) for number, line in enumerate(lines, 1))


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.stem)
def test_a_wrong_script_is_explained(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = _annotated(file, tmp_path)
    if os.environ.get("SERPY_UPDATE"):
        file.write_text(found)
    assert "#~" in found
    assert found == file.read_text()


def test_there_are_enough_wrong_scripts() -> None:
    assert len(SCRIPTS) >= 25
