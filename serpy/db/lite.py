"""What the two drivers on SQLite share: how its errors and its tables read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from .api import DatabaseError, DatabaseUnavailable, RowRefused
from .sqltext import SqliteDialect

DIALECT = SqliteDialect()

TABLE_COLUMNS = "SELECT name, type FROM pragma_table_info(?)"
"""The columns of a table, for `sizes`."""

ROW_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, OverflowError, UnicodeEncodeError)
ERRORS = (sqlite3.Error, OverflowError, UnicodeEncodeError)
"""All that SQLite raises about a statement or its values."""

_SIZE = re.compile(r"\((\d+)\)")


def translated(error: Exception, shown: str) -> DatabaseError:
    """The error as the `db` interface tells it."""
    text = str(error)
    if isinstance(error, ROW_ERRORS) or "binding parameter" in text or "too big" in text:
        return RowRefused(f"{shown}: the row was refused: {_without_check(text)}")
    if "no such table" in text or "no such column" in text or "has no column" in text:
        return DatabaseError(f"{shown}: {text}. See what it should be: serpy db check '{shown}'")
    if isinstance(error, sqlite3.OperationalError):
        # busy, full, read-only, I/O: rolled back, so nothing was done
        return DatabaseUnavailable(f"{shown}: {text}")
    return DatabaseError(f"{shown}: {text}")


def _without_check(text: str) -> str:
    """A failed CHECK names its expression; people want to know what it means."""
    found = re.match(r"CHECK constraint failed: typeof\(\"(.+?)\"\) IN .*?(?:<= (\d+))?$", text)
    if not found:
        return text
    size = f", or longer than {found[2]}" if found[2] else ""
    return f"the value for {found[1]} is of another type than the column{size}"


def sizes(columns: Iterable[tuple[str, str]]) -> dict[str, int | None] | None:
    """What `Database.columns` answers, from the rows of TABLE_COLUMNS."""
    found = {name: int(size[1]) if (size := _SIZE.search(kind)) else None for name, kind in columns}
    return found or None
