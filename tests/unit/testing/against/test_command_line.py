"""What `serpy test --against` takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.cli.test import NOTHING, USAGE, main

FLOW = """\
title: t
script:
  route { drop(); }
"""


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--against", "asterisk"], "asterisk"),
        (["--server-command", "cat", "--update"], "leave the other options out"),
        (["--server-command", "cat", "--max-wait", "soon"], "a time is written"),
        (["--server-command", "cat", "--kamailio-script", "nowhere.cfg"], "nowhere.cfg"),
        (["--server-command", "cat {nowhere}"], "{nowhere}"),
    ],
)
def test_a_mistake_is_told(
    arguments: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "x.flow").write_text(FLOW)
    assert main([*arguments, str(tmp_path)]) == USAGE
    assert why in capsys.readouterr().err


def test_no_flow_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--server-command", "cat", str(tmp_path)]) == NOTHING
    (tmp_path / "x.flow").write_text(FLOW)
    assert main(["--server-command", "cat {kamailio-config}", str(tmp_path)]) == NOTHING
    assert "its head names no kamailio-script" in capsys.readouterr().out
