"""Which database stands behind a URL, where a MariaDB answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from serpy.db.api import Database, DatabaseError, DatabaseRefused
from serpy.db.choose import DatabaseChooser, Mode
from serpy.db.embedded import embedded_path
from serpy.db.tables import Column, Index, Table
from serpy.db.url import parse_url
from serpy.log import Log
from tests.live.mariadb import Mariadb

SILO = Table(
    "silo",
    1,
    (
        Column("mid", "int", auto=True),
        Column("r_uri", "string", 255, default=""),
        Column("ctype", "string", 255, default="text/plain"),
        Column("body", "blob"),
        Column("owner", "string", 255, default=""),
        Column("holder", "string", 64, default=""),
        Column("lease_until", "int", default=0),
        Column("tries", "int", default=0),
    ),
    primary=("mid",),
    indexes=(Index(("owner",)),),
)
BODIES = [b"one", b"\x00'\xff", b"one"]


def chooser(
    mode: Mode, folder: Path, *, foreground: bool = True, wait: float = 0, create: bool = False
) -> DatabaseChooser:
    return DatabaseChooser(mode, folder, foreground, wait, create, Log(-9))


async def store(database: Database) -> None:
    insert = database.insert("silo", ["r_uri", "body"])
    for body in BODIES:
        await insert("sip:bob@x", body)


def fresh(server: Mariadb, name: str) -> str:
    server.query(f"DROP DATABASE IF EXISTS {name}")
    return server.url(name)


def test_auto_uses_a_database_that_answers(mariadb: Mariadb, tmp_path: Path) -> None:
    async def run() -> None:
        choice = chooser("auto", tmp_path, create=True)
        url = fresh(mariadb, "auto_up")
        database = await choice.open(url, [SILO])
        assert database.shown == parse_url(url).shown
        assert await choice.open(url, [SILO]) is database
        await choice.close()

    asyncio.run(run())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["password", "database"])
def test_auto_does_not_replace_a_database_that_refuses(mariadb: Mariadb, tmp_path: Path, wrong: str) -> None:
    url = mariadb.url("auto_refuses")
    url = url.replace(":xxx@", ":secret@") if wrong == "password" else url + "_not"

    async def run() -> None:
        choice = chooser("auto", tmp_path, foreground=False, wait=60)  # nor does it wait
        try:
            await choice.open(url, [SILO])
        finally:
            await choice.close()

    with pytest.raises(DatabaseRefused) as error:
        asyncio.run(run())
    assert "secret" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_schema_is_not_made_unasked(mariadb: Mariadb, tmp_path: Path) -> None:
    url = fresh(mariadb, "empty")

    async def run(create: bool) -> list[str]:
        choice = chooser("auto", tmp_path, create=create)
        try:
            await choice.open(url, [SILO])
        finally:
            await choice.close()
        return choice.notes

    with pytest.raises(DatabaseError, match=r"silo is missing.*serpy db create 'mysql://user:PASSWORD@"):
        asyncio.run(run(False))
    assert asyncio.run(run(True)) == [f"{parse_url(url).shown}: made the tables silo"]


def test_a_daemon_waits_for_its_database(mariadb: Mariadb, tmp_path: Path) -> None:
    url = fresh(mariadb, "late")
    mariadb.stop()

    async def run() -> None:
        choice = chooser("auto", tmp_path, foreground=False, wait=60, create=True)
        opening = asyncio.ensure_future(choice.open(url, [SILO]))
        await asyncio.sleep(0.1)
        assert not opening.done()
        await asyncio.to_thread(mariadb.start)
        assert (await opening).shown == parse_url(url).shown
        await choice.close()

    try:
        asyncio.run(run())
    finally:
        mariadb.stop()
        mariadb.start()
    assert list(tmp_path.iterdir()) == []


def test_messages_kept_during_an_outage_move_over_once(mariadb: Mariadb, tmp_path: Path) -> None:
    url = fresh(mariadb, "moving")
    mariadb.stop()

    async def without() -> None:
        choice = chooser("auto", tmp_path)
        await store(await choice.open(url, [SILO]))
        await choice.close()

    async def with_it() -> list[str]:
        choice = chooser("auto", tmp_path, create=True)
        await choice.open(url, [SILO])
        await choice.close()
        return choice.notes

    try:
        asyncio.run(without())
    finally:
        mariadb.start()
    file = embedded_path(tmp_path, parse_url(url))
    assert f"moved 3 undelivered messages from {file} to {parse_url(url).shown} (silo)" in asyncio.run(with_it())
    assert [row[0] for row in mariadb.query("SELECT body FROM silo ORDER BY mid", "moving")] == BODIES
    assert asyncio.run(with_it()) == []
    assert len(mariadb.query("SELECT mid FROM silo", "moving")) == 3


def test_messages_that_a_narrow_table_refuses_stay_in_the_file(mariadb: Mariadb, tmp_path: Path) -> None:
    url = fresh(mariadb, "narrow")
    mariadb.query(
        "CREATE TABLE silo (mid INT AUTO_INCREMENT PRIMARY KEY, r_uri VARCHAR(255), ctype VARCHAR(4), body BLOB)",
        "narrow",
    )

    async def run() -> list[str]:
        choice = chooser("embedded", tmp_path)
        database = await choice.open(url, [SILO])
        insert = database.insert("silo", ["ctype", "body"])
        await asyncio.gather(insert("a/b", b"1"), insert("text/plain", b"2"), insert("c/d", b"3"))
        await choice.close()
        choice = chooser("configured", tmp_path)
        await choice.open(url, [SILO])
        await choice.close()
        return choice.notes

    moved, refused = asyncio.run(run())
    assert "moved 2 undelivered messages" in moved
    assert refused.startswith("1 messages stay in")
    assert "ctype" in refused
    assert [row[0] for row in mariadb.query("SELECT body FROM silo ORDER BY mid", "narrow")] == [b"1", b"3"]
