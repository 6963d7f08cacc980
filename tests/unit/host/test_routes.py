"""Running routes: at once where they can, as a task where they must."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serpy.effects import Send
from serpy.host.routes import Routes
from serpy.module import Route
from serpy.script.call import Call
from serpy.testing.loop import VirtualLoop

Body = Callable[[Call], Any]


class Bench:
    """What `Routes` asks of a server; notes everything in the order in which it happens."""

    def __init__(self) -> None:
        self.loop = VirtualLoop(1000.0)
        self.events: list[str] = []
        self.routes = Routes(cast(Any, SimpleNamespace(routes={})), cast(Any, self))
        self.tasks: list[asyncio.Task[None]] = []

    def perform(self, call: Call) -> None:
        self.events += [f"sent {send.data.decode()}" for send in call.outbox]
        call.outbox.clear()

    def spawn(self, work: Any, name: str) -> None:
        self.tasks.append(self.loop.create_task(work, name=name))

    def route_failed(self, code: Any, call: Call, error: Exception) -> None:
        self.events.append(f"failed {error!r}")

    def run(self, body: Body, awaits: bool) -> None:
        code = SimpleNamespace(run=body, awaits=awaits, kind=Route.REQUEST, name="0")
        call = SimpleNamespace(outbox=[])

        def start() -> None:
            self.routes.run(cast(Any, code), cast(Any, call), lambda _, result: self.events.append(f"ended {result}"))
            self.events.append("next datagram")

        self.loop.call_soon(start)
        self.loop.run_for(10)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.loop.close()


def _send(call: Call, text: bytes) -> None:
    call.outbox.append(Send(text, cast(Any, None)))


def test_a_plain_route_runs_to_its_end_at_once(bench: Bench) -> None:
    def route(call: Call) -> int:
        _send(call, b"202")
        return 1

    bench.run(route, awaits=False)
    assert bench.events == ["sent 202", "ended 1", "next datagram"]


def test_an_async_route_that_does_not_suspend_ends_before_the_next_datagram(bench: Bench) -> None:
    async def route(call: Call) -> int:
        _send(call, b"200")
        return 5

    bench.run(route, awaits=True)
    assert bench.events == ["sent 200", "ended 5", "next datagram"]
    assert bench.tasks == []


def test_what_is_queued_is_sent_before_each_suspension_and_at_the_end(bench: Bench) -> None:
    async def route(call: Call) -> int:
        for text in (b"one", b"two"):
            _send(call, text)
            await _later(bench)
        _send(call, b"three")
        return 1

    bench.run(route, awaits=True)
    assert bench.events == ["sent one", "next datagram", "sent two", "sent three", "ended 1"]


def test_the_result_of_what_is_awaited_comes_back_into_the_route(bench: Bench) -> None:
    async def route(call: Call) -> int:
        bench.events.append(await _later(bench, "first"))
        bench.events.append(await _later(bench, "second"))
        return 1

    bench.run(route, awaits=True)
    assert bench.events[1:] == ["first", "second", "ended 1"]


@pytest.mark.parametrize("suspends_first", [False, True])
def test_an_exception_is_reported_once_and_ends_the_route_as_minus_one(bench: Bench, suspends_first: bool) -> None:
    async def route(call: Call) -> int:
        _send(call, b"100")
        if suspends_first:
            await _later(bench)
        raise ValueError("no")

    bench.run(route, awaits=True)
    assert bench.events.count("failed ValueError('no')") == 1
    assert "sent 100" in bench.events
    assert "ended -1" in bench.events


def test_an_exception_in_what_is_awaited_reaches_the_route(bench: Bench) -> None:
    async def route(call: Call) -> int:
        waited = bench.loop.create_future()
        bench.loop.call_later(1, waited.set_exception, OSError("gone"))
        try:
            await waited
        except OSError:
            return 7
        return 1

    bench.run(route, awaits=True)
    assert bench.events[-1] == "ended 7"


def test_a_plain_route_that_fails_is_reported(bench: Bench) -> None:
    bench.run(lambda call: 1 // 0, awaits=False)
    assert bench.events == [
        "failed ZeroDivisionError('integer division or modulo by zero')",
        "ended -1",
        "next datagram",
    ]


def test_a_suspended_route_can_be_cancelled(bench: Bench) -> None:
    async def route(call: Call) -> int:
        try:
            await bench.loop.create_future()
        finally:
            bench.events.append("cleaned up")
        return 1

    bench.run(route, awaits=True)
    bench.tasks[0].cancel()
    bench.loop.run_for(0)
    assert bench.events == ["next datagram", "cleaned up"]
    assert bench.tasks[0].cancelled()


def _later(bench: Bench, result: str = "") -> Awaitable[str]:
    waited: asyncio.Future[str] = bench.loop.create_future()
    bench.loop.call_later(1, waited.set_result, result)
    return waited
