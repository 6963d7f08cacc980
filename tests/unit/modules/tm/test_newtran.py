from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from serpy.modules.tm import Tm
from tests.unit.modules.tm.scene import ALICE, Scene, request, tag_of

ANSWER = 't_newtran(); t_reply("404", "Not found");'


def test_a_reply_has_a_tag_and_is_repeated_byte_for_byte() -> None:
    with Scene(ANSWER) as scene:
        scene.alice(request("MESSAGE"))
        [answer] = scene.at(ALICE)
        assert answer.startswith(b"SIP/2.0 404 Not found\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa1\r\n")
        assert "-" in tag_of(answer)
        scene.alice(request("MESSAGE"))
        assert scene.at(ALICE) == [answer]


@pytest.mark.parametrize(("cseq", "call_id", "same"), [(1, "c1@lab", True), (2, "c1@lab", False), (1, "c2@lab", False)])
def test_call_id_and_cseq_tell_transactions_of_one_branch_apart(cseq: int, call_id: str, same: bool) -> None:
    with Scene(ANSWER) as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE", cseq=cseq, call_id=call_id))
        assert scene.lab.stats["tm.transactions"] == (1 if same else 2)


@pytest.mark.parametrize("branch", ["", "1", "z9hG4bK"])
def test_a_copy_without_the_cookie_is_known_by_the_rules_of_rfc_2543(branch: str) -> None:
    with Scene(ANSWER) as scene:
        scene.alice(request("MESSAGE", branch=branch), request("MESSAGE", branch=branch))
        assert scene.seen(ALICE) == ["404 Not found", "404 Not found"]
        assert scene.lab.stats["tm.transactions"] == 1


def test_the_ack_of_rfc_2543_ends_the_repetition_of_a_refusal() -> None:
    with Scene(ANSWER) as scene:
        scene.alice(request("INVITE", branch=""))
        [answer] = scene.at(ALICE)
        scene.alice(request("ACK", branch="", to_tag=tag_of(answer)))
        scene.wait(10)
        assert scene.at(ALICE) == []


@pytest.mark.parametrize("order", ["force_rport(); t_newtran();", "t_newtran(); force_rport();"])
def test_force_rport_counts_before_and_behind_t_newtran(order: str) -> None:
    data = request("MESSAGE").replace(b"UDP 10.0.0.1;", b"UDP 10.0.0.1:5099;")
    with Scene(order + ' t_reply("202", "OK");') as scene:
        for _ in range(2):  # and for the copy of the answer
            scene.lab.send(data, ("10.0.0.1", 5070))
            (answer,) = scene.lab.take()
            assert answer.to == ("10.0.0.1", 5070)
            assert b";rport=5070" in answer.data


def test_a_refused_invite_is_repeated_until_its_ack() -> None:
    with Scene(ANSWER) as scene:
        scene.alice(request("INVITE"))
        scene.wait(2)
        answers = scene.at(ALICE)
        assert len(answers) == 3
        scene.alice(request("ACK", to_tag=tag_of(answers[0])))
        scene.wait(60)
        assert scene.at(ALICE) == []
        assert scene.tm.table.cells() == set()


def test_a_2xx_of_our_own_to_an_invite_is_repeated_until_its_ack_with_another_branch() -> None:
    with Scene('t_newtran(); t_reply("200", "OK");') as scene:
        scene.alice(request("INVITE"))
        scene.wait(0.6)
        answers = scene.at(ALICE)
        assert len(answers) == 2
        scene.alice(request("ACK", branch="z9hG4bKack", to_tag=tag_of(answers[0])))
        scene.wait(10)
        assert scene.at(ALICE) == []


def test_a_script_that_answers_nothing_is_warned_about_and_copies_are_absorbed() -> None:
    with Scene("t_newtran();") as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        assert scene.at(ALICE) == []
        assert any("the script ended without t_reply()" in line for line in scene.lab.log_lines)
        assert scene.lab.stats["tm.transactions"] == 1
        assert scene.tm.pending() == 0


def test_t_release_lets_go_without_a_warning() -> None:
    with Scene("t_newtran(); t_release();") as scene:
        scene.alice(request("MESSAGE"))
        assert not any("the script ended" in line for line in scene.lab.log_lines)


def test_provisional_replies_may_be_repeated_and_the_first_final_one_wins() -> None:
    with Scene(
        't_newtran(); t_reply("180", "a"); t_reply("183", "b"); t_reply("404", "c"); t_reply("200", "d");'
    ) as scene:
        scene.alice(request("MESSAGE"))
        assert scene.seen(ALICE) == ["180 a", "183 b", "404 c"]


