"""`serpy db`, for tables that the test declares."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from serpy.cli.db import main
from serpy.db.tables import Column, Table

CLAIMS = tuple(Column(name, "string", 9, default="") for name in ("owner", "holder", "lease_until", "tries"))
NOTES = Table(
    "notes",
    3,
    (Column("id", "int", auto=True), Column("who", "string", 40), Column("body", "blob"), *CLAIMS),
    primary=("id",),
)


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    class Keeper:
        def tables(self) -> Any:
            return [("sqlite:///nowhere/x.db", NOTES)]

    monkeypatch.setattr("serpy.cli.db._modules", lambda script: [Keeper()])


def made(path: Path, columns: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE notes ({columns})")
    return f"sqlite://{path}"


def test_create_makes_what_is_missing_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite://{tmp_path}/x.db"
    assert main(["create", url]) == 0
    assert capsys.readouterr().out == f"{url}: notes: created\n"
    assert main(["create", url]) == 0
    assert capsys.readouterr().out == f"{url}: notes: was there already\n{url}: notes: in order\n"
    assert main(["check", url]) == 0


def test_check_names_the_command_that_makes_a_missing_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.db").touch()
    assert main(["check", f"sqlite://{tmp_path}/x.db"]) == 1
    assert f"notes: missing. To make it, type: serpy db create 'sqlite://{tmp_path}/x.db'" in capsys.readouterr().out


def test_the_command_that_makes_a_table_names_the_script_that_needs_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.db").touch()
    assert main(["check", f"sqlite://{tmp_path}/x.db", "--script", "my.cfg"]) == 1
    assert f"type: serpy db create 'sqlite://{tmp_path}/x.db' --script my.cfg\n" in capsys.readouterr().out


def test_check_finds_narrow_and_missing_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", made(tmp_path / "x.db", "id INTEGER, who VARCHAR(9)")]) == 1
    out = capsys.readouterr().out
    assert "the column who holds 9, not 40" in out
    assert 'the column body is missing: ALTER TABLE "notes" ADD "body" BLOB' in out


def test_a_table_of_ser_is_in_order_without_the_claims(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", made(tmp_path / "x.db", "id INTEGER, who VARCHAR(40), body BLOB")]) == 0
    assert (
        "lacks owner, holder, lease_until, tries, which serpy keeps in serpy_notes instead" in capsys.readouterr().out
    )


def test_show_lists_what_is_needed_and_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite://{tmp_path}/x.db"
    main(["create", url])
    capsys.readouterr()
    assert main(["show", url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        url,
        "  table  column       needed          in the database",
        "  notes  version 3                    there, version 3",
    ]
    assert "         who          string of 40    there, holds 40" in lines


def test_a_database_that_cannot_be_reached_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "sqlite:///nowhere/x.db"]) == 1
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["nonsense", "mysql://a:secret@host"])
def test_a_wrong_url_is_exit_code_2_without_its_password(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", url]) == 2
    assert "secret" not in capsys.readouterr().err


def test_without_a_url_the_script_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["create"])
    assert end.value.code == 2
    assert "--script FILE" in capsys.readouterr().err


def test_the_urls_of_the_script_are_used_where_none_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--script", "x.cfg"]) == 1
    assert "sqlite:///nowhere/x.db" in capsys.readouterr().err


def test_a_url_may_stand_behind_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--script", "x.cfg", "sqlite:///elsewhere/y.db"]) == 1
    assert "sqlite:///elsewhere/y.db" in capsys.readouterr().err
