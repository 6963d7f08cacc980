"""The SQL text of statements and tables, made once; the few differences between engines are two small classes.

A text with values is kept as the pieces between its values, so that one driver can join them with marks (SQLite) and
another with literals (MySQL).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .api import Where
from .tables import Column, Table

OPERATORS = frozenset({"=", "!=", "<", ">", "<=", ">=", "in"})

VERSION_TABLE = Table(
    "version",
    1,
    (Column("table_name", "string", 64), Column("table_version", "int", default=0)),
    primary=("table_name",),
)
"""Where SER notes the version of each table (SER dialect 6.5)."""


@dataclass(frozen=True, slots=True)
class SqlText:
    """A statement with places for values: `pieces` has one more than there are places."""

    pieces: tuple[str, ...]
    lists: frozenset[int] = frozenset()
    """The places whose value is a sequence (`in`)."""
    marked: str = ""
    """The text with a `?` in each place; of use where there are no lists."""

    def with_marks(self, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """The text with `?` in each place, and the values that belong there."""
        self._count(values)
        if not self.lists:
            return self.marked, values
        flat: list[Any] = []
        text = [self.pieces[0]]
        for place, value in enumerate(values):
            if place in self.lists:
                members = _members(value)
                flat.extend(members)
                text.append("(" + ",".join("?" * len(members)) + ")")
            else:
                flat.append(value)
                text.append("?")
            text.append(self.pieces[place + 1])
        return "".join(text), flat

    def with_literals(self, values: Sequence[Any], literal: Callable[[Any], str]) -> str:
        """The text with the values spelt out."""
        self._count(values)
        text = [self.pieces[0]]
        for place, value in enumerate(values):
            if place in self.lists:
                text.append("(" + ",".join(map(literal, _members(value))) + ")")
            else:
                text.append(literal(value))
            text.append(self.pieces[place + 1])
        return "".join(text)

    def _count(self, values: Sequence[Any]) -> None:
        if len(values) != len(self.pieces) - 1:
            raise TypeError(f"{len(self.pieces) - 1} values expected, {len(values)} given: {self.marked}")


def _members(value: Any) -> list[Any]:
    members = list(value)
    if not members:
        raise ValueError("the value for `in` is an empty sequence")
    return members


def _text(pieces: Sequence[str], lists: Sequence[int] = ()) -> SqlText:
    return SqlText(tuple(pieces), frozenset(lists), "?".join(pieces))


class Dialect:
    """Statement and table texts; what engines share."""

    quote = '"'

    def name(self, identifier: str) -> str:
        """An identifier in quotes, so that no name from a script can be anything else."""
        return self.quote + identifier.replace(self.quote, self.quote * 2) + self.quote

    def names(self, identifiers: Sequence[str]) -> str:
        return ", ".join(self.name(identifier) for identifier in identifiers)

    def select(
        self, table: str, columns: Sequence[str], where: Where, order: Sequence[str] = (), limit: int | None = None
    ) -> SqlText:
        pieces, lists = self._where([f"SELECT {self.names(columns)} FROM {self.name(table)}"], where)
        if order:
            pieces[-1] += f" ORDER BY {self.names(order)}"
        if limit is not None:
            pieces[-1] += f" LIMIT {limit:d}"
        return _text(pieces, lists)

    def update(self, table: str, columns: Sequence[str], where: Where) -> SqlText:
        pieces = [f"UPDATE {self.name(table)} SET "]
        for place, column in enumerate(columns):
            pieces[-1] += (", " if place else "") + self.name(column) + " = "
            pieces.append("")
        return _text(*self._where(pieces, where))

    def delete(self, table: str, where: Where) -> SqlText:
        return _text(*self._where([f"DELETE FROM {self.name(table)}"], where))

    def insert(self, table: str, columns: Sequence[str], ignore_duplicates: bool = False) -> tuple[str, str]:
        """What stands before and behind the rows of an INSERT."""
        head = f"INSERT INTO {self.name(table)} ({self.names(columns)}) VALUES "
        return head, self.keep_first(columns) if ignore_duplicates else ""

    def keep_first(self, columns: Sequence[str]) -> str:
        """The clause by which a row whose key is there already is left out, and nothing else is forgiven."""
        return " ON CONFLICT DO NOTHING"

    def _where(self, pieces: list[str], where: Where) -> tuple[list[str], list[int]]:
        lists: list[int] = []
        for place, (column, operator) in enumerate(where):
            if operator not in OPERATORS:
                raise ValueError(f"{operator!r} is not an operator; there are {' '.join(sorted(OPERATORS))}")
            if operator == "in":
                lists.append(len(pieces) - 1)
            pieces[-1] += (" AND " if place else " WHERE ") + f"{self.name(column)} {operator.upper()} "
            pieces.append("")
        return pieces, lists

    def create(self, table: Table) -> list[str]:
        """The statements that make a table and its indexes where they are missing."""
        raise NotImplementedError

    def type_of(self, column: Column) -> str:
        """The engine's type for a column."""
        raise NotImplementedError

    def column(self, column: Column) -> str:
        """A column's definition as it stands in CREATE TABLE or ALTER TABLE."""
        parts = [self.name(column.name), self.type_of(column), "NULL" if column.null else "NOT NULL"]
        if column.default is not None:
            parts.append(f"DEFAULT {default_literal(column.default)}")
        return " ".join(parts)


