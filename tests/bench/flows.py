"""What flow files cost: one of ten messages, beyond the load of its script; an hour of virtual time; the whole set.

Run it with `make bench`, or `python tests/bench/flows.py` in an environment where serpy can be imported.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from serpy.testing.flow.run import Outcome, run_flow

CHECKOUT = Path(__file__).parents[2]
EXAMPLE = CHECKOUT / "examples" / "msilo.cfg"
RUNS = 50
FLOW_LIMIT = 30.0
"""Milliseconds on the processor for a flow of ten messages, beyond the load of its script."""
SET_LIMIT = 10.0
"""Seconds for all flows, on two processors."""
HEAD = f"""\
title: {{title}}
script: {EXAMPLE}
peers: alice 10.0.0.1:5060, bob 10.0.0.2:5060

bob answers MESSAGE
> bob REGISTER
"""
TEN = HEAD.format(title="ten messages") + "> alice MESSAGE sip:bob@127.0.0.1\n\n  hello bob\n\n" * 9
HOUR = HEAD.format(title="an hour") + "wait 1h\n"


def main() -> int:
    """Print the table; 1 when a limit is broken."""
    os.environ.pop("CI", None)  # under which nothing is recorded
    with tempfile.TemporaryDirectory(prefix="serpy-bench-") as folder:
        ten, load = _measure(Path(folder) / "ten.flow", TEN)
        hour, _ = _measure(Path(folder) / "hour.flow", HOUR)
    whole, count = _whole_set()
    print(f"flow files, {EXAMPLE.name}, Python {sys.version.split()[0]}, median of {RUNS}")
    print(f"  ten messages   {ten:6.1f} ms CPU  limit {FLOW_LIMIT:.0f} ms; the first run, with the load, {load:.0f} ms")
    print(f"  an idle hour   {hour:6.1f} ms CPU")
    print(f"  the whole set  {whole:6.2f} s   limit {SET_LIMIT:.0f} s; {count}")
    return int(ten > FLOW_LIMIT or whole > SET_LIMIT)


def _measure(file: Path, text: str) -> tuple[float, float]:
    """Milliseconds on the processor, the median of runs with the script loaded; and by the clock, of the first run."""
    file.write_text(text)
    recorded = run_flow(file, update=True)
    if recorded.status != "updated":
        raise RuntimeError(f"{recorded.status}: {recorded.error}")
    times = [_milliseconds(lambda: run_flow(file)) for _ in range(RUNS)]
    return statistics.median(times), recorded.seconds * 1000


def _milliseconds(run: Callable[[], Outcome]) -> float:
    began = time.process_time()
    outcome = run()
    taken = (time.process_time() - began) * 1000
    if outcome.status != "passed":
        raise RuntimeError(f"{outcome.status}: {outcome.error}\n{outcome.diff}")
    return taken


def _whole_set() -> tuple[float, str]:
    """Seconds for all flows of the checkout, and what `serpy test` says of them."""
    command = [sys.executable, "-m", "serpy", "test", "-q", "tests/flows", "examples"]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"`serpy test` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return taken, done.stdout.splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
