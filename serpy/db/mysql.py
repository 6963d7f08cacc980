"""MySQL and MariaDB, on aiomysql."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .api import DatabaseError, RowRefused
from .commit import MOST_ROWS
from .mysql_link import MysqlLink, connect_mysql
from .pooled import PooledDatabase
from .sqltext import MysqlDialect, SqlText
from .url import DatabaseUrl

if TYPE_CHECKING:
    from ..log import Log

CONNECTIONS = 4
"""For queries and changes; inserts have one more."""
HEADROOM = 8 * 1024
"""What an INSERT has besides its rows, with room to spare."""

# engines whose multi-row INSERT stores all rows or none
_TRANSACTIONAL = frozenset({"innodb", "rocksdb", "tokudb", "ndbcluster", "ndb"})

# without padding: `bob ` is not `bob`; the first that the server knows
_COLLATIONS = ("utf8mb4_nopad_bin", "utf8mb4_0900_bin", "utf8mb4_bin")


async def open_mysql(url: DatabaseUrl, log: Log, *, ping_interval: float = 300) -> MysqlDatabase:
    """The database behind the URL, once it has let us in.

    Raises:
        NothingListens, DatabaseRefused, DatabaseUnavailable
    """
    database = MysqlDatabase(url, log)
    try:
        database.pool.adopt(await database.connect())
        await database.choose_collation()
    except DatabaseError:
        await database.close()
        raise
    database.keep_alive(ping_interval)
    return database


class MysqlDatabase(PooledDatabase):
    dialect: MysqlDialect

    def __init__(self, url: DatabaseUrl, log: Log) -> None:
        super().__init__(url.shown, self.connect, log, changes=CONNECTIONS)
        self.dialect = MysqlDialect()
        self.url = url
        self._pings: asyncio.TimerHandle | None = None

    async def connect(self) -> MysqlLink:
        link = await connect_mysql(self.url)
        self.most_octets = link.max_allowed_packet - HEADROOM
        return link

    async def choose_collation(self) -> None:
        known = {row[0] for row in await self.query("SHOW COLLATION LIKE 'utf8mb4%bin'")}
        self.dialect.collation = next((name for name in _COLLATIONS if name in known), _COLLATIONS[-1])

    def keep_alive(self, interval: float) -> None:
        """Ping the idle connections every so many seconds; 0: never."""
        if interval > 0 and not self.pool.closed:
            self.pool.ping_idle()
            self._pings = self.pool.loop.call_later(interval, self.keep_alive, interval)

    def bind(self, text: SqlText, values: Sequence[Any]) -> str:
        return text.with_literals(values, literal)

    def row(self, values: Sequence[Any]) -> tuple[bytes, int]:
        try:
            row = f"({','.join(map(literal, values))})".encode()
        except UnicodeEncodeError as error:
            raise RowRefused(f"{self.shown}: the row was refused: a text is not valid Unicode: {error}") from None
        return row, len(row)

    async def most_rows(self, table: str) -> int:
        rows = await self.query(
            "SELECT engine FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", table
        )
        engine = str(rows[0][0]) if rows else "InnoDB"
        if engine.lower() in _TRANSACTIONAL:
            return MOST_ROWS
        self.log.warning(
            f"{self.shown}: the table {table} is {engine}, which knows no transactions: each row goes alone, and a "
            f"crash of the database can lose rows. Better: ALTER TABLE {self.dialect.name(table)} ENGINE=InnoDB"
        )
        return 1

    async def columns(self, table: str) -> dict[str, int | None] | None:
        rows = await self.query(
            "SELECT column_name, character_maximum_length FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position",
            table,
        )
        return {str(name): None if size is None else int(size) for name, size in rows} or None

    async def close(self) -> None:
        if self._pings is not None:
            self._pings.cancel()
        await super().close()


def literal(value: Any) -> str:
    """A value as MySQL reads it, under the sql_mode and character set that `connect_mysql` sets.

    Raises:
        RowRefused: a number that SQL does not know.
        TypeError
    """
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise RowRefused(f"{value} cannot be stored")
        return repr(value)
    raise TypeError(f"a {type(value).__name__} cannot be stored: int, float, str, bytes and None can")
