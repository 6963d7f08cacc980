"""Calls through the example by real phones: INVITE with ACK, BYE and CANCEL, loops, retransmissions, forks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.fixtures import Embedded, Place
from tests.live.peer import Peer
from tests.live.server import HOST, Server, example, free_port
from tests.wire import Wire

SDP = b"v=0\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests here: each uses users of its own."""
    port = free_port()
    text = example(port, fr_timer=1, fr_inv_timer=2)
    with Server(tmp_path_factory.mktemp("calls"), text, port, ["--db", "embedded"]) as running:
        yield running


_numbers = itertools.count(1)


@pytest.fixture
def bob(server: Server) -> Iterator[Peer]:
    """A bob of this test: what another test registered must not ring."""
    with Peer(f"bob{next(_numbers)}", server.address) as phone:
        yield phone


@pytest.fixture
def place(server: Server) -> Place:
    """The table of that server."""
    return Embedded(server.folder / "state")


def invite(caller: Peer, callee: Peer) -> Wire:
    return caller.request(
        "INVITE",
        callee.uri,
        headers=f"Contact: <{caller.contact}>\r\n",
        body=SDP,
        content_type="application/sdp",
    )


def test_a_call_is_set_up_and_ended(server: Server, alice: Peer, bob: Peer) -> None:
    bob.register()
    asked = invite(alice, bob)
    assert alice.expect(100).reason == "trying -- your call is important to us"
    offered = bob.expect("INVITE")
    assert (offered.uri, offered.body) == (bob.contact, SDP)
    bob.answer(offered, 180, "Ringing")
    assert alice.expect(180)["to"].endswith(f";tag={bob.user}tag")
    bob.answer(offered, 200, "OK", headers=f"Contact: <{bob.contact}>\r\n")
    answered = alice.expect(200)
    assert answered.all("via") == asked.all("via")
    alice.request("ACK", bob.uri, to=answered["to"], call_id=asked.call_id, cseq=int(asked["cseq"].split()[0]))
    assert bob.expect("ACK").uri == bob.contact
    bye = alice.request("BYE", bob.uri, to=answered["to"], call_id=asked.call_id)
    bob.answer(bob.expect("BYE"), 200, "OK")
    assert alice.expect_final(bye).code == 200


def test_a_busy_callee_is_acknowledged_by_the_server_at_once(server: Server, alice: Peer, bob: Peer) -> None:
    bob.register()
    asked = invite(alice, bob)
    offered = bob.expect("INVITE")
    bob.answer(offered, 486, "Busy Here")
    acknowledged = bob.expect("ACK")
    assert acknowledged.branch == offered.branch
    busy = alice.expect_final(asked)
    assert busy.code == 486
    alice.acknowledge(asked, busy)
    bob.expect_nothing("ACK", within=0.3)


def test_a_cancelled_call_ends_with_487_on_both_sides(server: Server, alice: Peer, bob: Peer) -> None:
    bob.register()
    asked = invite(alice, bob)
    offered = bob.expect("INVITE")
    bob.answer(offered, 180, "Ringing")
    alice.expect(180)
    cancel = alice.request(
        "CANCEL", bob.uri, call_id=asked.call_id, cseq=int(asked["cseq"].split()[0]), branch=asked.branch
    )
    answer = alice.expect_final(cancel)
    assert (answer.code, answer.reason) == (200, "canceling")
    cancelled = bob.expect("CANCEL")
    assert cancelled.branch == offered.branch
    bob.answer(cancelled, 200, "OK")
    bob.answer(offered, 487, "Request Terminated")
    assert bob.expect("ACK").branch == offered.branch
    terminated = alice.expect_final(asked)
    assert terminated.code == 487
    alice.acknowledge(asked, terminated)


