"""Recording what passes a running server (`serpy run --record DIR`).

The server sees a network like any other. The flow files are written by a process of their own, so that what a server
serves never waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from pathlib import Path

import serpy

from ...host.network import Address, IsBusy, Network, OnDatagram, Socket
from ...log import Log
from .passed import Passed
from .tape import MOST_FLOWS, Tape

SWEEP = 5.0
"""Seconds between two looks at which calls are over."""
PATIENCE = 15.0
"""Seconds for which the end of the server waits for the last flows."""
MOST_WAITING = 8 << 20
"""Octets that may wait for the writing process."""

Note = Callable[[Address, Address, bytes, bool], None]


class RecordedSocket:
    """A listener, and a note of whatever passes it."""

    def __init__(self, inner: Socket, note: Note) -> None:
        self._inner = inner
        self._note = note
        self._here: Address = (inner.host, inner.port)
        self.proto, self.host, self.port = inner.proto, inner.host, inner.port
        self.sent_by = self.uri_host = b""

    def start(self, is_busy: IsBusy) -> None:
        self._inner.start(is_busy)

    def close(self) -> None:
        self._inner.close()

    def send(self, data: bytes, host: str, port: int) -> None:
        self._inner.send(data, host, port)
        self._note(self._here, (host, port), data, True)


class RecordingNetwork:
    """A network of which everything that passes is noted."""

    def __init__(self, network: Network, note: Note) -> None:
        self._network = network
        self._note = note
        self.addresses = network.addresses
        self.source_for = network.source_for

    def listen(self, proto: str, host: str, port: int, on_datagram: OnDatagram, *, buffer: int = 0) -> Socket:
        note = self._note

        def take(data: bytes, source: Address, inner: Socket) -> None:
            note(source, here, data, False)
            on_datagram(data, source, recorded)

        recorded = RecordedSocket(self._network.listen(proto, host, port, take, buffer=buffer), note)
        here = (recorded.host, recorded.port)
        return recorded


class FlowRecorder:
    """Notes what passes, and lets flow files be written into a folder.

    Args:
        script: the script that is served; the flows name it by its path from the folder.
        options: more that a flow's head has to say: `defines`, `dialect`.

    Raises:
        OSError: the folder cannot be made or written into.
    """

    def __init__(self, folder: Path, script: Path, log: Log, **options: object) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "no permission to write", str(folder))
        self._work = json.dumps({"folder": str(folder.resolve()), "script": str(script.resolve()), **options})
        self._log = log
        self._tape = Tape(self._write)
        self._servers: dict[Address, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_sweep: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._groups: asyncio.Queue[bytes] = asyncio.Queue()
        self._waiting = 0
        self._has_ended = False

    def over(self, network: Network) -> RecordingNetwork:
        """The network that the server is to be given."""
        return RecordingNetwork(network, self.note)

    def note(self, source: Address, to: Address, data: bytes, is_sent: bool) -> None:
        """A datagram passes; cheap, and never fails."""
        if self._has_ended:
            return
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._next_sweep = self._loop.call_later(SWEEP, self._sweep)
        self._servers[source if is_sent else to] = None
        self._tape.note(time.time(), source, to, data, is_sent)

    async def close(self) -> None:
        """Write what is not written yet."""
        self._tape.end()
        self._end()
        if self._tasks:
            self._groups.put_nowait(b"")
            _, late = await asyncio.wait(self._tasks, timeout=PATIENCE)
            if late:
                self._log.warning("recording: the last flows were not written in time")
                for task in late:
                    task.cancel()
                await asyncio.wait(late)

    def _sweep(self) -> None:
        self._tape.sweep(time.time())
        if self._tape.is_full:
            self._log.notice(f"recorded {MOST_FLOWS} flows: recording ends here")
            self._end()
        elif self._loop is not None:
            self._next_sweep = self._loop.call_later(SWEEP, self._sweep)

    def _end(self) -> None:
        self._has_ended = True
        if self._next_sweep is not None:
            self._next_sweep.cancel()
        if self._tape.left_out:
            self._log.warning(f"recording: {self._tape.left_out} datagrams were left out, there was no room for them")

    def _write(self, datagrams: Sequence[Passed]) -> None:
        """Hand a flow to the writing process, which is started for the first one."""
        line = _encoded(datagrams, list(self._servers))
        if self._waiting + len(line) > MOST_WAITING:
            self._tape.left_out += len(datagrams)
            return
        self._waiting += len(line)
        self._groups.put_nowait(line)
        if not self._tasks and self._loop is not None:
            task = self._loop.create_task(self._feed(), name="record")
            self._tasks.add(task)

    async def _feed(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(serpy.__file__).parents[1])}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "serpy.testing.capture.writer", self._work),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
        )
        assert process.stdin is not None
        assert process.stderr is not None
        told = asyncio.ensure_future(self._tell(process.stderr))
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it says why on stderr
                while line := await self._groups.get():
                    process.stdin.write(line)
                    await process.stdin.drain()
                    self._waiting -= len(line)
            process.stdin.close()
            await process.wait()
            await told
        finally:
            if process.returncode is None:  # asyncio would wait for it at the end of this process
                process.kill()

    async def _tell(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self._log.warning(f"recording: {line.decode('utf-8', 'replace').rstrip()}")


def _encoded(datagrams: Sequence[Passed], servers: Sequence[Address]) -> bytes:
    told = [[one.at, *one.source, *one.to, b64encode(one.data).decode()] for one in datagrams]
    return json.dumps({"servers": servers, "datagrams": told}).encode() + b"\n"
