"""Labs for tests in Python: peers, waiting, and what can be seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.testing.sip_lab import LabError, NoAnswer, SipLab

EXAMPLE = Path(__file__).parents[3] / "examples" / "msilo.cfg"
SILENT = "route { drop(); }"


@pytest.fixture
def lab() -> Iterator[SipLab]:
    with SipLab(EXAMPLE) as opened:
        yield opened


def test_a_message_waits_until_bob_is_back(lab: SipLab) -> None:
    alice, bob = lab.peer("alice"), lab.peer("bob")
    assert alice.message(bob, "hi").reply.status == 202
    assert [row["body"] for row in lab.table("silo")] == [b"hi"]
    assert bob.register().reply.status == 200
    assert bob.receive("MESSAGE").text.endswith("hi")
    lab.advance(30)
    assert lab.table("silo") == []


def test_await_and_reply_are_the_same(lab: SipLab) -> None:
    async def body() -> list[int]:
        return [(await lab.peer("bob").register()).status, lab.peer("bob").register().reply.status]

    assert asyncio.run(body()) == [200, 200]


def test_a_request_sets_out_when_it_is_called_for(lab: SipLab) -> None:
    alice, bob = lab.peer("alice"), lab.peer("bob")
    bob.register()
    first, second = alice.message(bob, "1"), alice.message(bob, "2")
    assert [one.text for one in bob.requests] == ["1", "2"]
    assert second.reply.status == first.reply.status == 200


def test_a_call_is_made_and_ended(lab: SipLab) -> None:
    alice, bob = lab.peer("alice"), lab.peer("bob")
    assert bob.register().reply.status == 200
    bob.answers("INVITE", "180 after 1s, 200 after 5s")
    call = alice.invite(bob, "v=0")
    assert call.reply.status == 200
    assert [(one.status, one.at) for one in call.replies] == [(100, 0), (180, 1), (200, 5)]
    assert bob.receive("ACK").method == "ACK"
    assert bob.bye().reply.status == 200
    assert alice.receive("BYE").status == 0


def test_a_peer_may_be_silent_and_answer_by_hand(lab: SipLab) -> None:
    alice, bob = lab.peer("alice"), lab.peer("bob", answers=False)
    assert bob.register().reply.status == 200
    call = alice.invite(bob)
    assert call.final is None
    bob.reply(486, "Busy as a bee", headers={"Retry-After": 5})
    reply = call.reply
    assert (reply.status, reply.reason, reply.headers["retry-after"]) == (486, "Busy as a bee", "5")


def test_a_call_is_cancelled(lab: SipLab) -> None:
    alice, bob = lab.peer("alice"), lab.peer("bob")
    assert bob.register().reply.status == 200
    bob.answers("INVITE", "180, 200 after 1m")
    call = alice.invite(bob)
    assert alice.cancel().reply.status == 200
    assert call.reply.status == 487


def test_without_an_answer_the_failure_says_what_came() -> None:
    with (
        SipLab(SILENT) as lab,
        pytest.raises(NoAnswer, match=r"alice's REGISTER sip:127.0.0.1 got no .*180 s .*nothing"),
    ):
        lab.peer("alice").register().reply  # noqa: B018


def test_waiting_ends_when_it_is_over() -> None:
    with SipLab(SILENT) as lab:
        with pytest.raises(NoAnswer, match="received no MESSAGE within 5 s"):
            lab.peer("alice").receive("MESSAGE", within=5)
        assert lab.elapsed == 5


def test_receive_passes_over_what_was_not_asked_for(lab: SipLab) -> None:
    alice, bob = lab.peer("alice"), lab.peer("bob")
    assert bob.register().reply.status == 200
    alice.message(bob, "1")
    alice.message(bob, "2")
    assert (bob.receive("MESSAGE").text, bob.receive().text) == ("1", "2")
    assert alice.receive(200).status == 200


def test_headers_are_found_under_any_spelling(lab: SipLab) -> None:
    reply = lab.peer("alice").register(expires=600, headers={"X-Own": "1"}).reply
    assert reply.headers["call-id"] == reply.headers["i"] == "alice-register"
    assert reply.headers.get("Nothing") is None
    assert len(reply.headers.all("v")) == 1
    assert "CSeq" in list(reply.headers)
    with pytest.raises(KeyError):
        reply.headers["Nothing"]


def test_expires_is_sent(lab: SipLab) -> None:
    assert "expires=90" in lab.peer("alice").register(expires=90).reply.headers["Contact"]


def test_octets_are_sent_as_they_are() -> None:
    with SipLab(EXAMPLE) as lab:
        alice = lab.peer("alice")
        alice.send(b"\r\n\r\n")
        assert alice.received == []
        assert lab.lab.stats["received.keepalive"] == 1


def test_peers_get_addresses_of_their_own(lab: SipLab) -> None:
    alice = lab.peer("alice")
    assert alice.address == ("10.0.0.1", 5060)
    assert lab.peer("bob").address == ("10.0.0.2", 5060)
    assert lab.peer("carol", "10.0.0.9:5062", aor="sip:c@example.org").aor == "sip:c@example.org"
    assert lab.peer("alice") is alice


@pytest.mark.parametrize(
    ("name", "at", "told"),
    [
        ("bob", "10.0.0.1:5060", "bob and alice would have the same address"),
        ("alice", "10.0.0.7", "there is a peer alice already"),
        ("bob", "nowhere", "'nowhere' is no address"),
    ],
)
def test_peers_that_cannot_be_are_refused(lab: SipLab, name: str, at: str, told: str) -> None:
    lab.peer("alice")
    with pytest.raises(LabError, match=told):
        lab.peer(name, at)


def test_what_a_flow_file_can_say_can_be_done(lab: SipLab) -> None:
    alice, bob = lab.peer("alice"), lab.peer("bob")
    lab.do("db down")
    assert alice.message(bob, "hi").reply.status == 503
    lab.do("db up")
    assert alice.message(bob, "hi").reply.status == 202


@pytest.mark.parametrize("line", ["db sideways", "frob", "zoe answers MESSAGE", " "])
def test_what_cannot_be_done_is_told(lab: SipLab, line: str) -> None:
    with pytest.raises(LabError):
        lab.do(line)


def test_quiet_is_refused_when_something_happens(lab: SipLab) -> None:
    lab.quiet(10)
    bob = lab.peer("bob")
    assert bob.register().reply.status == 200
    bob.ignores("MESSAGE")
    lab.peer("alice").message(bob, "hi")
    with pytest.raises(LabError, match="it was not quiet: < bob again"):
        lab.quiet(10)


def test_the_clock_and_rows_are_given() -> None:
    rows = {"silo": [{"mid": 7, "body": "hello", "r_uri": "sip:bob@127.0.0.1"}]}
    with SipLab(EXAMPLE, clock=datetime(2030, 5, 4), rows=rows) as lab:
        assert lab.lab.clock.time() == 1904083200.0
        assert [(row["mid"], row["body"]) for row in lab.table("silo")] == [(7, b"hello")]


def test_parameters_are_set_over_the_script() -> None:
    with SipLab(EXAMPLE, modparams={"registrar.default_expires": 77}) as lab:
        assert "expires=77" in lab.peer("alice").register().reply.headers["Contact"]


def test_the_story_reads_as_a_flow(lab: SipLab) -> None:
    lab.peer("bob").register()
    assert lab.story == "< bob 200 OK\n  Contact: <sip:bob@10.0.0.2:5060>;expires=120\n".replace(".2:", ".1:")


def test_a_wrong_script_is_told_with_its_findings() -> None:
    with pytest.raises(ScriptError, match="there is no command frob"):
        SipLab("route { frob(); }")


def test_a_closed_lab_says_so() -> None:
    with SipLab(SILENT) as lab:
        alice = lab.peer("alice")
    lab.close()
    with pytest.raises(LabError, match="closed"):
        alice.register()


def test_conditions_may_be_the_texts_of_a_head() -> None:
    with SipLab(
        EXAMPLE,
        clock="2026-12-24T18:00:00Z",
        dns="a.example.org A 10.0.0.9",
        hosts={"b.example.org": "10.0.0.8"},
        rows="silo\n  mid=7 body=hello",
        modparams="tm.fr_timer = 5",
        defines="WITH_NAT",
    ) as lab:
        assert lab.lab.clock.time() == pytest.approx(datetime(2026, 12, 24, 18, tzinfo=UTC).timestamp(), abs=1)
        assert lab.lab.dns == {"a.example.org": ["10.0.0.9"]}
        assert lab.lab.hosts["b.example.org"] == ["10.0.0.8"]
        assert [row["mid"] for row in lab.table("silo")] == [7]


def test_conditions_of_a_wrong_kind_are_told() -> None:
    for name in ("clock", "dns", "hosts", "rows", "modparams", "defines"):
        wrong: dict[str, Any] = {name: 5}
        with pytest.raises(TypeError, match=f"{name} cannot be 5: give "):
            SipLab(SILENT, **wrong)
    with pytest.raises(LabError, match="is no time"):
        SipLab(SILENT, clock="noon")
