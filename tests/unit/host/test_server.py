"""A server's life: order of start and stop, hooks, timers, in-flight work, mishaps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serpy.db.memory import MemoryDatabases
from serpy.dialect import Dialect
from serpy.host.dns import HostsFile, Resolver
from serpy.host.server import Server
from serpy.ids import CountedIds
from serpy.log import Log
from serpy.module import Hook, Module, Param, Route, hook, need, timer
from serpy.script.call import Call
from serpy.script.core import Core
from serpy.testing.loop import VirtualLoop
from serpy.testing.network import SimulatedNetwork

OPTIONS = (
    b"OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:b@c>\r\nCall-ID: c1\r\nCSeq: 1 OPTIONS\r\n\r\n"
)
REPLY = b"SIP/2.0 200 OK\r\n" + OPTIONS.partition(b"\r\n")[2]

events: list[str] = []


class Base(Module):
    """Notes when it starts and stops."""

    async def start(self) -> None:
        events.append(f"start {self.name}")

    async def stop(self) -> None:
        events.append(f"stop {self.name}")


class First(Base):
    name = "first"
    tick = Param(10)

    @timer(every="tick")
    async def sweep(self) -> None:
        events.append(f"sweep {self.host.clock.now():g}")
        await asyncio.sleep(25)

    @timer(every=30)
    def plain(self) -> None:
        events.append(f"plain {self.host.clock.now():g}")


class Second(Base):
    name = "second"
    first: First = need("first")

    @hook(Hook.BEFORE_SCRIPT)
    def before(self, call: Call) -> bool:
        events.append("before")
        return call.request.method != b"ACK"

    @hook(Hook.AFTER_SCRIPT)
    def after(self, call: Call) -> None:
        events.append("after")

    @hook(Hook.REPLY)
    def consume(self, call: Call) -> bool:
        events.append(f"reply {call.response.code}")
        return True


class Broken(Base):
    name = "broken"

    async def start(self) -> None:
        raise OSError("no disk")


class Tm(Base):
    name = "tm"
    unfinished = 0

    def pending(self) -> int:
        return self.unfinished

    def abort(self, call: Call) -> None:
        events.append("abort")


class FakeScript:
    """A script made of Python functions."""

    path = "fake.cfg"
    dialect = Dialect.SER_0_9

    def __init__(self, modules: list[type[Module]], route: Callable[[Call], Any], awaits: bool = False) -> None:
        self._classes = modules
        self._code = SimpleNamespace(kind=Route.REQUEST, name="0", run=route, awaits=awaits, path="fake.cfg", line=1)

    def instances(self, host: Any) -> dict[str, Module]:
        core = Core(host)
        core.listen = ["127.0.0.1"]
        host.core = core
        made: dict[str, Module] = {"core": core, **{cls.name: cls(host) for cls in self._classes}}
        for module in made.values():
            module.bound = {attribute: made[needed.module] for attribute, needed in type(module).needs.items()}
        return made

    def arguments(self, kind: Any) -> tuple[()]:
        return ()

    def compile(self, instances: Any) -> Any:
        return SimpleNamespace(routes={(Route.REQUEST, "0"): self._code, (Route.FAILURE, "1"): self._code})


def _note(call: Call) -> int:
    events.append("script")
    return 1


class Bench:
    """A server of a fake script on a virtual loop."""

    def __init__(
        self, *modules: type[Module], route: Callable[[Call], Any] | None = None, awaits: bool = False
    ) -> None:
        events.clear()
        self.loop = VirtualLoop(1000.0)
        self.network = SimulatedNetwork(self.loop.time)
        clock = cast(Any, SimpleNamespace(now=self.loop.time, time=self.loop.time))
        self.lines: list[str] = []
        log = Log()
        log.write = lambda level, text, *_, **__: self.lines.append(text)  # type: ignore[method-assign]
        self.server = Server(
            cast(Any, FakeScript(list(modules), route or (lambda call: 1), awaits)),
            network=self.network,
            databases=MemoryDatabases(),
            clock=clock,
            ids=CountedIds(),
            log=log,
            resolver=Resolver(clock, hosts=HostsFile(Path("/nonexistent"))),
        )

    def start(self) -> None:
        self.loop.finish(self.server.start())

    def stop(self, grace: float = 0.0) -> float:
        """Stop; how long it took."""
        before = self.loop.time()
        self.loop.finish(self.server.stop(grace))
        return self.loop.time() - before

    def send(self, data: bytes) -> None:
        self.loop.call_soon(self.network.deliver, data, ("10.0.0.1", 5060), ("127.0.0.1", 5060))
        self.loop.run_for(0)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*modules: type[Module], start: bool = True, **arguments: Any) -> Bench:
        made.append(Bench(*modules, **arguments))
        if start:
            made[-1].start()
        return made[-1]

    yield make
    for one in made:
        if one.network.sockets:
            one.stop()
        one.loop.close()


Make = Callable[..., Bench]


def test_modules_start_after_what_they_need_and_stop_before_it(bench: Make) -> None:
    bench(Second, First).stop()
    assert events == ["start first", "start second", "stop second", "stop first"]


def test_a_module_that_cannot_start_stops_the_others_and_closes_the_sockets(bench: Make) -> None:
    one = bench(First, Broken, start=False)
    with pytest.raises(OSError, match="no disk"):
        one.start()
    assert events == ["start first", "stop broken", "stop first"]
    assert one.network.sockets == {}


def test_hooks_run_around_the_script(bench: Make) -> None:
    one = bench(First, Second, route=_note)
    events.clear()
    one.send(OPTIONS)
    assert events == ["before", "script", "after"]


def test_a_hook_that_answers_false_drops_the_request(bench: Make) -> None:
    one = bench(First, Second, route=_note)
    events.clear()
    one.send(OPTIONS.replace(b"OPTIONS", b"ACK"))
    assert events == ["before", "after"]
    assert one.server.stats["drop.by_module"] == 1


def test_after_a_suspended_script_the_hooks_run_at_its_real_end(bench: Make) -> None:
    async def route(call: Call) -> int:
        await asyncio.sleep(3)
        events.append("script")
        return 1

    one = bench(First, Second, route=route, awaits=True)
    events.clear()
    one.send(OPTIONS)
    assert events == ["before"]
    one.loop.run_for(4)
    assert events == ["before", "script", "after"]


def test_a_reply_that_a_hook_consumes_goes_no_further(bench: Make) -> None:
    one = bench(First, Second)
    events.clear()
    one.send(REPLY)
    assert events == ["reply 200"]
    assert one.server.stats["drop.reply"] == 0


def test_timers_keep_their_period_and_never_run_twice_at_once(bench: Make) -> None:
    one = bench(First)
    events.clear()
    one.loop.run_for(61)
    # a sweep lasts 25 s: two of three turns are left out
    assert events == ["sweep 1010", "plain 1030", "sweep 1040", "plain 1060"]
    assert one.server.stats["timer.overrun"] == 4


def test_a_script_that_fails_is_logged_once_counted_and_answered(bench: Make) -> None:
    def route(call: Call) -> int:
        call.transaction = object()
        raise ValueError("no")

    one = bench(Tm, route=route)
    one.send(OPTIONS)
    one.send(OPTIONS)
    assert events[1:] == ["abort", "abort"]
    assert one.server.stats["error.route"] == 2
    assert sum("ValueError: no" in line for line in one.lines) == 2


def test_without_a_transaction_nothing_is_answered(bench: Make) -> None:
    one = bench(Tm, route=lambda call: 1 // 0)
    one.send(OPTIONS)
    assert "abort" not in events


def test_stopping_waits_for_what_is_in_flight_but_not_longer_than_the_grace(bench: Make) -> None:
    one = bench(Tm)
    tm = cast(Tm, one.server.modules["tm"])
    tm.unfinished = 1
    one.loop.call_later(0.7, setattr, tm, "unfinished", 0)
    assert one.stop(grace=2) == pytest.approx(0.7, abs=0.06)
    other = bench(Tm)
    cast(Tm, other.server.modules["tm"]).unfinished = 1
    assert other.stop(grace=2) == pytest.approx(2, abs=0.06)


def test_a_stopping_server_takes_replies_and_no_new_requests(bench: Make) -> None:
    one = bench(Tm, First, Second)
    cast(Tm, one.server.modules["tm"]).unfinished = 1
    stopping = one.loop.create_task(one.server.stop(5))
    one.loop.run_for(1)
    events.clear()
    one.send(OPTIONS)
    one.send(REPLY)
    assert events == ["reply 200"]
    assert one.server.stats["drop.stopping"] == 1
    one.loop.call_soon(one.server.hurry)
    one.loop.run_for(0.1)
    assert stopping.done()


def test_background_work_is_cancelled_after_the_grace(bench: Make) -> None:
    one = bench(First)

    async def endless() -> None:
        try:
            await asyncio.sleep(1e6)
        finally:
            events.append("cancelled")

    one.loop.call_soon(lambda: one.server.spawn(endless(), "endless"))
    one.loop.run_for(0)
    one.stop(grace=1)
    assert events == ["start first", "cancelled", "stop first"]


def test_the_end_of_a_route_is_told_before_run_route_returns(bench: Make) -> None:
    one = bench(First, route=lambda call: 5)
    call = cast(Call, SimpleNamespace(outbox=[], kind=Route.REQUEST))
    results: list[int] = []
    one.server.run_route(Route.FAILURE, "1", call, results.append)
    assert results == [5]
    assert call.kind is Route.FAILURE
    one.server.run_route(Route.FAILURE, "9", call, results.append)
    assert results == [5, -1]
