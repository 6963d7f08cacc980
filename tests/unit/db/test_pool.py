"""Connections and their tasks, with an engine that the test answers for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from serpy.db.api import DatabaseUnavailable, NothingListens, OutcomeUnknown
from serpy.db.pool import ConnectionLost, Lane, Pool
from serpy.log import Log


class Connection:
    usable = True
    closed = False
    pings = 0

    def is_usable(self) -> bool:
        return self.usable

    async def ping(self) -> None:
        self.pings += 1
        await asyncio.sleep(0)

    async def close(self) -> None:
        self.closed = True


class Engine:
    """Opens connections, while it is there."""

    def __init__(self) -> None:
        self.is_there = True
        self.opened: list[Connection] = []

    async def connect(self) -> Connection:
        if not self.is_there:
            raise NothingListens("nothing listens")
        self.opened.append(Connection())
        return self.opened[-1]


async def answer(connection: Connection) -> str:
    await asyncio.sleep(0)
    return "answer"


def run(test: Callable[[Engine, Pool[Connection], Lane[Connection]], Awaitable[None]], size: int = 2) -> Engine:
    engine = Engine()

    async def run_it() -> None:
        pool = Pool("mysql://h/db", engine.connect, Log(-9))
        await test(engine, pool, pool.lane(size))
        await pool.close(1)

    asyncio.run(run_it())
    return engine


def test_there_are_no_more_connections_than_allowed_and_all_are_closed() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        assert await asyncio.gather(*(lane.submit(answer) for _ in range(50))) == ["answer"] * 50

    engine = run(test)
    assert len(engine.opened) == 2
    assert all(connection.closed for connection in engine.opened)


def test_one_job_after_the_other_needs_one_connection() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        for _ in range(5):
            await lane.submit(answer)

    assert len(run(test).opened) == 1


@pytest.mark.parametrize(("repeatable", "outcome"), [(True, "answer"), (False, OutcomeUnknown)])
def test_only_a_repeatable_job_is_run_again_when_its_connection_breaks(repeatable: bool, outcome: object) -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        async def breaks_once(connection: Connection) -> str:
            if connection is engine.opened[0]:
                raise ConnectionLost("lost")
            return "answer"

        (result,) = await asyncio.gather(lane.submit(breaks_once, repeatable=repeatable), return_exceptions=True)
        assert result == outcome or type(result) is outcome
        assert engine.opened[0].closed
        assert await lane.submit(answer) == "answer"

    run(test)


def test_a_connection_that_the_other_side_has_closed_is_replaced_before_use() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        await lane.submit(answer)
        engine.opened[0].usable = False
        assert await lane.submit(answer) == "answer"
        assert len(engine.opened) == 2

    run(test)


def test_all_that_wait_fail_at_once_when_nothing_listens() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        engine.is_there = False
        outcomes = await asyncio.gather(*(lane.submit(answer) for _ in range(9)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [NothingListens] * 9
        assert lane.submit(answer).exception() is not None  # known to be away: no attempt is made

    run(test)


def test_an_engine_that_comes_back_is_found_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serpy.db.pool.FIRST_PROBE", 0)

    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        engine.is_there = False
        with pytest.raises(DatabaseUnavailable):
            await lane.submit(answer)
        engine.is_there = True
        while pool.refusal() is not None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        assert await lane.submit(answer) == "answer"

    run(test)


def test_a_failing_job_hurts_nobody_else() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        async def fails(connection: Connection) -> str:
            raise TypeError("a fault of ours")

        outcomes = await asyncio.gather(lane.submit(fails), lane.submit(answer), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [TypeError, str]

    run(test, size=1)


def test_idle_connections_are_pinged() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        await asyncio.gather(lane.submit(answer), lane.submit(answer))
        await asyncio.sleep(0)
        pool.ping_idle()
        await lane.submit(answer)

    assert [connection.pings for connection in run(test).opened] == [1, 1]


def test_a_closed_pool_refuses() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        await pool.close(1)
        with pytest.raises(DatabaseUnavailable, match="closed"):
            await lane.submit(answer)

    run(test)


def test_a_spare_connection_that_the_other_side_has_closed_is_not_used() -> None:
    async def test(engine: Engine, pool: Pool[Connection], lane: Lane[Connection]) -> None:
        spare = await engine.connect()
        pool.adopt(spare)
        spare.usable = False  # nobody needed it all night
        assert await lane.submit(answer) == "answer"
        assert spare.closed
        assert len(engine.opened) == 2

    run(test)
