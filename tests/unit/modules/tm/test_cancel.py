from __future__ import annotations

from tests.unit.modules.tm.scene import ALICE, BOB, CAROL, TO_BOB, TO_BOTH, Scene, reply, request, tag_of

RELAY = TO_BOB + " t_relay();"
BOTH = TO_BOTH + " t_relay();"


def test_a_cancel_is_answered_and_sent_on_with_the_branch_of_the_invite() -> None:
    with Scene(RELAY) as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "180 Ringing")
        scene.at(ALICE)
        scene.alice(request("CANCEL"))
        assert scene.seen(ALICE) == ["200 canceling"]
        [cancel] = scene.at(BOB)
    via = b"Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKid1.0\r\n"
    assert cancel.startswith(b"CANCEL sip:bob@10.0.0.2 SIP/2.0\r\n" + via)
    assert cancel.count(b"Via:") == 1


def test_the_487_of_the_callee_is_acknowledged_and_relayed() -> None:
    with Scene(RELAY) as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "180 Ringing")
        scene.alice(request("CANCEL"))
        [cancel] = scene.at(BOB)
        scene.at(ALICE)
        scene.phone(BOB, cancel, "200 OK")
        assert scene.at(ALICE) == []
        scene.phone(BOB, invite, "487 Request Terminated")
        assert scene.seen(ALICE) == ["487 Request Terminated"]
        assert scene.seen(BOB) == ["ACK sip:bob@10.0.0.2"]


def test_a_copy_of_the_cancel_gets_the_200_again() -> None:
    with Scene(RELAY) as scene:
        scene.phone(BOB, scene.invite(), "180 Ringing")
        scene.at(ALICE)
        scene.alice(request("CANCEL"), request("CANCEL"))
        assert scene.seen(ALICE) == ["200 canceling", "200 canceling"]
        assert len(scene.at(BOB)) == 1


def test_a_branch_that_was_silent_is_answered_487_in_its_place() -> None:
    with Scene(RELAY) as scene:
        scene.invite()
        scene.alice(request("CANCEL"))
        assert sorted(scene.seen(ALICE)) == ["200 canceling", "487 Request Terminated"]
        scene.wait(3)
        assert scene.at(BOB) == []


def test_a_silent_branch_that_rings_after_the_cancel_is_cancelled_then() -> None:
    with Scene(RELAY) as scene:
        invite = scene.invite()
        scene.alice(request("CANCEL"))
        scene.phone(BOB, invite, "180 Ringing")
        assert scene.seen(BOB) == ["CANCEL sip:bob@10.0.0.2"]
        scene.phone(BOB, invite, "487 Request Terminated")
        assert scene.seen(BOB) == ["ACK sip:bob@10.0.0.2"]


def test_a_cancel_after_the_final_answer_finds_nothing_to_cancel() -> None:
    with Scene(RELAY) as scene:
        scene.phone(BOB, scene.invite(), "200 OK")
        scene.at(ALICE)
        scene.alice(request("CANCEL"))
        assert scene.seen(ALICE) == ["200 ok -- no more pending branches"]
        assert scene.at(BOB) == []


def test_a_2xx_that_crosses_the_cancel_is_relayed() -> None:
    with Scene(RELAY) as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "180 Ringing")
        scene.alice(request("CANCEL"))
        scene.at(ALICE)
        scene.phone(BOB, invite, "200 OK")
        assert scene.seen(ALICE) == ["200 OK"]


def test_a_cancel_without_its_invite_is_relayed_as_a_request() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("CANCEL"))
        [cancel] = scene.at(BOB)
        scene.phone(BOB, cancel, "481 No call")
        assert scene.seen(ALICE) == ["481 No call"]


def test_a_cancel_that_comes_while_a_name_is_resolved_keeps_the_invite_from_leaving() -> None:
    script = 'rewriteuri("sip:bob@bob.example"); t_relay();'
    with Scene(script, dns={"bob.example": ["10.0.0.2"]}) as scene:
        scene.alice(request("INVITE"), request("CANCEL"))
        scene.wait(0.1)
        assert scene.at(BOB) == []
        assert [line for line in scene.seen(ALICE) if not line.startswith("100")] == [
            "487 Request canceled",
            "200 canceling",
        ]


