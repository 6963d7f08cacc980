"""Which command a command line means."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest

from serpy import cli
from serpy.__main__ import INTERRUPTED, main


@pytest.mark.parametrize(
    ("arguments", "module", "rest"),
    [
        (["x.cfg"], "run", ["x.cfg"]),
        (["-f", "x.cfg"], "run", ["-f", "x.cfg"]),
        (["run", "x.cfg"], "run", ["x.cfg"]),
        (["check", "x.cfg"], "check", ["x.cfg"]),
        (["db", "show"], "db", ["show"]),
        (["./check"], "run", ["./check"]),
        ([], "run", []),
    ],
)
def test_the_first_word_names_the_command_else_it_is_run(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], module: str, rest: list[str]
) -> None:
    carried_out: list[tuple[str, list[str]]] = []

    def find(name: str) -> SimpleNamespace:
        def main(given: list[str]) -> int:
            carried_out.append((name.rpartition(".")[2], given))
            return 7

        return SimpleNamespace(main=main)

    monkeypatch.setattr(importlib, "import_module", find)
    assert cli.run_command_line(arguments) == 7
    assert carried_out == [(module, rest)]


def test_an_interrupted_command_ends_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("serpy.cli.run_command_line", interrupted)
    assert main() == INTERRUPTED
    assert capsys.readouterr() == ("", "")
