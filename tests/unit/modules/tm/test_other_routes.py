"""onreply_route and branch_route."""

from __future__ import annotations

from serpy.dialect import Dialect
from tests.unit.modules.tm.scene import ALICE, BOB, CAROL, TO_BOB, TO_BOTH, Scene, request


def test_the_onreply_route_sees_every_reply_of_the_transaction() -> None:
    blocks = 'onreply_route[1] { log(1, "reply"); }'
    with Scene(TO_BOB + 't_on_reply("1"); t_relay();', blocks=blocks) as scene:
        scene.phone(BOB, scene.invite(), "100 Trying", "180 Ringing", "200 OK")
        assert len([line for line in scene.lab.log_lines if "reply" in line]) == 3
        assert scene.seen(ALICE) == ["180 Ringing", "200 OK"]


def test_drop_in_an_onreply_route_does_not_stop_the_reply() -> None:
    with Scene(TO_BOB + 't_on_reply("1"); t_relay();', blocks="onreply_route[1] { drop(); }") as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "200 OK")
        assert scene.seen(ALICE) == ["200 OK"]


def test_a_failure_route_can_be_armed_in_an_onreply_route() -> None:
    blocks = (
        'onreply_route[1] { if (t_check_status("^4")) { t_on_failure("1"); } }'
        'failure_route[1] { t_reply("202", "Accepted"); }'
    )
    with Scene(TO_BOB + 't_on_reply("1"); t_relay();', blocks=blocks) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        assert scene.seen(ALICE) == ["202 Accepted"]


def test_flags_travel_through_the_routes_of_a_transaction() -> None:
    blocks = (
        "onreply_route[1] { if (isflagset(3)) { setflag(4); } }"
        'failure_route[1] { if (isflagset(4)) { t_reply("202", "both"); } }'
    )
    script = TO_BOB + 'setflag(3); t_on_reply("1"); t_on_failure("1"); t_relay();'
    with Scene(script, blocks=blocks) as scene:
        scene.alice(request("MESSAGE"))
        scene.phone(BOB, scene.at(BOB)[0], "486 Busy")
        assert scene.seen(ALICE) == ["202 both"]


def test_a_branch_route_changes_one_branch_alone() -> None:
    blocks = 'branch_route[1] { prefix("9"); }'
    script = TO_BOTH + 't_on_branch("1"); t_relay();'
    with Scene(script, blocks=blocks, dialect=Dialect.SER_2) as scene:
        scene.alice(request("MESSAGE"))
        assert scene.seen(BOB) == ["MESSAGE sip:9bob@10.0.0.2"]
        assert scene.seen(CAROL) == ["MESSAGE sip:9carol@10.0.0.3"]


def test_t_set_fr_sets_the_times_of_one_transaction() -> None:
    with Scene(TO_BOB + 't_set_fr("0", "3"); t_relay();', dialect=Dialect.SER_2) as scene:
        scene.alice(request("MESSAGE"))
        scene.wait(3.1)
        assert scene.seen(ALICE) == ["408 Request Timeout"]