def test_a_call_that_nobody_takes_ends_with_408_and_a_cancel(server: Server, alice: Peer, bob: Peer) -> None:
    bob.register()
    asked = invite(alice, bob)
    offered = bob.expect("INVITE")
    bob.answer(offered, 180, "Ringing")
    gone = alice.expect_final(asked)
    assert gone.code == 408
    alice.acknowledge(asked, gone)
    bob.answer(bob.expect("CANCEL"), 200, "OK")
    bob.answer(offered, 487, "Request Terminated")
    bob.expect("ACK")


def test_a_call_to_somebody_offline_gets_404(server: Server, alice: Peer) -> None:
    with Peer("nobody", server.address) as nobody:
        asked = invite(alice, nobody)
    answer = alice.expect_final(asked)
    assert (answer.code, answer.reason) == (404, "Not found")
    alice.acknowledge(asked, answer)


@pytest.mark.parametrize("method", ["MESSAGE", "OPTIONS", "REGISTER"])
def test_max_forwards_0_gets_483(server: Server, alice: Peer, method: str) -> None:
    sent = alice.request(method, f"sip:{HOST}:{server.port}", headers="Max-Forwards: 0\r\n")
    answer = alice.expect_final(sent)
    assert (answer.code, answer.reason) == (483, "To Many Hops")


def test_a_request_that_runs_in_a_circle_ends_with_483(server: Server, alice: Peer, bob: Peer) -> None:
    bob.register(contact=f"<{bob.uri}>")
    sent = alice.request("OPTIONS", bob.uri, headers="Max-Forwards: 10\r\n")
    assert alice.expect_final(sent).code == 483


def test_a_retransmitted_message_is_stored_once_and_answered_alike(server: Server, alice: Peer, place: Place) -> None:
    sent = alice.request("MESSAGE", f"sip:twice@{HOST}:{server.port}", body=b"once")
    first = alice.expect_final(sent)
    alice.send(sent)
    again = alice.expect_final(sent)
    assert first.code == 202
    assert again.data == first.data
    assert [row["body"] for row in place.rows() if "twice@" in row["r_uri"]] == [b"once"]


def test_all_phones_of_a_user_ring_and_the_first_answer_counts(server: Server, alice: Peer, bob: Peer) -> None:
    with Peer(bob.user, server.address) as desk:
        bob.register()
        desk.register()
        asked = invite(alice, bob)
        offered = bob.expect("INVITE")
        rung = desk.expect("INVITE")
        desk.answer(rung, 200, "OK", headers=f"Contact: <{desk.contact}>\r\n")
        assert alice.expect_final(asked).code == 200
        bob.answer(offered, 180, "Ringing")
        cancelled = bob.expect("CANCEL")
        bob.answer(cancelled, 200, "OK")
        bob.answer(offered, 487, "Request Terminated")
        bob.expect("ACK")


def test_a_reply_goes_to_the_source_where_the_via_asks_for_it(server: Server, alice: Peer) -> None:
    lines = (
        f"OPTIONS sip:nobody@{HOST}:{server.port} SIP/2.0",
        "Via: SIP/2.0/UDP 10.9.9.9:1;rport;branch=z9hG4bKnat",
        f"From: <{alice.uri}>;tag=1",
        f"To: <sip:nobody@{HOST}:{server.port}>",
        "Call-ID: nat",
        "CSeq: 1 OPTIONS",
    )
    alice.send("\r\n".join((*lines, "", "")).encode())
    via = alice.expect(404)["via"]
    assert f"rport={alice.port}" in via
    assert "received=127.0.0.1" in via


def test_a_contact_that_does_not_resolve_stores_the_message(
    server: Server, alice: Peer, bob: Peer, place: Place
) -> None:
    bob.register(contact="<sip:bob@no.such.host.invalid>")
    assert alice.message(bob.user, b"unresolvable", within=15).code == 202
    assert b"unresolvable" in [row["body"] for row in place.rows()]


def test_the_state_directory_of_the_test_is_used(server: Server) -> None:
    assert Embedded(Path(server.folder) / "state").file.is_file()
