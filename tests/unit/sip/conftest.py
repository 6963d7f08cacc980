"""Messages from bytes, without a server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from serpy.sip.message import Request, Response
from serpy.sip.parse import parse_message

ALICE = ("127.0.0.1", 7100)


class Socket:
    """A listener that sends nothing."""

    proto = "udp"
    host = "127.0.0.1"
    port = 5060
    sent_by = b"127.0.0.1"
    uri_host = b"127.0.0.1"

    def send(self, data: bytes, host: str, port: int) -> None:
        raise AssertionError("nothing is sent here")


@pytest.fixture(scope="session")
def socket() -> Socket:
    return Socket()


@pytest.fixture(scope="session")
def parse(socket: Socket) -> Callable[[bytes], Request | Response]:
    """`parse(data)`: the message, as if alice had sent it."""
    return lambda data: parse_message(data, ALICE, socket)


@pytest.fixture(scope="session")
def request_from(socket: Socket) -> Callable[..., Request]:
    """`request_from(data, source=...)`: the request that these bytes hold."""

    def read(data: bytes, source: tuple[str, int] = ALICE) -> Request:
        message = parse_message(data, source, socket)
        assert isinstance(message, Request)
        return message

    return read


@pytest.fixture(scope="session")
def response_from(socket: Socket) -> Callable[[bytes], Response]:
    """`response_from(data)`: the response that these bytes hold."""

    def read(data: bytes) -> Response:
        message = parse_message(data, ALICE, socket)
        assert isinstance(message, Response)
        return message

    return read


@pytest.fixture(scope="session")
def message_bytes() -> bytes:
    """A MESSAGE from alice to bob."""
    return (
        b"MESSAGE sip:bob@127.0.0.1 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 127.0.0.1:7100;branch=z9hG4bKa1\r\n"
        b"Max-Forwards: 70\r\n"
        b"From: <sip:alice@127.0.0.1>;tag=a1\r\n"
        b"To: <sip:bob@127.0.0.1>\r\n"
        b"Call-ID: 1@lab\r\n"
        b"CSeq: 7 MESSAGE\r\n"
        b"Content-Type: text/plain\r\n"
        b"Content-Length: 5\r\n"
        b"\r\n"
        b"hello"
    )
