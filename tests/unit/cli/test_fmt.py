"""`serpy fmt`: exit codes, and what becomes of the files."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from serpy.cfg.source import Source
from serpy.cli import run_command_line
from serpy.fmt import script
from serpy.fmt.script import NotTheSame

WRITTEN = b"route{t_relay();};\r\n"
LAID_OUT = b"route {\n\tt_relay();\n}\n"
WRONG = b"route { frob() }"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "t.cfg"
    made.write_bytes(WRITTEN)
    return made


def test_a_script_is_rewritten_in_its_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["fmt", str(file)]) == 0
    assert file.read_bytes() == LAID_OUT
    assert capsys.readouterr().out == f"formatted {file}\n"


def test_a_script_in_its_layout_is_left_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(LAID_OUT)
    before = file.stat()
    assert run_command_line(["fmt", str(file)]) == 0
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert capsys.readouterr().out == ""


def test_the_mode_bits_stay(file: Path) -> None:
    file.chmod(0o640)
    assert run_command_line(["fmt", str(file)]) == 0
    assert file.stat().st_mode & 0o7777 == 0o640


def test_a_symbolic_link_stays_one(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "enabled"
    folder.mkdir()
    link = folder / "link.cfg"
    link.symlink_to(Path("..") / file.name)
    assert run_command_line(["fmt", str(link)]) == 0
    assert link.is_symlink()
    assert file.read_bytes() == LAID_OUT
    assert [each.name for each in folder.iterdir()] == ["link.cfg"]


def test_nothing_else_is_left_in_the_folder(file: Path, tmp_path: Path) -> None:
    run_command_line(["fmt", str(file)])
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "cache") == ["t.cfg"]


def test_check_lists_what_would_change_and_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["fmt", "--check", str(file)]) == 1
    assert file.read_bytes() == WRITTEN
    assert capsys.readouterr().out == f"{file} would change\n"


def test_check_is_content_with_a_script_in_its_layout(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(LAID_OUT)
    assert run_command_line(["fmt", "--check", str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_diff_shows_what_would_change_and_changes_nothing(
    file: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run_command_line(["fmt", "--diff", str(file)]) == 0
    assert file.read_bytes() == WRITTEN
    assert b"-route{t_relay();};\r\n+route {\n+\tt_relay();\n+}\n" in capsysbinary.readouterr().out


def test_diff_and_check_together_tell_by_their_exit_code(file: Path) -> None:
    assert run_command_line(["fmt", "--diff", "--check", str(file)]) == 1
    assert file.read_bytes() == WRITTEN


def command(*arguments: str, stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "serpy", "fmt", *arguments],
        input=stdin,
        capture_output=True,
        env={"PATH": "/bin", "HOME": "/nonexistent"},
        check=False,
    )


def test_standard_input_goes_to_standard_output() -> None:
    done = command("-", stdin=b"# \xff\n" + WRITTEN)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"# \xff\n" + LAID_OUT, b"")


def test_a_wrong_script_from_standard_input_writes_nothing() -> None:
    done = command("-", stdin=WRONG)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"a ; is missing here" in done.stderr


def test_a_wrong_script_is_told_and_left_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(WRONG)
    assert run_command_line(["fmt", str(file)]) == 2
    assert file.read_bytes() == WRONG
    assert "a ; is missing here" in capsys.readouterr().err


def test_the_other_scripts_are_formatted_all_the_same(file: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.cfg"
    wrong.write_bytes(WRONG)
    assert run_command_line(["fmt", str(wrong), str(file)]) == 2
    assert file.read_bytes() == LAID_OUT


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["fmt", str(tmp_path / "no.cfg")]) == 2
    assert "cannot be read: No such file or directory" in capsys.readouterr().err


def test_an_include_that_is_not_there_is_no_hindrance(file: Path) -> None:
    file.write_bytes(b'#!KAMAILIO\ninclude_file   "no.cfg"\n' + WRITTEN)
    assert run_command_line(["fmt", str(file)]) == 0
    assert file.read_bytes() == b'#!KAMAILIO\ninclude_file "no.cfg"\n\n' + LAID_OUT


def test_included_files_are_left_alone(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.cfg"
    other.write_bytes(b"debug = 3\n")
    file.write_bytes(b'#!KAMAILIO\ninclude_file "other.cfg"\n' + WRITTEN)
    assert run_command_line(["fmt", str(file)]) == 0
    assert other.read_bytes() == b"debug = 3\n"


def test_definitions_of_the_command_line_count(file: Path) -> None:
    file.write_bytes(b"#!KAMAILIO\nroute { if (A) { SEND } }\n")
    assert run_command_line(["fmt", str(file)]) == 2
    assert run_command_line(["fmt", "-A", "SEND=t_relay();", str(file)]) == 0
    assert file.read_bytes() == b"#!KAMAILIO\nroute {\n\tif (A) {\n\t\tSEND\n\t}\n}\n"


def test_a_fault_of_the_formatter_changes_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "lay_out", lambda text, pieces: "route {\n\tt_reply();\n}\n")
    assert run_command_line(["fmt", str(file)]) == 2
    assert file.read_bytes() == WRITTEN
    told = capsys.readouterr().err
    assert "internal error: the canonical layout would change what the script says" in told
    assert "please report this" in told


@pytest.mark.parametrize(
    "wrong",
    [
        "route {\n\tt_relay();\n\tt_relay();\n}\n",
        "route {\n}\n",
        "route {\n\tt_relay()\n}\n",
        "route[1] {\n\tt_relay();\n}\n",
        "# lost\nroute {\n\tt_relay();\n}\n",
        "#!SER 2\nroute {\n\tt_relay();\n}\n",
    ],
)
def test_every_difference_is_noticed(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "lay_out", lambda text, pieces: wrong)
    with pytest.raises(NotTheSame):
        script.formatted(Source("t.cfg", WRITTEN), None, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.parent.chmod(0o500)
    try:
        assert run_command_line(["fmt", str(file)]) == 2
    finally:
        file.parent.chmod(0o700)
    assert "cannot be written" in capsys.readouterr().err


def test_a_write_that_fails_leaves_the_file_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run_command_line(["fmt", str(file)]) == 2
    assert file.read_bytes() == WRITTEN
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "cache") == ["t.cfg"]
    assert "cannot be written: No space left on device" in capsys.readouterr().err


def test_standard_input_can_be_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit):
        run_command_line(["fmt", "-", "-"])
