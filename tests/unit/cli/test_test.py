"""`serpy test`: exit codes, options, and what is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from serpy.cli import run_command_line
from serpy.cli import test as command

FLOW = """\
title: {title}
script:
  loadmodule "sl"
  route {{ sl_send_reply("200", "{reason}"); }}
peers: alice 10.0.0.1:5060

> alice OPTIONS sip:127.0.0.1
"""
RECORDED = FLOW + "< alice 200 {reason}\n"


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("CI", raising=False)
        yield


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(name: str, text: str = RECORDED, *, title: str = "it answers", reason: str = "OK") -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.format(title=title, reason=reason))
    return file


def failing(name: str, title: str = "it answers otherwise") -> Path:
    file = written(name, title=title)
    file.write_text(file.read_text().replace("< alice 200 OK", "< alice 202 OK"))
    return file


def ran(out: str) -> list[str]:
    """The flows that ran, in their order."""
    timed = re.compile(r"\(([^(,]+),[^(]* m?s\)")
    return [found[1] for line in out.splitlines() if (found := timed.search(line))]


def test_flows_that_pass_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    written("a.flow")
    written("below/b.flow")
    assert run_command_line(["test"]) == 0
    assert capsys.readouterr().out.startswith("2 passed in ")


def test_a_difference_is_shown_under_its_title_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    failing("a.flow")
    assert run_command_line(["test", "a.flow"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["FAILED it answers otherwise", "--- a.flow (recorded)", "+++ a.flow (now)"]
    assert "-< alice 202 OK" in lines
    assert "+< alice 200 OK" in lines
    assert lines[-1].startswith("1 failed in ")


def test_quiet_shows_no_diff(capsys: pytest.CaptureFixture[str]) -> None:
    failing("a.flow")
    assert run_command_line(["test", "-q"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["FAILED it answers otherwise", "  a.flow"]
    assert len(lines) == 3


def test_verbose_has_a_line_for_each_flow(capsys: pytest.CaptureFixture[str]) -> None:
    written("a.flow", title="it answers at once")
    assert run_command_line(["test", "-v"]) == 0
    assert capsys.readouterr().out.startswith("passed     it answers at once  (a.flow, ")


def test_what_was_never_recorded_fails_and_says_how_to_record(capsys: pytest.CaptureFixture[str]) -> None:
    written("a.flow", FLOW)
    assert run_command_line(["test"]) == 1
    out = capsys.readouterr().out
    assert "serpy test --update a.flow" in out
    assert "1 not recorded in " in out


def test_update_records_and_the_next_run_passes(capsys: pytest.CaptureFixture[str]) -> None:
    file = written("a.flow", FLOW)
    assert run_command_line(["test", "--update"]) == 0
    assert "1 updated in " in capsys.readouterr().out
    assert file.read_text().endswith("< alice 200 OK\n")
    assert run_command_line(["test"]) == 0


def test_update_is_refused_under_ci(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    file = written("a.flow", FLOW)
    before = file.read_bytes()
    assert run_command_line(["test", "--update"]) == 4
    assert "refused under CI" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_nothing_found_ends_with_5(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["test"]) == 5
    assert "no flow file found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.flow"], "there is no file or folder missing.flow"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["-k", "(a"], "a bracket is not closed"),
        (["-j", "0"], "1 or more"),
        (["--expand", "--update"], "writes nothing"),
    ],
)
def test_a_mistake_in_the_command_line_ends_with_4(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run_command_line(["test", *arguments]) == 4
    assert told in capsys.readouterr().err


def test_k_chooses_by_path_and_title(capsys: pytest.CaptureFixture[str]) -> None:
    written("store.flow", title="a message is stored")
    written("deliver.flow", title="a message is delivered")
    assert run_command_line(["test", "-v", "-k", "message and not STORE"]) == 0
    assert ran(capsys.readouterr().out) == ["deliver.flow"]
    assert run_command_line(["test", "-k", "nothing"]) == 5


def test_x_stops_at_the_first_failure(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b", "c"):
        failing(f"{name}.flow")
    assert run_command_line(["test", "-x", "-j", "1"]) == 1
    assert "1 failed in " in (out := capsys.readouterr().out)
    assert "stopped at the first failure" in out


def test_junit_holds_the_diff(capsys: pytest.CaptureFixture[str]) -> None:
    failing("a.flow")
    written("b.flow", title="a & b < c")
    assert run_command_line(["test", "--junit", "reports/flows.xml"]) == 1
    suite = ET.parse("reports/flows.xml").getroot()[0]
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    first, second = suite
    assert (first.attrib["classname"], first.attrib["name"]) == ("a", "it answers otherwise")
    assert "+< alice 200 OK" in (first[0].text or "")
    assert (second.attrib["name"], len(second)) == ("a & b < c", 0)


def test_a_wrong_script_is_shown_as_the_checker_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    file = written("a.flow")
    file.write_text(file.read_text().replace("sl_send_reply", "sl_send_repy"))
    assert run_command_line(["test"]) == 1
    out = capsys.readouterr().out
    assert "error[unknown-command]" in out
    assert "^^^^" in out
    assert "Traceback" not in out


def test_a_wrong_flow_is_told_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    file = written("a.flow")
    file.write_text(file.read_text() + "\nwiat 4s\n")
    assert run_command_line(["test"]) == 1
    assert "a.flow:10: `wiat 4s` is no block (did you mean `wait`?)" in capsys.readouterr().out


def test_a_fault_of_serpy_is_an_error_of_that_flow_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, *, update: bool) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("serpy.testing.runner.parallel.run_flow", broken)
    written("a.flow")
    assert run_command_line(["test"]) == 1
    assert "a.flow: internal error: ZeroDivisionError: oh (test_test.py:" in capsys.readouterr().out


def test_durations_lists_the_slowest(capsys: pytest.CaptureFixture[str]) -> None:
    written("a.flow")
    written("b.flow")
    assert run_command_line(["test", "--durations", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "slowest 1"
    assert " ms  it answers  (" in lines[1]


def test_expand_prints_complete_messages_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    file = written("a.flow", FLOW)
    before = file.read_bytes()
    assert run_command_line(["test", "--expand", "a.flow"]) == 0
    out = capsys.readouterr().out
    assert "> alice raw\n  OPTIONS sip:127.0.0.1 SIP/2.0\n  Via: SIP/2.0/UDP 10.0.0.1:5060" in out
    assert file.read_bytes() == before


def test_octets_that_are_no_text_are_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    file = failing("a.flow")
    file.write_bytes(file.read_bytes().replace(b"> alice OPTIONS", b"# \x1b[31m\xff\n> alice OPTIONS"))
    assert run_command_line(["test"]) == 1
    assert "# \\x1b[31m\\xff" in capsys.readouterr().out


# -- watch -------------------------------------------------------------------------------------------------------------


def watch(monkeypatch: pytest.MonkeyPatch, *saves: Callable[[], object]) -> int:
    """Watch while these saves happen one after the other, then Ctrl-C."""
    left = list(saves)

    def pause() -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop(0)()

    monkeypatch.setattr(command, "pause", pause)
    return run_command_line(["test", "--watch", "-v"])


def test_watch_runs_again_what_a_save_affects(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written("a.flow")
    written("b.flow")
    code = watch(monkeypatch, lambda: written("b.flow", title="another"), lambda: None, lambda: written("c.flow"))
    assert code == 130
    assert ran(capsys.readouterr().out) == ["a.flow", "b.flow", "b.flow", "c.flow"]


def test_watch_follows_the_script_and_what_it_includes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("t.cfg").write_text('loadmodule "sl"\ninclude_file "reply.cfg"\n')
    Path("reply.cfg").write_text('route { sl_send_reply("200", "OK"); }\n')
    flow = written("a.flow")
    flow.write_text("title: it answers\nscript: t.cfg\n" + flow.read_text().partition("\n")[2].partition("}\n")[2])
    written("b.flow")
    wrong = 'route { sl_send_repy("200", "OK"); }\n'
    better = 'route { sl_send_reply("200", "fine"); }\n'
    watch(monkeypatch, lambda: Path("reply.cfg").write_text(wrong), lambda: Path("reply.cfg").write_text(better))
    out = capsys.readouterr().out
    assert ran(out) == ["a.flow", "b.flow", "a.flow", "a.flow"]
    assert "error[unknown-command]" in out
    assert "+< alice 200 fine" in out


def test_watch_does_not_run_again_what_it_recorded_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written("a.flow", FLOW)
    rounds = iter([None, None])

    def pause() -> None:
        if next(rounds, "over") == "over":
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "pause", pause)
    assert run_command_line(["test", "--watch", "--update"]) == 130
    assert capsys.readouterr().out.count("updated a.flow") == 1


# -- processes ---------------------------------------------------------------------------------------------------------


def test_many_flows_run_in_several_processes() -> None:
    for number in range(12):
        written(f"{number:02}.flow", title=f"number {number}")
    failing("12.flow", title="the last one")
    run = [sys.executable, "-W", "error", "-m", "serpy", "test", "-j", "2"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED the last one\n")
    assert "1 failed, 12 passed in " in done.stdout
    assert "(2 processes)" in done.stdout
    assert done.stderr == ""


def test_a_process_that_dies_is_an_error_and_no_end_without_end() -> None:
    program = """
import os
from pathlib import Path
from serpy.testing.runner import parallel

def run_flow(path, update):
    os._exit(3)

parallel.run_flow = run_flow
for outcome in parallel.run_all([Path("a.flow"), Path("b.flow")], jobs=2):
    print(outcome.status, outcome.error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert sorted(line[:14] for line in done.stdout.splitlines()) == ["error a.flow: ", "error b.flow: "]
    assert "died" in done.stdout
