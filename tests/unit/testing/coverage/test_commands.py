"""`serpy test --cov` and `pytest --serpy-cov`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from serpy.cli import run_command_line

pytest_plugins = ["pytester"]

SCRIPT = """loadmodule "sl"
listen=127.0.0.1
route {
  if (method == "OPTIONS") {
    sl_send_reply("200", "OK");
  } else {
    sl_send_reply("405", "No");
  }
}
"""
FLOW = """title: {title}
script: a.cfg
peers: alice 10.0.0.1:5060

> alice {method} sip:127.0.0.1
< alice {reply}
"""
HALF = "a.cfg      4       1         2        1    67%  7"


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.cfg").write_text(SCRIPT)
    flow("a", "OPTIONS", "200 OK")
    return tmp_path


def flow(name: str, method: str, reply: str) -> None:
    Path(f"{name}.flow").write_text(FLOW.format(title=name, method=method, reply=reply))


@pytest.mark.usefixtures("here")
def test_the_table_stands_below_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["test", "--cov"]) == 0
    out = capsys.readouterr().out
    assert "1 passed" in out
    assert HALF in out


@pytest.mark.usefixtures("here")
def test_too_little_coverage_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["test", "--cov-fail-under", "66"]) == 0
    assert run_command_line(["test", "--cov-fail-under", "67"]) == 1
    assert "coverage is 66.67 %, which is under 67 %" in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_processes_count_together(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        flow(f"options{number}", "OPTIONS", "200 OK")
        flow(f"message{number}", "MESSAGE", "405 No")
    assert run_command_line(["test", "-j2", "--cov", "--cov-fail-under", "100"]) == 0
    out = capsys.readouterr().out
    assert "(2 processes)" in out
    assert "a.cfg      4       0         2        0   100%" in out


def test_pages_and_a_tracefile_are_written(here: Path) -> None:
    assert run_command_line(["test", "--cov-html", "html", "--cov-lcov", "lcov.info"]) == 0
    assert (here / "html/index.html").exists()
    assert f"SF:{here / 'a.cfg'}\n" in (here / "lcov.info").read_text()


@pytest.mark.usefixtures("here")
def test_a_place_that_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["test", "--cov-html", "a.cfg"]) == 4
    assert "a.cfg cannot be written: File exists" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_percentage_is_at_most_100(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["test", "--cov-fail-under", "101"]) == 4
    assert "0 to 100" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_without_the_option_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["test"]) == 0
    assert "Cover" not in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_a_script_that_stands_in_the_flow_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("a.flow").read_text()
    indented = "".join(f"  {line}\n" for line in SCRIPT.splitlines())
    Path("a.flow").write_text(text.replace("script: a.cfg\n", f"script:\n{indented}"))
    assert run_command_line(["test", "--cov"]) == 0
    assert "no script was run" in capsys.readouterr().out


def run(pytester: pytest.Pytester, folder: Path, *options: str) -> pytest.RunResult:
    given = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--serpy-cov")
    return pytester.runpytest(str(folder), f"--rootdir={folder}", *given, *options)


def in_python(folder: Path) -> None:
    (folder / "test_a.py").write_text(
        "from serpy.testing.lab import Lab\n"
        "from pathlib import Path\n"
        "def test_a():\n"
        "    with Lab(Path(__file__).parent / 'a.cfg') as lab:\n"
        "        lab.send(b'MESSAGE sip:b@127.0.0.1 SIP/2.0\\r\\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\\r\\n'\n"
        "            b'From: <sip:a@b>;tag=1\\r\\nTo: <sip:b@b>\\r\\nCall-ID: 1\\r\\nCSeq: 1 MESSAGE\\r\\n\\r\\n')\n"
    )


def test_pytest_counts_flows(here: Path, pytester: pytest.Pytester) -> None:
    run(pytester, here).stdout.fnmatch_lines(["*coverage of scripts*", "*67%  7"])


def test_pytest_counts_labs_in_python_too(here: Path, pytester: pytest.Pytester) -> None:
    in_python(here)
    result = run(pytester, here, "--serpy-cov-fail-under=100")
    result.stdout.fnmatch_lines(["*100%"])
    assert result.ret == 0


def test_pytest_fails_when_it_is_too_little(here: Path, pytester: pytest.Pytester) -> None:
    result = run(pytester, here, "--serpy-cov-fail-under=90")
    result.stdout.fnmatch_lines(["*coverage is 66.67 %, which is under 90 %*"])
    assert result.ret == 1


def test_the_processes_of_xdist_send_what_they_have(here: Path, pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    in_python(here)
    result = run(pytester, here, "-n1", "--serpy-cov-fail-under=100")
    result.stdout.fnmatch_lines(["*100%"])
    assert result.ret == 0
