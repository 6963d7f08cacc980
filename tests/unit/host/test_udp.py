"""Real UDP sockets on the loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from serpy.host.network import Address, Socket
from serpy.host.udp import BURST, PAUSE, SystemNetwork, UdpSocket

Received = list[tuple[bytes, Address]]


def _with_socket(test: Callable[[UdpSocket, Received], Awaitable[None]], is_busy: Callable[[], bool] = bool) -> None:
    async def run() -> None:
        received: Received = []

        def on_datagram(data: bytes, source: Address, _: Socket) -> None:
            received.append((data, source))

        opened = SystemNetwork().listen("udp", "127.0.0.1", 0, on_datagram)
        opened.start(is_busy)
        try:
            await test(opened, received)
        finally:
            opened.close()

    asyncio.run(run())


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the kernel has no event to wait for
            await asyncio.sleep(0)


def test_datagrams_come_in_their_order_with_their_source() -> None:
    async def test(opened: UdpSocket, received: Received) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            for number in range(3 * BURST):
                peer.sendto(b"%d" % number, ("127.0.0.1", opened.port))
            await _until(lambda: len(received) == 3 * BURST)
            assert received == [(b"%d" % number, peer.getsockname()) for number in range(3 * BURST)]

    _with_socket(test)


def test_a_reply_comes_from_the_listening_port() -> None:
    async def test(opened: UdpSocket, received: Received) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(5)
            opened.send(b"hello", *peer.getsockname())
            assert peer.recvfrom(100) == (b"hello", ("127.0.0.1", opened.port))

    _with_socket(test)


def test_a_peer_that_is_gone_does_not_stop_reading() -> None:
    async def test(opened: UdpSocket, received: Received) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            gone = peer.getsockname()
        for _ in range(3):
            opened.send(b"anybody there?", *gone)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(b"yes", ("127.0.0.1", opened.port))
            await _until(lambda: bool(received))

    _with_socket(test)


def test_what_is_too_large_for_a_datagram_is_an_error_of_the_sender() -> None:
    async def test(opened: UdpSocket, received: Received) -> None:
        with pytest.raises(OSError, match="too long"):
            opened.send(b"x" * 70_000, "127.0.0.1", 9)

    _with_socket(test)


def test_two_servers_cannot_share_a_port() -> None:
    async def test(opened: UdpSocket, received: Received) -> None:
        with pytest.raises(OSError, match="in use"):
            SystemNetwork().listen("udp", "127.0.0.1", opened.port, lambda *_: None)

    _with_socket(test)


def test_the_loopback_is_among_the_addresses() -> None:
    assert "127.0.0.1" in SystemNetwork().addresses()
    assert "127.0.0.1" in SystemNetwork().addresses("lo")
    assert SystemNetwork().addresses("no-such-if0") == []


def test_a_busy_server_reads_after_a_pause_or_when_it_is_free() -> None:
    busy = [True]

    async def test(opened: UdpSocket, received: Received) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            sent = loop.time()
            peer.sendto(b"first", ("127.0.0.1", opened.port))
            await _until(lambda: bool(received))
            assert loop.time() - sent >= PAUSE
            busy[0] = False
            peer.sendto(b"second", ("127.0.0.1", opened.port))
            await _until(lambda: len(received) == 2)

    _with_socket(test, lambda: busy[0])
