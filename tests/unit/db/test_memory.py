"""The database of tests."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest

from serpy.db.api import DatabaseUnavailable, RowRefused
from serpy.db.memory import MemoryDatabases
from serpy.db.tables import Column, Index, Table

NOTES = Table(
    "notes",
    3,
    (
        Column("id", "int", auto=True),
        Column("who", "string", 5),
        Column("body", "blob"),
        Column("at", "int", default=0),
    ),
    primary=("id",),
    indexes=(Index(("who",)),),
)


def answer(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that must not suspend."""
    with pytest.raises(StopIteration) as end:
        work.send(None)
    return end.value.value


def opened() -> MemoryDatabases:
    databases = MemoryDatabases()
    answer(databases.open("mysql://root@localhost/x", [NOTES]))
    return databases


def test_a_row_comes_back_as_it_was_stored_without_suspending() -> None:
    databases = opened()
    answer(databases.database.insert("notes", ["who", "body"])("bob", b"\x00'\xff"))
    select = databases.database.select("notes", ["body", "at"], [("who", "=")])
    assert answer(select("bob")) == [(b"\x00'\xff", 0)]
    assert databases.rows("notes") == [{"id": 1, "who": "bob", "body": b"\x00'\xff", "at": 0}]


def test_every_url_leads_to_the_same_content_even_after_close() -> None:
    databases = opened()
    answer(databases.database.insert("notes", ["who", "body"])("bob", b""))
    answer(databases.close())
    again = answer(databases.open("postgres://elsewhere/y", [NOTES]))
    assert len(answer(again.select("notes", ["id"])())) == 1


@pytest.mark.parametrize("values", [("toolong", b""), (b"bob", b""), ("bob", "text"), (None, b"")])
def test_what_the_column_cannot_hold_is_refused(values: tuple[Any, ...]) -> None:
    databases = opened()
    with pytest.raises(RowRefused):
        databases.database.insert("notes", ["who", "body"])(*values).send(None)
    assert databases.rows("notes") == []


def test_update_and_delete_answer_how_many_rows_matched() -> None:
    databases = opened()
    for who in ("a", "b", "c"):
        answer(databases.database.insert("notes", ["who", "body"])(who, b""))
    update = databases.database.update("notes", ["at"], [("who", "in")])
    assert answer(update(0, ["a", "b"])) == 2  # also those that held the value already
    assert answer(databases.database.delete("notes", [("who", "!=")])("a")) == 2


def test_the_number_of_a_deleted_row_is_never_given_again() -> None:
    databases = opened()
    insert = databases.database.insert("notes", ["who", "body"])
    answer(insert("a", b""))
    answer(databases.database.delete("notes", [])())
    answer(insert("b", b""))
    assert databases.rows("notes")[0]["id"] == 2


def test_create_notes_the_version_and_names_only_new_tables() -> None:
    databases = opened()
    assert databases.rows("version") == [{"table_name": "notes", "table_version": 3}]
    assert answer(databases.database.create([NOTES])) == []


def test_columns_tells_the_sizes_and_none_for_a_missing_table() -> None:
    database = opened().database
    assert answer(database.columns("notes")) == {"id": None, "who": 5, "body": None, "at": None}
    assert answer(database.columns("elsewhere")) is None


def test_a_test_can_take_the_database_away() -> None:
    databases = opened()
    databases.database.failure = DatabaseUnavailable("away")
    with pytest.raises(DatabaseUnavailable):
        databases.database.insert("notes", ["who", "body"])("bob", b"").send(None)
