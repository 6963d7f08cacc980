from __future__ import annotations

from collections.abc import Callable

import pytest

from serpy.sip.message import Request, Response
from serpy.sip.reply import (
    build_ack,
    build_cancel,
    build_reply,
    build_request,
    format_q,
    noisy_warning,
    redirect_contacts,
)

Read = Callable[..., Request]


def reply(request: Request, code: int = 200, **options: object) -> bytes:
    defaults: dict[str, object] = {"to_tag": b"T", "server": None, "warning": None}
    return build_reply(request, code, b"Fine", **(defaults | options))  # type: ignore[arg-type]


def test_a_reply_is_laid_out_as_by_ser(request_from: Read, message_bytes: bytes) -> None:
    sent = reply(request_from(message_bytes), headers=[b"A: b\r\n"], server=b"s", warning=b"w", body=b"xy")
    assert sent == (
        b"SIP/2.0 200 Fine\r\n"
        b"Via: SIP/2.0/UDP 127.0.0.1:7100;branch=z9hG4bKa1\r\n"
        b"From: <sip:alice@127.0.0.1>;tag=a1\r\n"
        b"To: <sip:bob@127.0.0.1>;tag=T\r\n"
        b"Call-ID: 1@lab\r\n"
        b"CSeq: 7 MESSAGE\r\n"
        b"A: b\r\n"
        b"Server: s\r\n"
        b"Content-Length: 2\r\n"
        b"Warning: w\r\n"
        b"\r\nxy"
    )


def test_copied_headers_keep_their_order_spelling_and_folds(request_from: Read) -> None:
    head = (
        b"t: <sip:b>;tag=1\r\ni:1\r\n\t \r\nv : SIP/2.0/UDP 127.0.0.1\r\n ;x\r\n"
        b"CSEQ: 1\r\n A\r\nVia: z\r\nf:\r\n <sip:a>\r\n"
    )
    request = request_from(b"A sip:b SIP/2.0\r\nX: y\r\n" + head + b"Cc: z\r\nTotal: 1\r\n\r\nTo: no\r\n")
    assert reply(request) == b"SIP/2.0 200 Fine\r\n" + head + b"Content-Length: 0\r\n\r\n"


@pytest.mark.parametrize(("code", "copied"), [(100, False), (180, True), (200, True), (299, True), (302, False)])
def test_record_route_goes_into_what_makes_a_dialog(
    request_from: Read, message_bytes: bytes, code: int, copied: bool
) -> None:
    request = request_from(message_bytes.replace(b"From", b"record-route: <sip:p;lr>\r\nFrom"))
    assert (b"record-route: <sip:p;lr>\r\n" in reply(request, code)) is copied


@pytest.mark.parametrize(
    ("to", "code", "replied"),
    [
        (b"To: <sip:b>", 200, b"To: <sip:b>;tag=T"),
        (b"To: <sip:b>", 180, b"To: <sip:b>;tag=T"),
        (b"To: <sip:b>", 100, b"To: <sip:b>"),
        (b"To: <sip:b>;tag=x", 200, b"To: <sip:b>;tag=x"),
        (b"to : sip:b;X=y  ", 404, b"to : sip:b;X=y;tag=T  "),
        (b"t: B\r\n <sip:b>", 404, b"t: B\r\n <sip:b>;tag=T"),
        (b"To: <sip:b", 400, b"To: <sip:b"),
    ],
)
def test_a_tag_is_added_where_there_is_none(
    request_from: Read, message_bytes: bytes, to: bytes, code: int, replied: bytes
) -> None:
    request = request_from(message_bytes.replace(b"To: <sip:bob@127.0.0.1>", to))
    assert b"a1\r\n" + replied + b"\r\nCall-ID" in reply(request, code)


@pytest.mark.parametrize("via", [b"Via: ", b"v :  ", b"VIA:\r\n "])
def test_the_source_is_noted_in_the_top_via_only(request_from: Read, message_bytes: bytes, via: bytes) -> None:
    vias = via + b"SIP/2.0/UDP a;rport;branch=x, SIP/2.0/UDP b;rport\r\nVia: SIP/2.0/UDP c;rport\r\n"
    request = request_from(message_bytes.replace(b"Via:", vias + b"Via:", 1), ("10.0.0.9", 4))
    noted = vias.replace(b";rport;branch=x,", b";rport=4;branch=x;received=10.0.0.9,")
    assert b"SIP/2.0 200 Fine\r\n" + noted + b"Via: SIP/2.0/UDP 127.0.0.1:7100;branch=z9hG4bKa1\r\nF" in reply(request)


def test_rport_can_be_forced(request_from: Read, message_bytes: bytes) -> None:
    assert b";branch=z9hG4bKa1;rport=7100\r\n" in reply(request_from(message_bytes), force_rport=True)


