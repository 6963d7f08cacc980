"""The SQLite driver, on a real file."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from serpy.db.api import DatabaseError, DatabaseUnavailable, RowRefused
from serpy.db.sqlite import SqliteDatabase, open_sqlite
from serpy.db.tables import Column, Table
from serpy.log import Log

NOTES = Table(
    "notes", 2, (Column("id", "int", auto=True), Column("who", "string", 5), Column("body", "blob")), primary=("id",)
)


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def with_database(path: Path, test: Callable[[SqliteDatabase], Awaitable[None]]) -> None:
    async def run() -> None:
        database = await open_sqlite(path / "x.sqlite3", Log())
        try:
            await database.create([NOTES])
            await test(database)
        finally:
            await database.close()

    asyncio.run(run())


def test_bytes_come_back_as_they_were_stored(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        body = bytes(range(256)) + b"'\"\\"
        await database.insert("notes", ["who", "body"])("bob", body)
        assert await database.select("notes", ["id", "who", "body"])() == [(1, "bob", body)]

    with_database(tmp_path, test)


def test_a_row_that_does_not_fit_fails_alone(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        names = ["a", "b", "toolong", "c", None, "d"]
        outcomes = await asyncio.gather(*(insert(name, b"") for name in names), return_exceptions=True)
        assert [isinstance(outcome, RowRefused) for outcome in outcomes] == [False, False, True, False, True, False]
        assert [row[0] for row in await database.select("notes", ["who"], order=["id"])()] == ["a", "b", "c", "d"]

    with_database(tmp_path, test)


def test_a_refusal_says_which_column_and_how_long(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        with pytest.raises(RowRefused, match="who is of another type than the column, or longer than 5"):
            await database.insert("notes", ["who", "body"])("toolong", b"")

    with_database(tmp_path, test)


def test_changes_are_committed_and_counted(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        await asyncio.gather(*(insert(name, b"") for name in "abc"))
        assert await database.update("notes", ["who"], [("who", "in")])("b", ["a", "b"]) == 2
        other = await open_sqlite(database.path, Log())
        assert await other.delete("notes", [("who", "=")])("b") == 2
        await other.close()
        assert await database.select("notes", ["who"])() == [("c",)]

    with_database(tmp_path, test)


def test_the_file_is_durable_and_private(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        assert await database.query("PRAGMA synchronous") == [(2,)]
        assert await database.query("PRAGMA journal_mode") == [("wal",)]
        assert modes(tmp_path) == {0o600}

    with_database(tmp_path, test)


def test_a_version_table_of_ser_0_8_is_respected(tmp_path: Path) -> None:
    async def run() -> None:
        database = await open_sqlite(tmp_path / "x.sqlite3", Log())
        await database.run("CREATE TABLE version (table_name VARCHAR(64), version INTEGER)")
        assert await database.create([NOTES]) == ["notes"]
        assert await database.create([NOTES]) == []
        assert await database.select("version", ["table_name", "version"])() == [("notes", 2)]
        assert await database.noted_version("notes") == 2
        await database.close()

    asyncio.run(run())


def test_a_missing_table_is_named_with_the_next_step(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        with pytest.raises(DatabaseError, match=r"no such table: elsewhere.*serpy db check"):
            await database.select("elsewhere", ["a"])()

    with_database(tmp_path, test)


def test_a_file_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="No such file or directory"):
        asyncio.run(open_sqlite(tmp_path / "missing" / "x.sqlite3", Log()))


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_text("this is a text, and no database at all\n" * 20)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        asyncio.run(open_sqlite(tmp_path / "x.sqlite3", Log()))


def test_closing_finishes_what_waits_and_refuses_what_comes_later(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        waiting = asyncio.gather(*(insert(name, b"") for name in "abc"))
        await asyncio.sleep(0)
        await database.close()
        await waiting
        with pytest.raises(DatabaseUnavailable, match="closed"):
            await insert("d", b"")
        with pytest.raises(DatabaseUnavailable, match="closed"):
            await database.select("notes", ["who"])()

    with_database(tmp_path, test)


def test_two_servers_write_into_one_file(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        other = await open_sqlite(database.path, Log())
        inserts = [one.insert("notes", ["who", "body"]) for one in (database, other)]
        await asyncio.gather(*(insert("x", b"") for _ in range(100) for insert in inserts))
        assert len(await other.select("notes", ["id"])()) == 200
        await other.close()

    with_database(tmp_path, test)


def test_a_statement_can_be_started_without_a_current_task(tmp_path: Path) -> None:
    async def test(database: SqliteDatabase) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[object] = loop.create_future()

        def step_as_a_script_does() -> None:
            assert asyncio.current_task() is None
            command = database.insert("notes", ["who", "body"])("bob", b"")
            future = command.send(None)

            def resume(_: object) -> None:
                with pytest.raises(StopIteration):
                    command.send(None)
                done.set_result(None)

            future.add_done_callback(resume)

        loop.call_soon(step_as_a_script_does)
        await done
        assert await database.select("notes", ["who"])() == [("bob",)]

    with_database(tmp_path, test)


@pytest.mark.parametrize("wrong", ["no folder", "a folder", "a text"])
def test_a_file_that_cannot_be_opened_is_named_with_what_to_do(tmp_path: Path, wrong: str) -> None:
    path = {"no folder": tmp_path / "no" / "x.db", "a folder": tmp_path, "a text": tmp_path / "text"}[wrong]
    (tmp_path / "text").write_text("not a database\n" * 100)
    with pytest.raises(DatabaseUnavailable, match=r"name (a file, in a folder|another file)"):
        asyncio.run(open_sqlite(path, Log(-9)))
