"""From short forms and raw blocks to octets."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serpy.testing.flow.document import INDENT, FlowError, read_document
from serpy.testing.flow.messages import as_raw, complete, raw
from serpy.testing.flow.wire import Message

BASE = Message(
    "MESSAGE sip:bob@x SIP/2.0",
    (
        ("Via", "SIP/2.0/UDP h;branch=z9hG4bK1"),
        ("From", "<sip:a@x>;tag=1"),
        ("To", "<sip:bob@x>"),
        ("CSeq", "1 MESSAGE"),
    ),
)


def lines(options: tuple[tuple[str, str], ...] = (), *content: str) -> list[str]:
    return complete(BASE, options, content, 1).encode().decode().split("\r\n")


def test_a_body_gets_its_length_and_type() -> None:
    assert lines((), "", "hello", "bob")[5:] == ["Content-Type: text/plain", "Content-Length: 10", "", "hello", "bob"]


def test_a_typed_header_takes_the_place_of_the_one_by_rule() -> None:
    assert lines((), "cseq: 7 MESSAGE", "X: 1", "X: 2")[4:7] == ["CSeq: 7 MESSAGE", "X: 1", "X: 2"]


def test_a_header_is_left_out() -> None:
    assert not any(line.startswith("To:") for line in lines((), "- To"))


def test_a_wrong_length_can_be_typed() -> None:
    assert lines((), "Content-Length: 99", "", "x")[5] == "Content-Length: 99"
    assert [line for line in lines((("content-length", "9"),), "", "x") if "Length" in line] == ["Content-Length: 9"]


def test_options_set_headers_and_their_parts() -> None:
    made = lines((("to-tag", "t"), ("tag", ""), ("branch", "b"), ("cseq", "9"), ("expires", "60")))
    assert made[1:6] == [
        "Via: SIP/2.0/UDP h;branch=b",
        "From: <sip:a@x>",
        "To: <sip:bob@x>;tag=t",
        "CSeq: 9 MESSAGE",
        "Expires: 60",
    ]


def test_sdp_ends_its_last_line() -> None:
    made = complete(BASE, (), ("Content-Type: application/sdp", "", "v=0", "s=-"), 1)
    assert made.body == b"v=0\r\ns=-\r\n"


def test_a_line_that_is_no_header_is_told() -> None:
    with pytest.raises(FlowError, match="is no header") as caught:
        lines((), "A: b", "hello bob")
    assert caught.value.line == 3


def test_raw_lines_are_joined_and_ended() -> None:
    assert raw(["A", "B: c"], 1) == b"A\r\nB: c\r\n\r\n"
    assert raw(["A", "", "body"], 1) == b"A\r\n\r\nbody"
    assert raw(["A\\x00\\xfF\\\\\\r", "B\\"], 1) == b"A\0\xff\\\r\r\nB"
    assert raw(["A\\", "B\\"], 1) == b"AB"


def test_a_wrong_octet_is_told_at_its_line() -> None:
    with pytest.raises(FlowError, match="is no octet") as caught:
        raw(["A", "\\xZZ"], 4)
    assert caught.value.line == 6


@given(st.one_of(st.binary(max_size=60), st.text(alphabet="ab \r\n\\:#", max_size=60).map(str.encode)))
@example(b"\r\n\r\n")
@example(b"")
@example(b"a\r\n")
@example(b" ")
@example(b"a\r\n \r\n\r\n")
def test_any_octets_can_be_written_as_a_raw_block(data: bytes) -> None:
    content = as_raw(data)
    block = "".join(f"{INDENT}{line}\n" if line else "\n" for line in content)
    document = read_document(f"title: x\n\n> alice raw\n{block}")
    assert len(document.blocks) == 2
    assert raw(document.blocks[1].content, 1) == data
