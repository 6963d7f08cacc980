"""Order, validity and removal of bindings (SER dialect 6.6)."""

from __future__ import annotations

import pytest

from serpy.modules.usrloc import NEVER, Bindings, Contact


def contact(uri: bytes, q: int | None = None, expires: float = 100) -> Contact:
    return Contact(uri, expires, q, b"call", 1)


def uris(bindings: Bindings, now: float = 0) -> list[bytes]:
    return [one.uri for one in bindings.live("bob", now)]


@pytest.mark.parametrize(
    ("qs", "expected"),
    [
        ([None, None], [b"0", b"1"]),
        ([None, 500, 900], [b"2", b"1", b"0"]),
        ([500, 500, 500], [b"0", b"1", b"2"]),
        ([0, None, 0], [b"0", b"2", b"1"]),
        ([1000, 0, 500, 500], [b"0", b"2", b"3", b"1"]),
    ],
)
def test_contacts_stand_by_q_and_then_the_oldest_first(qs: list[int | None], expected: list[bytes]) -> None:
    bindings = Bindings("location")
    for number, q in enumerate(qs):
        bindings.insert("bob", contact(b"%d" % number, q))
    assert uris(bindings) == expected


def test_the_newest_comes_first_with_desc_time_order_whatever_its_q() -> None:
    bindings = Bindings("location", newest_first=True)
    for uri, q in ((b"a", 900), (b"b", None), (b"c", 100)):
        bindings.insert("bob", contact(uri, q))
    assert uris(bindings) == [b"c", b"b", b"a"]


def test_a_changed_q_does_not_move_a_contact() -> None:
    bindings = Bindings("location")
    first, second = contact(b"a", 900), contact(b"b", 500)
    bindings.insert("bob", first)
    bindings.insert("bob", second)
    second.q = 1000
    assert uris(bindings) == [b"a", b"b"]


def test_a_contact_can_be_moved_to_the_front() -> None:
    bindings = Bindings("location")
    for uri in (b"a", b"b", b"c"):
        bindings.insert("bob", contact(uri))
    bindings.move_first("bob", bindings.all("bob")[2])
    assert uris(bindings) == [b"c", b"a", b"b"]


@pytest.mark.parametrize(("expires", "is_live"), [(100, False), (101, True), (99, False), (NEVER, True)])
def test_a_binding_is_valid_while_its_expiry_lies_in_the_future(expires: float, is_live: bool) -> None:
    bindings = Bindings("location")
    bindings.insert("bob", contact(b"a", expires=expires))
    assert bool(bindings.live("bob", 100)) is is_live


def test_an_expired_binding_stays_in_memory_until_it_is_swept() -> None:
    bindings = Bindings("location")
    bindings.insert("bob", contact(b"a", expires=50))
    bindings.insert("bob", contact(b"b", expires=150))
    assert (uris(bindings, 100), len(bindings.all("bob"))) == ([b"b"], 2)
    assert bindings.sweep(100) == 1
    assert len(bindings.all("bob")) == 1


def test_a_record_ends_with_its_last_contact() -> None:
    bindings = Bindings("location")
    only = contact(b"a")
    bindings.insert("bob", only)
    bindings.remove("bob", only)
    assert len(bindings) == 0


def test_a_sweep_ends_records_that_hold_nothing_valid() -> None:
    bindings = Bindings("location")
    bindings.insert("bob", contact(b"a", expires=50))
    bindings.sweep(100)
    assert list(bindings) == []


def test_who_walks_over_contacts_is_not_disturbed_by_a_registration() -> None:
    bindings = Bindings("location")
    bindings.insert("bob", contact(b"a"))
    seen = bindings.live("bob", 0)
    bindings.insert("bob", contact(b"b"))
    assert len(seen) == 1
