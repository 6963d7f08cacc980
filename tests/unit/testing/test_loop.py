"""The virtual loop: time jumps, nothing real happens."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from serpy.testing.loop import NotInTheLab, VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop(0.0)
    yield loop
    loop.close()


def test_a_day_passes_at_once(loop: VirtualLoop) -> None:
    seen: list[float] = []
    loop.call_later(86_400 * 2, lambda: seen.append(loop.time()))
    started = time.monotonic()
    loop.run_for(86_400 * 3)
    assert (seen, loop.time()) == ([172_800.0], 259_200.0)
    assert time.monotonic() - started < 1


def test_timers_fire_in_order_at_their_own_time(loop: VirtualLoop) -> None:
    seen: list[float] = []
    for delay in (3, 1, 2):
        loop.call_later(delay, lambda: seen.append(loop.time()))
    loop.run_for(2)
    assert seen == [1.0, 2.0]


def test_a_coroutine_runs_to_its_end(loop: VirtualLoop) -> None:
    async def work() -> str:
        await asyncio.sleep(10)
        return "done"

    assert loop.finish(work()) == "done"
    assert loop.time() == 10.0


def test_a_coroutine_that_never_ends_is_told(loop: VirtualLoop) -> None:
    waiting = loop.create_future()
    with pytest.raises(TimeoutError, match="did not end"):
        loop.finish(waiting)


@pytest.mark.parametrize(
    ("forbidden", "name"),
    [
        (lambda: threading.Thread(target=print, name="worker").start(), "worker.*print"),
        (lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), "a socket"),
        (lambda: asyncio.get_running_loop().run_in_executor(None, len, ""), "len would run in a thread"),
        (lambda: asyncio.get_running_loop().add_reader(0, print), "print would read"),
    ],
)
def test_threads_and_real_sockets_raise_with_their_name(
    loop: VirtualLoop, forbidden: Callable[[], object], name: str
) -> None:
    async def work() -> None:
        forbidden()

    with pytest.raises(NotInTheLab, match=name):
        loop.finish(work())


def test_outside_the_loop_threads_are_free(loop: VirtualLoop) -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def test_a_timer_is_due_after_a_year_too(loop: VirtualLoop) -> None:
    seen: list[int] = []
    loop.run_for(86_400 * 365.0)
    for number in range(20):
        loop.call_later(0.1 * number + 0.0137, seen.append, number)
    loop.run_for(86_400 * 3.0)
    assert seen == [*range(20)]
