"""The MySQL driver against a real MariaDB."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from serpy.db.api import DatabaseError, DatabaseRefused, DatabaseUnavailable, NothingListens, OutcomeUnknown, RowRefused
from serpy.db.mysql import MysqlDatabase, open_mysql
from serpy.db.tables import Column, Index, Table
from serpy.db.url import parse_url
from serpy.log import Log
from tests.live.mariadb import Mariadb

NOTES = Table(
    "notes",
    4,
    (
        Column("id", "int", auto=True),
        Column("who", "string", 5),
        Column("body", "blob"),
        Column("at", "datetime", default="2020-05-28 21:32:15"),
        Column("q", "float", null=True),
    ),
    primary=("id",),
    indexes=(Index(("who",)),),
)

Test = Callable[[MysqlDatabase], Awaitable[None]]


def with_database(server: Mariadb, name: str, test: Test, table: Table | None = NOTES) -> None:
    async def run() -> None:
        server.query(f"DROP DATABASE IF EXISTS {name}")
        database = await open_mysql(parse_url(server.url(name)), Log(-9))
        try:
            if table is not None:
                await database.create([table])
            await test(database)
        finally:
            await database.close()

    asyncio.run(run())


def kinds(outcomes: list[Any]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


async def until_back(database: MysqlDatabase) -> None:
    """Return when a query is answered again; fail if it never is."""
    async with asyncio.timeout(20):
        while database.pool.refusal() is not None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)
    await database.query("SELECT 1")


def test_any_octets_and_characters_come_back_as_they_were_stored(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        names = ["a'b\\", 'c"\0%', "äö😀", ""]
        bodies = [bytes(range(256)) * 3, b"\x00", b"'\"\\\x1a%s\xff\xfe", b""]
        await asyncio.gather(*(insert(name, body) for name, body in zip(names, bodies, strict=True)))
        rows = await database.select("notes", ["who", "body", "at", "q"], order=["id"])()
        assert [row[:2] for row in rows] == list(zip(names, bodies, strict=True))
        assert rows[0][2:] == ("2020-05-28 21:32:15", None)
        by_name = database.select("notes", ["body"], [("who", "="), ("body", "=")])
        for name, body in zip(names, bodies, strict=True):
            assert await by_name(name, body) == [(body,)]

    with_database(mariadb, "octets", test)


def test_a_name_with_a_blank_behind_it_is_another_name(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        await database.insert("notes", ["who", "body"])("bob", b"")
        select = database.select("notes", ["who"], [("who", "in")])
        assert await select(["bob ", "Bob"]) == []
        assert await select(["bob ", "bob"]) == [("bob",)]

    with_database(mariadb, "blanks", test)


def test_a_bad_row_in_a_batch_fails_alone(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        names = [f"n{number}" for number in range(50)]
        names[17], names[33] = "much too long", "\udcff"
        outcomes = await asyncio.gather(*(insert(name, b"") for name in names), return_exceptions=True)
        bad = {place for place, outcome in enumerate(outcomes) if isinstance(outcome, RowRefused)}
        assert bad == {17, 33}
        good = [name for place, name in enumerate(names) if place not in bad]
        assert [row[0] for row in await database.select("notes", ["who"], order=["id"])()] == good

    with_database(mariadb, "badrow", test)


def test_what_is_too_long_is_refused_and_not_cut(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        with pytest.raises(RowRefused, match="too long for column 'who'"):
            await database.insert("notes", ["who", "body"])("toolong", b"")
        await database.insert("notes", ["who", "body"])("bob", b"")
        with pytest.raises(RowRefused):
            await database.update("notes", ["who"], [])("toolong")
        assert await database.select("notes", ["who"])() == [("bob",)]

    with_database(mariadb, "strict", test)


def test_a_table_without_transactions_gets_its_rows_one_by_one(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        await database.run("ALTER TABLE notes ENGINE=MyISAM")
        insert = database.insert("notes", ["who", "body"])
        names = ["a", "b", "toolong", "c"]
        outcomes = await asyncio.gather(*(insert(name, b"") for name in names), return_exceptions=True)
        assert kinds(outcomes) == [type(None), type(None), RowRefused, type(None)]
        assert await database.select("notes", ["who"], order=["id"])() == [("a",), ("b",), ("c",)]

    with_database(mariadb, "myisam", test)


def test_an_update_answers_how_many_rows_matched(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        await asyncio.gather(*(insert(name, b"") for name in "abc"))
        update = database.update("notes", ["q"], [("who", "!=")])
        assert await update(1.5, "a") == 2
        assert await update(1.5, "a") == 2  # they hold the value already
        assert await database.delete("notes", [("q", ">")])(1) == 2

    with_database(mariadb, "matched", test)


def test_a_duplicate_is_refused_or_left_out(mariadb: Mariadb) -> None:
    keyed = Table("keyed", 1, (Column("k", "string", 5), Column("v", "int")), primary=("k",))

    async def test(database: MysqlDatabase) -> None:
        await database.insert("keyed", ["k", "v"])("a", 1)
        with pytest.raises(RowRefused, match="Duplicate"):
            await database.insert("keyed", ["k", "v"])("a", 2)
        kept = database.insert("keyed", ["k", "v"], ignore_duplicates=True)
        await asyncio.gather(kept("a", 3), kept("b", 4))
        with pytest.raises(RowRefused):
            await kept("toolong", 5)
        assert await database.select("keyed", ["k", "v"], order=["k"])() == [("a", 1), ("b", 4)]

    with_database(mariadb, "duplicates", test, keyed)


def test_create_notes_the_version_also_in_a_table_of_ser_0_8(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        assert await database.noted_version("notes") is None
        await database.run("CREATE TABLE version (table_name VARCHAR(64), version SMALLINT)")
        assert await database.create([NOTES]) == ["notes"]
        assert await database.create([NOTES]) == []
        assert await database.query("SELECT * FROM version") == [("notes", 4)]
        assert await database.columns("notes") == {"id": None, "who": 5, "body": 2**32 - 1, "at": None, "q": None}
        assert await database.columns("elsewhere") is None

    with_database(mariadb, "versions", test, None)


def test_a_row_larger_than_the_server_takes_is_refused_before_it_is_sent(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        mariadb.query("SET GLOBAL max_allowed_packet = 1048576")
        try:
            other = await open_mysql(database.url, Log(-9))
            insert = other.insert("notes", ["who", "body"])
            with pytest.raises(RowRefused, match="max_allowed_packet"):
                await insert("a", b"x" * 600_000)  # spelt out it is twice as long
            await insert("b", b"x" * 400_000)
            await other.close()
        finally:
            mariadb.query("SET GLOBAL max_allowed_packet = 16777216")

    with_database(mariadb, "packet", test)


@pytest.mark.parametrize("kill", [True, False])
def test_a_server_that_goes_away_and_comes_back(mariadb: Mariadb, kill: bool) -> None:
    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        select = database.select("notes", ["who"])
        await insert("a", b"")
        mariadb.stop(kill=kill)
        try:
            async with asyncio.timeout(3):
                outcomes = await asyncio.gather(*(insert("b", b"") for _ in range(20)), return_exceptions=True)
                assert set(kinds(outcomes)) == {NothingListens}
                with pytest.raises(DatabaseUnavailable):
                    await select()
        finally:
            mariadb.start()
        await until_back(database)
        await insert("c", b"")
        assert await select() == [("a",), ("c",)]

    with_database(mariadb, "outage", test)


def test_a_restart_between_two_statements_goes_unnoticed(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        await insert("a", b"")
        mariadb.stop()
        mariadb.start()
        await asyncio.sleep(0)  # the loop sees that the old connections were closed
        await insert("b", b"")
        assert await database.select("notes", ["who"])() == [("a",), ("b",)]

    with_database(mariadb, "restart", test)


def test_a_connection_lost_during_the_commit_leaves_the_outcome_unknown_and_sends_nothing_twice(
    mariadb: Mariadb,
) -> None:
    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        await insert("a", b"")
        mariadb.pause()
        try:
            batch = asyncio.gather(*(insert(name, b"") for name in "bcd"), return_exceptions=True)
            query = asyncio.ensure_future(database.select("notes", ["who"])())
            await asyncio.sleep(0.1)
        finally:
            mariadb.stop(kill=True)
            mariadb.start()
        assert set(kinds(await batch)) == {OutcomeUnknown}
        # a query may be asked again; it was, or nobody listened at that moment
        answer = await asyncio.gather(query, return_exceptions=True)
        assert isinstance(answer[0], list | DatabaseUnavailable)
        await until_back(database)
        await insert("e", b"")
        names = [row[0] for row in await database.select("notes", ["who"], order=["id"])()]
        assert names in (["a", "e"], ["a", "b", "c", "d", "e"])

    with_database(mariadb, "commit", test)


def test_a_server_that_does_not_answer_does_not_hang_us(mariadb: Mariadb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serpy.db.mysql_link.ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr("serpy.db.mysql_link.CONNECT_TIMEOUT", 0.3)

    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        await insert("a", b"")
        mariadb.pause()
        try:
            async with asyncio.timeout(5):
                with pytest.raises(OutcomeUnknown, match="no answer"):
                    await insert("a", b"")
                with pytest.raises(DatabaseUnavailable, match="no answer"):
                    await database.select("notes", ["who"])()
        finally:
            mariadb.resume()
        await until_back(database)

    with_database(mariadb, "silent", test)


def test_killed_connections_are_replaced(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        await database.insert("notes", ["who", "body"])("a", b"")
        for (number,) in mariadb.query("SELECT id FROM information_schema.processlist WHERE db = 'killed'"):
            mariadb.query(f"KILL {number}")
        await asyncio.sleep(0.1)  # the server's goodbye arrives
        database.pool.ping_idle()
        await database.insert("notes", ["who", "body"])("b", b"")
        assert len(await database.select("notes", ["who"])()) == 2

    with_database(mariadb, "killed", test)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"password": "secret"}, ["Access denied", "CREATE USER IF NOT EXISTS 'user'@'127.0.0.1' IDENTIFIED BY 'PASS"]),
        ({"user": "nobody", "password": "secret"}, ["Access denied", "'nobody'@"]),
        ({"database": "missing"}, ["Unknown database 'missing'", "CREATE DATABASE", "serpy db create"]),
    ],
)
def test_a_refused_login_says_what_to_do_and_no_password(
    mariadb: Mariadb, change: dict[str, str], parts: list[str]
) -> None:
    url = mariadb.url("logins", user=change.get("user", "user"), password=change.get("password", "xxx"))
    url = url.replace("/logins", "/" + change.get("database", "logins"))
    with pytest.raises(DatabaseRefused) as error:
        asyncio.run(open_mysql(parse_url(url), Log(-9)))
    for part in parts:
        assert part in str(error.value)
    assert "secret" not in str(error.value)
    assert "xxx" not in str(error.value)


def test_a_missing_table_is_named_with_the_command_that_makes_it(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        with pytest.raises(DatabaseError, match=r"notes' doesn't exist.*serpy db create"):
            await database.select("notes", ["who"])()
        with pytest.raises(DatabaseError, match=r"notes' doesn't exist.*serpy db create"):
            await database.insert("notes", ["who"])("a")

    with_database(mariadb, "missing_table", test, None)


def test_a_socket_in_the_url_is_used(mariadb: Mariadb) -> None:
    async def run() -> None:
        mariadb.url("sockets")
        database = await open_mysql(parse_url(f"mysql://user:xxx@/sockets?socket={mariadb.socket}"), Log(-9))
        assert await database.query("SELECT SUBSTRING_INDEX(USER(), '@', -1)") == [("localhost",)]
        await database.close()

    asyncio.run(run())


def test_a_cancelled_command_does_not_disturb_the_others(mariadb: Mariadb) -> None:
    async def test(database: MysqlDatabase) -> None:
        insert = database.insert("notes", ["who", "body"])
        tasks = [asyncio.ensure_future(insert(f"n{number}", b"")) for number in range(40)]
        await asyncio.sleep(0)
        for task in tasks[::4]:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [outcome is None for outcome in outcomes] == [place % 4 != 0 for place in range(40)]
        stored = {row[0] for row in await database.select("notes", ["who"])()}
        assert stored >= {f"n{number}" for number in range(40) if number % 4}

    with_database(mariadb, "cancelled", test)
