"""The session that the README shows, with sipsak: a real client that is not ours."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.live.fixtures import Embedded
from tests.live.server import EXAMPLE, HOST, Server


@pytest.fixture
def sipsak() -> str:
    """The program; where it is missing the test is skipped, but not in CI."""
    found = shutil.which("sipsak")
    if found is None:
        text = "no sipsak; install the package sipsak"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return found


def short_port() -> int:
    """A free port of four digits: sipsak 0.9.8.1 writes no longer one into the Request-URI of a REGISTER."""
    while True:
        port = random.randrange(2000, 10000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
            try:
                trial.bind((HOST, port))
            except OSError:
                continue
            return port


def test_sipsak_stores_a_message_and_registers(sipsak: str, tmp_path: Path) -> None:
    port = short_port()
    with Server(tmp_path, EXAMPLE, port, ["-l", f"udp:{HOST}:{port}", "--db", "embedded"]):
        # a file, since sipsak 0.9.8.1 as Debian builds it ends with a segmentation fault in its message mode (-M)
        hello = tmp_path / "hello.sip"
        there = f"bob@{HOST}:{port}"
        hello.write_text(EXAMPLE.with_name("hello.sip").read_text().replace(f"bob@{HOST}", there))
        message = [sipsak, "-f", str(hello), "-s", f"sip:{there}", "-vv"]
        sent = subprocess.run(message, capture_output=True, text=True, timeout=20, check=False)
        assert "202 Accepted" in sent.stdout, sent.stdout + sent.stderr
        assert [row["body"].rstrip() for row in Embedded(tmp_path / "state").rows()] == [b"Hello bob, it is alice."]
        register = [sipsak, "-U", "-s", f"sip:carol@{HOST}:{port}", "-x", "60", "-i", "-vvv"]
        registered = subprocess.run(register, capture_output=True, text=True, timeout=20, check=False)
        assert "200 OK" in registered.stdout, registered.stdout + registered.stderr
