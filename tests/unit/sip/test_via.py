from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serpy.sip.errors import BadHeader
from serpy.sip.via import Via, next_value, read_via, read_via_value, split_vias


def read(header: bytes) -> Via:
    return read_via(header + b"\r\n\r\n", 0, header.index(b":") + 1)


@pytest.mark.parametrize(
    ("header", "transport", "host", "port", "branch"),
    [
        (b"Via: SIP/2.0/UDP 10.0.0.1:7100;branch=z9hG4bKa", b"UDP", b"10.0.0.1", 7100, b"z9hG4bKa"),
        (b"Via: SIP/2.0/TCP a.example", b"TCP", b"a.example", 0, None),
        (b"v:SIP/2.0/udp a.example;Branch=x", b"UDP", b"a.example", 0, b"x"),
        (b"Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=x", b"UDP", b"2001:db8::1", 5070, b"x"),
        (b"Via: SIP / 2.0 / UDP a.example : 5070 ; branch = x ; y", b"UDP", b"a.example", 5070, b"x"),
        (b"Via:\r\n SIP/2.0/UDP\r\n\ta.example\r\n ;branch=x", b"UDP", b"a.example", 0, b"x"),
        (b'Via: SIP/2.0/UDP a.example;y=";branch=no\\"";branch=x', b"UDP", b"a.example", 0, b"x"),
        (b"Via: SIP/2.0/UDP a.example (one (two) \\)) ;branch=x (three)", b"UDP", b"a.example", 0, b"x"),
        (b"Via: SIP/2.0/UDP a.example;branch=x, SIP/2.0/UDP b.example;branch=y", b"UDP", b"a.example", 0, b"x"),
        (b"Via: SIP/2.0/UDP a.example;branch=x;branch=y", b"UDP", b"a.example", 0, b"x"),
        (b"Via: SIP/2.0/UDP a.example;branch=a=b;x", b"UDP", b"a.example", 0, b"a=b"),
        (b"Via: SIP/2.0/UDP a.example:0;branch=", b"UDP", b"a.example", 0, b""),
        (b"Via: SIP/2.0/UDP a.example;branch=\xff\xc3", b"UDP", b"a.example", 0, b"\xff\xc3"),
        (b"Via: SIP/2.0/UDP a.example;;branch=x;", b"UDP", b"a.example", 0, b"x"),
    ],
)
def test_a_via_has_these_parts(header: bytes, transport: bytes, host: bytes, port: int, branch: bytes | None) -> None:
    via = read(header)
    assert (via.transport, via.host, via.port, via.branch) == (transport, host, port, branch)


@pytest.mark.parametrize(
    "value",
    [
        *(b"", b"garbage", b"SIP/2.0/UDP", b"SIP/2.0/UDP a.example:x", b"SIP/3.0/UDP a.example", b"SIP/2.0 a.example"),
        *(b"SIP/2.0/UDP a.example:70000", b"SIP/2.0/UDP [::1", b'SIP/2.0/UDP a;x="y', b"SIP/2.0/UDP a (b"),
        *(b"SIP/2.0/UDP a\0;branch=x", b"SIP/2.0/UDP a b", b"SIP/2.0/UDP a;x=\0", b"SIP/2.0/UDP a;x=y z"),
    ],
)
def test_this_is_no_via(value: bytes) -> None:
    with pytest.raises(BadHeader):
        read(b"Via: " + value)


@pytest.mark.parametrize(
    ("params", "rport", "received"),
    [
        (b"", None, None),
        (b";rport", b"", None),
        (b";rport=", b"", None),
        (b";RPORT=7;received=10.0.0.9", b"7", b"10.0.0.9"),
        (b";received=::1;rport", b"", b"::1"),
        (b";xrport;rportx=1", None, None),
    ],
)
def test_rport_and_received_are_told_from_their_absence(
    params: bytes, rport: bytes | None, received: bytes | None
) -> None:
    via = read(b"Via: SIP/2.0/UDP a.example;branch=x" + params)
    assert (via.rport, via.received) == (rport, received)


@pytest.mark.parametrize(
    ("params", "span"),
    [
        (b";branch=x;rport;y", b";rport"),
        (b";branch=x;rport=12", b";rport=12"),
        (b";rportx=1;rport;y", b";rport"),
        (b";RPort = 1 ;y", b";RPort = 1"),
        (b';y=";rport";rport', b";rport"),
    ],
)
def test_a_parameter_is_found_with_its_semicolon(params: bytes, span: bytes) -> None:
    via = read(b"Via: SIP/2.0/UDP a.example" + params)
    place = via.param_span(b"rport")
    assert place is not None
    assert via.data[place[0] : place[1]] == span


def test_params_is_the_text_behind_the_first_semicolon() -> None:
    assert read(b"Via: SIP/2.0/UDP a.example;branch=x;y").params == b"branch=x;y"
    assert read(b"Via: SIP/2.0/UDP a.example").params == b""


def test_host_end_is_behind_the_port() -> None:
    via = read(b"Via: SIP/2.0/UDP a.example:7100;branch=x")
    assert via.data[: via.host_end] == b"Via: SIP/2.0/UDP a.example:7100"


def test_several_values_in_one_header_are_all_read() -> None:
    header = b'Via: SIP/2.0/UDP a;x="," ,\r\n SIP/2.0/TCP b (,),SIP/2.0/TLS c\r\n'
    assert [via.host for via in split_vias(header + b"\r\n", 0, 4, len(header))] == [b"a", b"b", b"c"]


def test_the_last_value_has_no_next() -> None:
    assert next_value(read(b"Via: SIP/2.0/UDP a.example;branch=x")) is None
    assert next_value(read(b"Via: SIP/2.0/UDP a.example;branch=x \r\n ")) is None


@pytest.mark.parametrize(
    "value",
    [
        b"SIP/2.0/UDP 10.0.0.1:7100;branch=z9hG4bKa;rport",
        b"SIP/2.0/UDP [::1];rport=7;branch=b;received=1.2.3.4;x",
        b"SIP/2.0/UDP a.example;;a=b=c;branch",
    ],
)
def test_the_fast_and_the_slow_way_agree(value: bytes) -> None:
    data = b"Via: " + value + b"\r\n\r\n"
    fast, slow = read_via(data, 0, 4), read_via_value(data, 0, 4, len(data) - 2)
    assert [getattr(fast, name) for name in Via.__slots__] == [getattr(slow, name) for name in Via.__slots__]


PIECES = st.sampled_from(
    [
        *(b";", b"=", b"branch", b"rport", b"received", b"x", b":", b"1", b" ", b"\r\n ", b'"', b"(c)", b","),
        *(b"<", b">", b"[", b"]", b"'", b"/", b"\\", b"?", b"*", b"~"),
    ]
)


@given(st.lists(PIECES, max_size=10).map(b"".join))
def test_what_the_fast_way_reads_the_slow_way_reads_too(params: bytes) -> None:
    data = b"Via: SIP/2.0/UDP a.example" + params + b"\r\n\r\n"
    try:
        slow = read_via_value(data, 0, 4, len(data) - 2)
    except BadHeader:
        with pytest.raises(BadHeader):
            read_via(data, 0, 4)
        return
    fast = read_via(data, 0, 4)
    assert [getattr(fast, name) for name in Via.__slots__] == [getattr(slow, name) for name in Via.__slots__]
