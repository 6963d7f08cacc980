"""The contacts of a REGISTER (R4, D4, D20) and of a sender (R13)."""

from types import SimpleNamespace
from typing import cast

import pytest

from serpy.apis import Listener
from serpy.modules.msilo.contacts import registered_contacts, sender_contact
from serpy.sip.errors import BadHeader
from serpy.sip.message import Request
from serpy.sip.parse import parse_message

LISTENER = cast(Listener, SimpleNamespace(proto="udp", host="127.0.0.1", port=5060))


def register(*lines: str) -> Request:
    head = ("REGISTER sip:h SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1", *lines, "", "")
    message = parse_message("\r\n".join(head).encode(), ("10.0.0.1", 5060), LISTENER)
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize(
    ("lines", "uris"),
    [
        (["Contact: <sip:b@1>"], [b"sip:b@1"]),
        (["Contact: <sip:b@1>", "Expires: 60"], [b"sip:b@1"]),
        (["Contact: <sip:b@1>;expires=60", "Expires: 0"], [b"sip:b@1"]),
        (["Contact: <sip:b@1>;expires=0, <sip:b@2>"], [b"sip:b@2"]),
        (["Contact: <sip:b@1>", "Expires: abc"], [b"sip:b@1"]),
        (
            ["m: <sip:b@1>;q=0.2", "Contact: <sip:b@2>;q=0.7, <sip:b@3>, <sip:b@4>;q=.7"],
            [b"sip:b@2", b"sip:b@4", b"sip:b@1", b"sip:b@3"],
        ),
        (["Contact: <sip:b@1>", "Expires: 0"], []),
        (["Contact: <sip:b@1>", "Expires: 00"], []),
        (['Contact: <sip:b@1>;expires=0, <sip:b@2>;expires="0"', "Expires: 60"], []),
        (["Contact: *", "Expires: 0"], []),
        ([], []),
    ],
)
def test_the_contacts_that_stay_registered_come_with_the_highest_q_first(lines: list[str], uris: list[bytes]) -> None:
    found = registered_contacts(register(*lines))
    assert [one.uri for one in found] == uris
    assert all(one.listener is LISTENER for one in found)


def test_a_contact_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(BadHeader):
        registered_contacts(register('Contact: "Bob <sip:b@1>'))


@pytest.mark.parametrize(
    ("lines", "uri"),
    [
        (["Contact: <sip:a@10.0.0.1:7100>"], b"sip:a@10.0.0.1:7100"),
        (["Contact: <sip:a@1>", "Contact: <sip:a@2>, <sip:a@3>"], b"sip:a@3"),
        (["Contact: <sips:a@1>"], None),
        (["Contact: <tel:+4930>"], None),
        (["Contact: *"], None),
        (['Contact: "A <sip:a@1>'], None),
        ([], None),
    ],
)
def test_a_notice_goes_to_the_last_contact_if_that_is_a_sip_uri(lines: list[str], uri: bytes | None) -> None:
    assert sender_contact(register(*lines)) == uri
