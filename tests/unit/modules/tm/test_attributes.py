"""SER dialect 2.6: attributes go with the transaction, through all its routes."""

from __future__ import annotations

from serpy.dialect import Dialect
from tests.unit.modules.tm.scene import ALICE, BOB, CAROL, TO_BOB, TO_BOTH, Scene, first, request


def scene(route: str, blocks: str) -> Scene:
    return Scene(route, blocks=blocks, params="debug=1", dialect=Dialect.SER_2)


def test_a_failure_route_sees_what_was_assigned_before_the_request_was_relayed() -> None:
    blocks = 'failure_route[1] { if ($who == "alice") { t_reply("202", "seen"); } }'
    with scene(TO_BOB + '$who = @from.uri.user; t_on_failure("1"); t_relay();', blocks) as one:
        one.alice(request("MESSAGE"))
        one.phone(BOB, one.at(BOB)[0], "486 Busy")
        assert one.seen(ALICE) == ["202 seen"]


def test_it_sees_what_was_assigned_afterwards_too() -> None:
    blocks = 'failure_route[1] { if ($late && $early) { t_reply("202", "both"); } }'
    with scene(TO_BOB + '$early = 1; t_on_failure("1"); t_relay(); $late = 1;', blocks) as one:
        one.alice(request("MESSAGE"))
        one.phone(BOB, one.at(BOB)[0], "486 Busy")
        assert one.seen(ALICE) == ["202 both"]


def test_a_reply_route_sees_them_and_its_own_are_seen_in_the_failure_route() -> None:
    blocks = """onreply_route[1] { if ($x == 1) { $code = @status; } }
        failure_route[1] { if ($code == 486) { t_reply("202", "from the reply"); } }"""
    with scene(TO_BOB + '$x = 1; t_on_reply("1"); t_on_failure("1"); t_relay();', blocks) as one:
        one.alice(request("MESSAGE"))
        one.phone(BOB, one.at(BOB)[0], "486 Busy")
        assert one.seen(ALICE) == ["202 from the reply"]


def test_a_reply_route_can_be_the_first_to_assign() -> None:
    blocks = """onreply_route[1] { $code = @status; }
        failure_route[1] { if ($code == 486) { t_reply("202", "first"); } }"""
    with scene(TO_BOB + 't_on_reply("1"); t_on_failure("1"); t_relay();', blocks) as one:
        one.alice(request("MESSAGE"))
        one.phone(BOB, one.at(BOB)[0], "486 Busy")
        assert one.seen(ALICE) == ["202 first"]


def test_a_branch_route_sees_them_and_assigns_them() -> None:
    blocks = 'branch_route[1] { if ($p) { $p[] = @ruri.user; prefix("9"); } } '
    blocks += 'failure_route[1] { if ($p[2] == "bob" && $p[3] == "carol") { t_reply("202", "both"); } }'
    with scene(TO_BOTH + '$p = 1; t_on_branch("1"); t_on_failure("1"); t_relay();', blocks) as one:
        one.alice(request("MESSAGE"))
        (to_carol,) = one.at(CAROL)
        assert first(to_carol) == "MESSAGE sip:9carol@10.0.0.3"
        one.phone(BOB, one.at(BOB)[0], "486 Busy")
        one.phone(CAROL, to_carol, "486 Busy")
        assert one.seen(ALICE)[-1] == "202 both"


def test_a_reply_route_sees_them_in_the_copies_of_the_answer_as_well() -> None:
    blocks = 'onreply_route[1] { if ($x) { log(1, "known\\n"); } else { log(1, "forgotten\\n"); } }'
    with scene(TO_BOB + '$x = 1; t_on_reply("1"); t_relay();', blocks) as one:
        sent = one.invite()
        one.phone(BOB, sent, "200 OK")
        one.phone(BOB, sent, "200 OK")
        lines = [line for line in one.lab.log_lines if "known" in line or "forgotten" in line]
        assert ["forgotten" in line for line in lines] == [False, False]


def test_two_transactions_have_their_own() -> None:
    blocks = 'failure_route[1] { if ($n[2]) { t_reply("500", "mixed"); } else { t_reply("202", "own"); } }'
    with scene(TO_BOB + '$n[] = 1; t_on_failure("1"); t_relay();', blocks) as one:
        for number in ("1", "2"):
            one.alice(request("MESSAGE", branch=f"z9hG4bKx{number}", call_id=f"{number}@lab"))
        for sent in one.at(BOB):
            one.phone(BOB, sent, "486 Busy")
        assert one.seen(ALICE) == ["202 own", "202 own"]


def test_global_attributes_outlive_the_message() -> None:
    with scene('if ($g.n) { t_newtran(); t_reply("202", "again"); } $g.n = 1;', "") as one:
        one.alice(request("MESSAGE"))
        assert one.seen(ALICE) == []
        one.alice(request("MESSAGE", branch="z9hG4bKx2", call_id="2@lab"))
        assert one.seen(ALICE) == ["202 again"]
