"""Rows that appear, change or vanish in the tables that a flow shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...db.memory import MemoryDatabase
from .document import FlowError

WIDTH = 100
"""The length of a line from which on a row goes on in the next one."""
Row = dict[str, Any]


class Tables:
    """The shown tables of one database, as they were when somebody looked last.

    Args:
        shown: their names, each with the line of the flow that asks for it.

    Raises:
        FlowError: there is no such table.
    """

    def __init__(self, database: MemoryDatabase, shown: Mapping[str, int]) -> None:
        self._database = database
        self._keys: dict[str, list[str]] = {}
        self._defaults: dict[str, dict[str, str]] = {}
        for table, line in shown.items():
            columns = database.run("SELECT name, dflt_value, pk FROM pragma_table_info(?)", (table,)).fetchall()
            if not columns:
                known = [
                    name
                    for (name,) in database.run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                    if name != "version" and not name.startswith("sqlite_")
                ]
                raise FlowError(
                    line,
                    f"the server has no table {table} in its database",
                    f"it has {', '.join(known)}" if known else "no module of the script uses a database",
                )
            self._keys[table] = [name for name, _, key in columns if key] or [name for name, _, _ in columns]
            self._defaults[table] = {name: (default or "").strip("'") for name, default, _ in columns}
        self._rows = {table: self._read(table) for table in shown}

    def changes(self) -> Iterator[str]:
        """What is different since the last look: `table silo + mid=1 body="hello bob"`; a long row goes on in further
        lines."""
        for table, before in self._rows.items():
            now = self._rows[table] = self._read(table)
            if now == before:
                continue
            for key, row in before.items():
                if key not in now:
                    yield f"table {table} - {self._key(table, row)}"
            for key, row in now.items():
                old = before.get(key)
                if old is None:
                    yield _wrapped(f"table {table} +", self._whole(table, row))
                elif old != row:
                    changed = [_pair(name, value) for name, value in row.items() if value != old[name]]
                    yield _wrapped(f"table {table} ~ {self._key(table, row)}", changed)

    def _read(self, table: str) -> dict[tuple[Any, ...], Row]:
        failure, self._database.failure = self._database.failure, None
        try:
            rows = self._database.rows(table)
        finally:
            self._database.failure = failure
        return {tuple(row[name] for name in self._keys[table]): row for row in rows}

    def _key(self, table: str, row: Row) -> str:
        return " ".join(_pair(name, row[name]) for name in self._keys[table])

    def _whole(self, table: str, row: Row) -> list[str]:
        """The row without the columns that hold what they hold by default."""
        defaults = self._defaults[table]
        return [
            _pair(name, value)
            for name, value in row.items()
            if name in self._keys[table] or (value not in (None, "", b"") and str(value) != defaults[name])
        ]


def preload(database: MemoryDatabase, table: str, rows: Sequence[Mapping[str, str]], line: int) -> None:
    """Put rows into a table.

    Raises:
        FlowError: the table lacks a column.
    """
    kinds = dict(database.run("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall())
    for number, row in enumerate(rows, line + 1):
        unknown = next((name for name in row if name not in kinds), None)
        if unknown is not None:
            raise FlowError(number, f"{table} has no column {unknown}", f"its columns are {', '.join(kinds)}")
        values = [value.encode() if "BLOB" in kinds[name].upper() else value for name, value in row.items()]
        names = ", ".join(f'"{name}"' for name in row)
        database.run(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(row))})', values)


def _wrapped(lead: str, pairs: Sequence[str]) -> str:
    lines = [lead]
    for pair in pairs:
        if len(lines[-1]) + len(pair) > WIDTH and lines[-1] != lead:
            lines.append(pair)
        else:
            lines[-1] += f" {pair}"
    return "\n".join(lines)


def _pair(name: str, value: Any) -> str:
    if value is None:
        return f"{name}=NULL"
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
    text = text.replace("\r", "\\r").replace("\n", "\\n")
    if not text or any(sign in text for sign in ' "'):
        text = '"' + text.replace('"', '\\"') + '"'
    return f"{name}={text}"
