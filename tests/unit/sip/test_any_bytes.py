"""What must hold for bytes that nobody expected (after h11's fuzz tests: invariants, not examples)."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from serpy.sip.branch import stateless_branch
from serpy.sip.contact import parse_contacts
from serpy.sip.cseq import parse_cseq
from serpy.sip.edit import Edits
from serpy.sip.errors import BadHeader, BadMessage, BadUri
from serpy.sip.message import Request, Response
from serpy.sip.nameaddr import parse_nameaddr
from serpy.sip.reply import build_ack, build_cancel, build_reply, noisy_warning
from serpy.sip.uri import parse_uri
from serpy.sip.write import forward_request, forward_response

Parse = Callable[[bytes], Request | Response]

REQUEST = (
    b"INVITE sip:bob@127.0.0.1;x=1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:7100;branch=z9hG4bKa1;rport\r\n"
    b"v: SIP/2.0/UDP [::1] (c), SIP/2.0/TCP b;branch=2\r\n"
    b"Max-Forwards: 70\r\n"
    b'From: "A, B" <sip:alice@127.0.0.1>;tag=a1\r\n'
    b"To: <sip:bob@127.0.0.1>\r\n"
    b"Call-ID: 1@lab\r\n"
    b"CSeq: 7\r\n INVITE\r\n"
    b"Contact: <sip:alice@10.0.0.1:7100>;q=0.5, sip:b@c\r\n"
    b"Content-Length: 5\r\n"
    b"\r\n"
    b"hello"
)
RESPONSE = b"SIP/2.0 486 Busy here\r\n" + REQUEST.split(b"\r\n", 1)[1]
PIECES = st.sampled_from(
    [
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b"\0",
            b"\xff",
            b" ",
            b"\t",
            b",",
            b";",
            b":",
            b"<",
            b">",
            b'"',
            b"\\",
            b"(",
            b")",
            b"=",
            b"@",
        ),
        *(
            b"\r\n ",
            b"\r\n\r\n",
            b"\n\n",
            b"Via:",
            b"v:",
            b";rport",
            b";received=1",
            b"SIP/2.0",
            b"To:",
            b"t:",
            b"%",
            b"[",
            b"]",
        ),
        *(b"", b"9999999999", b"Content-Length: 99\r\n", b"tag="),
    ]
)
MUTATIONS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 4), PIECES), max_size=6)


def mutate(data: bytes, mutations: list[tuple[int, int, bytes]]) -> bytes:
    for at, cut, piece in mutations:
        place = at % (len(data) + 1)
        data = data[:place] + piece + data[place + cut :]
    return data


MESSAGES = st.one_of(
    st.binary(max_size=200),
    st.builds(mutate, st.sampled_from([REQUEST, RESPONSE]), MUTATIONS),
    st.builds(mutate, st.sampled_from([REQUEST, RESPONSE]).map(lambda data: data.replace(b"\r\n", b"\n")), MUTATIONS),
)
PROPERTIES = (
    *("call_id", "cseq", "from_", "to", "max_forwards", "content_type", "expires", "content_length", "vias", "body"),
)


def parsed(parse: Parse, data: bytes) -> Request | Response | None:
    try:
        return parse(data)
    except BadMessage as wrong:
        return wrong.request


def whole(parse: Parse, data: bytes) -> Request | Response | None:
    try:
        return parse(data)
    except BadMessage:
        return None


@given(MESSAGES)
def test_reading_raises_nothing_but_its_own_errors(parse: Parse, data: bytes) -> None:
    message = parsed(parse, data)
    if message is None:
        return
    for name in PROPERTIES:
        try:
            getattr(message, name)
        except BadHeader:
            continue
    fields = message.all_fields()
    headers = message.data.index(b"\n", message.start) + 1
    assert (
        b"".join(message.data[field.start : field.end] for field in fields) == message.data[headers : message.head_end]
    )
    for known in {field.name for field in fields} - {b""}:
        assert message.values(known).count(message.header(known) or b"") > 0
        assert message.fields(known) == [field for field in fields if field.name == known]


@given(MESSAGES, st.booleans())
def test_what_is_forwarded_parses_again_and_differs_only_where_it_may(
    parse: Parse, data: bytes, force_rport: bool
) -> None:
    message = whole(parse, data)
    if not isinstance(message, Request):
        return
    new_via = b"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn"
    edits = Edits()
    for _ in range(2):  # without edits, then with one that changes nothing
        sent = forward_request(
            message, uri=b"sip:x@y", via=new_via, edits=edits, force_rport=force_rport, listener_proto="udp"
        )
        again = parsed(parse, sent)
        assert isinstance(again, Request)
        assert (again.uri, again.via.branch) == (b"sip:x@y", b"z9hG4bKn")
        assert again.data[again.body_at :] == message.data[message.body_at :]
        names = [field.name for field in message.all_fields()]
        place = [field.start for field in message.all_fields()].index(message.via.field_start)
        assert [field.name for field in again.all_fields()] == [*names[:place], b"via", *names[place:]]
        edits.insert(message.body_at, b"")


@given(MESSAGES)
def test_a_forwarded_reply_loses_its_top_via_and_nothing_else(parse: Parse, data: bytes) -> None:
    message = parsed(parse, data)
    if isinstance(message, Response):
        sent = forward_response(message, Edits())
        assert len(sent) < len(data)
        assert sent.startswith(message.data[: message.via.field_start])
        assert sent.endswith(message.data[message.via.field_end :])


@given(MESSAGES, st.sampled_from([100, 200, 400]), st.booleans())
def test_every_request_can_be_answered(parse: Parse, data: bytes, code: int, force_rport: bool) -> None:
    message = parsed(parse, data)
    if not isinstance(message, Request):
        return
    sent = build_reply(
        message,
        code,
        b"Fine",
        to_tag=b"T",
        server=b"s",
        warning=noisy_warning(message, message.listener, b"sip:x"),
        body=b"body",
        force_rport=force_rport,
    )
    answer = parse(sent)
    assert isinstance(answer, Response)
    assert (answer.code, answer.via.host, answer.via.branch) == (code, message.via.host, message.via.branch)
    assert answer.data[answer.body_at :] == b"body"
    assert answer.header(b"call-id") == message.header(b"call-id")
    assert stateless_branch(message, b"sip:x").startswith(b"z9hG4bK")


@given(MESSAGES, MESSAGES)
def test_every_request_that_was_sent_has_an_ack_and_a_cancel(parse: Parse, data: bytes, reply: bytes) -> None:
    message, response = whole(parse, data), whole(parse, reply)
    if isinstance(message, Request):
        cancel = parse(build_cancel(data, user_agent=b"u"))
        assert isinstance(cancel, Request)
        assert (cancel.method, cancel.uri, cancel.via.branch) == (b"CANCEL", message.uri, message.via.branch)
        if isinstance(response, Response):
            ack = parse(build_ack(data, response))
            assert isinstance(ack, Request)
            assert (ack.method, ack.header(b"to")) == (b"ACK", response.header(b"to") or b"")


@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=12).map(b"sip:a".join)))
def test_values_raise_nothing_but_their_own_errors(text: bytes) -> None:
    for read in (parse_nameaddr, parse_cseq, parse_uri, lambda value: parse_contacts([value, value])):
        try:
            read(text)
        except (BadHeader, BadUri):
            continue
