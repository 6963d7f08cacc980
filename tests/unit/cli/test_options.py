"""The command line as users of SER and Kamailio type it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from serpy.cli.options import parse_options
from serpy.dialect import Dialect


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["x.cfg"], "file", Path("x.cfg")),
        (["-f", "x.cfg"], "file", Path("x.cfg")),
        (["x.cfg", "-f", "x.cfg"], "file", Path("x.cfg")),
        (["-c", "x.cfg"], "check_only", True),
        (["x.cfg"], "foreground", True),
        (["-D", "x.cfg"], "foreground", True),
        (["-P", "/p", "x.cfg"], "foreground", False),
        (["-DDP", "/p", "x.cfg"], "foreground", True),
        (["-E", "x.cfg"], "log_to_stderr", True),
        (["x.cfg"], "debug", None),
        (["-d", "x.cfg"], "debug", 3),
        (["-ddd", "x.cfg"], "debug", 5),
        (["-l", "udp:127.0.0.1:5070", "-l", "eth0", "x.cfg"], "listen", ["udp:127.0.0.1:5070", "eth0"]),
        (["-n", "4", "x.cfg"], "children", 4),
        (["-w", "/tmp", "x.cfg"], "workdir", Path("/tmp")),
        (["-A", "WITH_TLS", "-A", "HOST=a=b", "x.cfg"], "defines", {"WITH_TLS": "", "HOST": "a=b"}),
        (["--db", "embedded", "x.cfg"], "database", "embedded"),
        (["--db-wait", "1.5", "x.cfg"], "database_wait", 1.5),
        (["--create-tables", "x.cfg"], "create_tables", True),
        (["--grace", "0", "x.cfg"], "grace", 0.0),
        (["--dialect", "ser-2", "x.cfg"], "dialect", Dialect.SER_2),
        (["--record", "/flows", "x.cfg"], "record", Path("/flows")),
    ],
)
def test_an_option_has_its_meaning(arguments: list[str], name: str, value: Any) -> None:
    assert getattr(parse_options(arguments), name) == value


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "which script.*serpy FILE"),
        (["a.cfg", "-f", "b.cfg"], "two scripts: a.cfg and .* b.cfg"),
        (["--grace", "-1", "x.cfg"], "not a number of seconds"),
        (["--grace", "nan", "x.cfg"], "not a number of seconds"),
        (["-A", "1x", "x.cfg"], "expected NAME or NAME=VALUE"),
        (["--db", "oracle", "x.cfg"], "auto.*configured.*embedded"),
        (["--unknown", "x.cfg"], "--unknown"),
    ],
)
def test_a_wrong_command_line_is_told_and_ends_with_2(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(arguments)
    assert ended.value.code == 2
    assert re.search(text, capsys.readouterr().err)


def test_the_environment_chooses_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERPY_DB", "configured")
    assert parse_options(["x.cfg"]).database == "configured"
    assert parse_options(["--db", "auto", "x.cfg"]).database == "auto"


def test_a_wrong_environment_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SERPY_DB", "oracle")
    with pytest.raises(SystemExit):
        parse_options(["x.cfg"])
    assert "SERPY_DB=oracle: expected one of auto, configured, embedded" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "arguments", "attended"),
    [
        ({}, ["x.cfg"], True),
        ({}, ["-P", "/p", "x.cfg"], False),
        ({"INVOCATION_ID": "1"}, ["x.cfg"], True),
        ({"INVOCATION_ID": "1", "JOURNAL_STREAM": "8:9"}, ["x.cfg"], False),
        ({"NOTIFY_SOCKET": "/n"}, ["x.cfg"], False),
    ],
)
def test_a_daemon_and_a_service_of_systemd_are_not_attended(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], arguments: list[str], attended: bool
) -> None:
    for name in ("INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert parse_options(arguments).is_attended is attended


@pytest.mark.parametrize("option", ["-h", "--help", "-V", "--version"])
def test_help_and_version_end_well(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options([option])
    assert ended.value.code == 0
    assert "serpy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc", "x.cfg"], "there is no command chekc; did you mean check?"),
        (["a.cfg", "b.cfg"], "one server runs one script, not a.cfg and b.cfg"),
        (["-l", "tcp:127.0.0.1:5070", "x.cfg"], "this version speaks UDP only; write -l udp:127.0.0.1:5070"),
    ],
)
def test_a_usage_error_blames_the_right_word(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_options(arguments)
    assert said in capsys.readouterr().err
