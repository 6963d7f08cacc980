"""Text on the standard output."""

from __future__ import annotations

import sys

import pytest

from serpy.modules.print import Print
from tests.unit.modules.registrar.fakes import FakeHost, load, message, request_call, run


@pytest.mark.parametrize(
    ("texts", "expected"),
    [((), "\n"), (("hello",), "hello\n"), (("a", "b"), "ab\n"), (("caf\udce9",), "caf\ufffd\n")],
)
def test_the_text_and_a_line_end_go_to_the_standard_output(
    texts: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    host = FakeHost()
    assert run(load(Print, host), request_call(host, message()), "print", *texts) is True
    assert capsys.readouterr().out == expected


def test_a_closed_output_does_not_end_the_route(monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost()

    class Closed:
        def write(self, text: str) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", Closed())
    assert run(load(Print, host), request_call(host, message()), "print", "x") is False
