"""What counts as the same in two recordings."""

from __future__ import annotations

import pytest

from serpy.testing.against.normal import Item, changes, items, paired, same
from serpy.testing.against.seen import Seen

ALICE = ("10.0.0.1", 5060)
BOB = ("10.0.0.2", 5060)


@pytest.fixture
def seen() -> Seen:
    made = Seen({ALICE: "alice", BOB: "bob"})
    made.went_in(b"OPTIONS sip:x SIP/2.0\r\nFrom: <sip:a>;tag=alice-1\r\nCall-ID: alice-1\r\n\r\n", ALICE)
    return made


def test_ids_that_a_server_made_are_named_not_compared(seen: Seen) -> None:
    lines = [
        "< bob MESSAGE sip:bob@10.0.0.2",
        "  Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK77",
        "  From: <sip:a>;tag=f3",
    ]
    lines.append("  Call-ID: 7f3@127.0.0.1")
    assert items(lines, seen)[0].headers == (
        "Call-ID: <call-id>",
        "From: <sip:a>;tag=<tag>",
        "Via: SIP/2.0/UDP 127.0.0.1;branch=<branch>",
    )


def test_ids_that_a_peer_made_are_compared(seen: Seen) -> None:
    lines = ["< bob OPTIONS sip:bob@10.0.0.2", "  From: <sip:a>;tag=alice-1", "  Call-ID: alice-1"]
    assert items(lines, seen)[0].headers == ("Call-ID: alice-1", "From: <sip:a>;tag=alice-1")


def test_dates_and_signatures_say_nothing(seen: Seen) -> None:
    lines = [
        "< bob MESSAGE sip:b",
        "  Date: Thu, 01 Jan 2026 00:00:00 GMT",
        "  Server: kamailio",
        "",
        "  [Thu Jan  1 00:00:00 2026] x",
    ]
    assert items(lines, seen) == [Item("< bob MESSAGE sip:b", ("Date: <date>",), ("[<date>] x",))]


def test_the_order_of_headers_says_nothing_but_within_a_name_it_does(seen: Seen) -> None:
    lines = ["< bob BYE sip:b", "  Via: 2", "  - Subject: x", "  Via: 1"]
    assert items(lines, seen)[0].headers == ("- Subject: x", "Via: 2", "Via: 1")


def test_an_empty_line_within_a_body_stays(seen: Seen) -> None:
    assert items(["< bob X sip:b", "", "  one", "", "  two"], seen)[0].body == ("one", "", "two")


def test_a_lifetime_may_differ_by_a_second_and_no_more() -> None:
    assert same("Contact: <sip:b>;expires=600", "Contact: <sip:b>;expires=599")
    assert not same("Contact: <sip:b>;expires=600", "Contact: <sip:b>;expires=598")
    assert not same("Contact: <sip:b>;expires=600", "Contact: <sip:c>;expires=600")


def test_the_order_between_peers_says_nothing() -> None:
    one, two = Item("< alice 100 Trying"), Item("< bob INVITE sip:bob")
    assert paired([one, two], [two, one]) == [(one, one), (two, two)]


def test_the_order_at_one_peer_counts() -> None:
    one, two = Item("< alice 180 Ringing"), Item("< alice 200 OK")
    assert paired([one, two], [two, one]) == [(None, two), (one, one), (two, None)]


def test_what_stands_for_something_else_is_its_partner() -> None:
    ours, theirs, more = Item("< alice 478 No"), Item("< alice 479 No"), Item("< alice 500 Oh")
    assert paired([ours], [theirs, more]) == [(ours, theirs), (None, more)]


def test_lines_beside_each_other() -> None:
    assert list(changes(["a", "b"], ["a", "c"])) == [(["a"], ["a"]), (["b"], ["c"])]


def test_a_repeat_is_one_line_a_step(seen: Seen) -> None:
    for at in (0.0, 0.5, 1.5):
        seen.begin(None, 9.0) if at == 0 else None
        seen.came_out(b"BYE sip:b SIP/2.0\r\nCall-ID: z\r\n\r\n", BOB, at)
    assert [line for line in seen.taken() if line.startswith("<")] == ["< bob BYE sip:b", "< bob again BYE sip:b"]


def test_what_the_clock_repeats_at_a_steps_end_is_left_out(seen: Seen) -> None:
    seen.begin(None, 0.55)
    for at in (0.0, 0.5):
        seen.came_out(b"BYE sip:b SIP/2.0\r\nCall-ID: z\r\n\r\n", BOB, at)
    assert [line for line in seen.taken() if line.startswith("<")] == ["< bob BYE sip:b"]


def test_what_a_server_sends_to_itself_is_left_out(seen: Seen) -> None:
    seen.sockets = [("127.0.0.1", 5060)]
    seen.came_out(b"MESSAGE sip:b SIP/2.0\r\nCall-ID: z\r\n\r\n", ("127.0.0.1", 5060), 0)
    seen.went_in(b"MESSAGE sip:b SIP/2.0\r\nCall-ID: z\r\n\r\n", ("127.0.0.1", 5060))
    assert seen.taken() == []
    assert "z" not in seen.peers_ids
