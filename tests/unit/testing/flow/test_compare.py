"""Templates, and the merge of a recording with what happens now."""

from __future__ import annotations

import pytest

from serpy.testing.flow.compare import Names, merge
from serpy.testing.flow.document import FlowError, read_document


def merged(recorded: str, *happened: str) -> str:
    blocks = read_document(f"title: x\n\n{recorded}").blocks[1:]
    return "".join(f"{line}\n" for line in merge(blocks, happened, Names()))


def test_a_name_binds_and_must_match_later() -> None:
    names = Names()
    assert names.bind("  To: x;tag=<tag>", "  To: x;tag=abc", 1)
    assert names.bind("  From: x;tag=<tag>", "  From: x;tag=abc", 2)
    assert not names.bind("  From: x;tag=<tag>", "  From: x;tag=abd", 3)
    assert names.put_in("> alice BYE <sip:x> to-tag=<tag>") == "> alice BYE <sip:x> to-tag=abc"
    names.check()


def test_a_name_that_is_used_nowhere_is_told() -> None:
    names = Names()
    names.bind("A: <b>", "A: c", 4)
    with pytest.raises(FlowError, match="<b> is bound here and used nowhere") as caught:
        names.check()
    assert caught.value.line == 4


def test_a_name_twice_in_one_line() -> None:
    names = Names()
    assert not names.bind("<a-b> <a-b>", "x y", 1)
    assert names.bind("<a-b> <a-b>", "x x", 1)
    names.check()


@pytest.mark.parametrize(
    ("recorded", "line", "fits"),
    [
        ("A: <*>", "A: anything, <sip:x>", True),
        ("A: <*>", "B: anything", False),
        ("A: <~[0-9]+>s", "A: 12s", True),
        ("A: <~[0-9]+>s", "A: xs", False),
        ("A: <sip:a@b>", "A: <sip:a@b>", True),
        ("A: <sip:a@b>", "A: <sip:a@c>", False),
        ("A: <b>", "A: <b>", True),
        ("A: .*", "A: x", False),
    ],
)
def test_templates(recorded: str, line: str, fits: bool) -> None:
    assert Names().fits(recorded, line, 1) is fits


def test_a_wrong_regular_expression_is_told() -> None:
    with pytest.raises(FlowError, match="is wrong"):
        Names().fits("A: <~[>", "A: x", 1)


def test_lines_that_fit_stay_as_they_are() -> None:
    assert merged("< a <*>\n  B: <~.>\n= c\n", "< a 200 OK", "  B: 1", "= d") == "< a <*>\n  B: <~.>\n= d\n"


def test_comments_stay() -> None:
    recorded = "# first\n< a\n# second\n< b\n\n"
    assert merged(recorded, "< a", "< b") == recorded
    assert merged(recorded, "< new", "< b") == "# first\n< new\n# second\n< b\n\n"
    assert merged(recorded, "< a", "< new") == "# first\n< a\n# second\n< new\n\n"
    assert merged(recorded, "< a", "< b", "< c") == "# first\n< a\n# second\n< b\n< c\n\n"
    assert merged(recorded) == "# first\n# second\n\n"
    assert merged("\n", "< a") == "< a\n\n"


def test_what_is_put_in_between_moves_nothing() -> None:
    assert merged("< a\n< b\n< a\n", "< a", "< x", "< b", "< a") == "< a\n< x\n< b\n< a\n"


def test_a_recording_that_got_very_long_is_merged_at_once() -> None:
    lines = [f"< bob again #{number}" for number in range(1, 20_001)]
    assert merged("< bob MESSAGE sip:bob@10.0.0.2\n", *lines).splitlines() == lines
