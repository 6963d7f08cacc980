"""Datagrams that are no proper SIP (BEHAVIOUR section 7, D31): nothing crashes, and who can be told is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.peer import Peer
from tests.live.server import HOST, Server, example, free_port

SILENCE = None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server takes all of them, one after the other."""
    port = free_port()
    with Server(tmp_path_factory.mktemp("malformed"), example(port, fr_timer=1), port, ["--db", "embedded"]) as running:
        yield running


REQUEST = """\
MESSAGE sip:offline@HOST SIP/2.0
Via: SIP/2.0/UDP SOURCE;branch=z9hG4bKBRANCH
From: <sip:alice@HOST>;tag=1
To: <sip:offline@HOST>
Call-ID: malformed
CSeq: 1 MESSAGE
Content-Type: text/plain
Content-Length: 1

x"""


def without(name: str) -> str:
    return "".join(line for line in REQUEST.splitlines(keepends=True) if not line.startswith(name))


def instead(before: str, after: str) -> str:
    assert before in REQUEST
    return REQUEST.replace(before, after)


CASES: dict[str, tuple[str | bytes, int | None]] = {
    # nobody can be addressed, or nothing was asked
    "garbage": ("hello world\n\nx", SILENCE),
    "one byte": (b"x", SILENCE),
    "line ends only": (b"\r\n\r\n", SILENCE),
    "NULs": (b"\0" * 40, SILENCE),
    "empty": (b"", SILENCE),
    "no Via": (without("Via"), SILENCE),
    "Via of garbage": (instead("SIP/2.0/UDP SOURCE", "what is this"), SILENCE),
    "a reply to nothing": (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\n\r\n", SILENCE),
    "an ACK to nobody": (REQUEST.replace("MESSAGE", "ACK"), SILENCE),
    # the sender can be told
    "another SIP version": (instead("sip:offline@HOST SIP/2.0", "sip:offline@HOST SIP/3.0"), 505),
    "HTTP": (instead("sip:offline@HOST SIP/2.0", "/ HTTP/1.1"), 400),
    "no CSeq": (without("CSeq"), 400),
    "no Call-ID": (without("Call-ID"), 400),
    "no From": (without("From"), 400),
    "no To": (without("To:"), 400),
    "CSeq of another method": (instead("CSeq: 1 MESSAGE", "CSeq: 1 INVITE"), 400),
    "CSeq without number": (instead("CSeq: 1 MESSAGE", "CSeq: MESSAGE"), 400),
    # what is stored must be what was sent
    "Content-Length beyond the datagram": (instead("Content-Length: 1", "Content-Length: 9999"), 503),
    "Content-Length that is no number": (instead("Content-Length: 1", "Content-Length: one"), 503),
    "Content-Length below zero": (instead("Content-Length: 1", "Content-Length: -1"), 503),
    "no Content-Type": (without("Content-Type"), 503),
    "Content-Type without subtype": (instead("text/plain", "text"), 503),
    "no body": (instead("Content-Length: 1\n\nx", "Content-Length: 0\n\n"), 503),
    # odd, but good enough
    "no Content-Length": (without("Content-Length"), 202),
    "compact headers": (
        instead("Via:", "v:").replace("From:", "f:").replace("Call-ID:", "i:").replace("To:", "t:"),
        202,
    ),
    "sip/2.0 in small letters": (instead("SIP/2.0\nVia", "sip/2.0\nVia"), 202),
    "SIP/2.00": (instead("SIP/2.0\nVia", "SIP/2.00\nVia"), 202),
    "a header without a colon": (instead("Call-ID", "what\nCall-ID"), 202),
    "1000 headers": (instead("Call-ID", "".join(f"X-{n}: {n}\n" for n in range(1000)) + "Call-ID"), 202),
    "a header of 8 kB": (instead("Call-ID", f"X: {'x' * 8192}\nCall-ID"), 202),
    "70 Vias": (instead("From:", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\n" * 70 + "From:"), 202),
    "NUL and 0xFF in a header": (instead("Call-ID", "X: \0\udcff\nCall-ID"), 202),
    "lines that end in LF only": (b"LF" + REQUEST.encode(), 202),
}


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_datagram_gets_its_answer_and_the_server_goes_on(server: Server, alice: Peer, name: str) -> None:
    text, expected = CASES[name]
    alice.send(_datagram(text, alice, name))
    # datagrams are taken in order: what comes before the answer to this one belongs to the first
    probe = alice.request("OPTIONS", f"sip:nobody@{HOST}:{server.port}")
    assert alice.expect_final(probe).code == 404
    if expected == 202 or expected == 503:
        assert alice.expect(lambda message: message.code >= 200).code == expected
    else:
        answers = [message.code for message in alice.drain()]
        assert answers == ([] if expected is SILENCE else [expected])


def test_nothing_of_all_that_left_a_traceback(server: Server) -> None:
    assert "Traceback" not in server.log


def _datagram(text: str | bytes, sender: Peer, name: str) -> bytes:
    line_end = b"\r\n"
    if isinstance(text, bytes):
        if not text.startswith(b"LF"):
            return text
        line_end, text = b"\n", text[2:].decode()
    number = list(CASES).index(name)
    filled = text.replace("HOST", f"{HOST}:{sender.server[1]}").replace("SOURCE", f"{HOST}:{sender.port}")
    filled = filled.replace("BRANCH", str(number)).replace("Call-ID: malformed", f"Call-ID: malformed{number}")
    return filled.encode("utf-8", "surrogateescape").replace(b"\n", line_end)
