"""Where the messages of a live test are stored, and the server that stores them there."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.live.mariadb import Mariadb
from tests.live.server import Server, example, free_port

PATIENCE = 10.0

_numbers = itertools.count(1)


class Place(Protocol):
    """A database of one test."""

    url: str | None
    """What stands in the script; None: the example's own URL, which is not used."""
    options: list[str]
    """What the command line must say about it."""

    def rows(self, table: str = "silo") -> list[dict[str, Any]]:
        """What is stored, oldest first; read beside the server."""
        ...

    def wait_until_empty(self, table: str = "silo", within: float = PATIENCE) -> None:
        """Return when no row is left.

        Raises:
            AssertionError: rows are left in the end.
        """
        ...


class _Place:
    def rows(self, table: str = "silo") -> list[dict[str, Any]]:
        raise NotImplementedError

    def wait_until_empty(self, table: str = "silo", within: float = PATIENCE) -> None:
        deadline = time.monotonic() + within
        while rows := self.rows(table):
            assert time.monotonic() < deadline, f"{len(rows)} rows left after {within} s: {rows[:3]}"
            time.sleep(0.02)  # a database tells nobody that it has changed


class Embedded(_Place):
    """The SQLite file under the state directory."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.url: str | None = None
        self.options = ["--db", "embedded"]

    @property
    def file(self) -> Path:
        files = [
            path for path in self.state.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"
        ]
        assert len(files) == 1, f"not one SQLite file under {self.state}: {files}"
        return files[0]

    def rows(self, table: str = "silo") -> list[dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY mid")]


class OnMariadb(_Place):
    """A database of its own on the private MariaDB server."""

    def __init__(self, server: Mariadb) -> None:
        self.server = server
        self.database = f"test{next(_numbers)}"
        self.url: str | None = server.url(self.database)
        self.options = ["--db", "configured", "--create-tables"]

    def rows(self, table: str = "silo") -> list[dict[str, Any]]:
        columns = [row[0] for row in self.server.query(f"SHOW COLUMNS FROM {table}", self.database)]
        rows = self.server.query(f"SELECT * FROM {table} ORDER BY mid", self.database)
        return [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.fixture(params=["mariadb", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Both databases, one after the other."""
    if request.param == "sqlite":
        return Embedded(tmp_path / "state")
    mariadb: Mariadb = request.getfixturevalue("mariadb")
    return OnMariadb(mariadb)


class Serve(Protocol):
    """Makes a server with the example, on the test's database."""

    def __call__(self, *, replace: Mapping[str, str] | None = None, **timers: int) -> Server:
        """`replace`: pieces of the script and what stands there instead; `timers`: tm parameters."""
        ...


@pytest.fixture
def serve(place: Place, tmp_path: Path) -> Serve:
    """How a test starts its server."""

    def make(*, replace: Mapping[str, str] | None = None, **timers: int) -> Server:
        port = free_port()
        text = example(port, database=place.url, **timers)
        for before, after in (replace or {}).items():
            assert before in text, f"the example has no {before!r}"
            text = text.replace(before, after)
        return Server(tmp_path, text, port, place.options)

    return make
