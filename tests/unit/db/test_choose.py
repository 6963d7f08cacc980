"""Which database stands behind a URL. Where a server answers is a live test."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from serpy.db.api import DatabaseError, DatabaseUnavailable, NothingListens
from serpy.db.choose import DatabaseChooser, Mode, driver_module_for
from serpy.db.embedded import EmbeddedFile, embedded_path
from serpy.db.sqlite import open_sqlite
from serpy.db.tables import Column, Table
from serpy.db.url import parse_url
from serpy.log import Log
from serpy.module import Module

SILO = Table(
    "silo",
    1,
    (
        Column("mid", "int", auto=True),
        Column("dst_addr", "string", 255),
        Column("body", "blob"),
        Column("owner", "string", 255, default=""),
        Column("holder", "string", 64, default=""),
        Column("lease_until", "int", default=0),
        Column("tries", "int", default=0),
    ),
    primary=("mid",),
)


@pytest.fixture
def nobody() -> Iterator[str]:
    """A URL of this host at which nothing listens, for as long as the test runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound but not listening: refused
        yield f"mysql://user:secret@127.0.0.1:{bound.getsockname()[1]}/msilo"


def chooser(mode: Mode, folder: Path, *, foreground: bool = True, create_tables: bool = False) -> DatabaseChooser:
    return DatabaseChooser(mode, folder / "state", foreground, 0, create_tables, Log(-9))


def opened(choice: DatabaseChooser, *urls: str) -> list[str]:
    """What each URL leads to."""

    async def run() -> list[str]:
        try:
            return [(await choice.open(url, [SILO])).shown for url in urls]
        finally:
            await choice.close()

    return asyncio.run(run())


def test_auto_replaces_a_local_database_that_is_not_there_and_says_so(nobody: str, tmp_path: Path) -> None:
    choice = chooser("auto", tmp_path)
    (shown,) = opened(choice, nobody)
    file = embedded_path(tmp_path / "state", parse_url(nobody))
    assert shown == f"sqlite://{file}"
    (note,) = choice.notes
    for part in ("nothing listens", str(file), "serpy db create 'mysql://user:PASSWORD@", "--db configured"):
        assert part in note
    assert "secret" not in note


def test_auto_as_a_daemon_replaces_nothing(nobody: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="nothing listens"):
        opened(chooser("auto", tmp_path, foreground=False), nobody)
    assert not (tmp_path / "state").exists()


def test_configured_names_the_url_the_reason_and_the_next_step(nobody: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable) as error:
        opened(chooser("configured", tmp_path), nobody)
    for part in ("mysql://user@127.0.0.1", "nothing listens", "--db embedded"):
        assert part in str(error.value)
    assert "secret" not in str(error.value)


def test_a_missing_socket_is_a_database_that_is_not_there(tmp_path: Path) -> None:
    (shown,) = opened(chooser("auto", tmp_path), f"mysql://u@/msilo?socket={tmp_path}/my.sock")
    assert shown.startswith("sqlite://")


def test_auto_does_not_replace_a_database_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise NothingListens("refused")

    monkeypatch.setattr("serpy.db.choose.open_database", refused)
    with pytest.raises(DatabaseUnavailable, match="refused"):
        opened(chooser("auto", tmp_path), "mysql://u@db.example.com/msilo")


@pytest.mark.parametrize("url", ["mysql://u@db.example.com/msilo", "postgres://u@h/db", "dbtext:///var/x"])
def test_embedded_replaces_every_url(url: str, tmp_path: Path) -> None:
    choice = chooser("embedded", tmp_path)
    (shown,) = opened(choice, url)
    assert shown.startswith("sqlite://")
    assert "--db embedded" in choice.notes[0]


def test_the_folder_and_the_files_are_private(tmp_path: Path) -> None:
    opened(chooser("embedded", tmp_path), "mysql://u@h/db")
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "state").iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("mysql://a:x@localhost/db", "mysql://b:y@127.0.0.1:3306/db", True),
        ("mysql://a@h/db", "sql://a@H/db", True),
        ("mysql://a@h/db", "mysql://a@h:3307/db", False),
        ("mysql://a@h/d-b", "mysql://a@h/d_b", False),
        ("mysql://a@h/d b", "mysql://a@h/d_b", False),
        ("sqlite:///a/b", "sqlite:///a_b", False),
    ],
)
def test_one_database_has_one_file(one: str, other: str, same: bool) -> None:
    paths = {embedded_path(Path("/state"), parse_url(url)) for url in (one, other)}
    assert len(paths) == (1 if same else 2)


