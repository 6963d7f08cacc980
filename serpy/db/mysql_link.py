"""One connection to MySQL or MariaDB: how it is made, what its errors mean."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import aiomysql
import pymysql
from pymysql.constants import CLIENT, FIELD_TYPE
from pymysql.converters import decoders

from .api import DatabaseError, DatabaseRefused, DatabaseUnavailable, NothingListens, RowRefused
from .pool import ConnectionLost
from .url import DatabaseUrl, mysql_addresses

T = TypeVar("T")

CONNECT_TIMEOUT = 4.0
ANSWER_TIMEOUT = 30.0
"""Seconds until a server that accepts but does not answer counts as lost."""
LOCK_ATTEMPTS = 4

# strict for all tables: what does not fit is refused, not cut; backslashes in literals mean what `literal` writes
_SQL_MODE = "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"

# dates stay texts, and decimals are the only numbers that need help
_DECODERS = {kind: convert for kind, convert in decoders.items() if isinstance(kind, int)}
for _kind in (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATE, FIELD_TYPE.TIME):
    _DECODERS.pop(_kind, None)
_DECODERS |= {FIELD_TYPE.DECIMAL: float, FIELD_TYPE.NEWDECIMAL: float}

_ACCESS_DENIED = frozenset({1045, 1698})
_NOT_YOUR_DATABASE = 1044
_NO_DATABASE = 1049
_HOST_NOT_ALLOWED = frozenset({1129, 1130})
_LOCKED = frozenset({1205, 1213})
_ROW = frozenset({1048, 1118, 1153, 1264, 1265, 1292, 1364, 1366, 1406, 1411, 1416, 1644, 3819, 4025})
_LOST = frozenset({1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2014, 2055, 3169, 4031})
_NO_TABLE = 1146
_NO_RIGHT = frozenset({1142, 1143, 1370})
_WRONG_NAME = 1103
_NO_COLUMN = 1054


class _Cursor(aiomysql.Cursor):  # type: ignore[misc]  # untyped
    async def _show_warnings(self, conn: Any) -> None:
        """Ask for none: they would cost a round trip, and come when the statement has already been committed."""


class MysqlLink:
    """One open connection, in autocommit: each statement is its own transaction."""

    def __init__(self, connection: Any, cursor: Any, url: DatabaseUrl, max_allowed_packet: int) -> None:
        self._connection = connection
        self._cursor = cursor
        self._url = url
        self._shown = url.shown
        self.max_allowed_packet = max_allowed_packet

    def is_usable(self) -> bool:
        # aiomysql does not look by itself; its pool asks the reader in the same way
        reader = self._connection._reader
        return reader is not None and not reader.eof_received and reader.exception() is None

    async def ping(self) -> None:
        await self._guarded(lambda: self._connection.ping(reconnect=False))

    async def close(self) -> None:
        if self.is_usable():
            try:
                await self._connection.ensure_closed()  # with a goodbye: else the server logs an aborted connection
            except OSError:
                self._connection.close()
        else:
            self._connection.close()

    async def rows(self, bound: str) -> list[tuple[Any, ...]]:
        await self._guarded(lambda: self._cursor.execute(bound))
        return list(await self._cursor.fetchall())

    async def change(self, bound: str) -> int:
        return int(await self._guarded(lambda: self._cursor.execute(bound)))

    async def insert(self, head: str, tail: str, rows: Sequence[bytes]) -> None:
        text = head.encode() + b",".join(rows) + tail.encode()
        await self._guarded(lambda: self._cursor.execute(text))

    async def _guarded(self, statement: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(1, LOCK_ATTEMPTS + 1):
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    return await statement()
            except TimeoutError as error:
                raise ConnectionLost(f"no answer for {ANSWER_TIMEOUT:g} s") from error
            except OSError as error:
                raise ConnectionLost(f"the connection was lost: {error}") from error
            except pymysql.err.Error as error:
                code, text = _parts(error)
                # rolled back by the server, so it may be tried again
                if code in _LOCKED and attempt < LOCK_ATTEMPTS:
                    continue
                raise self._meaning(error, code, text) from error
        raise AssertionError("unreachable")

    def _meaning(self, error: pymysql.err.Error, code: int, text: str) -> Exception:
        row_error = isinstance(error, pymysql.err.DataError | pymysql.err.IntegrityError) or code in _ROW
        if row_error:
            return RowRefused(f"{self._shown}: the row was refused: {text}")
        if code in _LOST or not self.is_usable():
            return ConnectionLost(f"the connection was lost: {text}")
        if code == _NO_TABLE:
            return DatabaseError(f"{self._shown}: {text}. To make it, type: serpy db create '{self._url.typed}'")
        if code in _NO_RIGHT:
            *_, grant = _statements(self._url, text)
            return DatabaseError(f"{self._shown}: {text}. As an administrator of the database:\n{grant}")
        if code == _WRONG_NAME:
            return DatabaseError(f"{self._shown}: {text}. Give the table another name in the script")
        if code == _NO_COLUMN:
            return DatabaseError(f"{self._shown}: {text}. See what it should be: serpy db check '{self._url.typed}'")
        return DatabaseError(f"{self._shown}: {text} ({code})")


async def connect_mysql(url: DatabaseUrl) -> MysqlLink:
    """Open a connection: the first of the URL's addresses at which anybody listens.

    Raises:
        NothingListens, DatabaseRefused, DatabaseUnavailable: with what to do next.
    """
    nobody: list[str] = []
    for address in mysql_addresses(url):
        where = str(address) if isinstance(address, Path) else f"{address[0]} port {address[1]}"
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return await _connect(url, address)
        except TimeoutError:
            raise DatabaseUnavailable(
                f"{url.shown}: no answer from {where} for {CONNECT_TIMEOUT:g} s; see whether the database "
                "server is well, and whether a firewall is in between"
            ) from None
        except pymysql.err.Error as error:
            code, text = _parts(error)
            if isinstance(error.__cause__, ConnectionRefusedError | FileNotFoundError):
                nobody.append(where)
                continue
            if isinstance(error.__cause__, socket.gaierror):
                raise DatabaseUnavailable(
                    f"{url.shown}: the name {url.host} cannot be found ({error.__cause__.strerror}); mend the host in "
                    "the URL, or the name service"
                ) from error
            raise _refusal(url, where, code, str(error.__cause__ or text)) from error
        except OSError as error:
            raise DatabaseUnavailable(f"{url.shown}: {where}: {error}") from error
        except RuntimeError as error:
            # the user's way of logging in needs a package that is not installed
            raise DatabaseRefused(f"{url.shown}: {error}. Or give the user mysql_native_password") from error
    raise NothingListens(f"{url.shown}: nothing listens on {' or '.join(nobody)}; start the database server")


async def _connect(url: DatabaseUrl, address: tuple[str, int] | Path) -> MysqlLink:
    place: dict[str, Any] = (
        {"unix_socket": str(address)} if isinstance(address, Path) else {"host": address[0], "port": address[1]}
    )
    connection = await aiomysql.connect(
        **place,
        user=url.user or None,
        password=url.password,
        db=url.database,
        charset="utf8mb4",
        sql_mode=_SQL_MODE,
        # an UPDATE answers how many rows matched, also where they held the values already
        client_flag=CLIENT.FOUND_ROWS,
        cursorclass=_Cursor,
        conv=_DECODERS,
        autocommit=True,
        program_name="serpy",
    )
    try:
        cursor = await connection.cursor()
        await cursor.execute("SELECT @@max_allowed_packet")
        (largest,) = await cursor.fetchone()
    except BaseException:
        connection.close()
        raise
    return MysqlLink(connection, cursor, url, int(largest))


def _parts(error: pymysql.err.Error) -> tuple[int, str]:
    if len(error.args) >= 2 and isinstance(error.args[0], int):
        return error.args[0], str(error.args[1])
    return 0, str(error)


def _refusal(url: DatabaseUrl, where: str, code: int, text: str) -> DatabaseUnavailable:
    """What a failed login means, and what to type next."""
    create, user, password, grant = _statements(url, text)
    if code in _ACCESS_DENIED:
        return DatabaseRefused(
            f"{url.shown}: {text}. Mend the user or password in the URL, or let this user in, as an administrator of "
            f"the database:\n{create}\n{user}\n{password}\n{grant}"
        )
    if code in (_NO_DATABASE, _NOT_YOUR_DATABASE):
        # who has rights on a database that is not there needs no more of them
        needed = create if code == _NO_DATABASE else f"{create}\n{grant}"
        return DatabaseRefused(
            f"{url.shown}: {text}. As an administrator of the database:\n{needed}\n"
            f"then type: serpy db create '{url.typed}'"
        )
    if code in _HOST_NOT_ALLOWED:
        return DatabaseRefused(f"{url.shown}: {text}")
    if not code:  # not the server's own words
        text += "; see whether a MySQL or MariaDB server listens there"
    return DatabaseUnavailable(f"{url.shown}: {where}: {text}")


def _statements(url: DatabaseUrl, text: str) -> tuple[str, str, str, str]:
    """What makes the database and its user and brings them together; `text` is the server's, which names the host."""
    database = "`" + url.database.replace("`", "``") + "`"
    found = re.search(r"'[^']*'@'([^']*)'", text)
    who = f"'{url.user or 'USER'}'@'{found[1] if found else 'localhost'}'"
    return (
        f"  CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4;",
        f"  CREATE USER IF NOT EXISTS {who} IDENTIFIED BY 'PASSWORD';",
        f"  ALTER USER {who} IDENTIFIED BY 'PASSWORD';",
        f"  GRANT ALL PRIVILEGES ON {database}.* TO {who};",
    )
