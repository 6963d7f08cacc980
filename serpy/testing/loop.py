"""An event loop in virtual time: it never waits, and it refuses threads and real sockets by name."""

from __future__ import annotations

import asyncio
import sys
import threading
from asyncio import base_events
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

_guarded: set[int] = set()
"""The threads in which a virtual loop is running just now."""
_hooked = False


class NotInTheLab(RuntimeError):
    """Something that a repeatable test cannot have: a thread, a socket, the real clock."""


class VirtualLoop(base_events.BaseEventLoop):
    """asyncio's own loop, with a clock that jumps to the next timer when nothing else is to be done."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self._now = start
        self._until = start
        self._clock_resolution = 1e-6  # a timer that is due so soon is due; above 2^24 s a float has no finer steps
        self._selector = self  # what the base class asks for events, and how long it may wait for them
        _install_guard()

    def time(self) -> float:
        return self._now

    def run_for(self, seconds: float) -> None:
        """Let this much virtual time pass; what is due at its very end still happens."""
        self._until = self._now + seconds
        _guarded.add(threading.get_ident())
        try:
            self.run_forever()
        finally:
            _guarded.discard(threading.get_ident())

    def finish(self, work: Any, limit: float = 3600.0) -> Any:
        """Run until this coroutine or future has ended; its result.

        Raises:
            TimeoutError: it did not end within `limit` virtual seconds.
        """
        task = asyncio.ensure_future(work, loop=self)
        task.add_done_callback(lambda _: self.stop())
        self.run_for(limit)
        if not task.done():
            raise TimeoutError(f"{task!r} did not end within {limit} virtual seconds")
        return task.result()

    def select(self, timeout: float | None) -> list[Any]:
        """Called when the loop has looked at everything that was ready: `timeout` seconds until the next timer."""
        if timeout == 0:
            return []
        due = None if timeout is None else self._scheduled[0].when()  # type: ignore[attr-defined]
        if due is None or due > self._until:
            self._now = self._until
            self.stop()
        else:
            self._now = max(self._now, due)
        return []

    def _process_events(self, event_list: Iterable[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> NoReturn:  # type: ignore[override]
        raise NotInTheLab(f"{_name(func)} would run in a thread; there are none in the lab")

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
        raise NotInTheLab(f"{_name(callback)} would read from a real socket; the lab's network is simulated")

    def add_writer(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
        raise NotInTheLab(f"{_name(callback)} would write to a real socket; the lab's network is simulated")


def _install_guard() -> None:
    global _hooked
    if _hooked:
        return
    _hooked = True
    sys.addaudithook(_guard_sockets)
    start = threading.Thread.start  # there is no audit event for it in Python 3.11

    def guarded_start(thread: threading.Thread) -> None:
        if threading.get_ident() in _guarded:
            raise NotInTheLab(f"{_name(thread.run)} would be started; there are no threads in the lab")
        start(thread)

    threading.Thread.start = guarded_start  # type: ignore[method-assign, assignment]


def _guard_sockets(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.__new__" and threading.get_ident() in _guarded:
        raise NotInTheLab(f"a socket (family {arguments[1]}) would be opened; the lab's network is simulated")


def _name(function: Any) -> str:
    owner = getattr(function, "__self__", None)
    if isinstance(owner, threading.Thread):
        target = getattr(owner, "_target", None)
        return f"thread {owner.name!r}" if target is None else f"thread {owner.name!r} ({_name(target)})"
    return getattr(function, "__qualname__", repr(function))