def test_two_urls_of_one_database_share_its_file(tmp_path: Path) -> None:
    first, second = opened(chooser("embedded", tmp_path), "mysql://a@localhost/db", "mysql://b@127.0.0.1/db")
    assert first == second


def test_missing_tables_of_a_configured_database_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    with pytest.raises(DatabaseError, match=r"table silo is missing.*serpy db create 'sqlite:///.*--create-tables"):
        opened(chooser("configured", tmp_path), f"sqlite://{tmp_path}/x.db")


def test_missing_tables_are_made_when_asked_for(tmp_path: Path) -> None:
    choice = chooser("configured", tmp_path, create_tables=True)
    opened(choice, f"sqlite://{tmp_path}/x.db")
    assert choice.notes == [f"sqlite://{tmp_path}/x.db: made the tables silo"]


def test_a_missing_file_is_not_made_by_a_server(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"no such file.*serpy db create"):
        opened(chooser("configured", tmp_path), f"sqlite://{tmp_path}/x.db")


@pytest.mark.parametrize("url", ["postgres://u@h/db", "text:///var/x"])
def test_an_unsupported_kind_is_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=f"{url.split(':')[0]}:// databases are not supported yet"):
        opened(chooser("auto", tmp_path), url)


def test_a_url_without_its_driver_module_names_the_line_to_add() -> None:
    with pytest.raises(DatabaseError, match=r'loadmodule "mysql\.so"'):
        driver_module_for(parse_url("sql://u@h/db"), {})


def stored(path: Path, bodies: list[bytes]) -> None:
    async def run() -> None:
        path.parent.mkdir(exist_ok=True)
        database = await open_sqlite(path, Log())
        await database.create([SILO])
        insert = database.insert("silo", ["dst_addr", "body", "holder", "lease_until"])
        for body in bodies:
            await insert("sip:bob@x", body, "gone:1:x", 4_000_000_000)
        await database.close()

    asyncio.run(run())


def content(path: Path, *columns: str) -> list[tuple[object, ...]]:
    async def run() -> list[tuple[object, ...]]:
        database = await open_sqlite(path, Log())
        rows = await database.select("silo", columns or ["body"], order=["mid"])()
        await database.close()
        return list(rows)

    return asyncio.run(run())


def test_undelivered_messages_move_to_the_configured_database_once(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/x.db"
    file = embedded_path(tmp_path / "state", parse_url(url))
    bodies = [b"%d" % number for number in range(250)]
    stored(file, bodies)
    choice = chooser("configured", tmp_path, create_tables=True)
    opened(choice, url)
    assert content(tmp_path / "x.db") == [(body,) for body in bodies]
    assert content(tmp_path / "x.db", "holder", "lease_until")[0] == ("gone:1:x", 0)
    assert content(file) == []
    assert f"moved 250 undelivered messages from {file} to {url} (silo)" in choice.notes
    again = chooser("configured", tmp_path)
    opened(again, url)
    assert again.notes == []


def test_messages_of_a_file_in_use_stay(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/x.db"
    file = EmbeddedFile(tmp_path / "state", parse_url(url))
    assert file.lock(alone=False)
    stored(file.path, [b"a"])
    choice = chooser("configured", tmp_path, create_tables=True)
    opened(choice, url)
    file.unlock()
    assert content(file.path) == [(b"a",)]
    assert "used by another serpy" in choice.notes[-1]


def test_a_table_that_the_script_names_needs_the_script_to_be_made(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    choice = chooser("configured", tmp_path)
    choice.use_modules({"keeper": cast(Module, SimpleNamespace(schemes=(), values={"db_table": "silo"}))})
    with pytest.raises(DatabaseError, match=r"serpy db create 'sqlite:///\S*' --script FILE"):
        opened(choice, f"sqlite://{tmp_path}/x.db")
