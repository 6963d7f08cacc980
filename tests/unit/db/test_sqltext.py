"""The SQL text of statements and tables."""

from __future__ import annotations

import sqlite3

import pytest

from serpy.db.mysql import literal
from serpy.db.sqltext import MysqlDialect, SqliteDialect
from serpy.db.tables import Column, Index, Table

SQLITE, MYSQL = SqliteDialect(), MysqlDialect()


def test_a_select_with_everything() -> None:
    text = SQLITE.select("silo", ["mid", "body"], [("owner", "="), ("mid", ">")], ["mid"], 5)
    expected = 'SELECT "mid", "body" FROM "silo" WHERE "owner" = ? AND "mid" > ? ORDER BY "mid" LIMIT 5'
    assert text.with_marks(["bob", 7]) == (expected, ["bob", 7])


def test_in_takes_as_many_values_as_there_are() -> None:
    text = SQLITE.delete("silo", [("mid", "in"), ("holder", "=")])
    assert text.with_marks([[1, 2], "me"]) == (
        'DELETE FROM "silo" WHERE "mid" IN (?,?) AND "holder" = ?',
        [1, 2, "me"],
    )
    assert MYSQL.delete("silo", [("mid", "in")]).with_literals([[1, 2]], literal) == (
        "DELETE FROM `silo` WHERE `mid` IN (1,2)"
    )


def test_an_empty_in_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        SQLITE.delete("silo", [("mid", "in")]).with_marks([[]])


def test_the_values_of_an_update_come_before_those_of_its_conditions() -> None:
    text = MYSQL.update("silo", ["holder", "tries"], [("mid", "=")])
    assert text.with_literals(["me", 1, 7], literal) == "UPDATE `silo` SET `holder` = 'me', `tries` = 1 WHERE `mid` = 7"


def test_too_few_values_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="2 values expected, 1 given"):
        SQLITE.delete("silo", [("a", "="), ("b", "=")]).with_marks([1])


def test_an_unknown_operator_is_refused_when_the_statement_is_made() -> None:
    with pytest.raises(ValueError, match="like"):
        SQLITE.select("silo", ["mid"], [("body", "like")])


def test_a_name_cannot_leave_its_quotes() -> None:
    assert MYSQL.delete("a`; DROP TABLE b", []).marked == "DELETE FROM `a``; DROP TABLE b`"
    assert SQLITE.delete('a"b', []).marked == 'DELETE FROM "a""b"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"), (7, "7"), (True, "1"), (0.5, "0.5"), ("bob", "'bob'"), ("o'hara", "'o''hara'"),
        ("a\\'b", "'a\\\\''b'"), ("a\0b", "'a\\0b'"), (b"", "x''"), (b"\x00'\xff", "x'0027ff'"),
    ],
)  # fmt: skip
def test_a_value_as_mysql_reads_it(value: object, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize(
    ("column", "mysql", "sqlite"),
    [
        (Column("c", "int"), "BIGINT NOT NULL", "INTEGER NOT NULL"),
        (Column("c", "float", null=True), "DOUBLE NULL", "DOUBLE NULL"),
        (Column("c", "string", 255, default="it's"), "VARCHAR(255) NOT NULL DEFAULT 'it''s'", "VARCHAR(255) NOT NULL"),
        (Column("c", "string"), "LONGTEXT NOT NULL", "TEXT NOT NULL"),
        (Column("c", "blob"), "LONGBLOB NOT NULL", "BLOB NOT NULL"),
        (Column("c", "blob", 1024), "VARBINARY(1024) NOT NULL", "BLOB(1024) NOT NULL"),
        (Column("c", "blob", 60000), "BLOB NOT NULL", "BLOB(60000) NOT NULL"),
        (Column("c", "datetime", default="2020-05-28 21:32:15"), "DATETIME NOT NULL DEFAULT", "DATETIME_TEXT NOT NULL"),
        (Column("c", "int", auto=True), "BIGINT NOT NULL AUTO_INCREMENT", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    ],
)
def test_the_types_of_columns(column: Column, mysql: str, sqlite: str) -> None:
    assert MYSQL.column(column).startswith("`c` " + mysql)
    assert SQLITE.column(column).startswith('"c" ' + sqlite)


def test_sqlite_takes_the_text_of_a_table_twice() -> None:
    table = Table(
        "t", 1, (Column("a", "string", 9), Column("b", "string", 9)), ("a", "b"), (Index(("b",), unique=True),)
    )
    connection = sqlite3.connect(":memory:")
    for text in SQLITE.create(table) * 2:
        connection.execute(text)
    assert len(connection.execute("SELECT * FROM sqlite_master WHERE tbl_name = 't' AND sql > ''").fetchall()) == 2
    connection.close()


def test_a_duplicate_is_left_out_without_forgiving_anything_else() -> None:
    assert MYSQL.insert("t", ["a", "b"], True)[1] == " ON DUPLICATE KEY UPDATE `a` = `a`"
    assert SQLITE.insert("t", ["a", "b"], True)[1] == " ON CONFLICT DO NOTHING"
