"""Tables as the modules declare them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["int", "float", "string", "blob", "datetime"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `size` is the most characters of a string, or the most octets of a blob (0: a long blob)."""

    name: str
    type: ColumnType
    size: int = 0
    null: bool = False
    default: str | int | float | None = None
    auto: bool = False
    """The engine numbers the rows (one integer primary key)."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index over some columns, in this order."""

    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a module declares: `serpy db create` makes it, `serpy db check` compares it."""

    name: str
    version: int
    columns: tuple[Column, ...]
    primary: tuple[str, ...]
    indexes: tuple[Index, ...] = ()
