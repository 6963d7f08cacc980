"""What a database offers to modules, and how it fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .tables import Table

Where = Sequence[tuple[str, str]]
"""Conditions joined by AND: (column, operator), with one value each when the statement is called, in this order.
Operators: = != < > <= >= in; the value for `in` is a non-empty sequence."""


class DatabaseError(Exception):
    """A statement failed. The text never holds a password."""


class DatabaseUnavailable(DatabaseError):
    """No connection: nothing was done."""


class NothingListens(DatabaseUnavailable):
    """Nobody answers at that address: connection refused, or there is no such socket."""


class DatabaseRefused(DatabaseUnavailable):
    """The engine answers, but lets us not in: wrong password, no such database. Waiting does not help."""


class RowRefused(DatabaseError):
    """The engine refused this row (too long, a constraint): nothing was stored."""


class OutcomeUnknown(DatabaseError):
    """The connection was lost during the commit: the row may be there or not (D40)."""


class Select(Protocol):
    async def __call__(self, *values: Any) -> list[tuple[Any, ...]]:
        """The rows, each with the columns asked for: int, float, str, bytes (blobs), or None."""
        ...


class Insert(Protocol):
    async def __call__(self, *values: Any) -> None:
        """Return when the row is committed. Rows that wait for the same statement are committed together.

        Raises:
            RowRefused, DatabaseUnavailable, OutcomeUnknown
        """
        ...


class Change(Protocol):
    async def __call__(self, *values: Any) -> int:
        """Carry out the update or delete and commit it; how many rows matched the conditions."""
        ...


class Database(Protocol):
    """One open database. Make statements once (at start), call them often."""

    shown: str
    """The URL without its password, for people."""

    def select(
        self,
        table: str,
        columns: Sequence[str],
        where: Where = (),
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> Select: ...

    def insert(self, table: str, columns: Sequence[str], *, ignore_duplicates: bool = False) -> Insert: ...

    def update(self, table: str, columns: Sequence[str], where: Where) -> Change:
        """Values: first those of `columns`, then those of `where`."""
        ...

    def delete(self, table: str, where: Where) -> Change: ...

    async def columns(self, table: str) -> dict[str, int | None] | None:
        """The columns that a table has in the database, with the most characters or octets of each (None: no
        bound); None when there is no such table."""
        ...

    async def create(self, tables: Sequence[Table]) -> list[str]:
        """Create those tables that are missing, and note their versions; the names of the new ones."""
        ...

    async def close(self) -> None:
        """Finish what is under way, and close the connections."""
        ...
