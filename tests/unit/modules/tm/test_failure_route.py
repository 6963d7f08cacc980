from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from serpy.modules.tm import Tm
from tests.unit.modules.tm.scene import ALICE, BOB, CAROL, TO_BOB, TO_BOTH, Scene, request

ARMED = TO_BOB + ' t_on_failure("1"); t_relay();'
BOTH = TO_BOTH + ' t_on_failure("1"); t_relay();'
ACCEPTS = 'failure_route[1] { log(1, "failed"); t_reply("202", "Accepted"); }'
FORWARDS = 'failure_route[1] { append_branch("sip:carol@10.0.0.3"); t_relay(); }'
SLOW = {"carol.example": ["10.0.0.3"]}
SUSPENDS = 'failure_route[1] { append_branch("sip:carol@carol.example"); t_relay(); }'


def runs(scene: Scene) -> int:
    return scene.lab.stats["tm.failure_routes"]


@pytest.mark.parametrize(
    "status", ["302 Moved", "401 Who", "404 Not Found", "415 No", "486 Busy", "503 Down", "600 Busy", "603 Decline"]
)
def test_any_failure_runs_the_route_and_its_reply_replaces_it(status: str) -> None:
    with Scene(ARMED, blocks=ACCEPTS) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], status)
        assert scene.seen(ALICE) == ["202 Accepted"]


def test_silence_runs_the_route() -> None:
    with Scene(ARMED, blocks=ACCEPTS, params='modparam("tm", "fr_timer", 10)') as scene:
        scene.alice(request("MESSAGE"))
        scene.wait(10.1)
        assert scene.seen(ALICE) == ["202 Accepted"]


def test_success_does_not_run_the_route() -> None:
    with Scene(ARMED, blocks=ACCEPTS) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        assert scene.seen(ALICE) == ["200 OK"]
        assert runs(scene) == 0


def test_a_route_that_does_nothing_leaves_the_failure_as_it_is() -> None:
    with Scene(ARMED, blocks='failure_route[1] { log(1, "failed"); }') as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "404 Gone fishing")
        assert scene.seen(ALICE) == ["404 Gone fishing"]


def test_a_route_that_raises_leaves_the_failure_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(Tm, "t_is_canceled", broken)
    with Scene(ARMED, blocks="failure_route[1] { t_is_canceled(); }") as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "404 Gone fishing")
        assert scene.seen(ALICE) == ["404 Gone fishing"]


def test_the_route_waits_for_all_destinations() -> None:
    with Scene(BOTH, blocks=ACCEPTS) as scene:
        scene.alice(request("MESSAGE"))
        [to_bob], [to_carol] = scene.at(BOB), scene.at(CAROL)
        scene.phone(BOB, to_bob, "486 Busy")
        assert runs(scene) == 0
        scene.phone(CAROL, to_carol, "404 No")
        assert runs(scene) == 1


def test_the_route_runs_once_for_each_arming() -> None:
    with Scene(ARMED, blocks=FORWARDS) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        scene.phone(CAROL, scene.at(CAROL)[0], "480 No")
        assert runs(scene) == 1
        assert scene.seen(ALICE) == ["480 No"]


def test_a_route_armed_again_runs_again() -> None:
    again = FORWARDS.replace("{ ", '{ t_on_failure("2"); ') + ACCEPTS.replace("[1]", "[2]")
    with Scene(ARMED, blocks=again) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        scene.phone(CAROL, scene.at(CAROL)[0], "480 No")
        assert runs(scene) == 2
        assert scene.seen(ALICE) == ["202 Accepted"]


def test_a_route_armed_again_without_a_new_branch_does_not_run_for_ever() -> None:
    with Scene(ARMED, blocks='failure_route[1] { t_on_failure("1"); }') as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        assert runs(scene) == 1
        assert scene.seen(ALICE) == ["486 Busy"]


def test_a_route_that_tries_the_impossible_again_and_again_ends_at_max_branches() -> None:
    loop = 'failure_route[1] { t_on_failure("1"); append_branch("sip:x@nowhere.invalid;transport=tcp"); t_relay(); }'
    with Scene(ARMED, blocks=loop, params="max_branches=4") as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        scene.wait(1)
        assert runs(scene) == 4
        assert len(scene.seen(ALICE)) == 1


def test_only_new_branches_are_tried_by_t_relay() -> None:
    blocks = 'failure_route[1] { if (!t_relay()) { log(1, "nothing new"); } }'
    with Scene(ARMED, blocks=blocks) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        assert any("nothing new" in line for line in scene.lab.log_lines)
        assert scene.at(BOB) == []


def test_the_route_works_on_the_request_as_it_was_relayed() -> None:
    blocks = 'failure_route[1] { if (method=="MESSAGE") { append_branch(); t_relay(); } }'
    with Scene(ARMED, blocks=blocks) as scene:
        scene.alice(request("MESSAGE", body="hi"))
        [relayed] = scene.at(BOB)
        scene.phone(BOB, relayed, "486 Busy")
        assert scene.at(BOB) == [relayed.replace(b"id1.0", b"id1.1")]


