"""SER dialect 8, the rows about transactions."""

# ruff: noqa: N802 - names bear the numbers of decisions
from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from tests.unit.modules.tm.scene import ALICE, BOB, CAROL, TO_BOB, TO_BOTH, Scene, request

RELAY = TO_BOB + " t_relay();"
ARMED = TO_BOB + ' t_on_failure("1"); t_relay();'


def test_row_36_a_new_uri_in_a_failure_route_goes_nowhere_without_append_branch() -> None:
    body = 'rewriteuri("sip:carol@10.0.0.3"); {} t_relay();'
    for added, reached in (("", 0), ("append_branch();", 1)):
        with Scene(ARMED, blocks=f"failure_route[1]{{ {body.format(added)} }}") as scene:
            scene.alice(request("MESSAGE"))
            scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
            assert len(scene.at(CAROL)) == reached
            assert scene.seen(ALICE) == ([] if reached else ["486 Busy"])


@pytest.mark.parametrize(("again", "runs"), [("", 1), ('t_on_failure("1");', 2)])
def test_row_37_a_failure_route_runs_once_unless_it_is_armed_again(again: str, runs: int) -> None:
    blocks = f'failure_route[1]{{ log(1, "failed"); {again} append_branch("sip:carol@10.0.0.3"); t_relay(); }}'
    with Scene(ARMED, blocks=blocks) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        scene.phone(CAROL, scene.at(CAROL)[0], "486 Busy")
        assert sum("failed" in line for line in scene.lab.log_lines) == runs


def test_row_38_flags_are_copied_when_the_transaction_is_made() -> None:
    script = 't_on_reply("1"); setflag(1); t_newtran(); setflag(2); t_forward_nonack("10.0.0.2", "5060");'
    blocks = 'onreply_route[1]{ if (isflagset(1)) log(1, "before"); }'
    with Scene(script, blocks=blocks) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        assert sum("before" in line for line in scene.lab.log_lines) == 1


def test_row_39_t_relay_fails_behind_t_newtran_until_ser_2() -> None:
    script = TO_BOB + 't_newtran(); if (!t_relay()) t_reply("500", "no");'
    for dialect, answers in ((Dialect.SER_0_8, ["500 no"]), (Dialect.SER_0_9, ["500 no"]), (Dialect.SER_2, [])):
        with Scene(script, dialect=dialect) as scene:
            scene.alice(request("MESSAGE"))
            assert scene.seen(ALICE) == answers
            assert len(scene.at(BOB)) == 1 - len(answers)


def test_row_40_t_relay_of_an_ack_ends_the_script() -> None:
    with Scene(TO_BOB + ' if (!t_relay()) log(1, "false"); log(1, "rest");') as scene:
        scene.alice(request("ACK"))
        assert scene.seen(BOB) == ["ACK sip:bob@10.0.0.2"]
        assert scene.lab.log_lines == []


def test_row_41_t_relay_of_a_copy_is_true_and_forwards_nothing() -> None:
    with Scene(TO_BOB + ' if (t_relay()) log(1, "true");') as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        assert len(scene.at(BOB)) == 1
        assert len([line for line in scene.lab.log_lines if "true" in line]) == 2


@pytest.mark.parametrize(("dialect", "goes_on"), [(Dialect.SER_0_9, False), (Dialect.SER_2, True)])
def test_row_42_a_t_relay_that_fails_has_answered_and_ends_the_script_until_ser_2(
    dialect: Dialect, goes_on: bool
) -> None:
    script = 'rewriteuri("sip:bob@dead.example"); if (!t_relay()) log(-1, "false"); log(-1, "rest");'
    with Scene(script, dialect=dialect) as scene:
        scene.alice(request("MESSAGE"))
        scene.wait(1)
        assert scene.seen(ALICE) == ["478 Unresolvable destination (478/TM)"]
        assert any("rest" in line for line in scene.lab.log_lines) is goes_on


def test_row_43_t_newtran_of_a_copy_ends_the_script() -> None:
    with Scene('if (!t_newtran()) log(1, "false"); log(1, "rest"); t_reply("202", "OK");') as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        assert scene.seen(ALICE) == ["202 OK", "202 OK"]
        assert len([line for line in scene.lab.log_lines if "rest" in line]) == 1
        assert not any("false" in line for line in scene.lab.log_lines)


def test_row_44_a_script_that_answers_nothing_is_silent_and_copies_are_absorbed() -> None:
    with Scene("t_newtran();", params='modparam("tm", "wt_timer", 5)') as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        scene.wait(4)
        assert scene.at(ALICE) == []
        assert scene.tm.pending() == 0


def test_row_45_the_100_comes_from_t_relay_and_from_it_alone() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("INVITE"))
        assert scene.seen(ALICE) == ["100 trying -- your call is important to us"]
        scene.alice(request("MESSAGE", branch="z9hG4bKm"))
        assert scene.seen(ALICE) == []
    with Scene("t_newtran();") as scene:
        scene.alice(request("INVITE"))
        assert scene.seen(ALICE) == []
    with Scene('t_newtran(); t_reply("100", "wait");') as scene:
        scene.alice(request("INVITE"))
        [trying] = scene.at(ALICE)
        assert b"To: <sip:bob@10.0.0.9>\r\n" in trying


