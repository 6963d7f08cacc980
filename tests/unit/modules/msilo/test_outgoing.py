"""What a delivery looks like (D11, D12, D19, D39)."""

import time
from dataclasses import replace
from datetime import UTC

import pytest

from serpy.modules.msilo import outgoing
from serpy.modules.msilo.letter import Letter

LETTER = Letter(
    src="sip:alice@example.com",
    dst="sip:bob@example.com",
    address="sip:bob@example.com",
    owner="bob",
    inc_time=1_000_000_000,
    exp_time=1_000_259_200,
    ctype="text/plain",
    body=b"Hello",
    mid=7,
)


@pytest.mark.parametrize(
    "ctype", ["text/plain", "Text/Plain", "text/plain;charset=utf-8", "text/plain ; format=flowed"]
)
def test_plain_text_says_when_it_came_in(ctype: str) -> None:
    when = time.ctime(1_000_000_000)
    assert len(when) == 24
    assert outgoing.body(replace(LETTER, ctype=ctype)) == f"[Offline message - {when}] Hello".encode()


def test_the_time_is_that_of_the_zone() -> None:
    assert outgoing.body(LETTER, UTC) == b"[Offline message - Sun Sep  9 01:46:40 2001] Hello"


@pytest.mark.parametrize(
    "ctype", ["text/html", "message/cpim", "application/xml", "text/plain;charset=UTF-16", "text/plainer"]
)
def test_other_types_are_delivered_untouched(ctype: str) -> None:
    assert outgoing.body(replace(LETTER, ctype=ctype)) == b"Hello"


def test_the_headers_tell_the_time_and_the_type_as_stored() -> None:
    assert outgoing.headers(replace(LETTER, ctype='text/html; charset="x"')) == [
        b"Date: Sun, 09 Sep 2001 01:46:40 GMT",
        b'Content-Type: text/html; charset="x"',
    ]


def test_a_repeat_after_a_crash_has_the_same_identifiers() -> None:
    assert outgoing.identity(LETTER, "silo", b"sip:b@h") == outgoing.identity(replace(LETTER), "silo", b"sip:b@h")


def test_a_new_attempt_keeps_the_call_and_counts_up_its_number() -> None:
    first = outgoing.identity(LETTER, "silo", b"sip:b@h")
    second = outgoing.identity(replace(LETTER, tries=1), "silo", b"sip:b@h")
    assert (first.call_id, first.from_tag) == (second.call_id, second.from_tag)
    assert second.cseq == first.cseq + 1
    assert second.branch != first.branch


def test_each_contact_has_its_own_branch() -> None:
    one, other = (outgoing.identity(LETTER, "silo", uri) for uri in (b"sip:b@1", b"sip:b@2"))
    assert one.branch != other.branch
    assert one.cseq == other.cseq


@pytest.mark.parametrize(
    "changes", [{"mid": 8}, {"inc_time": 1}, {"owner": "eve"}], ids=["number", "time of coming in", "owner"]
)
def test_another_row_is_another_message(changes: dict[str, int | str]) -> None:
    other = outgoing.identity(replace(LETTER, **changes), "silo", b"sip:b@h")  # type: ignore[arg-type]
    assert other.call_id != outgoing.identity(LETTER, "silo", b"sip:b@h").call_id


def test_the_notice_reads_as_ser_writes_it() -> None:
    assert outgoing.notice("sip:bob@example.com") == (
        b"User [sip:bob@example.com] is offline. The message will be delivered when user goes online."
    )


@pytest.mark.parametrize("changes", [{"src": ""}, {"dst": "sip:b@h\r\nX: y"}, {"ctype": "a/b\r\n"}, {"src": "sip:a>b"}])
def test_a_row_that_would_break_a_message_is_known(changes: dict[str, str]) -> None:
    assert outgoing.is_clean(LETTER)
    assert not outgoing.is_clean(replace(LETTER, **changes))  # type: ignore[arg-type]
