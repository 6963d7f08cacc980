"""The session that the README shows, with sipsak: a real client that is not ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live.fixtures import Embedded
from tests.live.server import EXAMPLE, HOST, Server, free_port


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


def test_sipsak_stores_a_message_and_registers(sipsak: str, tmp_path: Path) -> None:
    port = free_port()
    with Server(tmp_path, EXAMPLE, port, ["-l", f"udp:{HOST}:{port}", "--db", "embedded"]):
        text = "hello from sipsak"
        message = [sipsak, "-M", "-s", f"sip:bob@{HOST}:{port}", "-c", f"sip:alice@{HOST}:{port}", "-B", text, "-vv"]
        sent = subprocess.run(message, capture_output=True, text=True, timeout=20, check=False)
        assert "202 Accepted" in sent.stdout, sent.stdout + sent.stderr
        assert [row["body"].rstrip() for row in Embedded(tmp_path / "state").rows()] == [text.encode()]
        register = [sipsak, "-U", "-s", f"sip:carol@{HOST}:{port}", "-x", "60", "-vv"]
        registered = subprocess.run(register, capture_output=True, text=True, timeout=20, check=False)
        assert "200 OK" in registered.stdout, registered.stdout + registered.stderr
