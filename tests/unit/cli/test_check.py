"""`serpy check`: exit codes, options and what is printed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from serpy.cli import check, run_command_line

EXAMPLE = Path(__file__).parents[3] / "examples" / "msilo.cfg"
WRONG = "route { frob(); }"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def written(tmp_path: Path, text: str, name: str = "t.cfg") -> Path:
    file = tmp_path / name
    file.write_text(text)
    return file


def command(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "serpy", "check", *arguments],
        input=stdin,
        capture_output=True,
        env={"PATH": "/bin", "HOME": "/nonexistent", **environment},
        check=False,
    )


def test_a_clean_script_is_told_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, 'loadmodule "tm.so" route { drop; }')
    assert run_command_line(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: ok (ser-0.9: nothing newer is used; 1 module)\n"


def test_all_errors_of_all_files_are_printed(tmp_path: Path) -> None:
    out = io.StringIO()
    wrong, clean = written(tmp_path, "debgu=1\nroute { frob(); }"), written(tmp_path, "route { drop; }", "b.cfg")
    assert check.run([wrong, clean, tmp_path / "none.cfg"], out=out) == 2
    text = out.getvalue()
    assert f"error[unknown-parameter]: there is no global parameter debgu\n --> {wrong}:1:1\n" in text
    assert f"error[unknown-command]: there is no command frob\n --> {wrong}:2:9\n" in text
    assert f"{clean}: ok" in text
    assert "error[unreadable-file]: cannot be read: No such file or directory\n" in text
    assert text.endswith("3 errors in 2 of 3 scripts\nMore about a word in brackets: serpy explain unknown-parameter\n")
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("text", "code", "strict"), [("route { drop; }", 0, 0), ("route { route(3); drop; }", 0, 1), (WRONG, 2, 2)]
)
def test_exit_codes(tmp_path: Path, text: str, code: int, strict: int) -> None:
    file = written(tmp_path, text)
    assert check.run([file], out=io.StringIO()) == code
    assert check.run([file], out=io.StringIO(), strict=True) == strict


def test_one_wrong_script_among_several_is_enough(tmp_path: Path) -> None:
    files = [written(tmp_path, WRONG, "a.cfg"), written(tmp_path, "route { drop; }", "b.cfg")]
    assert check.run(files, out=io.StringIO(), strict=True) == 2


def test_what_only_a_module_can_judge_is_judged(tmp_path: Path) -> None:
    text = 'loadmodule "tm" loadmodule "msilo"\nmodparam("msilo", "registrar", "x")\nroute { drop; }'
    out = io.StringIO()
    assert check.run([written(tmp_path, text)], out=out, form="short") == 2
    assert "t.cfg:2:32: error:" in out.getvalue()


def test_the_dialect_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", "--dialect", "ser-2", str(written(tmp_path, "route { drop; }"))]) == 0
    assert "ok (ser-2: option" in capsys.readouterr().out


def test_words_can_be_defined_for_the_preprocessor_where_there_is_one(tmp_path: Path) -> None:
    file = written(tmp_path, "route { drop; }")
    assert [one.code for one in check.check(file, defines={"X": "1"}).findings] == ["no-defines"]


def test_quiet_prints_nothing_about_clean_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", "-q", str(written(tmp_path, "route { drop; }"))]) == 0
    assert capsys.readouterr().out == ""


def test_warnings_can_be_left_out_but_errors_cannot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "route { route(3); frob(); }")
    arguments = ["check", "--format", "short", str(file), "--allow", "no-such-route", "--allow", "unknown-command"]
    assert run_command_line(arguments) == 2
    assert capsys.readouterr().out == f"{file}:1:19: error: there is no command frob [unknown-command]\n"


def test_an_unknown_code_to_allow_is_an_error_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command_line(["check", "--allow", "no-such-rout", str(EXAMPLE)])
    assert ended.value.code == 2
    assert "did you mean no-such-route?" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_the_formats_for_programs_print_one_object(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [written(tmp_path, WRONG), written(tmp_path, "route { drop; }", "b.cfg")]
    assert run_command_line(["check", "--format", form, *map(str, files)]) == 2
    assert "unknown-command" in json.dumps(json.loads(capsys.readouterr().out))


def test_standard_input_is_a_script_with_a_name(tmp_path: Path) -> None:
    ended = command("--format", "short", "--stdin-name", "etc/my.cfg", "-", stdin=WRONG.encode())
    assert (ended.returncode, ended.stderr) == (2, b"")
    assert ended.stdout == b"etc/my.cfg:1:9: error: there is no command frob [unknown-command]\n"
    assert command("--format", "short", "-", stdin=WRONG.encode()).stdout.startswith(b"<stdin>:1:9: ")


def test_a_terminal_of_another_encoding_is_no_reason_to_fail(tmp_path: Path) -> None:
    file = written(tmp_path, 'route { frob("\u6f22\u5b57 \u00e9"); }')
    ended = command(str(file), PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (2, b"")
    assert b'frob("?? ?")' in ended.stdout


def test_a_finding_can_be_silenced_in_the_script(tmp_path: Path) -> None:
    file = written(tmp_path, "route {\n    route(3);  # serpy: allow no-such-route\n    drop;\n}")
    assert check.check(file).findings == []


def test_the_formats_are_imported_only_when_asked_for(tmp_path: Path) -> None:
    """Speed: a clean check reads neither the catalogue of codes nor JSON nor the excerpts' tables."""
    file = written(tmp_path, "route { drop; }")
    program = (
        "import sys; from serpy.cli import run_command_line; "
        f"run_command_line(['check', '-q', '--format', 'short', {str(file)!r}]); "
        "print(sorted({'json', 'serpy.report.codes', 'serpy.report.sarif', 'serpy.report.human', 'asyncio', 'rich', "
        "'difflib', 'serpy.host'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    file = written(tmp_path, "route {" + "".join(f"frob{number}();" for number in range(4000)) + "}")
    check_it = [sys.executable, "-m", "serpy", "check", "--format", "short", str(file)]
    with subprocess.Popen(check_it, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141
