"""A change of one reply text in the example shows in exactly those lines of exactly those flows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serpy.testing.flow.document import RECORDED, read_document
from serpy.testing.flow.run import run_flow
from tests.mutation.flows import ROOT, SCRIPT, Flow, flows_of_the_example

CHANGES = [
    ("404", "Not found", "No such user", 6),
    ("483", "To Many Hops", "Too Many Hops", 3),
]


def _with(flow: Flow, old: str, new: str) -> str:
    """The flow with another text in what is recorded."""
    lines = []
    for block in flow.document.blocks:
        lines += [line.replace(old, new) if line.startswith(RECORDED) else line for line in block.lines]
    return "".join(f"{line}\n" for line in [*flow.document.head_lines, *lines])


@pytest.mark.parametrize(("code", "old", "new", "least"), CHANGES)
def test_a_changed_text_changes_exactly_its_lines(code: str, old: str, new: str, least: int, tmp_path: Path) -> None:
    script = tmp_path / SCRIPT.name
    script.write_text(
        SCRIPT.read_text()
        .replace(f'"{code}","{old}"', f'"{code}","{new}"')
        .replace(f'"{code}", "{old}"', f'"{code}", "{new}"')
    )
    touched = 0
    for flow in flows_of_the_example():
        expected = _with(flow, f"{code} {old}", f"{code} {new}")
        touched += expected != flow.text
        assert flow.play(script).text == expected
    assert least <= touched < len(flows_of_the_example()) / 2


def test_the_diff_holds_these_lines_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "msilo.cfg").write_text(SCRIPT.read_text().replace('"404", "Not found"', '"404", "No such user"'))
    flow = tmp_path / "options.flow"
    text = (ROOT / "tests" / "flows" / "msilo" / "options.flow").read_text()
    text = re.sub(r"^kamailio-script:.*\n", "", text, flags=re.MULTILINE)
    flow.write_text(text.replace("../../../examples/msilo.cfg", "msilo.cfg"))
    assert len(read_document(text).blocks) > 10
    changed = [line for line in run_flow(flow).diff.split("\n")[2:] if line[:1] in ("+", "-")]
    assert changed == ["-< alice 404 Not found", "+< alice 404 No such user"] * 2
