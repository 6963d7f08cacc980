"""RFC 3261 17.2.3, SER dialect 7.3."""

from __future__ import annotations

import re
from typing import cast

import pytest

from serpy.modules.tm.cell import Cell
from serpy.modules.tm.fsm import Settings
from serpy.modules.tm.match import Incomplete, Table, key
from serpy.sip.message import Request
from serpy.sip.parse import parse_message
from serpy.testing.network import SimulatedNetwork
from tests.unit.modules.tm.scene import ALICE, request

SETTINGS = Settings(32, 120, 5, 4, (0.5,), (0.5,))


class Nobody:
    def expire(self, cell: Cell, now: float) -> None:
        raise AssertionError


def read(data: bytes) -> Request:
    listener = SimulatedNetwork(lambda: 0.0).listen("udp", "10.0.0.9", 5060, lambda *_: None)
    return cast(Request, parse_message(data, ALICE, listener))


def stored(table: Table, data: bytes) -> Cell:
    message = read(data)
    cell = Cell(Nobody(), message.method, SETTINGS)
    cell.request = message
    table.add(cell, key(message, message.method))
    return cell


CHANGES = [
    (r"z9hG4bKa1", "z9hG4bKa2", False),
    (r"UDP 10.0.0.1", "UDP 10.0.0.2", False),
    (r"UDP 10.0.0.1", "UDP 10.0.0.1:5060", False),
    (r"/UDP", "/TCP", False),
    (r"c1@lab", "c2@lab", False),
    (r"CSeq: 1 ", "CSeq: 2 ", False),
    (r"tag=a1", "tag=a2", True),
    (r"To: <sip:bob", "To: <sip:carol", True),
    (r"MESSAGE sip:bob", "MESSAGE sip:carol", True),
    (r";branch", ";x=y;branch", True),
]


@pytest.mark.parametrize(("old", "new", "same"), CHANGES)
def test_what_tells_requests_of_rfc_3261_apart(old: str, new: str, same: bool) -> None:
    table = Table()
    cell = stored(table, request("MESSAGE"))
    other = read(re.sub(old.encode(), new.encode(), request("MESSAGE"), count=1))
    assert (table.find(other, key(other, b"MESSAGE")) is cell) is same


OLD_CHANGES = [
    (r"UDP 10.0.0.1", "UDP 10.0.0.2", False),
    (r"c1@lab", "c2@lab", False),
    (r"CSeq: 1 ", "CSeq: 2 ", False),
    (r"tag=a1", "tag=a2", False),
    (r"To: <sip:bob", "To: <sip:carol", False),
    (r"MESSAGE sip:bob", "MESSAGE sip:carol", False),
    (r"Max-Forwards: 70", "Max-Forwards: 9", True),
]


@pytest.mark.parametrize(("old", "new", "same"), OLD_CHANGES)
def test_what_tells_requests_of_rfc_2543_apart(old: str, new: str, same: bool) -> None:
    table = Table()
    cell = stored(table, request("MESSAGE", branch=""))
    other = read(re.sub(old.encode(), new.encode(), request("MESSAGE", branch=""), count=1))
    assert (table.find(other, key(other, b"MESSAGE")) is cell) is same


@pytest.mark.parametrize(
    ("old", "new", "table"),
    [
        ("MESSAGE sip:bob", "MESSAGE sip:carol", Table(ruri_matching=False)),
        ("UDP 10.0.0.1", "UDP 10.0.0.2", Table(via1_matching=False)),
    ],
)
def test_parameters_loosen_the_rules_of_rfc_2543(old: str, new: str, table: Table) -> None:
    cell = stored(table, request("MESSAGE", branch=""))
    other = read(request("MESSAGE", branch="").replace(old.encode(), new.encode()))
    assert table.find(other, key(other, b"MESSAGE")) is cell


@pytest.mark.parametrize("branch", ["z9hG4bKa1", ""])
@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_ack_and_cancel_find_their_invite(branch: str, method: str) -> None:
    table = Table()
    cell = stored(table, request("INVITE", branch=branch))
    tag = "b1" if method == "ACK" else ""
    other = read(request(method, branch=branch, to_tag=tag))
    assert table.find(other, key(other, b"INVITE")) is cell


@pytest.mark.parametrize("branch", ["z9hG4bKa1", ""])
def test_what_is_removed_is_not_found(branch: str) -> None:
    table = Table()
    cell = stored(table, request("MESSAGE", branch=branch))
    table.remove(cell)
    again = read(request("MESSAGE", branch=branch))
    assert table.find(again, key(again, b"MESSAGE")) is None
    assert table.cells() == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("From: <sip:alice@10.0.0.9>", "From: <sip:alice"),
        ("To: <sip:bob@10.0.0.9>", "To: <<"),
        ("CSeq: 1 MESSAGE", "CSeq: one MESSAGE"),
        ("CSeq: 1 MESSAGE", "CSeq: 1"),
        ("Call-ID: c1@lab\r\n", ""),
    ],
)
def test_a_header_that_is_missing_or_broken_leaves_no_key(old: str, new: str) -> None:
    message = read(request("MESSAGE").replace(old.encode(), new.encode()))
    with pytest.raises(Incomplete):
        key(message, b"MESSAGE")
