"""What a start of the example costs: CPU seconds until `ready`, wall seconds, resident memory; medians of five.

Run it with `make bench`, or `python tests/bench/startup.py` in an environment where serpy can be imported. Linux only:
the figures come from /proc.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
EXAMPLE = CHECKOUT / "examples" / "msilo.cfg"
RUNS = 5
CPU_LIMIT, CPU_AIM = 0.6, 0.3
MEMORY_LIMIT = 60.0


@dataclass(frozen=True)
class Start:
    """One start of the server."""

    cpu: float
    """Seconds on the processor, all threads, until the log said `ready`."""
    wall: float
    memory: float
    """Resident MB at that moment."""


def measure(folder: Path) -> Start:
    """Start the example on a free port and the embedded database, look at it when it is ready, and stop it.

    Raises:
        RuntimeError: it did not become ready, or did not stop in order; with its log.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["-l", f"udp:127.0.0.1:{port}", "--db", "embedded", "--state-dir", str(folder / "state")]
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "serpy", str(EXAMPLE), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=CHECKOUT,
    ) as server:
        assert server.stdout is not None
        log = []
        for line in server.stdout:
            log.append(line)
            if line.startswith("ready"):
                break
        else:
            raise RuntimeError("it did not become ready:\n" + "".join(log))
        start = Start(_cpu(server.pid), time.perf_counter() - began, _memory(server.pid))
        server.terminate()
        log.extend(server.stdout)
        if server.wait() != 0:
            raise RuntimeError(f"exit code {server.returncode}:\n" + "".join(log))
    return start


def _cpu(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def main() -> int:
    """Print the table; 1 when a limit is broken."""
    with tempfile.TemporaryDirectory(prefix="serpy-bench-") as folder:
        first = measure(Path(folder))  # fills Python's and the grammar's caches
        starts = [measure(Path(folder)) for _ in range(RUNS)]
    cpu = statistics.median(start.cpu for start in starts)
    wall = statistics.median(start.wall for start in starts)
    memory = statistics.median(start.memory for start in starts)
    lowest, highest = min(start.cpu for start in starts), max(start.cpu for start in starts)
    print(f"start to ready, {EXAMPLE.name}, Python {sys.version.split()[0]}, median of {RUNS}")
    print(f"  CPU     {cpu:6.3f} s   [{lowest:.3f}-{highest:.3f}]   limit {CPU_LIMIT} s, aim {CPU_AIM} s")
    print(f"  wall    {wall:6.3f} s   first start {first.wall:.3f} s")
    print(f"  memory  {memory:6.1f} MB  limit {MEMORY_LIMIT:.0f} MB")
    return int(cpu > CPU_LIMIT or memory > MEMORY_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
