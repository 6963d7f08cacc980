"""A simulated UDP network: what the server sends is kept, and what a peer sends is handed in."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..host.network import Address, IsBusy, OnDatagram


class Datagram(NamedTuple):
    """One datagram that the server sent."""

    data: bytes
    source: Address
    to: Address
    at: float
    """Virtual seconds since the lab was opened."""


class SimulatedSocket:
    """A listener of the server."""

    proto = "udp"

    def __init__(self, network: SimulatedNetwork, host: str, port: int, on_datagram: OnDatagram) -> None:
        self.host, self.port = host, port
        self.sent_by = self.uri_host = b""
        self.is_read = False
        self._network = network
        self._on_datagram = on_datagram

    def start(self, is_busy: IsBusy) -> None:
        self.is_read = True

    def close(self) -> None:
        self.is_read = False
        self._network.sockets.pop((self.host, self.port), None)

    def send(self, data: bytes, host: str, port: int) -> None:
        self._network.carry(data, (self.host, self.port), (host, port))

    def take(self, data: bytes, source: Address) -> None:
        """A datagram has come in."""
        if self.is_read:
            self._on_datagram(data, source, self)


class SimulatedNetwork:
    """Carries datagrams without delay, loss or disorder, unless there is a `carrier`.

    Args:
        elapsed: the virtual seconds since the lab was opened.
    """

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self.sockets: dict[Address, SimulatedSocket] = {}
        self.sent: list[Datagram] = []
        self.unreachable: set[str] = set()
        """IP addresses to which sending fails."""
        self.carrier: Callable[[Datagram], None] | None = None
        """Takes over what the server sends, also to itself: a network with delay, loss or disorder."""
        self._elapsed = elapsed

    def listen(self, proto: str, host: str, port: int, on_datagram: OnDatagram, *, buffer: int = 0) -> SimulatedSocket:
        if (host, port) in self.sockets:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        opened = self.sockets[host, port] = SimulatedSocket(self, host, port, on_datagram)
        return opened

    def addresses(self, interface: str | None = None) -> Sequence[str]:
        """The lab's machine has a loopback and one Ethernet card."""
        return {None: ["127.0.0.1", "192.0.2.1", "::1"], "lo": ["127.0.0.1", "::1"], "eth0": ["192.0.2.1"]}.get(
            interface, []
        )

    def source_for(self, host: str) -> str | None:
        """What a real machine with these addresses would say."""
        if ":" in host:
            return "::1" if host == "::1" else None
        return "127.0.0.1" if host.startswith("127.") else "192.0.2.1"

    def carry(self, data: bytes, source: Address, to: Address) -> None:
        """Take what the server sends; to itself it comes back in the loop's next turn.

        Raises:
            OSError: the address is unreachable.
        """
        if to[0] in self.unreachable:
            raise OSError(errno.EHOSTUNREACH, "No route to host")
        datagram = Datagram(data, source, to, round(self._elapsed(), 6))
        self.sent.append(datagram)
        if self.carrier is not None:
            self.carrier(datagram)
        elif to in self.sockets:
            asyncio.get_running_loop().call_soon(self.deliver, data, source, to)

    def deliver(self, data: bytes, source: Address, to: Address) -> None:
        """Hand a datagram to the server's socket at this address."""
        socket = self.sockets.get(to)
        if socket is not None:
            socket.take(data, source)
