"""SER dialect 3.3 and 3.4: onsend_route, the default onreply_route, and what their results do."""

from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from tests.unit.modules.tm.scene import ALICE, BOB, CAROL, TO_BOB, TO_BOTH, Scene, first, request


def scene(route: str, blocks: str) -> Scene:
    return Scene(route, blocks=blocks, params="debug=1", dialect=Dialect.SER_2)


def test_what_it_drops_is_not_sent() -> None:
    with scene(TO_BOTH + "t_relay();", "onsend_route { if (to_ip==10.0.0.2) { drop; } }") as one:
        one.alice(request("MESSAGE"))
        assert one.seen(BOB) == []
        assert one.seen(CAROL) == ["MESSAGE sip:carol@10.0.0.3"]


@pytest.mark.parametrize("body", ['log("x");', "return -1;", "if (to_port==1) { drop; }"])
def test_any_other_result_lets_it_go(body: str) -> None:
    with scene(TO_BOB + "t_relay();", f"onsend_route {{ {body} }}") as one:
        one.alice(request("MESSAGE"))
        assert one.seen(BOB) == ["MESSAGE sip:bob@10.0.0.2"]


def test_when_nothing_may_be_sent_the_command_fails() -> None:
    route = TO_BOB + 'if (!t_relay()) { log(1, "not relayed\\n"); }'
    with scene(route, "onsend_route { drop; }") as one:
        one.alice(request("MESSAGE"))
        assert one.seen(BOB) == []
        assert one.seen(ALICE) == ["403 Forbidden (510/TM)"]
        assert any("not relayed" in line for line in one.lab.log_lines)


def test_a_stateless_request_passes_through_it() -> None:
    with scene(TO_BOB + "forward(uri:host, uri:port);", "onsend_route { if (method==INFO) { drop; } }") as one:
        one.alice(request("INFO"))
        one.alice(request("MESSAGE"))
        assert one.seen(BOB) == ["MESSAGE sip:bob@10.0.0.2"]


def test_send_mirrors_what_is_sent() -> None:
    with scene(TO_BOB + "t_relay();", "onsend_route { send(10.0.0.3); }") as one:
        one.alice(request("MESSAGE"))
        (mirrored,) = one.at(CAROL)
        assert [mirrored] == one.at(BOB)
        assert first(mirrored) == "MESSAGE sip:bob@10.0.0.2"


@pytest.mark.parametrize(
    "condition",
    [
        "to_ip==10.0.0.2",
        "to_ip==10.0.0.0/8",
        "to_ip!=10.0.0.3",
        "to_port==5060",
        "to_proto==UDP",
        "to_af==inet",
        "snd_ip==10.0.0.9",
        "snd_port==5060",
        "snd_proto==udp",
        "snd_af!=inet6",
        "snd_ip==myself",
        "$port==5060",
        "to_port==$port",
        "to_ip==$ip",
        f"msg:len>{len(request('MESSAGE'))}",
        "method==MESSAGE",
        'uri=="sip:bob@10.0.0.2"',
    ],
)
def test_it_sees_from_where_and_to_where(condition: str) -> None:
    route = f'$port = 5060; $ip = "10.0.0.2"; {TO_BOB} t_relay();'
    blocks = f"onsend_route {{ if ({condition}) {{ route(MET); }} }} route[MET] {{ if ({condition}) {{ drop; }} }}"
    with scene(route, blocks) as one:
        one.alice(request("MESSAGE"))
        assert one.seen(BOB) == []


def test_elsewhere_these_have_no_value() -> None:
    blocks = "route[MET] { if (to_port==5060 || to_ip==10.0.0.2) { drop; } if (to_port!=5060) { drop; } }"
    with scene(f"route(MET); {TO_BOB} t_relay();", blocks) as one:
        one.alice(request("MESSAGE"))
        assert one.seen(BOB) == ["MESSAGE sip:bob@10.0.0.2"]


def test_replies_retransmissions_and_acks_of_our_own_do_not_pass_through_it() -> None:
    blocks = 'onsend_route { log(1, "onsend\\n"); }'
    with scene(TO_BOB + "t_relay();", blocks) as one:
        sent = one.invite()
        one.wait(1.6)  # two retransmissions
        one.phone(BOB, sent, "486 Busy")
        assert [first(data) for data in one.at(BOB)][-1].startswith("ACK")
        assert len([line for line in one.lab.log_lines if "onsend" in line]) == 1


def test_a_default_onreply_route_stops_replies() -> None:
    blocks = "onreply_route { if (status==180) { drop; } if (status==183) { return -1; } }"
    with scene(TO_BOB + "t_relay();", blocks) as one:
        one.phone(BOB, one.invite(), "180 Ringing", "183 Progress", "200 OK")
        assert one.seen(ALICE)[-1:] == ["200 OK"]
        assert "180 Ringing" not in one.seen(ALICE)


def test_a_default_onreply_route_runs_for_stateless_replies() -> None:
    with scene(TO_BOB + "forward(uri:host, uri:port);", "onreply_route { if (status==486) { drop; } }") as one:
        one.alice(request("MESSAGE"))
        one.phone(BOB, one.at(BOB)[0], "486 Busy", "200 OK")
        assert one.seen(ALICE) == ["200 OK"]


def test_a_call_that_is_cancelled_while_the_route_waits_goes_nowhere() -> None:
    blocks = "onsend_route { send(mirror.example.org); }"
    with Scene(
        TO_BOTH + "t_relay();",
        blocks=blocks,
        dialect=Dialect.SER_2,
        dns={"mirror.example.org": ["10.0.0.7"]},
    ) as one:
        one.alice(request("INVITE"), request("CANCEL"))
        one.wait(1)
        assert one.seen(BOB) == []
        assert "487" in " ".join(one.seen(ALICE))


def test_a_route_that_waits_lets_the_request_go_when_it_has_ended() -> None:
    with Scene(
        TO_BOTH + "t_relay();",
        blocks="onsend_route { send(mirror.example.org); }",
        dialect=Dialect.SER_2,
        dns={"mirror.example.org": ["10.0.0.7"]},
    ) as one:
        one.alice(request("INVITE"))
        one.wait(1)
        assert len(one.at(("10.0.0.7", 5060))) == 2
        sent = [*one.at(BOB), *one.at(CAROL)]
        assert len({data.partition(b"branch=")[2][:30] for data in sent if data.startswith(b"INVITE")}) == 2


def test_a_branch_that_fails_while_the_route_waits_is_not_the_last() -> None:
    with Scene(
        TO_BOTH + "t_relay();",
        blocks="onsend_route { if (to_ip==10.0.0.3) { send(mirror.example.org); } }",
        dialect=Dialect.SER_2,
        dns={"mirror.example.org": ["10.0.0.7"]},
    ) as one:
        one.alice(request("MESSAGE"))
        one.phone(BOB, one.at(BOB)[0], "486 Busy")
        assert one.seen(ALICE) == []
        one.wait(0.3)
        one.phone(CAROL, one.at(CAROL)[0], "200 OK")
        assert one.seen(ALICE) == ["200 OK"]


def test_all_branches_fail_while_the_route_waits() -> None:
    with Scene(
        TO_BOTH + "t_relay();",
        blocks="onsend_route { if (to_ip==10.0.0.3) { send(mirror.example.org); drop; } }",
        dialect=Dialect.SER_2,
        dns={"mirror.example.org": ["10.0.0.7"]},
    ) as one:
        one.alice(request("MESSAGE"))
        one.phone(BOB, one.at(BOB)[0], "486 Busy")
        one.wait(1)
        assert one.seen(ALICE) == ["486 Busy"]
