"""One side of a conversation, played by sipp."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live.server import HOST, Server

SCENARIOS = Path(__file__).parent / "sipp"
LIMIT = 90
"""Seconds for one side."""


def sipp_program() -> str:
    """The program; where it is missing the test is skipped, but not in CI."""
    found = shutil.which("sipp")
    if found is None:
        text = "no sipp; install the package sip-tester"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return found


class SippSide:
    """Plays scenarios of the folder `sipp/` towards a server, `calls` times each."""

    def __init__(self, program: str, folder: Path, server: Server, calls: int) -> None:
        self.program = program
        self.folder = folder
        self.server = server
        self.calls = calls

    def command(self, scenario: str, port: int, *more: str) -> list[str]:
        """The command line of one sipp at this port."""
        return [
            self.program, f"{HOST}:{self.server.port}", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", HOST,
            "-p", str(port), "-m", str(self.calls), "-timeout", str(LIMIT), "-timeout_error", "-nostdin", "-trace_err",
            "-error_file", str(self.folder / f"{scenario}.err"), *more,
        ]  # fmt: skip

    def run(self, scenario: str, port: int, *more: str) -> None:
        """Play to the end; every call must have succeeded."""
        command = self.command(scenario, port, *more)
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT + 10, cwd=self.folder, check=False
        )
        errors = "\n".join(file.read_text(errors="replace")[:2000] for file in self.folder.glob("*.err"))
        assert ended.returncode == 0, f"sipp ended with {ended.returncode}\n{ended.stdout[-3000:]}\n{errors}"

    def start(self, scenario: str, port: int, *more: str) -> subprocess.Popen[bytes]:
        """Play in the background."""
        command = self.command(scenario, port, *more)
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=self.folder)
