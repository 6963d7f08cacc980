"""SQLite, on aiosqlite: a file that several servers may share, durable at each commit."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiosqlite

from . import lite
from .api import DatabaseError, DatabaseUnavailable
from .pool import ConnectionLost
from .pooled import PooledDatabase
from .sqltext import SqlText

if TYPE_CHECKING:
    from ..log import Log

T = TypeVar("T")

BUSY_TIMEOUT = 5.0
"""Seconds to wait while another server writes."""
WAL_ATTEMPTS = 20


async def open_sqlite(path: Path, log: Log, *, shown: str = "") -> SqliteDatabase:
    """The database in this file, which is made where it is missing, readable by its owner alone.

    Raises:
        DatabaseUnavailable
    """
    shown = shown or f"sqlite://{path}"
    try:
        # SQLite gives its companion files (-wal, -shm) the same mode
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseUnavailable(
            f"{shown}: {error.strerror}: {error.filename}; name a file, in a folder that is there and can be written to"
        ) from error
    database = SqliteDatabase(path, shown, log)
    try:
        database.pool.adopt(await database.connect())
    except DatabaseError:
        await database.close()
        raise
    return database


class SqliteDatabase(PooledDatabase):
    dialect = lite.DIALECT

    def __init__(self, path: Path, shown: str, log: Log) -> None:
        # SQLite has one writer at a time; a second connection answers queries meanwhile
        super().__init__(shown, self.connect, log, changes=1)
        self.path = path

    async def connect(self) -> SqliteLink:
        try:
            connection = await aiosqlite.connect(self.path, timeout=BUSY_TIMEOUT, isolation_level="IMMEDIATE")
        except lite.ERRORS as error:
            raise DatabaseUnavailable(f"{self.shown}: {error}") from error
        try:
            await _set_up(connection)
        except lite.ERRORS as error:
            await connection.close()
            what_next = "; move it away, or name another file" if "not a database" in str(error) else ""
            raise DatabaseUnavailable(f"{self.shown}: {error}{what_next}") from error
        return SqliteLink(connection, self.shown)

    def bind(self, text: SqlText, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        return text.with_marks(values)

    def row(self, values: Sequence[Any]) -> tuple[Sequence[Any], int]:
        return values, sum(len(value) if isinstance(value, str | bytes) else 8 for value in values)

    async def columns(self, table: str) -> dict[str, int | None] | None:
        return lite.sizes((str(name), str(kind)) for name, kind in await self.query(lite.TABLE_COLUMNS, table))


async def _set_up(connection: aiosqlite.Connection) -> None:
    for attempt in range(WAL_ATTEMPTS):
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            # the change to WAL does not wait for another server that makes it at this moment
            if attempt == WAL_ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.05)
    await connection.execute_fetchall("PRAGMA synchronous = FULL")


class SqliteLink:
    """One open connection and its thread."""

    def __init__(self, connection: aiosqlite.Connection, shown: str) -> None:
        self._connection = connection
        self._shown = shown
        self._is_usable = True

    def is_usable(self) -> bool:
        return self._is_usable

    async def ping(self) -> None:
        """A file needs no sign of life."""

    async def close(self) -> None:
        await self._connection.close()

    async def rows(self, bound: tuple[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
        try:
            return list(await self._connection.execute_fetchall(*bound))  # type: ignore[arg-type]  # plain tuples
        except lite.ERRORS as error:
            raise lite.translated(error, self._shown) from error

    async def change(self, bound: tuple[str, Sequence[Any]]) -> int:
        cursor = await self._committed(lambda: self._connection.execute(*bound))
        return cursor.rowcount

    async def insert(self, head: str, tail: str, rows: Sequence[Sequence[Any]]) -> None:
        text = f"{head}({','.join('?' * len(rows[0]))}){tail}"
        await self._committed(lambda: self._connection.executemany(text, rows))

    async def _committed(self, statement: Callable[[], Awaitable[T]]) -> T:
        try:
            answer = await statement()
            await self._connection.commit()
        except lite.ERRORS as error:
            await self._roll_back()
            raise lite.translated(error, self._shown) from error
        return answer

    async def _roll_back(self) -> None:
        try:
            await self._connection.rollback()
        except sqlite3.Error as error:
            # whether the rows are there will be seen when the file is opened again
            self._is_usable = False
            raise ConnectionLost(f"the transaction could be neither committed nor rolled back: {error}") from error
