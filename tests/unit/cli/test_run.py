"""`serpy FILE` as a process: what it says, how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCRIPT = "listen=127.0.0.1\nroute {{ forward(127.0.0.1, {port}); }}\n"
OPTIONS = (
    b"OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:b@c>\r\nCall-ID: c1\r\nCSeq: 1 OPTIONS\r\n\r\n"
)
SECONDS = 30.0


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    """A phone to which the script forwards everything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(SECONDS)
        yield peer


@pytest.fixture
def script(tmp_path: Path, peer: socket.socket) -> Path:
    file = tmp_path / "x.cfg"
    file.write_text(SCRIPT.format(port=peer.getsockname()[1]))
    return file


@pytest.fixture
def port() -> int:
    """A UDP port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "serpy", *map(str, arguments)]


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(*arguments), capture_output=True, text=True, timeout=SECONDS, check=False)


@contextmanager
def _serving(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A server that is ready, and the lines that it wrote until then."""
    process = subprocess.Popen(_command(*arguments), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines: list[str] = []
    try:
        for line in process.stderr:
            lines.append(line.rstrip("\n"))
            if line.startswith("ready"):
                break
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_it_serves_until_it_is_told_to_stop(script: Path, port: int, peer: socket.socket) -> None:
    with _serving(script, "-l", f"127.0.0.1:{port}") as (process, lines):
        assert f"  sockets    udp:127.0.0.1:{port}" in lines
        assert lines[-1].startswith("ready (")
        peer.sendto(OPTIONS, ("127.0.0.1", port))
        assert peer.recv(2000).startswith(b"OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_ctrl_c_ends_it_well(script: Path, port: int) -> None:
    with _serving("run", script, "-l", f"127.0.0.1:{port}") as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0


def test_a_port_in_use_is_one_clear_line(script: Path, peer: socket.socket) -> None:
    port = peer.getsockname()[1]
    ended = _run(script, "-l", f"127.0.0.1:{port}")
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"serpy: cannot listen on udp:127.0.0.1:{port}: another program uses this port. See")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("none.cfg", "cannot read .*none.cfg: No such file or directory. Check the spelling"), (".", "That is a folder")],
)
def test_a_script_that_cannot_be_read_is_told(tmp_path: Path, name: str, text: str) -> None:

    ended = _run(tmp_path / name)
    assert ended.returncode == 2
    assert re.search(text, ended.stderr)
    assert "Traceback" not in ended.stderr


def test_a_wrong_script_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "x.cfg"
    file.write_text("listen=127.0.0.1\nroute {\n  nonsense_command();\n}\n")
    ended = _run(file)
    assert ended.returncode == 2
    assert "error[unknown-command]: there is no command nonsense_command" in ended.stderr
    assert f"--> {file}:3:3\n" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("how", [["-D"], []])
def test_a_socket_to_send_from_that_is_not_there_is_told_with_its_place(
    tmp_path: Path, port: int, how: list[str]
) -> None:
    file = tmp_path / "x.cfg"
    file.write_text(
        f"listen=127.0.0.1:{port}\nroute {{\n  force_send_socket(127.0.0.1:9); forward(127.0.0.1, 9);\n}}\n"
    )
    ended = _run("-E", *how, file)
    assert ended.returncode == 2
    assert "does not listen on 127.0.0.1:9" in ended.stderr
    assert f"{file}:3:21" in ended.stderr


def test_a_daemon_s_command_returns_when_it_is_ready(
    script: Path, port: int, peer: socket.socket, tmp_path: Path
) -> None:
    pid_file = tmp_path / "serpy.pid"
    ended = _run(script, "-P", pid_file, "-l", f"127.0.0.1:{port}")
    process = int(pid_file.read_text())
    try:
        assert ended.returncode == 0
        assert os.getsid(process) != os.getsid(0)
        peer.sendto(OPTIONS, ("127.0.0.1", port))
        assert peer.recv(2000).startswith(b"OPTIONS")
        assert _run(script, "-P", pid_file, "-l", f"127.0.0.1:{port}").returncode == 1
    finally:
        os.kill(process, signal.SIGTERM)
    _wait(lambda: not pid_file.exists())


def test_a_daemon_that_cannot_start_tells_its_caller(script: Path, peer: socket.socket, tmp_path: Path) -> None:
    ended = _run(script, "-P", tmp_path / "serpy.pid", "-l", f"127.0.0.1:{peer.getsockname()[1]}")
    assert ended.returncode == 1
    assert "another program uses this port" in ended.stderr
    assert not (tmp_path / "serpy.pid").exists()


def test_told_to_stop_while_it_waits_for_its_database_it_ends(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.cfg"
    # nothing listens on this TCP port; a service of systemd waits for its database
    file.write_text(
        'listen=127.0.0.1\nloadmodule "mysql.so"\nloadmodule "msilo.so"\nloadmodule "tm.so"\n'
        f'modparam("msilo", "db_url", "mysql://user:xxx@127.0.0.1:{port}/msilo")\nroute {{ drop; }}\n'
    )
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    process = subprocess.Popen(_command(file, "-l", f"127.0.0.1:{port}"), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process:
        assert "waiting for it" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 1
        assert process.stderr.read() == "serpy: told to stop before it was ready\n"


def test_with_d_it_stays_in_the_foreground_and_writes_the_pid_file(script: Path, port: int, tmp_path: Path) -> None:
    pid_file = tmp_path / "serpy.pid"
    with _serving(script, "-D", "-P", pid_file, "-l", f"127.0.0.1:{port}") as (process, _):
        assert int(pid_file.read_text()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    assert not pid_file.exists()


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        os.sched_yield()
