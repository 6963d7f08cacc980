"""`make fuzz`: checks one odd input after the other for a minute, in a process of its own.

python -m tests.fuzz.run [--what fmt] [--seconds N] [--seed N] [--size N]
python -m tests.fuzz.run [--what fmt] FILE...        once more what was kept
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import select
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from . import inputs, scripts

KEPT = Path("build", "fuzz")
SILENCE = 60.0
"""Seconds without a word from the worker after which it hangs."""
_ADDRESS_SPACE = 3_000_000_000
"""Where a worker that eats memory is stopped: far above what it may use, which is measured."""


class Failure(NamedTuple):
    """An input that broke the checker."""

    number: int
    how: str


def case(seed: int, index: int, size: int) -> tuple[str, bytes]:
    """The input with this number: the same one for the same seed."""
    return inputs.one(random.Random(f"{seed}/{index}"), scripts.everything(), size)


def main() -> int:
    """Carry out the command line; the exit code: 0 when nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description="Try to break `serpy check`.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="inputs that were kept")
    parser.add_argument("--what", choices=("check", "fmt"), default="check", help="the command to break (check)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="where to start (the time)")
    parser.add_argument("--size", type=int, default=100_000, help="octets of the larger inputs (100000)")
    parser.add_argument("--worker", type=int, metavar="INDEX", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker is not None:
        return work(given.what, given.seed, given.worker, given.size)
    if given.files:
        return replay(given.what, given.files)
    print(f"seed {given.seed}, {given.seconds:.0f} seconds, {len(scripts.everything())} scripts to damage", flush=True)
    return hunt(given.what, given.seed, given.seconds, given.size)


def hunt(what: str, seed: int, seconds: float, size: int) -> int:
    """Run workers until the time is over or something broke."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        # an input may include itself
        Path(folder, "fuzz.cfg").write_text('include_file "fuzz.cfg"\n')
        options = [f"--what={what}", f"--seed={seed}", f"--size={size}", "--worker=0"]
        command = [sys.executable, "-m", "tests.fuzz.run", *options]
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": folder,
            "SERPY_FUZZ_MEMORY": "1",
            "SERPY_FUZZ_FOLDER": folder,
        }
        worker = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
        assert worker.stdout is not None
        try:
            done, failure = _watch(worker.stdout, began + seconds)
        finally:
            worker.kill()
            worker.wait()
    print(f"{done} inputs in {time.monotonic() - began:.0f} s", flush=True)
    if failure is None:
        return 0
    kind, data = case(seed, failure.number, size)
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"{seed}-{failure.number}.cfg"
    file.write_bytes(data)
    print(f"{failure.how}\nBroken by input {failure.number} ({kind}, {len(data)} octets), kept as {file}")
    print(f"Once more: python -m tests.fuzz.run --what {what} {file}")
    return 1


def _watch(stream: IO[bytes], until: float) -> tuple[int, Failure | None]:
    """How many inputs were done, and what broke."""
    done, told = 0, []
    for line in _lines(stream, until):
        if line is None:
            return done, Failure(done, f"nothing came for {SILENCE:.0f} seconds: it hangs")
        if line.startswith("at "):
            done = int(line[3:])
        else:
            told.append(line)
    if time.monotonic() >= until:
        return done, None
    return done, Failure(done, "\n".join(told) or "the worker died without a word")


def _lines(stream: IO[bytes], until: float) -> Iterator[str | None]:
    """What the worker says; None when it has said nothing for too long."""
    rest = b""
    last = time.monotonic()
    while time.monotonic() < until:
        ready, _, _ = select.select([stream], [], [], 0.5)
        if not ready:
            if time.monotonic() - last > SILENCE:
                yield None
                return
            continue
        got = os.read(stream.fileno(), 65536)
        last = time.monotonic()
        if not got:
            return
        *lines, rest = (rest + got).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)


def work(what: str, seed: int, index: int, size: int) -> int:
    """In the worker: one input after the other; each is announced, so that the one that kills it is known."""
    from .target import check_any, lay_out_any

    target = check_any if what == "check" else lay_out_any
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, resource.RLIM_INFINITY))
    scripts.everything()
    os.chdir(os.environ["SERPY_FUZZ_FOLDER"])
    target(b"route { ; }")  # what is loaded once is not held against the first input
    while True:
        print(f"at {index}", flush=True)
        _, data = case(seed, index, size)
        try:
            target(data)
        except BaseException:  # noqa: BLE001 # whatever it is: the input is to be kept
            print("".join(traceback.format_exc().splitlines(keepends=True)[-25:]), flush=True)
            return 1
        index += 1


def replay(what: str, files: list[Path]) -> int:
    """Check inputs that were kept."""
    from .target import check_any, lay_out_any

    target = check_any if what == "check" else lay_out_any
    target(b"route { ; }")
    for file in files:
        began = time.process_time()
        found = target(file.read_bytes(), str(file))
        size = f"{len(found)} {'findings' if what == 'check' else 'letters'}"
        print(f"{file}: {size} in {time.process_time() - began:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
