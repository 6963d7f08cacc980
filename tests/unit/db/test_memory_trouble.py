"""The database of tests, slow or watched: what a flow does to it."""

from __future__ import annotations

import asyncio

import pytest

from serpy.db.api import DatabaseUnavailable
from serpy.db.memory import MemoryDatabases
from serpy.db.tables import Column, Table
from serpy.testing.loop import VirtualLoop

TABLE = Table("t", version=1, columns=(Column("a", "int"),), primary=("a",))


def test_a_slow_database_suspends() -> None:
    loop = VirtualLoop(1000.0)
    databases = MemoryDatabases()
    databases.database.delay = 3.0

    async def work() -> list[tuple[int]]:
        database = await databases.open("memory:", [TABLE])
        await database.insert("t", ["a"])(1)
        return await database.select("t", ["a"])()

    assert loop.finish(work()) == [(1,)]
    assert loop.time() == 1006.0
    loop.close()


def test_every_change_is_told() -> None:
    databases = MemoryDatabases()
    seen: list[int] = []

    async def work() -> None:
        database = await databases.open("memory:", [TABLE])
        database.on_change = lambda: seen.append(len(databases.rows("t")))
        await database.insert("t", ["a"])(1)
        await database.select("t", ["a"])()
        await database.update("t", ["a"], [("a", "=")])(2, 1)
        await database.delete("t", [("a", "=")])(7)  # nothing is changed
        await database.delete("t", [("a", "=")])(2)

    asyncio.run(work())
    assert seen == [1, 1, 0]


def test_a_database_that_is_down_fails_after_its_delay() -> None:
    loop = VirtualLoop(1000.0)
    databases = MemoryDatabases()

    async def work() -> None:
        database = await databases.open("memory:", [TABLE])
        database.failure, database.delay = DatabaseUnavailable("down"), 2.0
        with pytest.raises(DatabaseUnavailable):
            await database.insert("t", ["a"])(1)

    loop.finish(work())
    assert loop.time() == 1002.0
    loop.close()