def test_row_46_a_100_from_downstream_goes_no_further_and_ends_the_repetition() -> None:
    with Scene(RELAY, params='modparam("tm", "fr_timer", 10)\nmodparam("tm", "fr_inv_timer", 15)') as scene:
        scene.phone(BOB, scene.invite(), "100 Trying")
        scene.wait(14)
        assert scene.at(ALICE) == []
        assert scene.at(BOB) == []


def test_row_47_D26_an_invite_that_only_rings_ends_with_408_and_cancel() -> None:
    with Scene(RELAY, params='modparam("tm", "fr_inv_timer", 15)') as scene:
        scene.phone(BOB, scene.invite(), "180 Ringing")
        scene.at(ALICE)
        scene.wait(15.2)
        assert scene.seen(ALICE)[0] == "408 Request Timeout"
        assert scene.seen(BOB)[0] == "CANCEL sip:bob@10.0.0.2"


def test_row_48_silence_is_answered_408_after_fr_timer() -> None:
    with Scene(RELAY, params='modparam("tm", "fr_timer", 10)') as scene:
        scene.invite()
        scene.wait(10.2)
        assert scene.seen(ALICE)[0] == "408 Request Timeout"


@pytest.mark.parametrize(
    ("bob", "carol", "winner"),
    [("486 Busy", "404 No", "404 No"), ("404 No", "603 Decline", "603 Decline"), ("503 Down", "486 Busy", "486 Busy")],
)
def test_row_49_D27_the_best_failure_is_that_of_rfc_3261(bob: str, carol: str, winner: str) -> None:
    with Scene(TO_BOTH + " t_relay();") as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], bob)
        scene.phone(CAROL, scene.at(CAROL)[0], carol)
        assert scene.seen(ALICE) == [winner]


def test_row_49_D27_challenges_are_merged() -> None:
    with Scene(TO_BOTH + " t_relay();") as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "401 Who", headers='WWW-Authenticate: Digest realm="b"')
        scene.phone(CAROL, scene.at(CAROL)[0], "407 Who", headers='Proxy-Authenticate: Digest realm="c"')
        [challenge] = scene.at(ALICE)
        assert b'realm="b"' in challenge
        assert b'realm="c"' in challenge


def test_row_50_a_cancel_has_to_reach_t_relay_and_the_487_comes_from_downstream() -> None:
    with Scene(RELAY) as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "180 Ringing")
        scene.at(ALICE)
        scene.alice(request("CANCEL"))
        assert scene.seen(ALICE) == ["200 canceling"]
        assert scene.seen(BOB) == ["CANCEL sip:bob@10.0.0.2"]
        scene.phone(BOB, invite, "487 Gone")
        assert scene.seen(ALICE) == ["487 Gone"]


def test_row_51_a_487_made_here_says_request_terminated() -> None:
    with Scene(RELAY) as scene:
        scene.invite()
        scene.alice(request("CANCEL"))
        assert "487 Request Terminated" in scene.seen(ALICE)


def test_row_52_D23_the_ack_of_a_2xx_goes_on_without_a_transaction() -> None:
    with Scene(TO_BOTH + " t_relay();") as scene:
        scene.alice(request("INVITE"))
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        scene.at(CAROL), scene.at(ALICE)
        made = scene.lab.stats["tm.transactions"]
        scene.alice(request("ACK", branch="z9hG4bKack", to_tag="b1"))
        [ack] = scene.at(BOB)
        assert scene.at(CAROL) == []
        assert scene.lab.stats["tm.transactions"] == made
    assert b"Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK" in ack


def test_row_83_D1_times_are_in_seconds_and_a_thousand_of_them_are_milliseconds() -> None:
    for value, seconds in ((3, 3), (4000, 4)):
        with Scene(RELAY, params=f'modparam("tm", "fr_timer", {value})') as scene:
            scene.alice(request("MESSAGE"))
            scene.wait(seconds - 0.1)
            assert scene.seen(ALICE) == []
            scene.wait(0.3)
            assert scene.seen(ALICE) == ["408 Request Timeout"]


def test_row_83_D28_requests_are_repeated_by_the_timers_of_rfc_3261() -> None:
    with Scene(RELAY) as scene:
        scene.alice(request("MESSAGE"))
        scene.wait(8)
        assert [sent.at for sent in scene.lab.take()] == pytest.approx([0, 0.5, 1.5, 3.5, 7.5], abs=0.06)


def test_row_93_drop_in_an_onreply_route_of_tm_does_not_stop_the_reply() -> None:
    with Scene(TO_BOB + ' t_on_reply("1"); t_relay();', blocks="onreply_route[1]{ drop; }") as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        assert scene.seen(ALICE) == ["200 OK"]


@pytest.mark.parametrize(("body", "passes"), [("drop;", False), ("return -1;", False), (";", True)])
def test_row_93_the_default_onreply_route_of_ser_2_can(body: str, passes: bool) -> None:
    with Scene(RELAY, blocks=f"onreply_route{{ {body} }}", dialect=Dialect.SER_2) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        assert scene.seen(ALICE) == (["200 OK"] if passes else [])


def test_row_98_what_append_to_reply_queued_is_in_the_100_too() -> None:
    params = 'loadmodule "textops.so"'
    with Scene('append_to_reply("X-Note: yes\\r\\n"); ' + RELAY, params=params) as scene:
        scene.alice(request("INVITE"))
        [trying] = scene.at(ALICE)
        assert b"\r\nX-Note: yes\r\n" in trying
