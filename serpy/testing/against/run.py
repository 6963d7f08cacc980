"""Flows against another server, several at a time: `serpy test --against kamailio`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TextIO

from ..flow.messages import escaped
from .others import Other
from .play import Comparison, Prepared, Status, play, prepare

MAX_WAIT = 5.0
JOBS = 8
"""Flows at a time; most of their time they wait."""
SAME, DIFFERS, NOTHING = 0, 1, 5
"""Exit codes."""
_ORDER: tuple[Status, ...] = ("differs", "error", "skipped", "same")
_DIFF = {"+": "green", "-": "red", "@": "cyan"}
_STYLES = {"differs": "bold red", "error": "bold red", "skipped": "yellow", "same": "green"}


def against(
    paths: Sequence[Path],
    other: Other,
    *,
    stream: TextIO,
    max_wait: float = MAX_WAIT,
    jobs: int = JOBS,
    color: bool = False,
    verbosity: int = 0,
) -> int:
    """Play flows to another server and tell where the two differ; the exit code.

    Args:
        paths: the flow files.
        max_wait: no wait lasts longer than so many seconds.
        verbosity: 1: the known differences too; 2: the end of the other server's log; below 0: no diffs.
    """
    began = perf_counter()
    say = _Say(stream, color)
    done = asyncio.run(_tell_each(paths, other, max_wait, jobs, say, verbosity))
    counts = Counter(one.status for one in done)
    parts = [f"{counts[word]} {'with errors' if word == 'error' else word}" for word in _ORDER if counts[word]]
    worst = next((word for word in _ORDER if counts[word]), "same")
    say(f"serpy and {other.name}: {', '.join(parts) or 'no flow'} in {perf_counter() - began:.1f} s", _STYLES[worst])
    if counts["differs"] or counts["error"]:
        return DIFFERS
    return SAME if counts["same"] else NOTHING


async def compare(paths: Sequence[Path], other: Other, max_wait: float, jobs: int = JOBS) -> AsyncIterator[Comparison]:
    """The comparisons as they come."""
    ready: list[Prepared] = []
    for path in paths:
        prepared = await asyncio.to_thread(prepare, path, other)
        if isinstance(prepared, Comparison):
            yield prepared
        else:
            ready.append(prepared)
    turn = asyncio.Semaphore(jobs)

    async def one(prepared: Prepared) -> Comparison:
        async with turn:
            try:
                return await play(prepared, other, max_wait)
            except Exception as error:  # noqa: BLE001 - the other flows go on, and this one is told as a fault
                told = f"{prepared.path}: internal error: {type(error).__name__}: {error} (please report it)"
                return Comparison(prepared.path, prepared.head.title, "error", told=(told,))

    tasks = [asyncio.create_task(one(prepared)) for prepared in ready]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for left in tasks:
            left.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # each one ends its server


async def _tell_each(
    paths: Sequence[Path], other: Other, max_wait: float, jobs: int, say: _Say, verbosity: int
) -> list[Comparison]:
    done = []
    async for one in compare(paths, other, max_wait, jobs):
        done.append(one)
        say(f"{one.status:<8} {one.title}  ({one.path})", _STYLES[one.status])
        for text in one.told:
            for line in text.splitlines():
                say(f"    {line}", "")
        if verbosity > 0:
            for text in one.accepted:
                say(f"    known: {text}", "")
        if verbosity > 1 and one.log:
            for line in one.log.splitlines():
                say(f"    {other.name}: {line}", "")
        if verbosity >= 0 and one.diff:
            for line in one.diff.split("\n"):
                say(line, "bold" if line[:4] in ("--- ", "+++ ") else _DIFF.get(line[:1], ""))
            say("", "")
    return done


class _Say:
    """Prints lines; with colours on a terminal."""

    def __init__(self, stream: TextIO, color: bool) -> None:
        self._stream = stream
        self._console = None
        if color:
            from rich.console import Console

            self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def __call__(self, text: str, style: str) -> None:
        safe = text if text.isprintable() else escaped(text)
        if self._console is None:
            print(safe, file=self._stream, flush=True)
        else:
            from rich.text import Text

            self._console.print(Text(safe, style=style), soft_wrap=True)
