"""Lines of the log, on stderr and for syslog."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from serpy.cli import logs
from serpy.cli.logs import Lines, log_to_stderr, log_to_syslog
from serpy.log import Log


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def _line(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    log = Log()
    log_to_stderr(log)
    log.write(-1, "no route", call_id=b"abc@10.0.0.1")
    return stream.getvalue()


def test_a_line_has_time_level_text_and_call_id(monkeypatch: pytest.MonkeyPatch) -> None:
    line = _line(monkeypatch, io.StringIO())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ERROR    no route \[abc@10\.0\.0\.1\]\n", line)


def test_a_terminal_gets_colour_and_the_short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.match(r"\d\d:\d\d:\d\d\.\d{3} \x1b\[31mERROR   \x1b\[0m no route", _line(monkeypatch, Terminal()))


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in _line(monkeypatch, Terminal())


def test_a_line_without_call_id_ends_with_its_text() -> None:
    log = Log()
    record = log.logger.makeRecord("serpy", 40, "", 0, "text", (), None)
    assert Lines(io.StringIO()).format(record).endswith("ERROR    text")


def test_an_unknown_facility_is_told_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"log_facility=LOG_X: there is no such facility; known are LOG_AUTH"):
        log_to_syslog(Log(), "LOG_X")


def test_a_machine_without_syslog_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(logs, "SYSLOG", tmp_path / "none")
    with pytest.raises(OSError, match="there is no"):
        log_to_syslog(Log(), "LOG_LOCAL0")


def test_syslog_gets_the_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.bind(str(tmp_path / "log"))
        monkeypatch.setattr(logs, "SYSLOG", tmp_path / "log")
        log = Log()
        log_to_syslog(log, "LOG_LOCAL0")
        log.error("no route")
        line = syslog.recv(1000).decode()
        log.logger.handlers[0].close()
    assert re.match(r"<131>serpy\[\d+\]: no route", line)  # local0 is 16, error is 3: 16 * 8 + 3
