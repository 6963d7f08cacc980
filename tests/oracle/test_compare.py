"""What counts as equal between a datagram of the original and one of ours."""

from __future__ import annotations

import pytest

from tests.oracle.compare import ABSENT, differences
from tests.wire import Wire

HEX = "0123456789abcdef" * 2


def reply(*, via: str = "10.0.0.1", tag: str = "x", more: str = "", call_id: str = "1@lab") -> Wire:
    text = (
        f"SIP/2.0 200 OK\nVia: SIP/2.0/UDP {via};branch=z9hG4bK1\nTo: <sip:a@b>;tag={tag}\nCall-ID: {call_id}\n{more}\n"
    )
    return Wire(text.replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        (reply(tag=f"{HEX}.0a1b"), reply(tag="serpy.1234")),
        (reply(call_id="abc-1@127.0.0.1"), reply(call_id="call7@127.0.0.1")),
        (reply(via="127.0.0.1"), reply(via="127.0.0.1")),
    ],
    ids=["tag", "call-id", "via"],
)
def test_what_each_server_makes_up_counts_as_equal(recorded: Wire, ours: Wire) -> None:
    assert list(differences(recorded, ours)) == []


def test_a_tag_of_the_phone_must_be_passed_on() -> None:
    assert list(differences(reply(tag="bob"), reply(tag="eve"))) == [("to", "<sip:a@b>;tag=bob", "<sip:a@b>;tag=eve")]


def test_a_header_that_only_one_side_has_is_a_difference() -> None:
    assert list(differences(reply(more="Warning: 392 x\n"), reply())) == [("warning", "392 x", ABSENT)]
    assert list(differences(reply(), reply(more="Date: x\n"))) == [("date", ABSENT, "x")]


def test_another_order_of_headers_is_a_difference() -> None:
    left, right = reply(more="A: 1\nB: 2\n"), reply(more="B: 2\nA: 1\n")
    assert [what for what, _, _ in differences(left, right)] == ["order of headers"]
