"""What the server asks of a network: the real one is in `udp`, a simulated one in `serpy.testing`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..apis import Listener

Address = tuple[str, int]
"""An IP address as text, and a port."""


IsBusy = Callable[[], bool]
"""Whether so much is waiting inside that what comes in had better wait outside."""


class Socket(Listener, Protocol):
    """A listener as its server sees it: it can be told to read, and be closed."""

    def start(self, is_busy: IsBusy) -> None:
        """Begin to read: each datagram goes to `on_datagram`; slower while the server is busy."""
        ...

    def close(self) -> None: ...


OnDatagram = Callable[[bytes, Address, Socket], None]
"""Takes a datagram, where it came from, and the socket it came to; never raises."""


class Network(Protocol):
    """Opens sockets and knows the machine's addresses."""

    def listen(self, proto: str, host: str, port: int, on_datagram: OnDatagram, *, buffer: int = 0) -> Socket:
        """Open and bind a socket; nothing is read before `start`. `buffer` is the wanted receive buffer in octets.

        Raises:
            OSError: it cannot be bound.
        """
        ...

    def addresses(self, interface: str | None = None) -> Sequence[str]:
        """The IP addresses of one interface, or of all that are up; empty when there is no such interface."""
        ...

    def source_for(self, host: str) -> str | None:
        """The address of this machine from which the system would send to `host`; None when it does not know."""
        ...
