"""Whatever stands in a script, the answer is a program or findings."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from serpy.cfg.diagnostics import Diagnostic, ScriptError
from serpy.cfg.load import load_script
from serpy.report.human import render

EXAMPLE = (Path(__file__).parents[3] / "examples" / "msilo.cfg").read_text()
PIECES = ['"', "'", "{", "}", "(", ")", ";", "=", "==", "/*", "*/", "#", "\\", "$x", "@a", "route", "if", "else", "!"]
PIECES += ["::1", "10.0", "uri:host", "\n", ",", "\0", "é", "\udcff", "-1", "0x", "return", "[", "]", "%", "&", "|"]


def damaged(seed: int) -> bytes:
    """The example with up to four places changed."""
    dice = random.Random(seed)
    text = EXAMPLE
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(PIECES) + text[at + dice.choice((0, 0, 1, 5)) :]
    return text.encode("utf-8", "surrogateescape")


def findings(text: bytes) -> list[Diagnostic]:
    """What is said about the script: warnings, or errors."""
    try:
        return load_script("t.cfg", text=text).warnings
    except ScriptError as error:
        return error.diagnostics


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_script_is_run_or_explained(seed: int) -> None:
    for finding in findings(damaged(seed)):
        assert "--> t.cfg:" in render(finding, color=False)


@pytest.mark.parametrize("text", [b"", b"\n", b"\0", b"\xff\xfe", b"{" * 2000, b"route{" + b"if (" * 500, b'"' * 99])
def test_a_text_that_is_no_script_is_explained(text: bytes) -> None:
    assert findings(text)