def test_a_3xx_names_the_rewritten_uri_and_the_branches() -> None:
    with Scene(
        't_newtran(); rewriteuri("sip:b@10.0.0.2"); append_branch("sip:c@10.0.0.3"); t_reply("302", "Moved");'
    ) as scene:
        scene.alice(request("MESSAGE"))
        [answer] = scene.at(ALICE)
    assert b"\r\nContact: <sip:b@10.0.0.2>, <sip:c@10.0.0.3>\r\n" in answer


@pytest.mark.parametrize("header", ["From", "To", "CSeq", "Call-ID"])
def test_a_request_that_identifies_no_transaction_is_false_with_the_reason(header: str) -> None:
    with Scene('if (!t_newtran()) { log(1, "refused"); }') as scene:
        scene.alice(request("MESSAGE", without=header))
        assert any("refused" in line for line in scene.lab.log_lines)
        assert scene.tm.pending() == 0


def test_a_cseq_that_names_another_method_is_false_with_the_reason() -> None:  # D59
    with Scene("if (!t_newtran()) { sl_reply_error(); }", params='loadmodule "sl.so"') as scene:
        scene.alice(request("MESSAGE").replace(b"1 MESSAGE", b"1 INVITE"))
        assert scene.seen(ALICE) == ["400 CSeq names another method (400/SL)"]
        assert scene.tm.pending() == 0


def test_an_ack_that_belongs_to_nothing_makes_no_transaction() -> None:
    with Scene('if (t_newtran()) { log(1, "free"); }') as scene:
        scene.alice(request("ACK"))
        assert any("free" in line for line in scene.lab.log_lines)
        assert scene.tm.table.cells() == set()


def test_t_lookup_request_finds_a_copy_and_t_retransmit_reply_answers_it() -> None:
    with Scene(f"if (t_lookup_request()) {{ t_retransmit_reply(); drop(); }} {ANSWER}") as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        assert scene.seen(ALICE) == ["404 Not found", "404 Not found"]


def test_t_check_trans_absorbs_a_copy() -> None:
    with Scene(f'if (t_check_trans()) {{ log(1, "belongs"); }} {ANSWER}') as scene:
        scene.alice(request("MESSAGE"), request("MESSAGE"))
        assert scene.seen(ALICE) == ["404 Not found", "404 Not found"]
        assert scene.lab.stats["tm.transactions"] == 1


def test_t_check_status_sees_the_last_reply_in_a_request_route() -> None:
    with Scene('t_newtran(); t_reply("404", "x"); if (t_check_status("4..")) { log(1, "four"); }') as scene:
        scene.alice(request("MESSAGE"))
        assert any("four" in line for line in scene.lab.log_lines)


@pytest.mark.parametrize(
    ("dialect", "value", "seconds"),
    [(Dialect.SER_0_9, 3, 3), (Dialect.SER_2, 3, 3), (Dialect.SER_0_9, 3000, 3), (Dialect.KAMAILIO, 3000, 3)],
)
def test_the_unit_of_times_follows_the_dialect(dialect: Dialect, value: int, seconds: int) -> None:
    with Scene("t_newtran();", params=f'modparam("tm", "fr_timer", {value})', dialect=dialect) as scene:
        assert scene.tm.times.fr == seconds
        warned = dialect is not Dialect.KAMAILIO and value >= 1000
        assert bool(scene.tm.warnings) is warned


def test_the_defaults_are_those_of_rfc_3261() -> None:
    with Scene("t_newtran();") as scene:
        times = scene.tm.times
    assert (times.fr, times.fr_inv, times.linger, times.t2) == (32, 120, 5, 4)
    assert times.waits == (0.5, 1, 2, 4)


def test_the_intervals_of_ser_0_8_can_be_set_one_by_one() -> None:
    params = (
        "".join(f'modparam("tm", "retr_timer1p{n}", {n})\n' for n in (1, 2, 3)) + 'modparam("tm", "retr_timer2", 4)'
    )
    with Scene("t_newtran();", params=params) as scene:
        assert scene.tm.times.waits == scene.tm.times.invite_waits == (1, 2, 3, 4)


@pytest.mark.parametrize(("script", "answers"), [("t_newtran();", ["500 Server Internal Error"]), ("", [])])
def test_a_script_that_raises_is_answered_500_if_there_is_a_transaction(
    script: str, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(Tm, "t_is_canceled", broken)
    with Scene(f"{script} t_is_canceled();") as scene:
        scene.alice(request("MESSAGE"))
        assert scene.seen(ALICE) == answers
