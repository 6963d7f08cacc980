from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from tests.unit.modules.tm.scene import ALICE, BOB, CAROL, TO_BOB, TO_BOTH, Scene, reply, request, tag_of

RELAY = TO_BOB + " t_relay();"
BOTH = TO_BOTH + " t_relay();"


def test_a_request_is_relayed_with_a_via_of_ours_on_top() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE", body="hi"))
        [relayed] = scene.at(BOB)
    assert relayed.startswith(
        b"MESSAGE sip:bob@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKid1.0\r\n"
        b"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa1\r\nMax-Forwards: 70\r\n"
    )


def test_a_reply_is_relayed_without_the_top_via() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE"))
        [relayed] = scene.at(BOB)
        answer = reply(relayed, "200 OK")
        scene.lab.send(answer, BOB)
        assert scene.at(ALICE) == [answer.replace(b"Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKid1.0\r\n", b"")]


def test_an_invite_gets_a_100_at_once() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("INVITE"))
        [trying] = scene.at(ALICE)
        assert scene.seen(BOB) == ["INVITE sip:bob@10.0.0.2"]
    assert trying.startswith(b"SIP/2.0 100 trying -- your call is important to us\r\n")
    assert b"To: <sip:bob@10.0.0.9>\r\n" in trying


def test_a_100_from_downstream_is_not_relayed_and_other_provisional_responses_are() -> None:
    with Scene(RELAY) as scene:
        scene.phone(BOB, scene.invite(), "100 Trying", "180 Ringing", "183 Session Progress")
        assert scene.seen(ALICE) == ["180 Ringing", "183 Session Progress"]


def test_a_180_to_a_message_is_relayed() -> None:  # D37
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "180 Ringing", "200 OK")
        assert scene.seen(ALICE) == ["180 Ringing", "200 OK"]


def test_a_copy_is_absorbed_before_the_answer_and_gets_it_again_byte_for_byte_afterwards() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        [relayed] = scene.at(BOB)
        assert scene.at(ALICE) == []
        scene.phone(BOB, relayed, "200 OK")
        answers = scene.at(ALICE)
        scene.alice(request("MESSAGE"))
        assert scene.at(ALICE) == answers
        assert scene.at(BOB) == []


def test_after_wt_timer_a_copy_is_a_new_request() -> None:
    with Scene(RELAY, params='modparam("tm", "wt_timer", 10)') as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        scene.wait(9.9)
        scene.alice(request("MESSAGE"))
        assert scene.at(BOB) == []
        scene.wait(0.2)
        scene.alice(request("MESSAGE"))
        assert len(scene.at(BOB)) == 1


def test_the_request_is_repeated_by_the_timers_of_rfc_3261_until_fr_timer_gives_408() -> None:
    with Scene(RELAY, params='modparam("tm", "fr_timer", 10)') as scene:
        scene.alice(request("MESSAGE"))
        scene.wait(9.9)
        times = [datagram.at for datagram in scene.lab.take()]
        assert times == pytest.approx([0, 0.5, 1.5, 3.5, 7.5], abs=0.06)
        scene.wait(0.2)
        assert scene.seen(ALICE) == ["408 Request Timeout"]


def test_a_late_reply_to_a_message_after_the_408_is_dropped() -> None:
    with Scene(RELAY, params='modparam("tm", "fr_timer", 10)') as scene:
        scene.alice(request("MESSAGE"))
        [relayed, *_] = scene.at(BOB)
        scene.wait(10.1)
        scene.seen(ALICE)
        scene.phone(BOB, relayed, "200 OK")
        assert scene.seen(ALICE) == []


