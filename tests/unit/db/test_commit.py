"""Group commit, with an engine that the test answers for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from serpy.db.api import DatabaseUnavailable, OutcomeUnknown, RowRefused
from serpy.db.commit import MOST_OCTETS, GroupCommit


class Engine:
    """Notes each batch; refuses those with the row `bad`; fails as told; waits while `gate` is closed."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.stored: list[str] = []
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def commit(self, rows: Sequence[str]) -> None:
        self.batches.append(list(rows))
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        if "bad" in rows:
            raise RowRefused("bad row")
        self.stored.extend(rows)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


def test_the_first_row_goes_at_once_and_the_others_together() -> None:
    async def test() -> None:
        engine = Engine()
        group = GroupCommit(engine.commit)
        engine.gate.clear()
        first = group.add("a", 1)
        await asyncio.sleep(0)
        others = [group.add(row, 1) for row in "bcd"]
        engine.gate.set()
        await asyncio.gather(first, *others)
        assert engine.batches == [["a"], ["b", "c", "d"]]

    run(test())


def test_a_bad_row_fails_alone() -> None:
    async def test() -> None:
        engine = Engine()
        group = GroupCommit(engine.commit)
        rows = ["a", "b", "bad", "c", "d"]
        outcomes = await asyncio.gather(*(group.add(row, 1) for row in rows), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [type(None), type(None), RowRefused, type(None), type(None)]
        assert engine.stored == ["a", "b", "c", "d"]

    run(test())


@pytest.mark.parametrize("kind", [OutcomeUnknown, DatabaseUnavailable])
def test_a_lost_batch_fails_for_all_its_rows_and_is_not_tried_again(kind: type[Exception]) -> None:
    async def test() -> None:
        engine = Engine()
        group = GroupCommit(engine.commit)
        engine.failure = kind("gone")
        outcomes = await asyncio.gather(*(group.add(row, 1) for row in "abc"), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [kind] * 3
        assert len({id(outcome) for outcome in outcomes}) == 3
        assert engine.batches == [["a", "b", "c"]]
        engine.failure = None
        await group.add("d", 1)
        assert engine.stored == ["d"]

    run(test())


def test_a_cancelled_waiter_neither_breaks_its_batch_nor_is_stored_later() -> None:
    async def test() -> None:
        engine = Engine()
        group = GroupCommit(engine.commit)
        engine.gate.clear()
        under_way, other = group.add("a", 1), group.add("b", 1)
        await asyncio.sleep(0)
        waiting, last = group.add("c", 1), group.add("d", 1)
        under_way.cancel()
        waiting.cancel()
        engine.gate.set()
        await asyncio.gather(other, last)
        assert engine.stored == ["a", "b", "d"]

    run(test())


def test_a_batch_has_at_most_so_many_rows_and_octets() -> None:
    async def test() -> None:
        engine = Engine()
        group = GroupCommit(engine.commit)
        await asyncio.gather(*(group.add("r", 1) for _ in range(450)))
        assert [len(batch) for batch in engine.batches] == [200, 200, 50]
        engine.batches.clear()
        await asyncio.gather(*(group.add("r", MOST_OCTETS // 2) for _ in range(3)), group.add("r", MOST_OCTETS * 3))
        assert [len(batch) for batch in engine.batches] == [2, 1, 1]

    run(test())


def test_a_table_without_transactions_gets_its_rows_one_by_one() -> None:
    async def test() -> None:
        engine = Engine()

        async def one() -> int:
            return 1

        group = GroupCommit(engine.commit, one)
        await asyncio.gather(*(group.add(row, 1) for row in "abc"))
        assert engine.batches == [["a"], ["b"], ["c"]]

    run(test())


def test_closing_commits_what_waits_and_takes_no_more() -> None:
    async def test() -> None:
        engine = Engine()
        group = GroupCommit(engine.commit)
        waiting = group.add("a", 1)
        await group.close(5)
        assert waiting.done()
        assert engine.stored == ["a"]
        with pytest.raises(DatabaseUnavailable):
            await group.add("b", 1)

    run(test())


def test_closing_does_not_wait_for_ever() -> None:
    async def test() -> None:
        engine = Engine()
        group = GroupCommit(engine.commit)
        engine.gate.clear()
        stuck = group.add("a", 1)
        await asyncio.sleep(0)
        behind = group.add("b", 1)
        await group.close(0)
        with pytest.raises(OutcomeUnknown):
            await stuck
        with pytest.raises(DatabaseUnavailable):
            await behind

    run(test())
