"""Known differences: what they cover, and how they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.testing.against.differs import Known, read_differs, read_known
from serpy.testing.against.others import Script
from serpy.testing.flow.document import FlowError, read_document
from serpy.testing.flow.head import Head, read_head


def uncovered(text: str, title: str, ours: list[str], theirs: list[str]) -> tuple[list[str], list[str]]:
    return Known([read_differs(3, text)]).uncovered(0, title, ours, theirs)


def test_a_pattern_covers_a_line_of_either_side() -> None:
    text = "kamailio Max-Forwards: <*> because it counts"
    assert uncovered(text, "< bob ACK sip:b", ["  Max-Forwards: 70", "x"], ["  Max-Forwards: 69"]) == (["x"], [])


def test_a_sign_says_whose_line_it_is() -> None:
    assert uncovered("kamailio + A: 1 because b", "t", ["A: 1"], ["A: 1"]) == (["A: 1"], [])
    assert uncovered("kamailio - A: 1 because b", "t", ["A: 1"], ["A: 1"]) == ([], ["A: 1"])


def test_a_removed_header_can_be_meant() -> None:
    assert uncovered("kamailio + - A: 1 because b", "t", [], ["  - A: 1"]) == ([], [])


def test_an_arrow_needs_both_lines() -> None:
    text = "kamailio A: 70 => A: 69 because b"
    assert uncovered(text, "t", ["  A: 70"], ["  A: 69"]) == ([], [])
    assert uncovered(text, "t", [], ["  A: 69"]) == ([], ["  A: 69"])


def test_within_some_messages_only() -> None:
    text = "kamailio + A: 1 in < <*> ACK <*> because b"
    assert uncovered(text, "< bob ACK sip:b", [], ["A: 1"]) == ([], [])
    assert uncovered(text, "< bob BYE sip:b", [], ["A: 1"]) == ([], ["A: 1"])


def test_a_regular_expression() -> None:
    assert uncovered("kamailio < alice 4<~0[0-4]> No because b", "t", ["< alice 404 No"], []) == ([], [])


@pytest.mark.parametrize("text", ["kamailio A: 1", "kamailio because b", "A because", ""])
def test_what_gives_no_reason_or_no_line_is_refused(text: str) -> None:
    with pytest.raises(FlowError, match="differs") as caught:
        read_differs(7, text)
    assert caught.value.line == 7
    assert caught.value.hint


FLOW = """\
title: t
script:
  route { drop(); }
differs: kamailio + A: <*> because of the head
  ser + B: <*> because this is another server
peers: alice 10.0.0.1

> alice OPTIONS sip:x
# differs: kamailio - < alice 400 <*> because of the step

> alice OPTIONS sip:y
"""


def test_head_comments_and_script() -> None:
    document = read_document(FLOW)
    script = Script(Path("k.cfg"), b"#!KAMAILIO\n# differs: kamailio C because of the script\n")
    known = read_known(read_head(document, Path()), document.blocks, "kamailio", script)
    assert [one.reason for one in known.head] == ["of the head"]
    assert {line: [one.reason for one in some] for line, some in known.steps.items()} == {8: ["of the step"]}
    assert [one.reason for one in known.script] == ["of the script"]
    assert known.uncovered(8, "t", ["< alice 400 No"], ["A: 1", "C"]) == ([], [])
    assert known.uncovered(11, "t", ["< alice 400 No"], []) == (["< alice 400 No"], [])
    assert [one.uses for one in known.of_flow()] == [1, 1]


def test_a_wrong_line_of_the_script_is_told_with_its_place() -> None:
    with pytest.raises(FlowError, match=r"k\.cfg:2: `differs` gives no reason"):
        read_known(Head(), (), "kamailio", Script(Path("k.cfg"), b"\n# differs: kamailio C\n"))
