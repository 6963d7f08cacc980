"""`serpy check`: exit codes and what is printed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from serpy.cli import check, run_command_line

EXAMPLE = Path(__file__).parents[3] / "examples" / "msilo.cfg"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "t.cfg"
    file.write_text(text)
    return file


def test_the_example_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", str(EXAMPLE)]) == 0
    assert capsys.readouterr().out == f"{EXAMPLE}: ok (ser-0.9: nothing newer is used; 9 modules)\n"


def test_all_errors_of_all_files_are_printed(tmp_path: Path) -> None:
    out = io.StringIO()
    wrong = written(tmp_path, "debgu=1\nroute { frob(); }")
    assert check.run([wrong, EXAMPLE, tmp_path / "none.cfg"], out=out) == 2
    text = out.getvalue()
    assert f"{wrong}:1:1: error: there is no global parameter debgu" in text
    assert f"{wrong}:2:9: error: there is no command frob" in text
    assert f"{EXAMPLE}: ok" in text
    assert "none.cfg: error: cannot be read: No such file or directory" in text
    assert text.endswith("3 errors, 0 warnings\n")
    assert "\x1b" not in text


def test_warnings_are_no_errors(tmp_path: Path) -> None:
    out = io.StringIO()
    assert check.run([written(tmp_path, "route { route(3); }")], out=out) == 0
    assert "warning: there is no route[3]" in out.getvalue()


def test_what_only_a_module_can_judge_is_judged(tmp_path: Path) -> None:
    text = 'loadmodule "tm" loadmodule "msilo"\nmodparam("msilo", "registrar", "x")\nroute { ; }'
    out = io.StringIO()
    assert check.run([written(tmp_path, text)], out=out) == 2
    assert "t.cfg:2:32: error:" in out.getvalue()


def test_the_dialect_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", "--dialect", "ser-2", "-A", "X=1", str(written(tmp_path, "route { ; }"))]) == 0
    assert "ok (ser-2: option" in capsys.readouterr().out


def test_quiet_prints_nothing_about_clean_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", "-q", str(EXAMPLE)]) == 0
    assert capsys.readouterr().out == ""
