"""Flow files in folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.testing.runner.find import NotFound, find_flows, is_flow, title_line, title_of


def made(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def found(folder: Path) -> list[str]:
    return [str(flow.relative_to(folder)) for flow in find_flows([folder])]


def test_folders_are_searched_in_the_order_of_names(tmp_path: Path) -> None:
    made(tmp_path, "b.flow", "a.flow", "z/a.flow", "m/n/o.flow", "a.cfg")
    assert found(tmp_path) == ["a.flow", "b.flow", "m/n/o.flow", "z/a.flow"]


def test_hidden_folders_environments_and_builds_are_skipped(tmp_path: Path) -> None:
    made(tmp_path, ".git/a.flow", "build/a.flow", "env/pyvenv.cfg", "env/a.flow", "node_modules/a.flow", "own/a.flow")
    assert found(tmp_path) == ["own/a.flow"]


def test_a_skipped_folder_is_searched_when_it_is_named(tmp_path: Path) -> None:
    made(tmp_path, "build/a.flow")
    assert find_flows([tmp_path / "build"]) == [tmp_path / "build" / "a.flow"]


def test_each_flow_is_found_once(tmp_path: Path) -> None:
    made(tmp_path, "a.flow")
    assert find_flows([tmp_path / "a.flow", tmp_path, tmp_path / "." / "a.flow"]) == [tmp_path / "a.flow"]


def test_types_of_javascript_are_no_flows() -> None:
    assert is_flow("a.flow")
    assert is_flow("a.b.flow")
    assert not is_flow("index.js.flow")
    assert not is_flow(".flow")


@pytest.mark.parametrize(("name", "told"), [("none", "there is no file"), ("a.cfg", "is no flow file")])
def test_what_cannot_be_run_is_refused(tmp_path: Path, name: str, told: str) -> None:
    made(tmp_path, "a.cfg")
    with pytest.raises(NotFound, match=told):
        find_flows([tmp_path / name])


@pytest.mark.parametrize(
    ("text", "title", "line"),
    [
        ("# said\n\ntitle:  it  answers \nscript: a", "it answers", 3),
        ("title: it answers\n  at once\npeers:", "it answers at once", 1),
        ("script: a\n", "a", 1),
        ("title: \x1b\n", "a", 1),
        ("", "a", 1),
    ],
)
def test_a_title_is_read_without_judging_the_flow(tmp_path: Path, text: str, title: str, line: int) -> None:
    file = tmp_path / "a.flow"
    file.write_text(text)
    assert (title_of(file), title_line(file)) == (title, line)
