"""Requests of our own (apis.Tm)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from serpy.apis import Answer
from tests.unit.modules.tm.scene import BOB, Scene


def ask(scene: Scene, uri: bytes = b"sip:bob@10.0.0.2", **more: Any) -> asyncio.Future[Answer]:
    async def make() -> list[asyncio.Future[Answer]]:
        return [
            scene.tm.request(b"MESSAGE", uri, to=b"sip:bob@x.org", from_=b"sip:us@x.org", body=b"hi", **more),
        ]

    future: asyncio.Future[Answer] = scene.lab.run(make())[0]
    return future


def test_the_request_has_angle_brackets_and_max_forwards() -> None:
    with Scene("drop();") as scene:
        ask(scene, headers=[b"Content-Type: text/plain"])
        [sent] = scene.at(BOB)
    assert sent.startswith(b"MESSAGE sip:bob@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKid1.0\r\n")
    for line in (b"To: <sip:bob@x.org>", b"From: <sip:us@x.org>;tag=id2", b"CSeq: 10 MESSAGE", b"Max-Forwards: 70"):
        assert b"\r\n" + line + b"\r\n" in sent
    assert sent.endswith(b"\r\nContent-Type: text/plain\r\n\r\nhi")


def test_all_ids_can_be_given() -> None:
    with Scene("drop();") as scene:
        ask(scene, call_id=b"row7@x", from_tag=b"t7", cseq=7, branch=b"row7")
        [sent] = scene.at(BOB)
    for text in (b";branch=z9hG4bKrow7\r\n", b";tag=t7\r\n", b"CSeq: 7 MESSAGE", b"Call-ID: row7@x\r\n"):
        assert text in sent


def test_the_future_ends_with_the_final_answer_and_only_once() -> None:
    with Scene("drop();") as scene:
        future = ask(scene)
        [sent] = scene.at(BOB)
        scene.phone(BOB, sent, "180 Ringing")
        assert not future.done()
        scene.phone(BOB, sent, "202 Accepted", "200 OK")
        assert future.result().code == 202
        response = future.result().response
        assert response is not None
        assert response.reason == b"Accepted"


def test_silence_ends_with_408() -> None:
    with Scene("drop();", params='modparam("tm", "fr_timer", 10)') as scene:
        future = ask(scene)
        scene.wait(9.9)
        assert len(scene.at(BOB)) == 5
        assert not future.done()
        scene.wait(0.2)
        assert future.result() == Answer(408)
        assert scene.tm.pending() == 0


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        (b"sip:bob@nowhere.invalid", 478),
        (b"urn:x", 478),
        (b"sip:b@10.0.0.2;transport=tcp", 478),
        (b"sip:b@10.0.0.66", 477),
    ],
)
def test_what_cannot_be_sent_ends_with_a_code(uri: bytes, code: int) -> None:
    with Scene("drop();") as scene:
        scene.lab.unreachable.add("10.0.0.66")
        future = ask(scene, uri)
        scene.wait(0.1)
        assert future.result() == Answer(code)


def test_a_transport_that_fails_later_ends_with_503() -> None:
    with Scene("drop();") as scene:
        future = ask(scene)
        scene.lab.unreachable.add("10.0.0.2")
        scene.wait(0.6)
        assert future.result() == Answer(503)


def test_a_name_is_resolved_first() -> None:
    with Scene("drop();", dns={"bob.example": ["10.0.0.2"]}) as scene:
        ask(scene, b"sip:bob@bob.example")
        assert scene.at(BOB) == []
        scene.wait(0.1)
        assert scene.seen(BOB) == ["MESSAGE sip:bob@bob.example"]


def test_the_next_hop_is_where_it_goes() -> None:
    with Scene("drop();") as scene:
        ask(scene, b"sip:bob@nowhere.invalid", next_hop=b"sip:10.0.0.2")
        assert scene.seen(BOB) == ["MESSAGE sip:bob@nowhere.invalid"]


def test_a_server_that_stops_ends_what_is_awaited() -> None:
    with Scene("drop();") as scene:
        future = ask(scene)
        scene.lab.close()
        assert future.result() == Answer(503)


def test_a_future_that_nobody_awaits_any_more_is_no_trouble() -> None:
    with Scene("drop();") as scene:
        future = ask(scene)
        [sent] = scene.at(BOB)
        future.cancel()
        scene.phone(BOB, sent, "200 OK")
        assert scene.tm.pending() == 0


@pytest.mark.parametrize("method", [b"INVITE", b"ACK", b"CANCEL"])
def test_requests_that_need_a_dialog_are_refused(method: bytes) -> None:
    with Scene("drop();") as scene, pytest.raises(ValueError, match="of its own"):
        scene.tm.request(method, b"sip:bob@10.0.0.2", to=b"sip:bob@x.org", from_=b"sip:us@x.org")


def test_it_is_forgotten_after_wt_timer() -> None:
    with Scene("drop();") as scene:
        ask(scene)
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        scene.wait(6)
        assert scene.tm.table.cells() == set()
