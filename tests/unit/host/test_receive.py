"""What comes in: keep-alives, broken messages, requests and replies."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from serpy.host import receive
from serpy.testing.lab import Lab

pytestmark = pytest.mark.usefixtures("no_collection")

SCRIPT = """
debug=4
listen=127.0.0.1
route { forward(10.0.0.9, 5060); }
"""
ALICE = ("10.0.0.1", 5062)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(SCRIPT, dns={"phone.example": ["10.0.0.7"]}) as lab:
        yield lab


def _message(
    first: str, *, vias: str = "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1\n", cseq: str = "OPTIONS"
) -> bytes:
    return (
        (
            f"{first}\n{vias}From: <sip:alice@127.0.0.1>;tag=a\nTo: <sip:bob@127.0.0.1>\nCall-ID: c1\nCSeq: 1 {cseq}\n"
            "Content-Length: 0\n\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )


OPTIONS = _message("OPTIONS sip:bob@127.0.0.1 SIP/2.0")


@pytest.mark.parametrize("data", [b"", b"\0", b"\r\n\r\n", b"short", b"\r\n" * 40, b"\0" * 100])
def test_keep_alives_are_counted_and_nothing_else(lab: Lab, data: bytes) -> None:
    lab.send(data)
    assert lab.stats["received.keepalive"] == 1
    assert lab.take() == []
    assert lab.log_lines == []


def test_a_request_goes_through_the_script(lab: Lab) -> None:
    lab.send(OPTIONS, source=ALICE)
    (sent,) = lab.take()
    assert sent.to == ("10.0.0.9", 5060)
    assert sent.data.startswith(b"OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK")


def test_leading_blank_lines_are_allowed(lab: Lab) -> None:
    lab.send(b"\r\n\r\n" + OPTIONS)
    assert len(lab.take()) == 1


def test_each_request_is_logged_with_its_call_id(lab: Lab) -> None:
    lab.send(OPTIONS, source=ALICE)
    assert lab.log_lines[0] == "INFO OPTIONS sip:bob@127.0.0.1 from 10.0.0.1:5062 [c1]"


def test_a_bad_request_line_is_answered_400_with_its_reason(lab: Lab) -> None:
    lab.send(_message("OPTIONS  sip:bob@127.0.0.1  SIP/2.0"), source=ALICE)
    (sent,) = lab.take()
    assert sent.to == ("10.0.0.1", 5070)
    assert sent.data.startswith(b"SIP/2.0 400 ")
    assert b"\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1\r\n" in sent.data
    assert lab.stats["drop.bad_message"] == 1


@pytest.mark.parametrize(("version", "answer"), [("SIP/3.0", b"505 Version Not Supported"), ("HTTP/1.1", b"400 ")])
def test_another_version_of_sip_is_answered_505(lab: Lab, version: str, answer: bytes) -> None:  # D31
    lab.send(_message(f"OPTIONS sip:bob@127.0.0.1 {version}"), source=ALICE)
    (sent,) = lab.take()
    assert sent.data.startswith(b"SIP/2.0 " + answer)


def test_an_ack_of_another_version_is_not_answered(lab: Lab) -> None:
    lab.send(_message("ACK sip:bob@127.0.0.1 SIP/3.0", cseq="ACK"), source=ALICE)
    assert lab.take() == []


def test_the_same_bad_request_gets_the_same_answer(lab: Lab) -> None:
    for _ in range(2):
        lab.send(_message("OPTIONS  sip:bob@127.0.0.1  SIP/2.0"))
    first, second = lab.take()
    assert first.data == second.data


@pytest.mark.parametrize(
    "data",
    [
        _message("ACK  sip:bob@127.0.0.1  SIP/2.0", cseq="ACK"),
        _message("OPTIONS sip:bob@127.0.0.1 SIP/2.0", vias=""),
        _message("OPTIONS sip:bob@127.0.0.1 SIP/2.0", vias="Via: nonsense\n"),
        _message("SIP/2.0 abc OK"),
        b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        b"x" * 2000,
        bytes(range(256)) * 4,
    ],
)
def test_what_cannot_be_answered_is_counted_in_silence(lab: Lab, data: bytes) -> None:
    lab.send(data)
    assert lab.take() == []
    assert lab.stats["drop.bad_message"] == 1
    assert lab.log_lines[0].startswith("DEBUG bad message")


TWO_VIAS = "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1\n"


def test_a_reply_without_transaction_goes_by_its_second_via(lab: Lab) -> None:
    lab.send(_message("SIP/2.0 200 OK", vias=TWO_VIAS), source=("10.0.0.9", 5060))
    (sent,) = lab.take()
    assert sent.to == ("10.0.0.1", 5070)
    assert sent.data == _message("SIP/2.0 200 OK")


def test_a_reply_with_one_via_ends_here(lab: Lab) -> None:
    lab.send(_message("SIP/2.0 200 OK"))
    assert lab.take() == []
    assert lab.stats["drop.reply"] == 1


def test_a_reply_with_a_name_in_its_via_waits_for_dns(lab: Lab) -> None:
    lab.send(_message("SIP/2.0 200 OK", vias=TWO_VIAS.replace("10.0.0.1", "phone.example")))
    assert lab.take() == []
    lab.advance(1)
    assert [sent.to for sent in lab.take()] == [("10.0.0.7", 5070)]


def test_a_reply_that_comes_back_to_us_2000_times_costs_little(lab: Lab) -> None:
    began = time.process_time()
    lab.send(_message("SIP/2.0 200 OK", vias="Via: SIP/2.0/UDP 127.0.0.1\n" * 2000))
    assert time.process_time() - began < 3  # 16 s when all Vias are read each time


def test_only_so_many_replies_wait_for_dns(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "MOST_SUSPENDED", 2)
    for _ in range(3):
        lab.send(_message("SIP/2.0 200 OK", vias=TWO_VIAS.replace("10.0.0.1", "phone.example")))
    lab.advance(1)
    assert len(lab.take()) == 2
    assert lab.stats["drop.reply"] == 1


def test_a_reply_to_a_name_that_does_not_resolve_is_dropped(lab: Lab) -> None:
    lab.send(_message("SIP/2.0 200 OK", vias=TWO_VIAS.replace("10.0.0.1", "dead.example")))
    lab.advance(1)
    assert lab.stats["drop.reply"] == 1


@pytest.mark.parametrize(
    ("via", "forwarded"), [("127.0.0.1", 1), ("127.0.0.1:5060", 1), ("192.0.2.9", 0), ("127.0.0.1:5070", 0)]
)
def test_check_via_drops_replies_that_are_not_ours(via: str, forwarded: int) -> None:
    with Lab(SCRIPT, modparams={"core.check_via": 1}) as lab:
        lab.send(_message("SIP/2.0 200 OK", vias=TWO_VIAS.replace("127.0.0.1", via)))
        assert len(lab.take()) == forwarded


def test_a_send_that_fails_is_logged_and_the_server_goes_on(lab: Lab) -> None:
    lab.unreachable.add("10.0.0.1")
    lab.send(_message("SIP/2.0 200 OK", vias=TWO_VIAS))
    lab.send(OPTIONS)
    assert lab.stats["drop.reply"] == 1
    assert len(lab.take()) == 1


def test_when_too_many_scripts_wait_new_requests_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "MOST_SUSPENDED", 2)
    script = SCRIPT.replace("10.0.0.9", "phone.example")
    with Lab(script, dns={"phone.example": ["10.0.0.7"]}) as lab:
        for _ in range(4):
            lab.send(OPTIONS)
        lab.send(_message("ACK sip:bob@127.0.0.1 SIP/2.0", cseq="ACK"))
        lab.advance(1)
        assert [sent.data[:7] for sent in lab.take()] == [b"OPTIONS", b"OPTIONS", b"ACK sip"]
        assert lab.stats["drop.overload"] == 2
        assert sum("new ones are dropped" in line for line in lab.log_lines) == 1
        lab.send(OPTIONS)
        lab.advance(1)
        assert len(lab.take()) == 1
