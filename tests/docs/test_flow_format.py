"""The reference of the format is complete, and each of its examples runs and says what is recorded.

With SERPY_UPDATE=1 in the environment the examples are recorded anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from serpy.dialect import Dialect
from serpy.testing.flow import head, steps
from serpy.testing.flow.run import run_flow

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "flow-format.md"
_FLOW = re.compile(r"```flow\n(.*?)```\n", re.DOTALL)
_FILE = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```\n", re.DOTALL)
_HEAD = "title:  an example\nscript: relay.cfg\npeers:  alice 10.0.0.1:5060, bob 10.0.0.2:5060\n\n"
"""Of the examples that show none."""

_FORMS = (
    *("> alice METHOD", "> bob reply", "> alice again", "> alice raw", "> alice file", "bob answers", "bob ignores"),
    *("< alice ", "< alice again #2", "~ bob ", "= route ", "= log ", "= table ", "<name>", "<*>", "<~regex>"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the examples find their scripts."""
    monkeypatch.delenv("CI", raising=False)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for name, text in _FILE.findall(PAGE.read_text()):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_every_example_runs_and_does_what_the_page_says(folder: Path) -> None:
    path = folder / "example.flow"

    def run(found: re.Match[str]) -> str:
        lead = "" if found[1].startswith("title:") else _HEAD
        path.write_text(lead + found[1])
        outcome = run_flow(path, update=bool(os.environ.get("SERPY_UPDATE")))
        assert outcome.status in ("passed", "updated"), f"{found[1]}\n{outcome.error}\n{outcome.diff}"
        return f"```flow\n{path.read_text().removeprefix(lead)}```\n"

    current = _FLOW.sub(run, PAGE.read_text())
    if os.environ.get("SERPY_UPDATE"):
        PAGE.write_text(current)
    assert current == PAGE.read_text()
    assert len(_FLOW.findall(current)) >= 7


@pytest.mark.parametrize("key", head._KEYS)
def test_every_key_of_the_head_has_its_line(key: str) -> None:
    assert f"\n| `{key}` | " in PAGE.read_text()


def test_no_key_is_described_that_is_not_there() -> None:
    table = PAGE.read_text().partition("## The head\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) != []
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == set(head._KEYS)


def test_the_keys_that_may_stand_several_times_are_named() -> None:
    line = next(one for one in PAGE.read_text().split("\n") if one.endswith("may stand several times."))
    assert re.findall(r"`([\w-]+)`", line) == list(head._REPEATABLE)


@pytest.mark.parametrize("word", [*steps._VERBS, *steps._MODELS])
def test_every_block_has_its_line(word: str) -> None:
    assert re.search(rf"^\|.*`{word} ", PAGE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("form", _FORMS)
def test_every_form_has_its_line(form: str) -> None:
    assert re.search(rf"^\| .*`{re.escape(form)}", PAGE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("dialect", Dialect)
def test_every_dialect_is_named(dialect: Dialect) -> None:
    assert f"`{dialect.value}`" in PAGE.read_text()
