"""Database passwords that everybody can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.cfg.load import load_script

WITH = 'modparam("msilo", "db_url", "mysql://user:secret@127.0.0.1/msilo")'
WITHOUT = 'modparam("msilo", "db_url", "mysql://user@127.0.0.1/msilo")'


def codes(folder: Path, line: str, mode: int) -> list[str]:
    script = folder / "t.cfg"
    script.write_text(f'loadmodule "mysql.so" loadmodule "tm.so" loadmodule "msilo.so"\n{line}\nroute {{ drop; }}')
    script.chmod(mode)
    return [one.code for one in load_script(script).warnings]


def test_a_password_that_everybody_can_read(tmp_path: Path) -> None:
    assert codes(tmp_path, WITH, 0o644) == ["password-readable"]


@pytest.mark.parametrize("mode", [0o640, 0o600])
def test_a_password_that_only_some_can_read(tmp_path: Path, mode: int) -> None:
    assert codes(tmp_path, WITH, mode) == []


def test_a_url_without_a_password(tmp_path: Path) -> None:
    assert codes(tmp_path, WITHOUT, 0o644) == []


def test_a_text_that_is_in_no_file() -> None:
    text = f'loadmodule "mysql.so" loadmodule "tm.so" loadmodule "msilo.so"\n{WITH}\nroute {{ drop; }}'
    assert not load_script("/nowhere/t.cfg", text=text.encode()).warnings
