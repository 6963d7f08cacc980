"""A real serpy in a process of its own, for tests over real sockets."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

CHECKOUT = Path(__file__).parents[2]
EXAMPLE = CHECKOUT / "examples" / "msilo.cfg"
HOST = "127.0.0.1"
PATIENCE = 15.0
"""Seconds after which a test gives up; nothing ever waits that long when all is well."""


def free_port() -> int:
    """A UDP port that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def example(port: int = 5060, *, database: str | None = None, **parameters: int) -> str:
    """The text of the example on another port, with another database or tm timers: `example(5070, fr_timer=1)`."""
    text = EXAMPLE.read_text()
    changes = {"port=5060": f"port={port}"}
    if database is not None:
        changes["mysql://user:xxx@127.0.0.1/msilo"] = database
    for before, after in changes.items():
        assert text.count(before) == 1
        text = text.replace(before, after)
    for name, value in parameters.items():
        text, count = re.subn(rf'(modparam\("tm", "{name}", )\d+', rf"\g<1>{value}", text)
        assert count == 1
    return text


def serpy(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, as for `serpy -c` or a start that fails."""
    command = [sys.executable, "-m", "serpy", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, cwd=cwd, env=environment(), check=False
    )


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with the checkout importable, and without what could bend the server."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SERPY_")}
    paths = [str(CHECKOUT), *filter(None, [clean.get("PYTHONPATH")])]
    return {**clean, "PYTHONPATH": os.pathsep.join(paths), "NO_COLOR": "1", "COLUMNS": "200", **(more or {})}


class Server:
    """One running serpy.

    Use it as a context manager: it is ready inside, and on leaving it must stop cleanly within the patience.
    `kill` and `start` in between make the crash tests.
    """

    def __init__(self, folder: Path, script: str | Path, port: int, options: Sequence[str | Path] = ()) -> None:
        self.folder = folder
        self.port = port
        self.options = [*options]
        if isinstance(script, str):
            self.script = folder / "test.cfg"
            self.script.write_text(script)
        else:
            self.script = script
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        return HOST, self.port

    @property
    def log(self) -> str:
        """Everything that was printed since the first start."""
        with self._news:
            return "\n".join(self._lines)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        """Start the process and return when its log says that it is ready."""
        self.launch()
        self.wait_for(r"^ready\b")
        return self

    def launch(self) -> None:
        """Start the process and do not wait."""
        self._begin = len(self._lines)
        command = [sys.executable, "-m", "serpy", self.script, "--state-dir", self.folder / "state", *self.options]
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            cwd=self.folder,
            env=environment(),
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def wait_for(self, pattern: str, within: float = PATIENCE) -> str:
        """The first line since the last start in which the pattern is found; waits for it."""
        deadline = time.monotonic() + within
        with self._news:
            while True:
                for line in self._lines[self._begin :]:
                    if re.search(pattern, line):
                        return line
                left = deadline - time.monotonic()
                if left <= 0 or (self._process is not None and self._process.poll() is not None and not self._reading):
                    raise AssertionError(f"no log line with {pattern!r}; the log says:\n" + "\n".join(self._lines))
                self._news.wait(min(left, 0.5))

    def stop(self) -> None:
        """SIGTERM; the server must leave with 0, and its log must hold no traceback."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._end()
        assert code == 0, f"exit code {code} after SIGTERM:\n{self.log}"
        assert "Traceback" not in self.log, self.log

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._end()

    def wait(self) -> int:
        """The exit code of a process that ends by itself."""
        return self._end()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self._abandon()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._process is None:
            return
        if error is not None:
            print(self.log)  # pytest shows it beside the failure
            self._abandon()
        else:
            self.stop()

    @property
    def _reading(self) -> bool:
        return self._reader is not None and self._reader.is_alive()

    def _abandon(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._end()

    def _end(self) -> int:
        assert self._process is not None
        assert self._reader is not None
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the server did not stop within {PATIENCE} s:\n{self.log}") from None
        finally:
            self._reader.join(PATIENCE)
            self._process = None
        return code

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with self._news:
                    self._lines.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()
