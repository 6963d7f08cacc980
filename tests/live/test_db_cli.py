"""`serpy db` on MariaDB, for the tables of the modules that come with serpy."""

from __future__ import annotations

import pytest

from serpy.cli.db import main
from tests.live.mariadb import Mariadb


def test_create_makes_the_silo_and_check_finds_it_in_order(
    mariadb: Mariadb, capsys: pytest.CaptureFixture[str]
) -> None:
    mariadb.query("DROP DATABASE IF EXISTS cli")
    url = mariadb.url("cli")
    assert main(["check", url]) == 1
    assert "silo: missing" in capsys.readouterr().out
    assert main(["create", url]) == 0
    assert main(["check", url]) == 0
    assert ("silo",) in mariadb.query("SHOW TABLES", "cli")
    assert mariadb.query("SELECT table_name FROM version WHERE table_name = 'silo'", "cli") == [("silo",)]
    assert "xxx" not in capsys.readouterr().out


def test_a_narrow_silo_of_ser_gets_the_statement_that_widens_it(
    mariadb: Mariadb, capsys: pytest.CaptureFixture[str]
) -> None:
    mariadb.query("DROP DATABASE IF EXISTS cli_old")
    url = mariadb.url("cli_old")
    mariadb.query(
        "CREATE TABLE silo (mid INT AUTO_INCREMENT PRIMARY KEY, src_addr VARCHAR(255), dst_addr VARCHAR(255),"
        " r_uri VARCHAR(255), inc_time INT, exp_time INT, ctype VARCHAR(32) DEFAULT 'text/plain', body BLOB)",
        "cli_old",
    )
    assert main(["check", url]) == 1
    out = capsys.readouterr().out
    for line in out.splitlines():
        _, found, statement = line.partition("ALTER TABLE")
        if found:
            mariadb.query(found + statement, "cli_old")
    assert "MODIFY `ctype` VARCHAR(255)" in out
    assert main(["check", url]) == 0
    assert "serpy_silo" in capsys.readouterr().out


def test_a_missing_database_is_exit_code_1_with_the_statement_that_makes_it(
    mariadb: Mariadb, capsys: pytest.CaptureFixture[str]
) -> None:
    url = mariadb.url("cli").replace("/cli", "/cli_missing")
    assert main(["create", url]) == 1
    err = capsys.readouterr().err
    assert "CREATE DATABASE IF NOT EXISTS `cli_missing`" in err
    assert "xxx" not in err


def test_the_statements_for_missing_columns_work_as_they_are_printed(
    mariadb: Mariadb, capsys: pytest.CaptureFixture[str]
) -> None:
    mariadb.query("DROP DATABASE IF EXISTS cli_empty")
    url = mariadb.url("cli_empty")
    mariadb.query("CREATE TABLE silo (id INT PRIMARY KEY)", "cli_empty")
    assert main(["check", url]) == 1
    for line in capsys.readouterr().out.splitlines():
        _, found, statement = line.partition("ALTER TABLE")
        if found:
            mariadb.query(found + statement, "cli_empty")
    assert main(["check", url]) == 0


def test_a_user_without_rights_gets_the_grant(mariadb: Mariadb, capsys: pytest.CaptureFixture[str]) -> None:
    mariadb.url("cli_poor")
    mariadb.query("CREATE USER IF NOT EXISTS 'poor'@'127.0.0.1' IDENTIFIED BY 'secret'")
    mariadb.query("GRANT SELECT ON cli_poor.* TO 'poor'@'127.0.0.1'")
    assert main(["create", mariadb.url("cli_poor", user="poor", password="secret")]) == 1
    err = capsys.readouterr().err
    assert "GRANT ALL PRIVILEGES ON `cli_poor`.* TO 'poor'@'127.0.0.1';" in err
    assert "secret" not in err
