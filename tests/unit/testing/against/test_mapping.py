"""Addresses of a flow on loopback, and back."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serpy.host.network import Address
from serpy.testing.against.mapping import MOST, Mapping, TooMany, free_network

INVITE = b"""\
INVITE sip:bob@127.0.0.1 SIP/2.0\r
Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-1\r
Contact: <sip:alice@10.0.0.1:5062>\r
Content-Length: 17\r
\r
c=IN IP4 10.0.0.1"""


@pytest.fixture
def mapping() -> Mapping:
    made = Mapping("127.83.12")
    assert made.real("127.0.0.1") == "127.83.12.1"
    return made


def test_every_place_of_a_message_is_mapped(mapping: Mapping) -> None:
    sent = mapping.outward(INVITE)
    assert sent.startswith(
        b"INVITE sip:bob@127.83.12.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.83.12.2:5060;branch=z9hG4bK-1\r\n"
    )
    assert b"<sip:alice@127.83.12.2:5062>" in sent


def test_content_length_grows_with_the_body(mapping: Mapping) -> None:
    head, _, body = mapping.outward(INVITE).partition(b"\r\n\r\n")
    assert body == b"c=IN IP4 127.83.12.2"
    assert b"Content-Length: %d\r\n" % len(body) in head + b"\r\n"


def test_a_wrong_content_length_stays_wrong_by_as_much(mapping: Mapping) -> None:
    sent = mapping.outward(INVITE.replace(b"Content-Length: 17", b"l: 500"))
    assert b"l: 503" in sent


def test_what_comes_back_is_as_the_flow_knows_it(mapping: Mapping) -> None:
    assert mapping.homeward(mapping.outward(INVITE)) == INVITE


def test_an_unknown_loopback_address_stays(mapping: Mapping) -> None:
    assert mapping.homeward(b"Call-ID: x@127.83.12.99") == b"Call-ID: x@127.83.12.99"


@pytest.mark.parametrize(
    "text", [b"0.0.0.0", b"255.255.255.255", b"224.0.1.75", b"1.2.3.4.5", b"10.0.0.300", b"010.0.0.1"]
)
def test_what_is_no_host_stays(mapping: Mapping, text: bytes) -> None:
    assert mapping.outward(text) == text


def test_a_full_stop_behind_an_address_is_none_of_it(mapping: Mapping) -> None:
    assert mapping.outward(b"at 127.0.0.1.") == b"at 127.83.12.1."


def test_each_place_that_is_mentioned_is_told_of() -> None:
    places: list[Address] = []
    Mapping("127.83.12", places.append).outward(INVITE)
    assert places == [
        ("10.0.0.1", 5060),  # the body comes first
        ("127.0.0.1", 5060),
        ("10.0.0.1", 5060),
        ("10.0.0.1", 5062),
    ]


def test_databases_of_a_script_stay_where_they_are(mapping: Mapping) -> None:
    script = b'listen=127.0.0.1\nmodparam("msilo", "db_url", "mysql://u:p@127.0.0.1/x")\nrewriteuri("sip:a@127.0.0.1");'
    assert mapping.script(script) == script.replace(b"=127.0.0.1", b"=127.83.12.1").replace(
        b"a@127.0.0.1", b"a@127.83.12.1"
    )


def test_there_are_not_endless_hosts(mapping: Mapping) -> None:
    with pytest.raises(TooMany):
        mapping.outward(b" ".join(b"10.0.%d.%d" % divmod(number, 250) for number in range(MOST + 1)))


hosts = st.integers(1, 223).flatmap(lambda first: st.tuples(st.just(first), *[st.integers(0, 255)] * 3))


@given(st.lists(hosts, max_size=20), st.binary(max_size=60), st.sampled_from([b" ", b":5060;", b"\r\n", b"\r\n\r\n"]))
def test_any_octets_come_back_as_they_were(numbers: list[tuple[int, ...]], more: bytes, gap: bytes) -> None:
    octets = gap.join(b"%d.%d.%d.%d" % tuple(one) for one in numbers if one[0] != 127) + gap + more
    mapping = Mapping("127.83.12")
    sent = mapping.outward(octets)
    if b"127.83.12." not in octets and b"ength" not in octets.lower():
        assert mapping.homeward(sent) == octets


def test_a_free_network_is_one_of_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        network = free_network(port)
    assert network.startswith("127.")
    assert network != "127.0.0"


def test_a_port_that_is_taken_everywhere_is_told_of() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        with pytest.raises(OSError, match="in use"):
            free_network(taken.getsockname()[1])
