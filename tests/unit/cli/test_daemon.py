"""Going to the background: the caller learns whether the server is ready. Run in a process of its own each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serpy.cli.daemon import PidFile, PidFileError

_PROGRAM = """
import os, sys
from pathlib import Path
from serpy.cli.daemon import in_background

def work(ready):
    print("starting", file=sys.stderr)
    {body}

sys.exit(in_background(work, keep_stderr={keep_stderr}))
"""


def _run(body: str, keep_stderr: bool = False) -> subprocess.CompletedProcess[str]:
    program = _PROGRAM.format(body=body, keep_stderr=keep_stderr)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("ready(); return 0", 0),
        ("ready(); return 5", 0),
        ("return 1", 1),
        ("return 7", 7),
        ("1/0", 1),
        ("os._exit(3)", 1),
    ],
)
def test_the_caller_gets_0_when_ready_else_the_exit_code(body: str, code: int) -> None:
    ended = _run(body)
    assert ended.returncode == code
    assert "starting" in ended.stderr


def test_the_daemon_runs_in_a_session_of_its_own(tmp_path: Path) -> None:
    ended = _run(f"Path({str(tmp_path / 'sid')!r}).write_text(str(os.getsid(0))); ready(); return 0")
    assert ended.returncode == 0
    assert int((tmp_path / "sid").read_text()) != os.getsid(0)


def test_after_ready_nothing_more_is_written_to_the_terminal() -> None:
    assert _run("ready(); print('late', file=sys.stderr); print('late'); return 0").stderr == "starting\n"


def test_stderr_is_kept_where_the_log_goes_there() -> None:
    assert "late" in _run("ready(); print('late', file=sys.stderr); return 0", keep_stderr=True).stderr


def test_a_pid_file_is_written_and_removed(tmp_path: Path) -> None:
    pid_file = PidFile(tmp_path / "serpy.pid")
    pid_file.write()
    assert (tmp_path / "serpy.pid").read_text() == f"{os.getpid()}\n"
    pid_file.remove()
    assert not (tmp_path / "serpy.pid").exists()


def test_a_pid_file_of_a_running_process_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "serpy.pid"
    path.write_text(str(os.getppid()))
    with pytest.raises(PidFileError, match=r"is running\. Stop it with `kill"):
        PidFile(path)


@pytest.mark.parametrize("text", ["", "nonsense", "0", "99999999"])
def test_a_stale_pid_file_is_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / "serpy.pid").write_text(text)
    PidFile(tmp_path / "serpy.pid").write()
    assert (tmp_path / "serpy.pid").read_text() == f"{os.getpid()}\n"


def test_a_pid_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(PidFileError, match="cannot write the PID file"):
        PidFile(tmp_path / "none" / "serpy.pid").write()
