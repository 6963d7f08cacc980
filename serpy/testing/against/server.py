"""Another SIP server as a child process: started, awaited until it answers, ended by its id."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from ...host.network import Address

STARTS_WITHIN = 15.0
"""Seconds."""
SILENT = 1.5
"""Seconds after which a server that has its socket and answers nothing is taken as ready: its script may want it so."""
STOPS_WITHIN = 3.0
_LOOK = 0.02
_ASK = 0.25
_TOLD = 12
"""Lines of its log that an error shows."""
_PR_SET_PDEATHSIG = 1


class NotStarted(Exception):
    """The other server did not come up; with the end of what it said."""


class OtherServer:
    """One running server.

    Use it as an asynchronous context manager: inside, the server is ready; behind it, it has ended.

    Args:
        command: it has to stay in the foreground.
        folder: where it runs, and where its log goes.
        place: where it will listen.
        asker: a loopback address to ask from.
    """

    def __init__(self, command: Sequence[str], folder: Path, place: Address, asker: str) -> None:
        self._command, self._place, self._asker = list(command), place, asker
        self._folder = folder
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """The last lines that it printed, without control characters."""
        lines = self._log.read_text("utf-8", "replace").splitlines() if self._log.is_file() else []
        return "\n".join("".join(one if one.isprintable() else " " for one in line) for line in lines[-_TOLD:])

    async def __aenter__(self) -> Self:
        try:
            self._launch()
            await self._ready()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        await self._end()

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _launch(self) -> None:
        with self._log.open("wb") as log:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self._folder,
                    start_new_session=True,
                    preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                )
            except OSError as error:
                raise NotStarted(f"{self._command[0]}: {error.strerror}") from None

    async def _ready(self) -> None:
        """Return when it answers, or has its socket and stays silent."""
        assert self._process is not None
        loop = asyncio.get_running_loop()
        began, asked, bound = loop.time(), 0.0, 0.0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.bind((self._asker, 0))
            asker.setblocking(False)
            question = _options(self._place, asker.getsockname())
            while (now := loop.time()) < began + STARTS_WITHIN:
                code = self._process.poll()
                if code is not None:
                    raise NotStarted(f"it ended with exit code {code}:\n{self.log}")
                if not bound and _is_bound(self._place):
                    bound, asked = now, 0.0
                if now > asked + _ASK:
                    asked = now
                    _send(asker, question, self._place)
                if _answered(asker) or (bound and now > bound + SILENT):
                    return
                await asyncio.sleep(_LOOK)
        where = f"{self._place[0]}:{self._place[1]}"
        raise NotStarted(f"nothing answers at {where} within {STARTS_WITHIN:g} s:\n{self.log}")

    async def _end(self) -> None:
        """SIGTERM to it, and SIGKILL to what is left of its session."""
        process = self._process
        if process is None:
            return
        self._process = None
        if process.poll() is None:
            process.terminate()
            for _ in range(int(STOPS_WITHIN / _LOOK)):
                if process.poll() is not None:
                    break
                await asyncio.sleep(_LOOK)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the session's id is its own: nobody else is in it
        process.wait()


def _end_with_parent() -> None:
    """The child is told to end when this process dies, however it dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _options(place: Address, source: Address) -> bytes:
    """An OPTIONS that may not be forwarded, so that it does as little as possible."""
    server, asker = f"{place[0]}:{place[1]}", f"{source[0]}:{source[1]}"
    lines = [
        f"OPTIONS sip:{server} SIP/2.0",
        f"Via: SIP/2.0/UDP {asker};branch=z9hG4bK-ready",
        "Max-Forwards: 0",
        f"From: <sip:ready@{asker}>;tag=ready",
        f"To: <sip:{server}>",
        f"Call-ID: ready@{asker}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _send(asker: socket.socket, question: bytes, place: Address) -> None:
    with suppress(ConnectionError):  # told of an earlier one: nobody was there yet
        asker.sendto(question, place)


def _answered(asker: socket.socket) -> bool:
    try:
        return bool(asker.recv(65536))
    except (BlockingIOError, ConnectionError):
        return False


def _is_bound(place: Address) -> bool:
    """Whether a UDP socket has exactly this address; never on a system without /proc."""
    try:
        table = Path("/proc/net/udp").read_text()
    except OSError:
        return False
    host = int.from_bytes(socket.inet_aton(place[0]), sys.byteorder)
    return re.search(rf"^\s*\d+: {host:08X}:{place[1]:04X} ", table, re.MULTILINE) is not None
