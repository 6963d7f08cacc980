"""`serpy explain`: what the words in brackets mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.cli import explain, run_command_line
from serpy.report.codes import catalogue

DOCS = Path(__file__).parents[3] / "docs"


def test_a_code_is_explained_with_both_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain", "no-such-route"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("no-such-route (warning): a route is named that does not exist\n\n")
    assert "Wrong:\n\n    route {\n        route(2);\n    }\n" in text
    assert "Right:\n\n" in text
    assert "# serpy: allow no-such-route" in text


def test_an_error_is_not_offered_to_be_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain", "unknown-command"]) == 0
    assert "allow" not in capsys.readouterr().out


def test_an_unknown_code_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain", "no-such-rout"]) == 2
    assert "did you mean no-such-route?" in capsys.readouterr().err


def test_without_a_code_all_are_listed_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    words = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert words == list(catalogue())
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("word", catalogue())
def test_an_explanation_fits_eighty_columns(word: str) -> None:
    assert max(map(len, catalogue()[word].as_text(80).split("\n"))) <= 80


def test_the_page_in_the_manual_is_current() -> None:
    """`make docs` writes it."""
    assert (DOCS / "diagnostics.md").read_text() == explain.markdown()
