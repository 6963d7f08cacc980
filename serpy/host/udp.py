"""UDP sockets on the running asyncio loop, without asyncio's datagram endpoint.

The endpoint receives into 256 KiB at a time, which costs three times the CPU of a plain drain loop behind
`add_reader` (performance notes, section 2). The socket side is two calls, `on_datagram(data, source, socket)` and
`send(data, host, port)`, so that one that works in batches can take its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence

from .interfaces import interface_addresses
from .network import IsBusy, OnDatagram

BURST = 64
"""The most datagrams read in one turn of the loop, so that timers and other sockets get theirs."""
LARGEST = 65535
PAUSE = 0.05
"""Seconds for which a busy server leaves datagrams in the kernel's buffer, before it takes a burst all the same."""
LOOK = 0.002
"""Seconds between two looks at whether it is still busy."""


class UdpSocket:
    """One bound UDP socket."""

    proto = "udp"

    def __init__(self, host: str, port: int, on_datagram: OnDatagram, buffer: int = 0) -> None:
        """Bind.

        Raises:
            OSError: the address cannot be bound.
        """
        self._is_ipv6 = ":" in host
        self._on_datagram = on_datagram
        self._socket = socket.socket(socket.AF_INET6 if self._is_ipv6 else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            # no SO_REUSEADDR: Linux would let two servers share a UDP port, and one of them would starve unseen
            self._socket.setblocking(False)
            if self._is_ipv6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if buffer:
                with contextlib.suppress(OSError):  # the kernel's limit; its default buffer serves too
                    self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self.sent_by = b""
        self.uri_host = b""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_busy: IsBusy = bool
        self._next_look: asyncio.TimerHandle | None = None

    def start(self, is_busy: IsBusy) -> None:
        """Read from the running loop.

        A peer that waits for its answer slows down when we do; what piled up in here instead would cost memory.
        """
        self._is_busy = is_busy
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    def close(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop = None
        self._socket.close()

    def send(self, data: bytes, host: str, port: int) -> None:
        """Send one datagram.

        Raises:
            OSError: it could not be sent.
        """
        try:
            self._socket.sendto(data, (host, port))
        except ConnectionRefusedError:
            # an ICMP error of an *earlier* datagram, reported (and cleared) at this call: this one was not sent yet
            self._socket.sendto(data, (host, port))

    def _readable(self) -> None:
        if self._is_busy() and self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._look(self._loop, self._loop.time() + PAUSE)
        else:
            self._drain()

    def _look(self, loop: asyncio.AbstractEventLoop, until: float) -> None:
        if self._is_busy() and loop.time() < until:
            self._next_look = loop.call_later(LOOK, self._look, loop, until)
        else:
            self._next_look = None
            loop.add_reader(self._socket, self._readable)
            self._drain()

    def _drain(self) -> None:
        receive, deliver = self._socket.recvfrom, self._on_datagram
        for _ in range(BURST):
            try:
                data, source = receive(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:
                continue  # an ICMP error of a datagram sent before; its transaction will time out or be told by nobody
            except OSError:
                return  # the socket is closed or the machine is short of memory: the next event tries again
            deliver(data, source[:2] if self._is_ipv6 else source, self)
            if self._loop is None:
                return


class SystemNetwork:
    """This machine's network."""

    def listen(self, proto: str, host: str, port: int, on_datagram: OnDatagram, *, buffer: int = 0) -> UdpSocket:
        """A bound UDP socket.

        Raises:
            OSError: it cannot be bound.
        """
        if proto != "udp":
            raise OSError(f"{proto} is not served")
        return UdpSocket(host, port, on_datagram, buffer)

    def addresses(self, interface: str | None = None) -> Sequence[str]:
        return interface_addresses(interface)

    def source_for(self, host: str) -> str | None:
        """Ask the kernel's routing table, by connecting a socket; nothing is sent."""
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((host, 9))
            except OSError:
                return None
            address: str = probe.getsockname()[0]
            return address