def test_what_the_script_changes_after_t_relay_is_not_in_the_route() -> None:
    script = 'append_hf("X-One: 1\\r\\n"); ' + ARMED + ' append_hf("X-Two: 2\\r\\n");'
    blocks = "failure_route[1] { append_branch(); t_relay(); }"
    with Scene(script, blocks=blocks, params='loadmodule "textops.so"') as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        [again] = scene.at(BOB)
    assert b"X-One: 1\r\n" in again
    assert b"X-Two" not in again


@pytest.mark.parametrize(("status", "seen"), [("486 Busy", "486"), ("603 No", "603")])
def test_t_check_status_sees_the_code_that_won(status: str, seen: str) -> None:
    blocks = f'failure_route[1] {{ if (t_check_status("{seen}")) {{ t_reply("202", "yes"); }} }}'
    with Scene(BOTH, blocks=blocks) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(CAROL, scene.at(CAROL)[0], "500 Oops")
        scene.phone(BOB, scene.at(BOB)[0], status)
        assert scene.seen(ALICE) == ["202 yes"]


@pytest.mark.parametrize("uri", ["sip:bob@nowhere.invalid", "sip:bob@10.0.0.66", "sip:bob@10.0.0.2;transport=tcp"])
def test_a_destination_out_of_reach_runs_the_route(uri: str) -> None:  # D36
    with Scene(f'rewriteuri("{uri}"); t_on_failure("1"); t_relay();', blocks=ACCEPTS) as scene:
        scene.lab.unreachable.add("10.0.0.66")
        scene.alice(request("MESSAGE"))
        scene.wait(0.1)
        assert scene.seen(ALICE) == ["202 Accepted"]
        scene.alice(request("MESSAGE"))
        assert scene.seen(ALICE) == ["202 Accepted"]


def test_a_destination_out_of_reach_is_named_when_the_route_does_nothing() -> None:
    script = 'rewriteuri("sip:bob@nowhere.invalid"); t_on_failure("1"); t_relay();'
    with Scene(script, blocks='failure_route[1] { log(1, "failed"); }') as scene:
        scene.alice(request("MESSAGE"))
        scene.wait(0.1)
        assert scene.seen(ALICE) == ["478 Unresolvable destination (478/TM)"]


def test_t_on_negative_is_the_old_name() -> None:
    with Scene(ARMED.replace("t_on_failure", "t_on_negative"), blocks=ACCEPTS) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        assert scene.seen(ALICE) == ["202 Accepted"]


def test_zero_disarms() -> None:
    with Scene(TO_BOB + 't_on_failure("1"); t_on_failure("0"); t_relay();', blocks=ACCEPTS) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        assert scene.seen(ALICE) == ["486 Busy"]


# the route is suspended: it waits for DNS


def test_copies_are_absorbed_while_the_route_is_suspended() -> None:
    with Scene(ARMED, blocks=SUSPENDS, dns=SLOW) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        scene.alice(request("MESSAGE"))
        scene.wait(0.1)
        assert scene.at(ALICE) == []
        assert len(scene.at(CAROL)) == 1


def test_a_cancel_while_the_route_is_suspended_keeps_new_branches_from_leaving() -> None:
    with Scene(ARMED, blocks=SUSPENDS, dns=SLOW) as scene:
        invite = scene.invite()
        scene.phone(BOB, invite, "486 Busy")
        scene.alice(request("CANCEL"))
        scene.wait(0.1)
        assert scene.seen(ALICE) == ["200 ok -- no more pending branches", "486 Busy"]
        assert scene.seen(CAROL) == []


def test_a_late_2xx_while_the_route_is_suspended_is_relayed_and_ends_the_matter() -> None:
    params = 'modparam("tm", "fr_timer", 1)'
    with Scene(ARMED, blocks=SUSPENDS, dns=SLOW, params=params) as scene:
        invite = scene.invite()
        scene.wait(1.005)
        assert runs(scene) == 1
        scene.phone(BOB, invite, "200 OK")
        scene.wait(0.1)
        assert scene.seen(ALICE) == ["200 OK"]
        assert scene.seen(CAROL) == []


def test_the_timers_do_not_forget_a_transaction_whose_route_is_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serpy.testing.lab.DNS_DELAY", 100)
    with Scene(ARMED, blocks=SUSPENDS, dns=SLOW, params='modparam("tm", "wt_timer", 1)') as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        scene.wait(30)
        assert scene.tm.pending() == 1
        scene.alice(request("MESSAGE"))
        assert scene.lab.stats["tm.transactions"] == 1


def test_a_cancelled_call_runs_the_route_with_487() -> None:
    blocks = 'failure_route[1] { if (t_check_status("487") && t_is_canceled()) { log(1, "cancelled"); } }'
    with Scene(ARMED, blocks=blocks, params="debug=2", dialect=Dialect.SER_2) as scene:
        scene.invite()
        scene.alice(request("CANCEL"))
        assert any("cancelled" in line for line in scene.lab.log_lines)
        assert "487 Request Terminated" in scene.seen(ALICE)
