"""The database of tests: the standard library's SQLite in memory. Nothing suspends, unless a test wants it slow."""

from __future__ import annotations

import asyncio
import sqlite3
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import lite
from .api import DatabaseError, Where
from .sqltext import VERSION_TABLE, SqlText
from .tables import Table

if TYPE_CHECKING:
    from ..module import Module


class MemoryDatabase:
    """A database that lives as long as this object."""

    shown = "memory:"

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self.connection.close)
        self.failure: DatabaseError | None = None
        """A test sets this to see what happens when the database is away: each statement raises it."""
        self.delay = 0.0
        """Seconds that each statement waits before it is carried out."""
        self.on_change: Callable[[], None] | None = None
        """Called when a module's statement may have changed a table."""

    def run(self, text: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Carry out one statement."""
        if self.failure is not None:
            raise type(self.failure)(*self.failure.args)
        try:
            return self.connection.execute(text, values)
        except lite.ERRORS as error:
            raise lite.translated(error, self.shown) from error

    async def turn(self) -> None:
        """Wait as long as a slow database would."""
        if self.delay:
            await asyncio.sleep(self.delay)

    def changed(self) -> None:
        """Tell who watches the tables."""
        if self.on_change is not None:
            self.on_change()

    def select(
        self,
        table: str,
        columns: Sequence[str],
        where: Where = (),
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> _Select:
        return _Select(self, lite.DIALECT.select(table, columns, where, order, limit))

    def insert(self, table: str, columns: Sequence[str], *, ignore_duplicates: bool = False) -> _Insert:
        head, tail = lite.DIALECT.insert(table, columns, ignore_duplicates)
        return _Insert(self, f"{head}({','.join('?' * len(columns))}){tail}")

    def update(self, table: str, columns: Sequence[str], where: Where) -> _Change:
        return _Change(self, lite.DIALECT.update(table, columns, where))

    def delete(self, table: str, where: Where) -> _Change:
        return _Change(self, lite.DIALECT.delete(table, where))

    async def columns(self, table: str) -> dict[str, int | None] | None:
        return self._columns(table)

    async def create(self, tables: Sequence[Table]) -> list[str]:
        made = [table for table in tables if self._columns(table.name) is None]
        for table in (VERSION_TABLE, *made):
            for text in lite.DIALECT.create(table):
                self.run(text)
        for table in made:
            self.run("REPLACE INTO version (table_name, table_version) VALUES (?, ?)", (table.name, table.version))
        return [table.name for table in made]

    async def close(self) -> None:
        self.connection.close()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The whole table, in the order in which the rows came in, for tests."""
        cursor = self.run(f"SELECT * FROM {lite.DIALECT.name(table)} ORDER BY rowid")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _columns(self, table: str) -> dict[str, int | None] | None:
        return lite.sizes(self.run(lite.TABLE_COLUMNS, (table,)))


class _Select:
    def __init__(self, database: MemoryDatabase, text: SqlText) -> None:
        self._database = database
        self._text = text

    async def __call__(self, *values: Any) -> list[tuple[Any, ...]]:
        await self._database.turn()
        return self._database.run(*self._text.with_marks(values)).fetchall()


class _Insert:
    def __init__(self, database: MemoryDatabase, text: str) -> None:
        self._database = database
        self._text = text

    async def __call__(self, *values: Any) -> None:
        await self._database.turn()
        self._database.run(self._text, values)
        self._database.changed()


class _Change:
    def __init__(self, database: MemoryDatabase, text: SqlText) -> None:
        self._database = database
        self._text = text

    async def __call__(self, *values: Any) -> int:
        await self._database.turn()
        count = self._database.run(*self._text.with_marks(values)).rowcount
        if count:
            self._database.changed()
        return count


class MemoryDatabases:
    """What a `DatabaseChooser` is in service: every URL leads to one database in memory, with the tables asked for.

    The content outlives `close`, as a real database outlives the server: a second server may open it again.
    """

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.notes: list[str] = []

    def use_modules(self, modules: Mapping[str, Module]) -> None:
        """The modules that the script loaded; any URL will do here."""

    async def open(self, url: str, tables: Sequence[Table]) -> MemoryDatabase:
        await self.database.create(tables)
        return self.database

    async def close(self) -> None:
        """Nothing to do."""

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, each by column name."""
        return self.database.rows(table)
