"""Flows in several processes at once."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..coverage.collect import collecting
from ..flow.run import Outcome, run_flow
from ..loop import NotInTheLab

Run = Callable[[Path], Outcome]
WORTH = 6
"""Fewer flows than this are not worth a process of their own."""


def run_one(path: Path, *, update: bool = False, cover: bool = False) -> Outcome:
    """What came of a flow; whatever goes wrong is an outcome too. With `cover`, its hits are there as well."""
    if cover:
        with collecting() as coverage:
            outcome = run_one(path, update=update)
        return replace(outcome, hits=coverage)
    try:
        return run_flow(path, update=update)
    except NotInTheLab as error:
        return Outcome(path, path.stem, "error", error=f"{path}: {error}")
    except Exception as error:  # noqa: BLE001 - the other flows go on, and this one is told as a fault
        place = _place(error)
        told = f"{path}: internal error: {type(error).__name__}: {error} ({place})\nPlease report this with the flow."
        return Outcome(path, path.stem, "error", error=told)


def processes(flows: int, wanted: int) -> int:
    """How many processes so many flows are run in; 1: in this one."""
    return max(1, min(wanted, flows // WORTH))


def run_all(
    paths: Sequence[Path], *, jobs: int, update: bool = False, cover: bool = False
) -> Generator[Outcome, None, None]:
    """The outcomes as they come; whoever closes the iterator early stops the rest.

    Args:
        jobs: the number of processes, as `processes` gives it.
    """
    run = partial(run_one, update=update, cover=cover)
    if jobs == 1:
        yield from map(run, paths)
    else:
        yield from _in_processes(run, paths, jobs)


def _in_processes(run: Run, paths: Sequence[Path], jobs: int) -> Generator[Outcome, None, None]:
    # forking gives each process what was imported already; elsewhere than on Linux it is not safe
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(jobs, context, _ignore_interrupts)
    waiting: dict[Future[Outcome], Path] = {}
    try:
        waiting.update((pool.submit(run, path), path) for path in paths)
        for done in as_completed(tuple(waiting)):
            path = waiting.pop(done)
            try:
                outcome = done.result()
            except BrokenProcessPool:
                told = f"{path}: the process that ran it, or one beside it, died (run this flow alone to see which)"
                outcome = Outcome(path, path.stem, "error", error=told)
            yield outcome
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ctrl-C is for the process that reports."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _place(error: Exception) -> str:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}" if step is not None else "unknown place"
