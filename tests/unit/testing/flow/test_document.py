"""The shape of a flow file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serpy.testing.flow.document import FlowError, read_document, write_document

FLOW = """\
# about this flow
title: a test
script:
  route {

  }

# a comment
> alice raw
  one

  two
< bob OPTIONS sip:x
  A: b

wait 4s
"""


def test_a_file_is_written_as_it_was_read() -> None:
    assert write_document(read_document(FLOW)) == FLOW


def test_blocks_are_typed_recorded_or_gaps() -> None:
    document = read_document(FLOW)
    assert [(block.kind, block.line) for block in document.blocks] == [
        ("gap", 7),
        ("gap", 8),
        ("typed", 9),
        ("recorded", 13),
        ("gap", 15),
        ("typed", 16),
    ]
    assert document.blocks[2].content == ["one", "", "two"]
    assert document.is_recorded


def test_a_value_goes_on_over_empty_lines() -> None:
    entry = read_document(FLOW).head[1]
    assert (entry.key, entry.line, entry.more) == ("script", 3, ("route {", "", "}"))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("title\n", 1, "is no line of the head"),
        ("  title: x\n", 1, "belongs to no key"),
        ("title: x\n\n  indented\n", 3, "belongs to no block"),
        ("title: x\n\n\twait 4s\n", 3, "something else than two blanks"),
    ],
)
def test_a_wrong_shape_is_told_at_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(FlowError, match=says) as caught:
        read_document(text)
    assert caught.value.line == line


@given(st.text(alphabet="ab:<>=~# \t\n\\", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        document = read_document(text)
    except FlowError:
        return
    written = write_document(document)
    assert written in (text, text + "\n")
