"""Store and deliver for 2,000 users with sipp on both sides: nothing lost, nothing twice."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.live.fixtures import Place, Serve
from tests.live.server import HOST, Server, free_port

SCENARIOS = Path(__file__).parent / "sipp"
USERS = 2000
LIMIT = 90
"""Seconds for one side."""


@pytest.fixture(scope="module")
def sipp() -> str:
    """The program; where it is missing the tests are skipped, but not in CI."""
    found = shutil.which("sipp")
    if found is None:
        text = "no sipp; install the package sip-tester"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return found


def side(sipp: str, folder: Path, scenario: str, port: int, server: Server, *more: str) -> list[str]:
    """The command of one sipp."""
    return [
        sipp, f"{HOST}:{server.port}", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", HOST, "-p", str(port),
        "-m", str(USERS), "-timeout", str(LIMIT), "-timeout_error", "-nostdin", "-trace_err",
        "-error_file", str(folder / f"{scenario}.err"), *more,
    ]  # fmt: skip


def run(command: list[str], folder: Path) -> None:
    """Run a sipp to its end; every call must have succeeded."""
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT + 10, cwd=folder, check=False)
    errors = "\n".join(file.read_text(errors="replace")[:2000] for file in folder.glob("*.err"))
    assert ended.returncode == 0, f"sipp ended with {ended.returncode}\n{ended.stdout[-3000:]}\n{errors}"


def test_2000_messages_are_stored_and_delivered_each_exactly_once(
    serve: Serve, place: Place, sipp: str, tmp_path: Path
) -> None:
    sender, registrant, receiver = free_port(), free_port(), free_port()
    with serve(replace={"debug=9": "debug=2"}) as server:
        run(side(sipp, tmp_path, "store", sender, server, "-r", "800", "-l", "400"), tmp_path)
        stored = Counter(row["body"].decode().rstrip() for row in place.rows())  # sipp ends a body with CRLF
        assert stored == Counter(f"letter {number}" for number in range(1, USERS + 1))

        log = tmp_path / "received.log"
        listen = side(sipp, tmp_path, "receive", receiver, server, "-trace_logs", "-log_file", str(log))
        with subprocess.Popen(listen, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=tmp_path) as receiving:
            try:
                register = side(sipp, tmp_path, "register", registrant, server, "-r", "400", "-l", "400")
                run([*register, "-key", "receiver", str(receiver)], tmp_path)
                assert receiving.wait(LIMIT) == 0
            finally:
                receiving.kill()
        # the receiver ends with its 2,000th call: whoever came twice before has pushed another one out of its log,
        # and who comes after it is seen here
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as afterwards:
            afterwards.bind((HOST, receiver))
            afterwards.settimeout(1.0)
            place.wait_until_empty(within=40)
            with pytest.raises(TimeoutError):
                afterwards.recv(65535)
        received = Counter(re.findall(r"^(user\d+) (letter \d+)$", log.read_text(), re.MULTILINE))
        assert received == Counter((f"user{number}", f"letter {number}") for number in range(1, USERS + 1))
