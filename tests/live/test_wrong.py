"""Wrong things at the command line and in scripts: each gets one clear message, a next step, and its exit code."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.live.server import EXAMPLE, HOST, Server, example, free_port, serpy


def write(folder: Path, text: str) -> Path:
    file = folder / "test.cfg"
    file.write_text(text)
    return file


CANNOT_SERVE, WRONG = 1, 2
"""The exit codes: something outside is in the way (a port, a database), or the script or command line is wrong."""


def failing(*arguments: str | Path, cwd: Path, code: int) -> str:
    """What serpy says when it does not start: without a traceback, with this exit code.

    The report of a check is its output; why a server does not start stands on stderr.
    """
    ended = serpy(*arguments, "--state-dir", cwd / "state", cwd=cwd)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    said, silent = (ended.stdout, ended.stderr) if "-c" in arguments else (ended.stderr, ended.stdout)
    assert said.strip()
    assert not silent.strip()
    return said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = failing(tmp_path / "nothing.cfg", cwd=tmp_path, code=WRONG)
    assert "nothing.cfg" in said
    assert "No such file" in said or "no such file" in said


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    assert str(tmp_path) in failing(tmp_path, cwd=tmp_path, code=WRONG)


SCRIPTS = {
    "syntax error": (
        'route{\n    if (method=="MESSAGE" {\n        drop();\n    }\n}\n',
        r"test\.cfg:2:\d+",
        r"\)",
    ),
    "unknown module": ('loadmodule "maxfw.so"\nroute{ drop(); }\n', r"test\.cfg:1:\d+", "maxfwd"),
    "unknown function": (
        'loadmodule "maxfwd.so"\nroute{\n    mf_proces_maxfwd_header("10");\n}\n',
        r"test\.cfg:3:\d+",
        "mf_process_maxfwd_header",
    ),
    "function of a module that is not loaded": (
        'route{\n    sl_send_reply("404", "Not found");\n}\n',
        r"test\.cfg:2:\d+",
        'loadmodule "sl',
    ),
    "too many arguments": (
        'loadmodule "sl.so"\nroute{\n    sl_send_reply("404", "Not found", "x");\n}\n',
        r"test\.cfg:3:\d+",
        "2",
    ),
    "function not allowed in this kind of route": (
        'loadmodule "sl.so"\nloadmodule "tm.so"\nroute{ t_relay(); }\nfailure_route[1] {\n'
        '    sl_send_reply("404", "Not found");\n}\n',
        r"test\.cfg:5:\d+",
        "failure_route",
    ),
    "unknown parameter": (
        'loadmodule "tm.so"\nmodparam("tm", "fr_timr", 10)\nroute{ t_relay(); }\n',
        r"test\.cfg:2:\d+",
        "fr_timer",
    ),
    "parameter of the wrong type": (
        'loadmodule "tm.so"\nmodparam("tm", "fr_timer", "soon")\nroute{ t_relay(); }\n',
        r"test\.cfg:2:\d+",
        "number",
    ),
    "bad regular expression": (
        'route{\n    if (uri=~"sip:(bob") { drop(); };\n}\n',
        r"test\.cfg:2:\d+",
        r"[Pp]arenthesis|missing|regular expression",
    ),
    "bad database URL": (
        example().replace("mysql://user:xxx@127.0.0.1/msilo", "mysql:/user:secretpassword@127.0.0.1/msilo"),
        "mysql:/",
        "mysql://",
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_wrong_script_is_explained_at_its_place(tmp_path: Path, name: str) -> None:
    text, place, next_step = SCRIPTS[name]
    said = failing(write(tmp_path, text), cwd=tmp_path, code=WRONG)
    assert re.search(place, said), said
    assert re.search(next_step, said), said
    assert "secretpassword" not in said


@pytest.mark.parametrize("name", SCRIPTS)
def test_check_says_the_same_without_starting(tmp_path: Path, name: str) -> None:
    text, place, _ = SCRIPTS[name]
    assert re.search(place, failing("-c", write(tmp_path, text), cwd=tmp_path, code=WRONG))


def test_check_of_the_example_is_content(tmp_path: Path) -> None:
    ended = serpy("-c", EXAMPLE, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        port = other.getsockname()[1]
        said = failing(write(tmp_path, example(port)), "--db", "embedded", cwd=tmp_path, code=CANNOT_SERVE)
    assert f"{HOST}:{port}" in said
    assert "-l" in said


@pytest.mark.skipif(
    os.geteuid() == 0 or Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text().strip() == "0",
    reason="this user may open every port",
)
def test_a_port_without_permission_is_named_with_what_to_do(tmp_path: Path) -> None:
    said = failing(write(tmp_path, example(80)), "--db", "embedded", cwd=tmp_path, code=CANNOT_SERVE)
    assert "permission" in said


def test_an_address_that_this_machine_does_not_have_is_named(tmp_path: Path) -> None:
    script = example(free_port()).replace("listen=127.0.0.1", "listen=192.0.2.77")
    assert "192.0.2.77" in failing(write(tmp_path, script), "--db", "embedded", cwd=tmp_path, code=CANNOT_SERVE)


def test_a_daemon_that_cannot_write_its_pid_file_lets_go_of_everything(tmp_path: Path) -> None:
    port = free_port()
    script = write(tmp_path, example(port))
    # a folder that is there, and in which nobody makes a file: noticed only when the server is up
    said = failing(script, "-P", "/proc/serpy.pid", "--db", "embedded", cwd=tmp_path, code=CANNOT_SERVE)
    assert "cannot write the PID file /proc/serpy.pid" in said
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind((HOST, port))


def test_a_pid_file_in_no_folder_is_named_before_anything_is_opened(tmp_path: Path) -> None:
    said = failing(write(tmp_path, example(free_port())), "-P", "none/x.pid", cwd=tmp_path, code=CANNOT_SERVE)
    assert "there is no folder" in said
    assert not (tmp_path / "state").exists()


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        port = closed.getsockname()[1]
    script = example(free_port(), database=f"mysql://user:secretpassword@{HOST}:{port}/msilo")
    said = failing(write(tmp_path, script), "--db", "configured", cwd=tmp_path, code=CANNOT_SERVE)
    assert f"{HOST}:{port}" in said
    assert "--db embedded" in said
    assert "secretpassword" not in said


def test_an_absent_local_database_is_replaced_with_a_warning_that_says_how_to_switch(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        database = f"mysql://user:secretpassword@{HOST}:{closed.getsockname()[1]}/msilo"
    port = free_port()
    with Server(tmp_path, example(port, database=database), port) as server:
        assert "--db" in server.log
        assert str(tmp_path / "state") in server.log
        assert "secretpassword" not in server.log


def test_a_state_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    script = write(tmp_path, example(free_port()))
    ended = serpy(script, "--db", "embedded", "--state-dir", tmp_path / "taken" / "state", cwd=tmp_path)
    assert ended.returncode == 1
    assert str(tmp_path / "taken") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unknown_option_gets_the_usage_and_exit_code_2(tmp_path: Path) -> None:
    ended = serpy("--databse", "x", EXAMPLE, cwd=tmp_path)
    assert ended.returncode == 2
    assert "--databse" in ended.stderr
    assert "usage" in ended.stderr.lower()


def test_the_version_is_printed(tmp_path: Path) -> None:
    ended = serpy("-V", cwd=tmp_path)
    assert ended.returncode == 0
    assert re.search(r"serpy \d+\.\d+", ended.stdout)


def test_sigint_ends_the_server_with_exit_code_0(tmp_path: Path) -> None:
    port = free_port()
    server = Server(tmp_path, example(port), port, ["--db", "embedded"]).start()
    subprocess.run(["kill", "-INT", str(server.pid)], check=True)
    assert server.wait() == 0
    assert "Traceback" not in server.log


def test_a_pid_file_holds_the_process_and_goes_away_with_it(tmp_path: Path) -> None:
    port = free_port()
    file = tmp_path / "serpy.pid"
    with Server(tmp_path, example(port), port, ["--db", "embedded", "-P", file, "-D"]) as server:
        assert file.read_text().strip() == str(server.pid)
    assert not file.exists()
