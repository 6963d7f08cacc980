"""The world of one flow in real time: the same phones, on sockets of the loopback, around another server."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ...host.network import Address
from ..flow.document import FlowError
from ..flow.head import Head
from ..flow.impair import Flight, Impairments
from ..flow.messages import raw
from ..flow.peers import Peer
from ..flow.steps import Impair, Pass, Rule, Send, Step
from ..flow.wire import Message
from .mapping import Mapping
from .rehearsal import Turn
from .seen import Seen

GRACE = 0.05
"""Seconds of silence after which a step is over, once as much has come in as at serpy."""
PATIENCE = 0.7
"""Seconds to wait for what came at serpy and does not come here; timers of 100 ms may be late by that."""
LONGEST = 3.0
"""Seconds after which a step is over even if datagrams go on coming in."""
_BIGGEST = 65536
_SENT_BY = re.compile(r"SIP/2\.0/\w+\s+[\w.-]+(?::(\d{1,4}|[1-5]\d{4}))?(?=[;,\s]|$)")


class RealWorld:
    """Phones around a server that is ready.

    Args:
        server: where the flow has it.
        domain: the server's name in URIs.
        folder: where the paths of `> alice file PATH` start.
    """

    def __init__(self, head: Head, mapping: Mapping, seen: Seen, server: Address, domain: str, folder: Path) -> None:
        self.acks, self.domain = head.acks, domain
        self.recorder = seen
        self.peers = {one.name: Peer(self, one.name, one.address, one.aor) for one in head.peers.values()}
        self.schedule = 0.0
        """The flow's own time: what its waits add up to."""
        self.waits_next = False
        """Whether the next step is a wait, in which what is missing may still come."""
        self._mapping, self._folder, self._server = mapping, folder, server
        self._servers_hosts = {host for host, _ in seen.sockets}
        self._ports = {peer.address: peer for peer in self.peers.values()}
        self._sockets: dict[Address, socket.socket] = {}
        self._due: set[asyncio.TimerHandle] = set()
        """What peers and the network still mean to do."""
        self._impairments = Impairments()
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._error: FlowError | None = None
        self._line = 1
        mapping.wanted = self._open
        try:
            for place in self._ports:
                self._open(place)
        except OSError:
            self.close()
            raise
        self._began = self._loop.time()

    def begin(self) -> None:
        """The flow begins now."""
        self._began = self._loop.time()

    async def carry_out(self, step: Step, turn: Turn, seconds: float | None = None) -> None:
        """Do what a block says, and await what follows from it.

        Args:
            turn: what serpy did.
            seconds: how long to wait, in place of what the block says.

        Raises:
            FlowError
        """
        self._line = step.line
        if not isinstance(step, Pass):
            self.recorder.begin(step, self._loop.time())
        match step:
            case Send():
                peer = self._peer(step.line, step.peer)
                if step.port is not None:
                    self._ports[peer.address[0], step.port] = peer
                peer.send(step, self._octets(step))
                await self._settle(lambda: self.recorder.arrived >= turn.arrived)
            case Pass():
                await self._let_pass(step, turn, seconds)
            case Rule():
                self._peer(step.line, step.peer).rules[step.method] = step
            case Impair():
                self._impairments.add(step)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Nobody sends or receives any more."""
        self._mapping.wanted = lambda place: None
        for handle in self._due:
            handle.cancel()
        for one in self._sockets.values():
            self._loop.remove_reader(one)
            one.close()
        self._sockets.clear()

    async def _let_pass(self, step: Pass, turn: Turn, cut: float | None) -> None:
        """Waits count from the flow's own time, so that the settling of earlier steps makes none of them longer."""
        whole = step.seconds - self.schedule if step.how == "at" else step.seconds
        seconds = whole if cut is None else cut
        until = self._began + self.schedule + seconds
        self.recorder.begin(step, until)
        await asyncio.sleep(max(0.0, until - self._loop.time()))
        await self._settle(lambda: self.recorder.fresh >= turn.fresh)
        self.schedule += whole
        self._began -= whole - seconds

    async def _settle(self, has_all: Callable[[], bool]) -> None:
        begun = self._loop.time()
        while (spent := self._loop.time() - begun) < LONGEST:
            self._came.clear()
            left = GRACE if self.waits_next or has_all() else PATIENCE - spent
            try:
                await asyncio.wait_for(self._came.wait(), max(left, 0.001))
            except TimeoutError:
                return

    def _octets(self, step: Send) -> bytes:
        if step.verb == "raw":
            return raw(step.content, step.line)
        return (self._folder / step.method).read_bytes() if step.verb == "file" else b""

    def _peer(self, line: int, name: str) -> Peer:
        if name not in self.peers:
            raise FlowError(line, f"there is no peer {name}", f"the head names {', '.join(self.peers) or 'none'}")
        return self.peers[name]

    # -- what peers see of the world -------------------------------------------------------------------------------

    def peer_sends(self, peer: Peer, data: bytes, port: int, to: Address | None, by_itself: bool) -> None:
        """A peer's datagram sets out."""
        if by_itself:
            self.recorder.by_itself(peer.name, data, 0)
        flight = Flight(data, (peer.address[0], port), to or self._server, "from", peer.name)
        self._set_out(flight, self._send)

    def later(
        self, seconds: float, what: str, work: Callable[[], None], is_meant: Callable[[], bool] = lambda: True
    ) -> None:
        """A peer, or the network, will do something by itself."""

        def act() -> None:
            self._due.discard(handle)
            self._guarded(work)

        handle = self._loop.call_later(seconds, act)
        self._due.add(handle)

    # -- the network -----------------------------------------------------------------------------------------------

    def _set_out(self, flight: Flight, arrive: Callable[[Flight], None]) -> None:
        word, arrivals = self._impairments.meet(flight)
        if word:
            self.recorder.impaired(word, flight.direction, flight.peer, flight.data, 0)
        for seconds, one in arrivals:
            if seconds:
                self.later(seconds, "", partial(arrive, one))
            else:
                arrive(one)

    def _send(self, flight: Flight) -> None:
        self._open(flight.source)
        if found := _SENT_BY.match(Message.read(flight.data).get("Via")):
            self._open((flight.source[0], int(found[1] or 5060)))  # RFC 3261 18.2.2: an answer without rport
        octets = self._mapping.outward(flight.data)
        self.recorder.went_in(flight.data, flight.source)
        host, port = flight.to
        self._sockets[flight.source].sendto(octets, (self._mapping.real(host), port))

    def _open(self, place: Address) -> None:
        """Somebody may send to this place."""
        host, port = place
        if place in self._sockets or place in self.recorder.sockets:
            return
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            opened.bind((self._mapping.real(host), port))
        except OSError as error:
            opened.close()
            if error.errno == errno.EACCES:  # a port below 1024, which a message happens to name
                return
            raise
        self._sockets[place] = opened
        self._loop.add_reader(opened, self._drain, opened, place)

    def _drain(self, opened: socket.socket, place: Address) -> None:
        while True:
            try:
                octets, _ = opened.recvfrom(_BIGGEST)
            except (BlockingIOError, ConnectionError):
                return
            flight = Flight(self._mapping.homeward(octets), self._server, place, "to", self.recorder.name(place))
            self._guarded(partial(self._set_out, flight, self._arrive))

    def _arrive(self, flight: Flight) -> None:
        self.recorder.came_out(flight.data, flight.to, self._loop.time())
        self._came.set()
        peer = self._ports.get(flight.to)
        if peer is not None:
            self._guarded(lambda: peer.take(flight.data, flight.to[1]))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except FlowError as error:
            self._error = self._error or error
