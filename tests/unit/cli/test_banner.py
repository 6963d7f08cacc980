"""What a starting server says about itself."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serpy.cli.banner import Rows, banner_rows, print_banner, print_ready
from serpy.dialect import Dialect

ROWS: Rows = [("script", ["x.cfg"]), ("sockets", ["udp:127.0.0.1:5060", "udp:[::1]:5060"]), ("warning", ["one\ntwo"])]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _server(debug: int = 2, tables: tuple[Any, ...] = ()) -> Any:
    module = SimpleNamespace(tables=lambda: tables)
    return SimpleNamespace(
        script=SimpleNamespace(path="x.cfg", dialect=Dialect.SER_0_9, dialect_reason="it is old"),
        modules={"core": SimpleNamespace(tables=lambda: ()), "sl": module, "tm": module},
        listeners=[SimpleNamespace(proto="udp", host="::1", port=5060)],
        core=SimpleNamespace(debug=debug),
    )


def test_the_rows_name_script_dialect_modules_and_sockets() -> None:
    rows = dict(banner_rows(_server(), [], ["listen=tcp:x is not served"]))
    assert rows["script"] == ["x.cfg"]
    assert rows["dialect"] == ["ser-0.9 (it is old)"]
    assert rows["modules"] == ["sl tm"]
    assert rows["sockets"] == ["udp:[::1]:5060"]
    assert rows["warning"] == ["listen=tcp:x is not served"]
    assert "databases" not in rows


def test_a_very_verbose_log_is_a_warning() -> None:
    assert "debug=9 logs several lines for each message" in dict(banner_rows(_server(debug=9), [], []))["warning"][-1]


def test_databases_are_shown_without_passwords_unless_notes_tell_more() -> None:
    server = _server(tables=(("mysql://user:xxx@127.0.0.1/msilo", None),))
    assert "xxx" not in str(banner_rows(server, [], []))
    assert dict(banner_rows(server, [], []))["databases"][0].startswith("mysql://user")
    assert dict(banner_rows(server, ["kept in a file"], []))["databases"] == ["kept in a file"]


def test_elsewhere_than_on_a_terminal_it_is_plain_and_aligned() -> None:
    stream = io.StringIO()
    print_banner(ROWS, stream)
    assert stream.getvalue().splitlines()[1:] == [
        "  script     x.cfg",
        "  sockets    udp:127.0.0.1:5060",
        "             udp:[::1]:5060",
        "  warning    one",
        "             two",
    ]


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    print_banner(ROWS, stream)
    assert "\x1b[" in stream.getvalue()
    assert "udp:[::1]:5060" in stream.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    print_banner(ROWS, stream)
    assert "\x1b" not in stream.getvalue()


def test_ready_tells_what_the_start_cost() -> None:
    stream = io.StringIO()
    print_ready(cast(Any, stream))
    assert re.fullmatch(r"ready \(\d+\.\d\d s CPU, \d+ MB\)\n", stream.getvalue())
