"""A database behind a pool of connections: statements, group commit, tables. What differs by engine are its
connections (`Link`) and a few texts, which `mysql.py` and `sqlite.py` bring."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .api import DatabaseError, RowRefused, Where
from .commit import MOST_ROWS, GroupCommit
from .pool import Pool
from .sqltext import VERSION_TABLE, Dialect, SqlText
from .tables import Table

if TYPE_CHECKING:
    from ..log import Log

CLOSING_GRACE = 5.0
"""Seconds that a closing database waits for what is under way."""


class Link(Protocol):
    """One connection. Its statements raise a DatabaseError, or ConnectionLost where the outcome is not known."""

    def is_usable(self) -> bool: ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...

    async def rows(self, bound: Any) -> list[tuple[Any, ...]]: ...

    async def change(self, bound: Any) -> int:
        """Carry out and commit; how many rows matched."""
        ...

    async def insert(self, head: str, tail: str, rows: Sequence[Any]) -> None:
        """Store and commit these rows, all or none."""
        ...


class PooledDatabase:
    """Base of the two databases of service."""

    dialect: Dialect
    most_octets: int = 1 << 30
    """The largest row that the engine takes."""

    def __init__(self, shown: str, connect: Callable[[], Awaitable[Link]], log: Log, *, changes: int) -> None:
        self.shown = shown
        self.log = log
        self.pool: Pool[Link] = Pool(shown, connect, log)
        self.general = self.pool.lane(changes)
        # inserts have a connection of their own, so that no queue of queries stands before them
        self.storing = self.pool.lane(1)
        self._groups: list[GroupCommit[Any]] = []

    @abstractmethod
    def bind(self, text: SqlText, values: Sequence[Any]) -> Any:
        """A statement with its values, as the link takes it."""

    @abstractmethod
    def row(self, values: Sequence[Any]) -> tuple[Any, int]:
        """A row as the link takes it, and about how many octets it has; raises RowRefused."""

    @abstractmethod
    async def columns(self, table: str) -> dict[str, int | None] | None: ...

    async def most_rows(self, table: str) -> int:
        """How many rows may stand in one INSERT."""
        return MOST_ROWS

    def select(
        self,
        table: str,
        columns: Sequence[str],
        where: Where = (),
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> PooledSelect:
        return PooledSelect(self, self.dialect.select(table, columns, where, order, limit))

    def insert(self, table: str, columns: Sequence[str], *, ignore_duplicates: bool = False) -> PooledInsert:
        statement = PooledInsert(self, table, columns, ignore_duplicates)
        self._groups.append(statement.group)
        return statement

    def update(self, table: str, columns: Sequence[str], where: Where) -> PooledChange:
        return PooledChange(self, self.dialect.update(table, columns, where))

    def delete(self, table: str, where: Where) -> PooledChange:
        return PooledChange(self, self.dialect.delete(table, where))

    async def query(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a text with a `?` for each value; for what is asked once."""
        bound = self.bind(_marked(text), values)
        return await self.general.submit(lambda link: link.rows(bound), repeatable=True)

    async def run(self, text: str) -> None:
        """Carry out one text; for what is done once."""
        bound = self.bind(_marked(text), ())
        await self.general.submit(lambda link: link.change(bound))

    async def create(self, tables: Sequence[Table]) -> list[str]:
        """Create those tables that are missing, and note their versions; the names of the new ones."""
        made = [table for table in tables if await self.columns(table.name) is None]
        if made and await self.columns(VERSION_TABLE.name) is None:
            made.insert(0, VERSION_TABLE)
        for table in made:
            for text in self.dialect.create(table):
                await self.run(text)
        made = [table for table in made if table is not VERSION_TABLE]
        for table in made:
            await self._note_version(table)
        return [table.name for table in made]

    async def version_column(self) -> str | None:
        """The column of SER's `version` table that holds the version; None when there is no such table."""
        columns = await self.columns(VERSION_TABLE.name)
        if columns is None:
            return None
        for name in ("table_version", "version"):  # SER 0.9 and later, SER 0.8
            if name in columns:
                return name
        raise DatabaseError(
            f"{self.shown}: the table version has neither a column table_version nor version, so it is not "
            "SER's; rename it, or use another database"
        )

    async def noted_version(self, table: str) -> int | None:
        """The version that is noted for a table."""
        column = await self.version_column()
        if column is None:
            return None
        rows = await self.select(VERSION_TABLE.name, [column], [("table_name", "=")])(table)
        return int(rows[0][0]) if rows else None

    async def _note_version(self, table: Table) -> None:
        column = await self.version_column()
        assert column is not None
        update = self.update(VERSION_TABLE.name, [column], [("table_name", "=")])
        # SER 0.8's version table has no key: an upsert would add a second row
        if await update(table.version, table.name) == 0:
            insert = self.insert(VERSION_TABLE.name, ["table_name", column])
            await insert(table.name, table.version)

    async def close(self) -> None:
        await asyncio.gather(*(group.close(CLOSING_GRACE) for group in self._groups))
        await self.pool.close(CLOSING_GRACE)


class PooledSelect:
    def __init__(self, database: PooledDatabase, text: SqlText) -> None:
        self._database = database
        self._text = text

    async def __call__(self, *values: Any) -> list[tuple[Any, ...]]:
        bound = self._database.bind(self._text, values)
        return await self._database.general.submit(lambda link: link.rows(bound), repeatable=True)


class PooledChange:
    def __init__(self, database: PooledDatabase, text: SqlText) -> None:
        self._database = database
        self._text = text

    async def __call__(self, *values: Any) -> int:
        bound = self._database.bind(self._text, values)
        return await self._database.general.submit(lambda link: link.change(bound))


class PooledInsert:
    def __init__(self, database: PooledDatabase, table: str, columns: Sequence[str], ignore_duplicates: bool) -> None:
        self._database = database
        self._table = table
        self._width = len(columns)
        self._head, self._tail = database.dialect.insert(table, columns, ignore_duplicates)
        self.group: GroupCommit[Any] = GroupCommit(self._commit, self._most_rows)

    async def __call__(self, *values: Any) -> None:
        if len(values) != self._width:
            raise TypeError(f"{self._width} values expected, {len(values)} given: {self._head}")
        row, size = self._database.row(values)
        if size > self._database.most_octets:
            raise RowRefused(
                f"{self._database.shown}: a row of {size} octets for {self._table} is larger than the database takes "
                f"({self._database.most_octets}); raise its max_allowed_packet"
            )
        await self.group.add(row, size)

    async def _most_rows(self) -> int:
        return await self._database.most_rows(self._table)

    async def _commit(self, rows: Sequence[Any]) -> None:
        await self._database.storing.submit(lambda link: link.insert(self._head, self._tail, rows))


def _marked(text: str) -> SqlText:
    return SqlText(tuple(text.split("?")), marked=text)
