"""A flow is run, what passed is recorded from a capture, and the recorded flow has the same server side."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serpy.testing.capture.flow import Wanted, write_flow
from serpy.testing.flow.document import read_document
from serpy.testing.flow.head import read_head
from serpy.testing.flow.run import run_flow
from tests.unit.testing.capture.captures import passed_in

ROOT = Path(__file__).parents[4]
NOT_ON_THE_WIRE = ("drop", "delay", "duplicate", "reorder", "db", "dns", "unreachable", "reachable")
"""Steps that no capture shows."""
IN_THE_HEAD = ("rows", "modparam", "define", "dns", "hosts", "fails", "dialect", "clock")


def _is_visible(flow: Path) -> bool:
    """Whether everything that happens in a flow can be seen on the wire."""
    document = read_document(flow.read_text())
    head = read_head(document, flow.parent)
    typed = [block.title.split() for block in document.blocks if block.kind == "typed"]
    return (
        head.fails_to_load is None
        and head.script is not None
        and not head.dns  # the lab answers late: no capture has the very same times
        and not any(words[0] in NOT_ON_THE_WIRE for words in typed)
        and any(words[0] == ">" for words in typed)
    )


FLOWS = [flow for flow in sorted((ROOT / "tests/flows").rglob("*.flow")) if _is_visible(flow)]
SOME = 1 if os.environ.get("SERPY_ALL_FLOWS") else 4
"""Every how many-th flow is taken; all of them need some 15 s."""


def _head_lines(flow: Path) -> list[str]:
    """What a capture does not tell: the database's rows, parameters, names."""
    lines: list[str] = []
    for entry in read_document(flow.read_text()).head:
        if entry.key in IN_THE_HEAD:
            lines += [f"{entry.key}: {entry.value}", *(f"  {line}" for line in entry.more)]
    return lines


@pytest.mark.parametrize("flow", FLOWS[::SOME], ids=lambda flow: f"{flow.parent.name}/{flow.stem}")
def test_the_recorded_flow_has_the_same_server_side(flow: Path, tmp_path: Path) -> None:
    datagrams, head = passed_in(flow)
    assert head.script is not None
    sockets = [("127.0.0.1", 5060)]
    wanted = Wanted(
        title="a round trip",
        origin="",
        script=os.path.relpath(head.script.resolve(), tmp_path.resolve()),
        places={socket: socket for socket in sockets},
        first=sockets[0],
        as_captured=True,
        head_lines=_head_lines(flow),
    )
    recorded = tmp_path / "recorded.flow"
    text = write_flow(datagrams, wanted).text
    if any(line.startswith("clock: ") for line in wanted.head_lines):
        text = text.replace("clock:  2026", "# clock:  2026")
    recorded.write_bytes(text.encode("utf-8", "surrogateescape"))
    outcome = run_flow(recorded)
    assert outcome.status == "passed", f"{outcome.error}\n{outcome.diff}\n{text}"
