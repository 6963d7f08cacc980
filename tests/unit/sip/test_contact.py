from __future__ import annotations

import pytest

from serpy.sip.contact import STAR, Contact, StarAmongOthers, parse_contacts
from serpy.sip.errors import BadHeader


def contacts(*values: bytes) -> list[Contact]:
    found = parse_contacts(values)
    assert found is not STAR
    return found


def test_contacts_come_in_order_over_all_headers() -> None:
    found = contacts(b'"A, B" <sip:a@x;y,z>;q=0.5, sip:b@x;expires=60', b"<sip:c@x>")
    assert [contact.uri for contact in found] == [b"sip:a@x;y,z", b"sip:b@x", b"sip:c@x"]


def test_q_and_expires_are_as_written() -> None:
    first, second = contacts(b'<sip:a@x>;Q=0.5;expires="60", <sip:b@x>')
    assert (first.q, first.expires, second.q, second.expires) == (b"0.5", b'"60"', None, None)


def test_a_lone_star_means_all() -> None:
    assert parse_contacts([b" * "]) is STAR


@pytest.mark.parametrize("values", [[b"*, <sip:a@x>"], [b"<sip:a@x>", b"*"], [b"*", b"*"]])
def test_a_star_stands_alone(values: list[bytes]) -> None:
    with pytest.raises(StarAmongOthers):
        parse_contacts(values)


def test_no_values_are_no_contacts() -> None:
    assert contacts() == []
    assert contacts(b"", b" , ") == []


@pytest.mark.parametrize("value", [b"<sip:a@x", b"<>", b'"a <sip:a@x>', b"<sip:a@x> b"])
def test_a_malformed_contact_is_refused(value: bytes) -> None:
    with pytest.raises(BadHeader):
        parse_contacts([value])
