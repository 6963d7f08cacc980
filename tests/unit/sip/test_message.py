from __future__ import annotations

from collections.abc import Callable

import pytest

from serpy.sip.cseq import CSeq
from serpy.sip.errors import BadHeader
from serpy.sip.message import Request, Response

Read = Callable[..., Request]
PROPERTIES = ["call_id", "cseq", "from_", "to", "content_length", "content_type", "expires", "max_forwards"]


def test_the_headers_are_read_as_what_they_are(request_from: Read, message_bytes: bytes) -> None:
    message = request_from(message_bytes)
    assert (message.call_id, message.cseq, message.max_forwards) == (b"1@lab", CSeq(7, b"MESSAGE"), b"70")
    assert (message.content_length, message.content_type, message.expires) == (5, b"text/plain", None)
    assert message.from_ is not None
    assert message.to is not None
    assert (message.from_.tag, message.to.tag) == (b"a1", None)


@pytest.mark.parametrize("name", PROPERTIES)
def test_an_absent_header_is_none(request_from: Read, name: str) -> None:
    message = request_from(b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n")
    assert getattr(message, name) is None
    assert getattr(message, name) is None


@pytest.mark.parametrize("name", ["cseq", "from_", "to", "content_length"])
def test_a_malformed_header_is_refused_each_time(request_from: Read, name: str) -> None:
    wrong = b"CSeq: x\r\nFrom: <\r\nTo: <\r\nContent-Length: x\r\n"
    message = request_from(b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n" + wrong + b"\r\n")
    for _ in range(2):
        with pytest.raises(BadHeader):
            getattr(message, name)


@pytest.mark.parametrize("value", [b"", b"-1", b"+1", b"1 2", b"0x5", b"\xb2", b"9" * 5000, b"1_0"])
def test_this_is_no_content_length(request_from: Read, value: bytes) -> None:
    message = request_from(b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nl: " + value + b"\r\n\r\n")
    with pytest.raises(BadHeader):
        _ = message.body


@pytest.mark.parametrize(
    ("length", "body"),
    [(b"Content-Length: 5\r\n", b"hello"), (b"", b"hello"), (b"l: 3\r\n", b"hel"), (b"Content-Length: 0\r\n", b"")],
)
def test_the_body_is_as_long_as_the_message_says(request_from: Read, length: bytes, body: bytes) -> None:
    message = request_from(b"MESSAGE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n" + length + b"\r\nhello")
    assert message.body == body


def test_a_body_that_did_not_come_whole_is_refused(request_from: Read, message_bytes: bytes) -> None:
    with pytest.raises(BadHeader, match="says 5 bytes, but 4 came"):
        _ = request_from(message_bytes[:-1]).body


def test_all_vias_are_read_over_lines_and_commas(response_from: Callable[[bytes], Response]) -> None:
    vias = b"Via: SIP/2.0/UDP a\r\nv: SIP/2.0/UDP b,SIP/2.0/UDP c\r\nVIA: SIP/2.0/UDP d\r\n"
    response = response_from(b"SIP/2.0 200 OK\r\n" + vias + b"\r\n")
    assert [via.host for via in response.vias] == [b"a", b"b", b"c", b"d"]


@pytest.mark.parametrize(
    ("vias", "host"),
    [
        (b"Via: SIP/2.0/UDP a\r\n", None),
        (b"Via: SIP/2.0/UDP a , SIP/2.0/UDP b, broken\r\n", b"b"),
        (b"Via: SIP/2.0/UDP a,\r\n SIP/2.0/UDP b\r\nVia: SIP/2.0/UDP c\r\n", b"b"),
        (b"Via: SIP/2.0/UDP a\r\n ;x=y\r\nTo: b\r\nv : SIP/2.0/UDP b\r\nVia: broken\r\n", b"b"),
        (b"Via: SIP/2.0/UDP a\nvia:SIP/2.0/UDP b\n", b"b"),
    ],
)
def test_the_second_via_is_read_alone(
    response_from: Callable[[bytes], Response], vias: bytes, host: bytes | None
) -> None:
    via = response_from(b"SIP/2.0 200 OK\r\n" + vias + b"\r\n").second_via
    assert (None if via is None else via.host) == host


def test_a_broken_second_via_is_refused_when_it_is_asked_for(response_from: Callable[[bytes], Response]) -> None:
    response = response_from(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nVia: b\r\n\r\n")
    with pytest.raises(BadHeader):
        _ = response.vias
