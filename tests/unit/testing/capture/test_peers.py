"""Who is the server, what the others are called, and what belongs to a call."""

from __future__ import annotations

import pytest

from serpy.host.network import Address
from serpy.testing.capture.calls import calls_of, related
from serpy.testing.capture.naming import name_peers, readable
from serpy.testing.capture.passed import Passed
from serpy.testing.capture.pcap import CaptureError
from serpy.testing.capture.server import find_servers
from tests.unit.testing.capture.captures import ALICE, BOB, CAROL, SERVER, STARTED, message


def _sent(
    source: Address,
    to: Address,
    first: str,
    call: str = "1",
    caller: str = "alice",
    callee: str = "bob",
    at: float = 0.0,
) -> Passed:
    """A message with little in it; replies belong to MESSAGE."""
    method = "MESSAGE" if first.startswith("SIP/") else first.split()[0]
    data = message(
        first if first.startswith("SIP/") else f"{first} SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1",
        f"From: <sip:{caller}@x>;tag=1",
        f"To: <sip:{callee}@x>",
        f"Call-ID: {call}",
        f"CSeq: 1 {method}",
    )
    return Passed(STARTED + at, source, to, data)


MESSAGE = "MESSAGE sip:bob@x"


def test_the_server_is_who_talks_to_several_others() -> None:
    datagrams = [_sent(ALICE, SERVER, MESSAGE), _sent(SERVER, BOB, MESSAGE)]
    assert find_servers(datagrams, []) == [SERVER]


def test_of_two_it_is_the_one_that_is_asked() -> None:
    assert find_servers([_sent(ALICE, SERVER, MESSAGE), _sent(SERVER, ALICE, "SIP/2.0 200 OK")], []) == [SERVER]


def test_where_it_cannot_be_told_the_candidates_are() -> None:
    datagrams = [_sent(ALICE, BOB, MESSAGE), _sent(BOB, ALICE, MESSAGE)]
    with pytest.raises(CaptureError, match=r"say it by --server. Seen were: 10.0.0.1:5060 talks to 1, received 1"):
        find_servers(datagrams, [])


def test_a_host_without_a_port_means_all_of_its_ports() -> None:
    other = (SERVER[0], 5070)
    datagrams = [_sent(ALICE, SERVER, MESSAGE), _sent(BOB, other, MESSAGE)]
    assert find_servers(datagrams, [(SERVER[0], None)]) == [SERVER, other]
    assert find_servers(datagrams, [(SERVER[0], 5070)]) == [other]


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(CaptureError, match=r"no SIP passed 10.9.9.9:5060 in this capture. Seen were: "):
        find_servers([_sent(ALICE, SERVER, MESSAGE)], [("10.9.9.9", 5060)])


def test_peers_bear_the_names_of_their_users() -> None:
    datagrams = [_sent(ALICE, SERVER, MESSAGE), _sent(SERVER, BOB, MESSAGE), _sent(BOB, SERVER, "SIP/2.0 200 OK")]
    assert [(one.name, one.place, one.aor) for one in name_peers(datagrams, [SERVER])] == [
        ("alice", ALICE, "sip:alice@x"),
        ("bob", BOB, ""),
    ]


def test_the_second_phone_of_a_user_is_called_after_its_contact() -> None:
    desk = _sent(CAROL, SERVER, MESSAGE)
    desk = desk._replace(data=desk.data.replace(b"Call-ID", b"Contact: <sip:desk@10.0.0.3>\r\nCall-ID"))
    assert [one.name for one in name_peers([_sent(ALICE, SERVER, MESSAGE), desk], [SERVER])] == ["alice", "desk"]


def test_else_by_a_number() -> None:
    datagrams = [_sent(SERVER, BOB, MESSAGE), _sent(SERVER, CAROL, MESSAGE)]
    assert [one.name for one in name_peers(datagrams, [SERVER])] == ["bob", "bob-2"]


def test_who_speaks_for_many_is_a_gateway() -> None:
    users = ("+49301", "+49302", "+49303")
    datagrams = [_sent(place, SERVER, MESSAGE, caller=user) for place in (ALICE, BOB) for user in users]
    assert [one.name for one in name_peers(datagrams, [SERVER])] == ["gw1", "gw2"]


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("alice", "alice"),
        ("1001", "phone-1001"),
        ("+493012345", "tel-493012345"),
        ("o'neill", "o-neill"),
        ("a%20b", "a-b"),
        ("", ""),
        ("3c26700857a87f84e29ac1ab", ""),
    ],
)
def test_a_user_becomes_a_name(user: str, name: str) -> None:
    assert readable(user) == name


def test_who_has_no_user_has_a_role() -> None:
    datagrams = [_sent(ALICE, SERVER, "MESSAGE sip:x", caller="", callee="")]
    assert [one.name for one in name_peers(datagrams, [SERVER])] == ["caller"]


def test_a_call_brings_its_registrations_and_what_the_server_says_meanwhile() -> None:
    datagrams = [
        _sent(BOB, SERVER, "REGISTER sip:x", "bobs", at=0),
        _sent(CAROL, SERVER, "REGISTER sip:x", "carols", at=1),
        _sent(ALICE, SERVER, MESSAGE, "before", at=2),
        _sent(ALICE, SERVER, MESSAGE, "wanted", at=100),
        _sent(SERVER, BOB, MESSAGE, "wanted", at=100),
        _sent(SERVER, ALICE, MESSAGE, "notice", at=101),
        _sent(SERVER, ALICE, MESSAGE, "later", at=200),
        _sent(BOB, SERVER, "REGISTER sip:x", "again", at=300),
    ]
    kept = related(datagrams, [SERVER], ["wanted"])
    assert list(calls_of(kept, [SERVER])) == ["bobs", "wanted", "notice"]
    assert related(datagrams, [SERVER], ["nobody's"]) == []