def test_all_destinations_get_the_request_at_once() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("MESSAGE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
    assert b"branch=z9hG4bKid1.0\r\n" in to_bob
    assert to_carol.startswith(b"MESSAGE sip:carol@10.0.0.3 SIP/2.0\r\n")
    assert b"branch=z9hG4bKid1.1\r\n" in to_carol


def test_the_first_2xx_to_a_message_is_relayed_and_the_second_is_not() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("MESSAGE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.phone(CAROL, to_carol, "202 Accepted")
        scene.phone(BOB, to_bob, "200 OK")
        assert scene.seen(ALICE) == ["202 Accepted"]


def test_all_2xx_to_an_invite_are_relayed_with_their_copies() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("INVITE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.at(ALICE)
        scene.phone(BOB, to_bob, "200 OK", "200 OK", tag="b1")
        scene.phone(CAROL, to_carol, "200 Fine", tag="c1")
        assert scene.seen(ALICE) == ["200 OK", "200 OK", "200 Fine"]


def test_a_failure_waits_for_the_others_and_the_best_is_relayed() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("MESSAGE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.phone(CAROL, to_carol, "486 Busy Here")
        assert scene.at(ALICE) == []
        scene.phone(BOB, to_bob, "302 Moved")
        assert scene.seen(ALICE) == ["302 Moved"]


def test_the_challenges_of_all_branches_are_merged() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("MESSAGE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.phone(BOB, to_bob, "401 Unauthorized", headers='WWW-Authenticate: Digest realm="b"')
        scene.phone(CAROL, to_carol, "407 Proxy", headers='Proxy-Authenticate: Digest realm="c"')
        [answer] = scene.at(ALICE)
    assert answer.startswith(b"SIP/2.0 401 Unauthorized\r\n")
    assert b'realm="b"\r\n' in answer
    assert b'Proxy-Authenticate: Digest realm="c"\r\n' in answer


def test_a_503_reaches_the_caller_as_500() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "503 Service Unavailable")
        assert scene.seen(ALICE) == ["500 Server Internal Error"]


def test_a_reply_with_a_foreign_method_in_its_cseq_is_not_taken() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE"))
        [relayed] = scene.at(BOB)
        scene.lab.send(reply(relayed, "200 OK").replace(b"1 MESSAGE", b"1 INFO"), BOB)
        assert scene.tm.pending() == 1


def test_no_more_than_max_branches_are_served_those_with_the_highest_q() -> None:
    branches = "".join(f'append_branch("sip:x@10.0.0.3:{port}");' for port in range(6000, 6002))
    with Scene(TO_BOB + branches + "t_relay();", params="max_branches=3") as scene:
        scene.alice(request("MESSAGE"))
        assert len(scene.at(BOB)) + len(scene.at(CAROL)) == 3


def test_a_request_without_call_id_is_refused_without_a_transaction() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE", without="Call-ID"))
        assert scene.seen(ALICE) == ["400 Transaction tuple incomplete (9/TM)"]
        assert scene.at(BOB) == []
        assert scene.tm.pending() == 0


@pytest.mark.parametrize("cseq", ["1 OPTIONS", "1 invite"])
def test_a_cseq_that_names_another_method_is_refused(cseq: str) -> None:  # D59
    with Scene(RELAY) as scene:
        scene.alice(request("INVITE").replace(b"1 INVITE", cseq.encode()))
        scene.wait(40)
        assert scene.seen(ALICE) == ["400 CSeq names another method (400/TM)"]
        assert scene.at(BOB) == []
        assert scene.tm.pending() == 0


def test_an_ack_whose_cseq_names_another_method_still_ends_the_refusal() -> None:  # D59
    with Scene('t_newtran(); t_reply("404", "Not found");') as scene:
        scene.alice(request("INVITE"))
        [answer] = scene.at(ALICE)
        scene.alice(request("ACK", to_tag=tag_of(answer)).replace(b"1 ACK", b"1 INVITE"))
        scene.wait(10)
        assert scene.at(ALICE) == []


@pytest.mark.parametrize("length", ["6", "9999", "9" * 5000, "many", "-1", "+5"])
def test_a_request_with_a_wrong_content_length_is_not_relayed(length: str) -> None:  # D60
    data = request("MESSAGE", body="hello").replace(b"Content-Length: 5", b"Content-Length: " + length.encode())
    armed = 't_on_failure("1"); ' + RELAY
    for route in (RELAY, armed, TO_BOB + " t_newtran(); t_forward_nonack_uri();"):
        answers = "failure_route[1] { append_branch(); t_relay(); }"
        with Scene(route + ' t_reply("400", "from the script");', blocks=answers) as scene:
            scene.alice(data)
            [answer] = scene.seen(ALICE)
            assert answer in ("400 Wrong Content-Length (400/TM)", "400 from the script")
            assert ("script" in answer) is ("t_newtran" in route)
            assert scene.at(BOB) == []


@pytest.mark.parametrize("length", ["5", "0005", "3", "0", None])
def test_a_content_length_that_does_not_reach_beyond_the_end_is_relayed_as_it_is(length: str | None) -> None:
    field = b"" if length is None else b"Content-Length: " + length.encode() + b"\r\n"
    data = request("MESSAGE", body="hello").replace(b"Content-Length: 5\r\n", field)
    with Scene(RELAY) as scene:
        scene.alice(data)
        [relayed] = scene.at(BOB)
        assert relayed.endswith(b"\r\n" + field + b"\r\nhello")


def test_forward_refuses_a_wrong_content_length_too() -> None:  # D60
    with Scene(TO_BOB + ' if (!forward(uri:host, uri:port)) { log(1, "refused"); }') as scene:
        scene.alice(request("MESSAGE", body="hello").replace(b"Content-Length: 5", b"Content-Length: 6"))
        assert scene.at(BOB) == []
        assert any("refused" in line for line in scene.lab.log_lines)


@pytest.mark.parametrize("header", ["From", "To", "CSeq", "Call-ID"])
def test_an_ack_is_never_answered(header: str) -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("ACK", without=header))
        assert scene.at(ALICE) == []


@pytest.mark.parametrize(
    ("uri", "answer"),
    [
        ("sip:bob@nowhere.invalid", "478 Unresolvable destination (478/TM)"),
        ("urn:x", "478 Unresolvable destination (478/TM)"),
        ("sip:bob@10.0.0.2;transport=tcp", "500 I'm terribly sorry, server error occurred (7/TM)"),
        ("sip:bob@10.0.0.66", "477 Unfortunately error on sending to next hop occurred (477/TM)"),
    ],
)
def test_a_destination_out_of_reach_is_answered_statefully(uri: str, answer: str) -> None:
    with Scene(f'rewriteuri("{uri}"); t_relay(); t_reply("200", "never");') as scene:
        scene.lab.unreachable.add("10.0.0.66")
        scene.alice(request("MESSAGE"))
        scene.wait(0.1)
        assert scene.seen(ALICE) == [answer]
        scene.alice(request("MESSAGE"))
        assert scene.seen(ALICE) == [answer]


def test_a_destination_out_of_reach_does_not_keep_the_others_from_theirs() -> None:
    with Scene('rewriteuri("sip:bob@nowhere.invalid"); append_branch("sip:carol@10.0.0.3"); t_relay();') as scene:
        scene.alice(request("MESSAGE"))
        scene.wait(0.1)
        [to_carol] = scene.at(CAROL)
        scene.phone(CAROL, to_carol, "486 Busy Here")
        assert scene.seen(ALICE) == ["486 Busy Here"]


def test_a_send_that_fails_during_a_repetition_counts_as_503() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE"))
        scene.lab.unreachable.add("10.0.0.2")
        scene.wait(0.6)
        assert scene.seen(ALICE) == ["500 Server Internal Error"]


def test_a_copy_that_comes_while_a_name_is_resolved_is_absorbed() -> None:
    with Scene('rewriteuri("sip:bob@bob.example"); t_relay();', dns={"bob.example": ["10.0.0.2"]}) as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        scene.wait(0.1)
        assert len(scene.at(BOB)) == 1


def test_t_relay_fails_behind_t_newtran_in_ser_0_9() -> None:
    with Scene(TO_BOB + 't_newtran(); if (!t_relay()) { t_reply("500", "no"); }') as scene:
        scene.alice(request("MESSAGE"))
        assert scene.seen(ALICE) == ["500 no"]
        assert scene.at(BOB) == []


def test_t_relay_goes_on_behind_t_newtran_in_ser_2() -> None:
    with Scene(TO_BOB + "t_newtran(); t_relay();", dialect=Dialect.SER_2) as scene:
        scene.alice(request("MESSAGE"))
        assert len(scene.at(BOB)) == 1


def test_t_forward_nonack_goes_on_behind_t_newtran() -> None:
    with Scene('t_newtran(); t_forward_nonack("10.0.0.3", "0");') as scene:
        scene.alice(request("MESSAGE"))
        assert scene.seen(CAROL) == ["MESSAGE sip:bob@10.0.0.9"]


def test_t_relay_to_udp_sends_all_branches_to_one_next_hop() -> None:
    with Scene(TO_BOTH + ' t_relay_to_udp("10.0.0.3", "5060");') as scene:
        scene.alice(request("MESSAGE"))
        assert scene.seen(BOB) == []
        assert scene.seen(CAROL) == ["MESSAGE sip:bob@10.0.0.2", "MESSAGE sip:carol@10.0.0.3"]


def test_the_replies_to_a_replica_go_nowhere() -> None:
    with Scene('t_replicate("10.0.0.3", "5060");') as scene:
        scene.alice(request("REGISTER"))
        scene.phone(CAROL, scene.at(CAROL)[0], "200 OK")
        assert scene.at(ALICE) == []
        assert scene.tm.pending() == 0


def test_a_replica_that_cannot_be_sent_is_no_fault_of_the_script() -> None:
    with Scene('t_replicate("10.0.0.3", "5060");') as scene:
        scene.lab.unreachable.add("10.0.0.3")
        scene.alice(request("REGISTER"))
        assert not any("the script ended" in line for line in scene.lab.log_lines)
        assert scene.tm.pending() == 0


def test_a_finished_transaction_is_forgotten() -> None:
    with Scene(BOTH) as scene:
        scene.alice(request("INVITE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.phone(BOB, to_bob, "200 OK")
        scene.phone(CAROL, to_carol, "603 Decline")
        scene.wait(60)
        assert scene.tm.table.cells() == set()
        assert scene.tm.table.dialogs == {}
