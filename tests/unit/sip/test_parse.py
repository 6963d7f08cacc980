from __future__ import annotations

from collections.abc import Callable

import pytest

from serpy.sip.errors import BadMessage
from serpy.sip.message import Request, Response

Parse = Callable[[bytes], Request | Response]
VIA = b"Via: SIP/2.0/UDP a.example;branch=z9hG4bKx\r\n"


@pytest.mark.parametrize(
    ("line", "method", "uri"),
    [
        (b"INVITE sip:bob@a SIP/2.0\r\n", b"INVITE", b"sip:bob@a"),
        (b"invite sip:bob@a sip/2.0\r\n", b"invite", b"sip:bob@a"),
        (b"X-Y.z * SIP/2.00\r\n", b"X-Y.z", b"*"),
        (b"INVITE sip:caf\xc3\xa9@a SIP/2.0\n", b"INVITE", b"sip:caf\xc3\xa9@a"),
    ],
)
def test_a_request_line_is_read(parse: Parse, line: bytes, method: bytes, uri: bytes) -> None:
    request = parse(line + VIA + b"\r\n")
    assert isinstance(request, Request)
    assert (request.method, request.uri, request.source) == (method, uri, ("127.0.0.1", 7100))
    assert request.data[request.uri_start :].startswith(uri)


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        (b"SIP/2.0 200 OK\r\n", 200, b"OK"),
        (b"SIP/2.0 999 \r\n", 999, b""),
        (b"sip/2.0 486\n", 486, b""),
        (b"SIP/2.0 404 Not  found \xff\x00!\r\n", 404, b"Not  found \xff\x00!"),
    ],
)
def test_a_status_line_is_read(parse: Parse, line: bytes, code: int, reason: bytes) -> None:
    response = parse(line + VIA + b"\r\n")
    assert isinstance(response, Response)
    assert (response.code, response.reason) == (code, reason)


def test_leading_line_ends_stay_in_the_data(parse: Parse, message_bytes: bytes) -> None:
    message = parse(b"\r\n\n" + message_bytes)
    assert isinstance(message, Request)
    assert (message.start, message.data[message.body_at :]) == (3, b"hello")
    assert message.data[message.uri_start :].startswith(b"sip:bob@")


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\0", b"\r\n\r\n", b"garbage", b"jaK\r\n\r\n", b"SIP/2.0 20 OK\r\n" + VIA + b"\r\n", VIA + b"\r\n"),
        *(b"SIP/2.0 200 OK\r\n\r\n", b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n", b"SIP/2.0 200 OK\r\n" + VIA),
        *(b"A\0B sip:a SIP/2.0\r\n" + VIA + b"\r\n", b"SIP/3.0 200 OK\r\n" + VIA + b"\r\n"),
    ],
)
def test_silence_is_the_answer_to_what_is_no_request(parse: Parse, data: bytes) -> None:
    with pytest.raises(BadMessage) as wrong:
        parse(data)
    assert (wrong.value.request_via, wrong.value.request) == (None, None)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [(b"To: <sip:a>\r\n", "No Via"), (b"Via: x\r\n", "Bad Via"), (b"Via:\r\n", "Bad Via"), (b"", "No Via")],
)
def test_a_request_without_a_readable_via_cannot_be_answered(parse: Parse, headers: bytes, reason: str) -> None:
    with pytest.raises(BadMessage) as wrong:
        parse(b"INVITE sip:a SIP/2.0\r\n" + headers + b"\r\n")
    assert (wrong.value.reason, wrong.value.method, wrong.value.request_via) == (reason, b"INVITE", None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"INVITE  sip:a SIP/2.0\r\n" + VIA + b"\r\n", "Bad first line"),
        (b"INVITE sip:a b SIP/2.0\r\n" + VIA + b"\r\n", "Bad first line"),
        (b"INVITE sip:a SIP/2.0 \r\n" + VIA + b"\r\n", "Bad first line"),
        (b"INVITE sip:a SIP/3.0\r\n" + VIA + b"\r\n", "Version Not Supported"),
        (b"INVITE sip:a SIP/2.0\r\n" + VIA, "No empty line after the headers"),
        (b"INVITE sip:a SIP/2.0\r\n" + VIA + b"To: <sip:", "No empty line after the headers"),
    ],
)
def test_a_broken_request_with_a_via_can_be_answered(parse: Parse, data: bytes, reason: str) -> None:
    with pytest.raises(BadMessage) as wrong:
        parse(data)
    assert (wrong.value.reason, wrong.value.method) == (reason, b"INVITE")
    assert wrong.value.request_via is not None
    assert wrong.value.request is not None
    assert wrong.value.request.via is wrong.value.request_via
    assert wrong.value.request.header(b"to") is None


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("first", [b"v: SIP/2.0/UDP one", b"VIA : SIP/2.0/UDP one", b"Via: SIP/2.0/UDP one"])
def test_the_top_via_is_the_first_in_any_spelling(parse: Parse, first: bytes, line_end: bytes) -> None:
    lines = [
        b"OPTIONS sip:a SIP/2.0",
        b"X: Via",
        b" Via: no",
        first,
        b"Via: SIP/2.0/UDP two",
        b"",
        b"v: SIP/2.0/UDP body",
    ]
    assert parse(line_end.join(lines)).via.host == b"one"


def test_a_via_in_the_body_is_none(parse: Parse) -> None:
    with pytest.raises(BadMessage, match="No Via"):
        parse(b"OPTIONS sip:a SIP/2.0\r\nTo: x\r\n\r\n\r\n" + VIA + b"\r\n")