def test_a_2xx_cancels_the_branches_that_ring() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("INVITE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.phone(CAROL, to_carol, "180 Ringing")
        scene.phone(BOB, to_bob, "200 OK")
        assert scene.seen(CAROL) == ["CANCEL sip:carol@10.0.0.3"]


def test_a_6xx_cancels_the_branches_that_ring_and_wins() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("INVITE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.phone(CAROL, to_carol, "180 Ringing")
        scene.at(ALICE)
        scene.phone(BOB, to_bob, "603 Decline")
        assert scene.seen(CAROL) == ["CANCEL sip:carol@10.0.0.3"]
        assert scene.seen(ALICE) == []
        scene.phone(CAROL, to_carol, "487 Request Terminated")
        assert scene.seen(ALICE) == ["603 Decline"]


def test_the_cancel_is_repeated_until_it_is_answered() -> None:
    with Scene(RELAY) as scene:
        scene.phone(BOB, scene.invite(), "180 Ringing")
        scene.alice(request("CANCEL"))
        scene.wait(1)
        [cancel, again] = scene.at(BOB)
        assert cancel == again
        scene.phone(BOB, cancel, "200 OK")
        scene.wait(10)
        assert scene.at(BOB) == []


def test_a_call_that_rings_too_long_is_answered_408_and_cancelled() -> None:  # D26
    with Scene(RELAY, params='modparam("tm", "fr_inv_timer", 15)') as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "180 Ringing")
        scene.at(ALICE)
        scene.wait(15.1)
        assert scene.seen(ALICE) == ["408 Request Timeout"]
        assert scene.seen(BOB) == ["CANCEL sip:bob@10.0.0.2"]
        scene.phone(BOB, invite, "487 Request Terminated")
        assert "ACK sip:bob@10.0.0.2" in scene.seen(BOB)


def test_without_noisy_ctimer_a_call_that_rings_too_long_ends_silently() -> None:
    params = 'modparam("tm", "fr_inv_timer", 15)\nmodparam("tm", "noisy_ctimer", 0)'
    with Scene(RELAY, params=params) as scene:
        scene.phone(BOB, scene.invite(), "180 Ringing")
        scene.at(ALICE)
        scene.wait(60)
        assert scene.at(ALICE) == []
        assert scene.at(BOB) == []
        assert scene.tm.table.cells() == set()


def test_a_2xx_that_comes_after_the_408_is_relayed_still() -> None:
    with Scene(RELAY, params='modparam("tm", "fr_inv_timer", 15)') as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "180 Ringing")
        scene.wait(15.1)
        scene.at(ALICE)
        scene.phone(BOB, invite, "200 OK")
        assert scene.seen(ALICE) == ["200 OK"]


def test_a_refusal_is_acknowledged_hop_by_hop_and_the_callers_ack_is_absorbed() -> None:
    with Scene(RELAY) as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "486 Busy Here", "486 Busy Here")
        [ack, again] = scene.at(BOB)
        assert ack == again
        assert ack.startswith(b"ACK sip:bob@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKid1.0\r\n")
        assert tag_of(ack) == "b1"
        assert scene.seen(ALICE) == ["486 Busy Here"]
        scene.alice(request("ACK", to_tag="b1"))
        scene.wait(10)
        assert scene.at(ALICE) == []
        assert scene.at(BOB) == []


def test_the_ack_for_a_relayed_2xx_is_forwarded_without_a_transaction() -> None:
    with Scene(RELAY) as scene:
        scene.phone(BOB, scene.invite(), "200 OK")
        scene.alice(request("ACK", branch="z9hG4bKack", to_tag="b1"))
        [ack] = scene.at(BOB)
        assert ack.startswith(b"ACK sip:bob@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK")
        assert scene.lab.stats["tm.transactions"] == 1


def test_an_ack_for_a_2xx_with_the_branch_of_the_invite_is_forwarded_too() -> None:
    with Scene(RELAY) as scene:
        scene.phone(BOB, scene.invite(), "200 OK")
        scene.alice(request("ACK", to_tag="b1"))
        assert scene.seen(BOB) == ["ACK sip:bob@10.0.0.2"]


def test_the_scripts_own_final_answer_cancels_what_rings() -> None:
    failure = 'failure_route[1] { append_branch("sip:carol@10.0.0.3"); t_relay(); t_reply("480", "no"); }'
    with Scene(TO_BOB + 't_on_failure("1"); t_relay();', blocks=failure) as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "486 Busy Here")
        [to_carol] = scene.at(CAROL)
        assert scene.seen(ALICE) == ["480 no"]
        scene.phone(CAROL, to_carol, "180 Ringing")
        assert scene.seen(CAROL) == ["CANCEL sip:carol@10.0.0.3"]
        scene.lab.send(reply(to_carol, "487 Request Terminated"), CAROL)
        assert scene.at(ALICE) == []
