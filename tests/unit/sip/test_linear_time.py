"""The largest datagrams, made to be slow: nothing may cost more than a multiple of their length."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from serpy.sip.contact import parse_contacts
from serpy.sip.edit import Edits
from serpy.sip.errors import BadHeader, BadMessage, BadUri
from serpy.sip.message import Request, Response
from serpy.sip.nameaddr import parse_nameaddr
from serpy.sip.reply import build_reply
from serpy.sip.uri import parse_uri
from serpy.sip.write import forward_request

pytestmark = pytest.mark.usefixtures("no_collection")

Parse = Callable[[bytes], Request | Response]
SIZE = 65_000
# Ten times what the slowest takes here; a quadratic one takes seconds.
LIMIT = 1.0
LINE = b"INVITE sip:a SIP/2.0\r\n"
VIA = b"Via: SIP/2.0/UDP a.example;branch=z9hG4bKx\r\n"


def fill(piece: bytes) -> bytes:
    return piece * (SIZE // len(piece))


HEADS = {
    "vias": LINE + fill(VIA),
    "via values": LINE + b"Via: " + fill(b"SIP/2.0/UDP a,") + b"SIP/2.0/UDP a\r\n",
    "via parameters": LINE + b"Via: SIP/2.0/UDP a" + fill(b";a=b") + b"\r\n",
    "quoted via parameters": LINE + b"Via: SIP/2.0/UDP a" + fill(b';a="\\""') + b"\r\n",
    "open quotes in the via": LINE + b"Via: SIP/2.0/UDP a;x=" + fill(b'"\\') + b"\r\n",
    "open comments in the via": LINE + b"Via: SIP/2.0/UDP a" + fill(b"(") + b"\r\n",
    "comments in the via": LINE + b"Via: SIP/2.0/UDP a" + fill(b"()") + b"\r\n",
    "commas in the via": LINE + b"Via: SIP/2.0/UDP a" + fill(b",") + b"\r\n",
    "blanks in the via": LINE + b"Via:" + fill(b" ") + b"SIP/2.0/UDP a" + b"\r\n",
    "folds in the via": LINE + b"Via:" + fill(b"\r\n ") + b"SIP/2.0/UDP a" + b"\r\n",
    "blanks": LINE + VIA + b"X:" + fill(b" ") + b"\r\n",
    "blanks before a colon": LINE + VIA + b"To" + fill(b" ") + b"\r\n",
    "folds": LINE + VIA + b"To: <sip:b>" + fill(b"\r\n ") + b"\r\n",
    "short headers": LINE + VIA + fill(b"i:\r\n"),
    "names": LINE + VIA + fill(b"To\r\n"),
    "carriage returns": LINE + VIA + fill(b"\r") + b"\r\n",
    "quotes": LINE + VIA + b"To: " + fill(b'"\\') + b"\r\n",
    "brackets": LINE + VIA + b"To: " + fill(b"<") + b"\r\n",
    "parameters": LINE + VIA + b"To: <sip:b>" + fill(b';"') + b"\r\n",
    "line ends": fill(b"\r\n"),
    "line end and nothing": LINE + fill(b"\r"),
    "zeros": LINE + VIA + b"CSeq: " + fill(b"0") + b"\r\nContent-Length: " + fill(b"9") + b"\r\n",
    "a method": fill(b"A"),
    "a uri": b"INVITE sip:" + fill(b"a") + b" SIP/2.0\r\n" + VIA,
}


def read_everything(parse: Parse, data: bytes) -> None:
    try:
        message = parse(data)
    except BadMessage as wrong:
        if wrong.request is None:
            return
        message = wrong.request
    for name in ("call_id", "cseq", "from_", "to", "content_length", "vias", "body"):
        try:
            getattr(message, name)
        except BadHeader:
            continue
    message.all_fields()
    assert isinstance(message, Request)
    build_reply(message, 200, b"OK", to_tag=b"T", server=None, warning=None, force_rport=True)
    forward_request(message, uri=b"x", via=b"y", edits=Edits(), force_rport=True, listener_proto="tcp")


@pytest.mark.parametrize("name", HEADS)
def test_the_largest_message_is_read_in_linear_time(parse: Parse, name: str) -> None:
    started = time.process_time()
    read_everything(parse, HEADS[name] + b"\r\n")
    read_everything(parse, HEADS[name])
    assert time.process_time() - started < LIMIT


@pytest.mark.parametrize(
    "piece", [b"a", b":", b"@", b";", b"?", b"%41", b'"', b"<", b"\\", b'"\\', b",", b"*,", b"<a>,", b" "]
)
def test_the_longest_value_is_read_in_linear_time(piece: bytes) -> None:
    started = time.process_time()
    text = b"sip:" + fill(piece)
    for read in (parse_uri, parse_nameaddr, lambda value: parse_contacts([value])):
        try:
            read(text)
        except (BadUri, BadHeader):
            continue
    assert time.process_time() - started < LIMIT


def test_a_change_of_every_second_byte_is_spliced_in_linear_time() -> None:
    started = time.process_time()
    edits = Edits()
    for at in range(0, SIZE, 2):
        edits.replace(at, at + 1, b"xy")
    assert len(edits.apply(bytes(SIZE))) == SIZE + SIZE // 2
    assert time.process_time() - started < LIMIT
