from __future__ import annotations

from collections.abc import Callable

import pytest

from serpy.sip.edit import Edits
from serpy.sip.message import Request, Response
from serpy.sip.write import forward_request, forward_response

Read = Callable[..., Request]
VIA = b"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn"


def forward(request: Request, edits: Edits, proto: str = "udp", uri: bytes | None = None) -> bytes:
    return forward_request(
        request, uri=uri or request.uri, via=VIA, edits=edits, force_rport=False, listener_proto=proto
    )


def test_a_forwarded_request_differs_in_uri_and_via_only(request_from: Read, message_bytes: bytes) -> None:
    sent = forward(request_from(message_bytes), Edits(), uri=b"sip:bob@10.0.0.2:7;x?y")
    expected = message_bytes.replace(b"MESSAGE sip:bob@127.0.0.1 ", b"MESSAGE sip:bob@10.0.0.2:7;x?y ")
    assert sent == expected.replace(b"\r\nVia: ", b"\r\nVia: " + VIA + b"\r\nVia: ", 1)


def test_with_and_without_edits_the_bytes_are_the_same(request_from: Read, message_bytes: bytes) -> None:
    request = request_from(b"\r\n" + message_bytes.replace(b";branch", b";rport;branch"), ("10.0.0.9", 4))
    edits = Edits()
    edits.insert(request.body_at, b"")
    assert forward(request, edits, uri=b"sip:x") == forward(request, Edits(), uri=b"sip:x")
    assert b"Via: SIP/2.0/UDP 127.0.0.1:7100;received=10.0.0.9;rport=4;branch=" in forward(request, edits)


def test_headers_put_first_come_above_the_new_via(request_from: Read, message_bytes: bytes) -> None:
    request = request_from(message_bytes)
    edits = Edits()
    edits.insert(request.via.field_start, b"Max-Forwards: 10\r\n")
    edits.append_header(b"X: y\r\n")
    sent = forward(request, edits)
    assert b"SIP/2.0\r\nMax-Forwards: 10\r\nVia: " + VIA + b"\r\nVia: SIP/2.0/UDP 127.0.0.1:7100" in sent
    assert b"Content-Length: 5\r\nX: y\r\n\r\nhello" in sent


def test_the_edits_of_the_script_stay_as_they_were(request_from: Read, message_bytes: bytes) -> None:
    request = request_from(message_bytes)
    edits = Edits()
    edits.append_header(b"X: y\r\n")
    assert forward(request, edits) == forward(request, edits)


def test_content_length_follows_a_changed_body(request_from: Read, message_bytes: bytes) -> None:
    request = request_from(message_bytes)
    edits = Edits()
    edits.replace(request.body_at, request.body_at + 1, b"HHH")
    assert forward(request, edits).endswith(b"Content-Length: 7\r\n\r\nHHHello")


@pytest.mark.parametrize(("proto", "added"), [("udp", b""), ("tcp", b"Content-Length: 5\r\n")])
def test_a_stream_needs_a_content_length(request_from: Read, message_bytes: bytes, proto: str, added: bytes) -> None:
    request = request_from(message_bytes.replace(b"Content-Length: 5\r\n", b""))
    assert forward(request, Edits(), proto).endswith(b"text/plain\r\n" + added + b"\r\nhello")


def test_a_script_may_take_the_vias_away(request_from: Read, message_bytes: bytes) -> None:
    request = request_from(message_bytes, ("10.0.0.9", 4))
    edits = Edits()
    (via,) = request.fields(b"via")
    edits.remove(via.start, via.end)
    assert forward(request, edits).count(b"Via:") == 1


REPLY = b"SIP/2.0 200 OK\r\nX: y\r\n%bTo: <sip:a>\r\nContent-Length: 2\r\n\r\nab"


@pytest.mark.parametrize(
    ("vias", "left"),
    [
        (b"Via: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\n", b"Via: SIP/2.0/UDP b\r\n"),
        (b"Via: SIP/2.0/UDP a,SIP/2.0/UDP b\r\n", b"Via: SIP/2.0/UDP b\r\n"),
        (b'v:SIP/2.0/UDP a;x="," (,) ,\r\n  SIP/2.0/UDP b\r\n', b"v:SIP/2.0/UDP b\r\n"),
        (b"Via: SIP/2.0/UDP a\r\n ;x\r\nv: SIP/2.0/UDP b\r\n", b"v: SIP/2.0/UDP b\r\n"),
        (b"Via: SIP/2.0/UDP a, broken\r\n", b"Via: broken\r\n"),
        (b"Via: SIP/2.0/UDP a\n", b""),
    ],
)
def test_a_forwarded_reply_loses_its_top_via_value(
    response_from: Callable[[bytes], Response], vias: bytes, left: bytes
) -> None:
    assert forward_response(response_from(REPLY % vias), Edits()) == REPLY % left


def test_a_forwarded_reply_carries_the_edits(response_from: Callable[[bytes], Response]) -> None:
    response = response_from(REPLY % b"Via: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\n")
    edits = Edits()
    edits.append_header(b"Z: z\r\n")
    edits.insert(response.body_at, b"c")
    sent = forward_response(response, edits)
    assert sent.endswith(b"Via: SIP/2.0/UDP b\r\nTo: <sip:a>\r\nContent-Length: 3\r\nZ: z\r\n\r\ncab")