def test_missing_headers_are_missing_in_the_reply(request_from: Read) -> None:
    request = request_from(b"A sip:b SIP/2.0\nv: SIP/2.0/UDP 127.0.0.1\n\n")
    assert reply(request, 400) == b"SIP/2.0 400 Fine\r\nv: SIP/2.0/UDP 127.0.0.1\nContent-Length: 0\r\n\r\n"


INVITE = (
    b"INVITE sip:bob@10.0.0.2 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\n"
    b"Route: <sip:p;lr>\r\n"
    b"Route: <sip:q;lr>\r\n"
    b"f: <sip:a>;tag=1\r\n"
    b"To: <sip:b>\r\n"
    b"Call-ID: x\r\n"
    b"CSeq: 0003 INVITE\r\n"
    b"Content-Length: 0\r\n\r\n"
)


def test_an_ack_is_made_of_the_invite_and_its_reply(response_from: Callable[[bytes], Response]) -> None:
    response = response_from(
        b"SIP/2.0 486 Busy\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn\r\nt: <sip:b>;tag=2\r\n\r\n"
    )
    assert build_ack(INVITE, response) == (
        b"ACK sip:bob@10.0.0.2 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn\r\n"
        b"From: <sip:a>;tag=1\r\n"
        b"Call-ID: x\r\n"
        b"To: <sip:b>;tag=2\r\n"
        b"CSeq: 0003 ACK\r\n"
        b"Route: <sip:p;lr>\r\n"
        b"Route: <sip:q;lr>\r\n"
        b"Max-Forwards: 70\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


def test_a_cancel_is_made_of_its_request() -> None:
    assert build_cancel(INVITE, user_agent=b"u") == (
        b"CANCEL sip:bob@10.0.0.2 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn\r\n"
        b"From: <sip:a>;tag=1\r\n"
        b"Call-ID: x\r\n"
        b"To: <sip:b>\r\n"
        b"CSeq: 0003 CANCEL\r\n"
        b"Route: <sip:p;lr>\r\n"
        b"Route: <sip:q;lr>\r\n"
        b"Max-Forwards: 70\r\n"
        b"User-Agent: u\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


def test_the_number_of_a_cseq_ends_at_any_blank() -> None:
    sent = INVITE.replace(b"CSeq: 0003 INVITE", b"CSeq: 0003\t INVITE")
    assert b"CSeq: 0003 CANCEL\r\n" in build_cancel(sent, user_agent=None)


@pytest.mark.parametrize(
    "top", [b"SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b", b"SIP/2.0/UDP a;branch=1\r\n , SIP/2.0/UDP b"]
)
def test_ack_and_cancel_carry_one_via_value(top: bytes) -> None:
    sent = INVITE.replace(b"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn", top)
    assert b"Via: SIP/2.0/UDP a;branch=1\r\nFrom" in build_cancel(sent, user_agent=None)


def test_a_request_of_our_own_is_whole(request_from: Read) -> None:
    data = build_request(
        b"MESSAGE",
        b"sip:b",
        via=b"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn",
        to=b"<sip:b>",
        from_=b"<sip:a>;tag=1",
        call_id=b"c",
        cseq=10,
        headers=[b"Content-Type: text/plain", b"Date: d"],
        body=b"hi",
        user_agent=b"u",
    )
    request = request_from(data)
    names = [field.name for field in request.all_fields()]
    assert (request.method, request.body, request.max_forwards) == (b"MESSAGE", b"hi", b"70")
    assert names[:6] == [b"via", b"to", b"from", b"cseq", b"call-id", b"max-forwards"]
    assert names[6:] == [b"content-length", b"user-agent", b"content-type", b"date"]


@pytest.mark.parametrize(("q", "text"), [(0, b"0"), (500, b"0.5"), (123, b"0.123"), (1000, b"1"), (10, b"0.01")])
def test_q_is_written_as_short_as_it_can_be(q: int, text: bytes) -> None:
    assert format_q(q) == text


def test_a_redirection_lists_its_contacts() -> None:
    assert redirect_contacts([(b"sip:a", None), (b"sip:b", 500)]) == b"Contact: <sip:a>, <sip:b>;q=0.5\r\n"
    assert redirect_contacts([]) == b""
    assert redirect_contacts([(b"sip:" + b"a" * 600, None)]) == b""


def test_the_noisy_warning_cannot_be_broken_out_of(request_from: Read, message_bytes: bytes) -> None:
    request = request_from(message_bytes.replace(b"sip:bob@127.0.0.1 ", b'sip:"\\ '))
    warning = noisy_warning(request, request.listener, b"sip:x")
    assert warning.startswith(b'392 127.0.0.1:5060 "Noisy feedback tells:  pid=')
    assert warning.endswith(b' req_src_ip=127.0.0.1 req_src_port=7100 in_uri=sip:\\"\\\\ out_uri=sip:x via_cnt==1"')
    assert noisy_warning(request, request.listener, b"sip:" + b"x" * 300) == b""