def default_literal(value: str | int | float) -> str:
    """A default as SQL; both engines read a doubled quote, and a backslash never stands in one."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


class SqliteDialect(Dialect):
    """SQLite knows no sizes and takes any type anywhere, so the tables check both themselves."""

    _TYPES = {"int": "INTEGER", "float": "DOUBLE", "datetime": "DATETIME"}
    _STORED = {"int": "integer", "float": "real", "string": "text", "blob": "blob", "datetime": "text"}

    def type_of(self, column: Column) -> str:
        if column.type == "string":
            return f"VARCHAR({column.size})" if column.size else "TEXT"
        if column.type == "blob":
            return f"BLOB({column.size})" if column.size else "BLOB"
        # a DATETIME would have numeric affinity: "2004" must stay a text
        return "DATETIME_TEXT" if column.type == "datetime" else self._TYPES[column.type]

    def column(self, column: Column) -> str:
        if column.auto:
            # AUTOINCREMENT: the number of a deleted row is never given again
            return f"{self.name(column.name)} INTEGER PRIMARY KEY AUTOINCREMENT"
        name = self.name(column.name)
        checks = f"typeof({name}) IN ('{self._STORED[column.type]}', 'null')"
        if column.size and column.type in ("string", "blob"):
            checks += f" AND length({name}) <= {column.size}"
        return f"{super().column(column)} CHECK ({checks})"

    def create(self, table: Table) -> list[str]:
        lines = [self.column(column) for column in table.columns]
        if not any(column.auto for column in table.columns) and table.primary:
            lines.append(f"PRIMARY KEY ({self.names(table.primary)})")
        made = [f"CREATE TABLE IF NOT EXISTS {self.name(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"]
        for index in table.indexes:
            kind = "UNIQUE INDEX" if index.unique else "INDEX"
            name = self.name(f"{table.name}_{'_'.join(index.columns)}")
            made.append(f"CREATE {kind} IF NOT EXISTS {name} ON {self.name(table.name)} ({self.names(index.columns)})")
        return made


class MysqlDialect(Dialect):
    """MySQL and MariaDB."""

    quote = "`"

    def __init__(self, collation: str = "utf8mb4_bin") -> None:
        self.collation = collation

    def keep_first(self, columns: Sequence[str]) -> str:
        # INSERT IGNORE would also cut what is too long
        name = self.name(columns[0])
        return f" ON DUPLICATE KEY UPDATE {name} = {name}"

    def type_of(self, column: Column) -> str:
        size = column.size
        match column.type:
            case "int":
                return "BIGINT"  # Unix times pass 2^31 in 2038
            case "float":
                return "DOUBLE"
            case "datetime":
                return "DATETIME"
            case "string":
                return f"VARCHAR({size})" if size else "LONGTEXT"
            case "blob":
                if not size:
                    return "LONGBLOB"
                # all VARBINARY and VARCHAR columns of a row share 65,535 octets
                return f"VARBINARY({size})" if size <= 8192 else "BLOB" if size <= 0xFFFF else "LONGBLOB"

    def column(self, column: Column) -> str:
        return super().column(column) + (" AUTO_INCREMENT" if column.auto else "")

    def create(self, table: Table) -> list[str]:
        lines = [self.column(column) for column in table.columns]
        if table.primary:
            lines.append(f"PRIMARY KEY ({self.names(table.primary)})")
        for index in table.indexes:
            kind = "UNIQUE KEY" if index.unique else "KEY"
            lines.append(f"{kind} {self.name('_'.join(index.columns))} ({self.names(index.columns)})")
        return [
            f"CREATE TABLE IF NOT EXISTS {self.name(table.name)} (\n  "
            + ",\n  ".join(lines)
            + f"\n) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {self.collation}"
        ]
