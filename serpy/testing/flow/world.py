"""The world of one flow: the server in its lab, the peers around it, and a network that may fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from ...cfg.load import Script
from ...cfg.tracer import Tracer
from ...db.api import DatabaseUnavailable
from ...host.network import Address
from ...log import Level
from ..lab import EPOCH, Lab
from ..network import Datagram
from .database import FlowDatabases
from .dialog import hostport
from .document import FlowError, Unmet
from .duration import shown
from .head import LEVELS, Head
from .impair import Flight, Impairments
from .messages import raw
from .peers import Peer
from .record import Recorder
from .routes import RouteLines
from .steps import Impair, Pass, Rule, Send, Step, Switch
from .tables import Tables
from .waiting import what_waits

MOST_AT_ONCE = 500
"""Datagrams within one moment of virtual time: more go round without end."""
LATER = 3600.0
"""How far to look for the end of what is unfinished."""


class World:
    """A server at work, with its peers.

    Args:
        folder: where the paths of `> alice file PATH` start.
        tracer: told what the routes do, instead of recording it.

    Raises:
        FlowError, ScriptError
    """

    def __init__(self, head: Head, script: Script, folder: Path, tracer: Tracer | None = None) -> None:
        self.acks = head.acks
        self._folder = folder
        self._log_level = head.log_level
        self._script_path = script.path
        self._impairments = Impairments()
        self._error: FlowError | None = None
        self._line = 1
        self._moment, self._at_once = -1.0, 0
        self._due: dict[asyncio.TimerHandle, tuple[str, Callable[[], bool]]] = {}
        """What peers and the network still mean to do."""
        self.peers = {one.name: Peer(self, one.name, one.address, one.aor) for one in head.peers.values()}
        self._ports = {peer.address: peer for peer in self.peers.values()}
        self.recorder = Recorder(
            {peer.address: name for name, peer in self.peers.items()},
            headers=head.headers,
            always_time=head.shows_times,
            signature="serpy (",
        )
        self._lab: Lab | None = None
        self._routes = RouteLines(self.recorder, lambda: self.now) if head.shows_routes else None
        self._databases = databases = FlowDatabases(head)
        self.lab = self._lab = Lab(
            script,
            time=EPOCH if head.time is None else head.time,
            hosts=head.hosts,
            dns=head.dns,
            databases=databases,
            on_log=self._logged,
            tracer=tracer or (self._routes.tracer if self._routes is not None else None),
        )
        try:
            databases.check()
            self._begin(head)
        except BaseException:
            self.lab.close()
            raise

    def _begin(self, head: Head) -> None:
        lab = self.lab
        lab.loop.set_exception_handler(self._went_wrong)
        lab.network.carrier = self._carry
        self.recorder.sockets = lab.network.sockets
        first = lab.server.listeners[0]
        self._server = (first.host, first.port)
        host = f"[{first.host}]" if ":" in first.host else first.host
        self.domain = host if first.port == 5060 else f"{host}:{first.port}"
        self._tables = None
        if head.tables:
            self._tables = Tables(lab.databases.database, head.tables)
            lab.databases.database.on_change = self._rows_changed
        for sent in lab.sent:
            self._carry(sent)
        lab.advance(0)

    @property
    def now(self) -> float:
        """Virtual seconds since the start."""
        return 0.0 if self._lab is None else round(self._lab.elapsed, 6)

    def check_peers(self, head: Head) -> None:
        """Make sure that the peers of the head could be on a real network with this server.

        Raises:
            FlowError
        """
        sockets = self.lab.network.sockets
        has = ", ".join(map(hostport, sockets))
        for one in head.peers.values():
            if one.address in sockets:
                raise FlowError(
                    one.line, f"{one.name} has the server's own address", f"give it another one (the server has {has})"
                )
            if not any((":" in host) == (":" in one.address[0]) for host, _ in sockets):
                family = "IPv6" if ":" in one.address[0] else "IPv4"
                raise FlowError(
                    one.line,
                    f"{one.name} has an {family} address, and the server no {family} socket",
                    f"give it an address of the other family (the server has {has})",
                )

    def add_peer(self, peer: Peer) -> None:
        """A further peer, beside those of the head."""
        self.peers[peer.name] = self._ports[peer.address] = peer
        self.recorder.names[peer.address] = peer.name

    # -- steps -----------------------------------------------------------------------------------------------------

    def carry_out(self, step: Step) -> bytes:
        """Do what a block says, and everything that follows from it at once; the octets that a peer sent.

        Raises:
            FlowError
        """
        self._line = step.line
        self.recorder.began = self.now
        sent = b""
        match step:
            case Send():
                peer = self._peer(step.line, step.peer)
                if step.port is not None:
                    self._ports[peer.address[0], step.port] = peer
                if step.to is not None and step.to not in self.lab.network.sockets and step.to not in self._ports:
                    sockets = ", ".join(f"{host}:{port}" for host, port in self.lab.network.sockets)
                    raise FlowError(
                        step.line, f"nobody listens at {step.to[0]}:{step.to[1]}", f"the server has {sockets}"
                    )
                sent = peer.send(step, self._octets(step))
                self.lab.advance(0)
            case Pass():
                self._let_pass(step)
            case Rule():
                self._peer(step.line, step.peer).rules[step.method] = step
            case Impair():
                if step.peer:
                    self._peer(step.line, step.peer)
                self._impairments.add(step)
            case Switch():
                self._switch(step)
        if self._routes is not None:
            self._routes.pause()
        if self._error is not None:
            raise self._error
        return sent

    @property
    def is_busy(self) -> bool:
        """Whether a route, a peer or the network still means to do something."""
        return bool(self.lab.server.routes.suspended) or any(is_meant() for _, is_meant in self._due.values())

    def finish(self) -> None:
        """Make sure that nothing is left undone.

        Raises:
            Unmet
        """
        self._impairments.check()
        self._databases.check_failed()
        due = sorted((handle.when(), what) for handle, (what, is_meant) in self._due.items() if is_meant())
        if due:
            left = shown(round(due[0][0] - self.lab.loop.time(), 3))
            raise Unmet(self._line, f"the flow ends before {due[0][1]}", f"add `wait {left}`, or more")
        routes = self.lab.server.routes
        if not routes.suspended:
            return
        where, ended_at = what_waits(self.lab.loop), self.now
        while routes.suspended and self.now < ended_at + LATER:
            self.lab.advance(0.1 if self.now < ended_at + 120 else 60)
        if routes.suspended:
            raise Unmet(
                self._line, f"deadlock: {where}, and has not gone on an hour later", "see what should have woken it"
            )
        needed = shown(round(self.now - ended_at, 1))
        raise Unmet(self._line, f"the flow ends while {where}", f"add `wait {needed}` to see its end")

    def close(self) -> None:
        self.lab.network.carrier = lambda datagram: None
        self.lab.databases.database.on_change = None
        self.lab.close()

    def _octets(self, step: Send) -> bytes:
        if step.verb == "raw":
            return raw(step.content, step.line)
        if step.verb == "file":
            try:
                return (self._folder / step.method).read_bytes()
            except OSError as error:
                raise FlowError(
                    step.line, f"{step.method}: {error.strerror}", f"the path starts at {self._folder}"
                ) from None
        return b""

    def _let_pass(self, step: Pass) -> None:
        seconds = step.seconds
        if step.how == "at":
            seconds = round(step.seconds - self.now, 6)
            if seconds < 0:
                raise FlowError(
                    step.line,
                    f"`at {shown(step.seconds)}` is over: it is {shown(self.now)} already",
                    "give a later time",
                )
        before = len(self.recorder.lines)
        self.lab.advance(seconds)
        if step.how == "quiet" and (happened := self.recorder.lines[before:]):
            raise Unmet(
                step.line,
                f"it was not quiet: {happened[0]}",
                "write `wait` instead of `quiet` if this is as it should be",
            )

    def _switch(self, step: Switch) -> None:
        match step.what:
            case "db":
                database = self.lab.databases.database
                database.failure = DatabaseUnavailable("the database is down") if step.state == "down" else None
                database.delay = step.seconds
            case "dns":
                self.lab.dns_failure = "Temporary failure in name resolution" if step.state == "down" else ""
                self.lab.dns_delay = step.seconds or 0.02
            case "unreachable" | "reachable":
                place = step.state if _is_ip(step.state) else self._peer(step.line, step.state).address[0]
                if step.what == "unreachable":
                    self.lab.unreachable.add(place)
                else:
                    self.lab.unreachable.discard(place)

    def _peer(self, line: int, name: str) -> Peer:
        if name not in self.peers:
            known = ", ".join(self.peers) or "none"
            raise FlowError(
                line, f"there is no peer {name}", f"the head names {known}; add `{name} 10.0.0.9:5060` to it"
            )
        return self.peers[name]

    # -- the network -----------------------------------------------------------------------------------------------

    def peer_sends(self, peer: Peer, data: bytes, port: int, to: Address | None, by_itself: bool) -> None:
        """A peer's datagram sets out."""
        if by_itself:
            self.recorder.by_itself(peer.name, data, self.now)
        source = (peer.address[0], port)
        self._set_out(Flight(data, source, to or self._server, "from", peer.name))

    def _carry(self, datagram: Datagram) -> None:
        """The server's datagram sets out."""
        self._set_out(Flight(datagram.data, datagram.source, datagram.to, "to", self.recorder.name(datagram.to)))

    def _set_out(self, flight: Flight) -> None:
        if self._goes_round():
            return
        word, arrivals = self._impairments.meet(flight)
        if word:
            self.recorder.impaired(word, flight.direction, flight.peer, flight.data, self.now)
        for seconds, one in arrivals:
            if seconds:
                what = f"the delayed datagram {one.direction} {one.peer} has arrived"
                self.later(seconds, what, partial(self._arrive, one))
            else:
                self._arrive(one)

    def _arrive(self, flight: Flight) -> None:
        """Recorded at once; who receives it acts in the loop's next turn."""
        network, loop = self.lab.network, self.lab.loop
        if flight.to in network.sockets:
            if flight.direction == "to":
                self.recorder.came_out(flight.data, flight.to, self.now)
            self.recorder.went_in(flight.data, flight.source)
            loop.call_soon(network.deliver, flight.data, flight.source, flight.to)
            return
        self.recorder.came_out(flight.data, flight.to, self.now)
        peer = self._ports.get(flight.to)
        if peer is not None:
            loop.call_soon(self._guarded, lambda: peer.take(flight.data, flight.to[1]))

    def _goes_round(self) -> bool:
        if self.now != self._moment:
            self._moment, self._at_once = self.now, 0
        self._at_once += 1
        if self._at_once < MOST_AT_ONCE:
            return False
        self._fail(
            FlowError(
                self._line,
                f"{MOST_AT_ONCE} datagrams within one moment (at {shown(self.now)}): they go round without end",
                "see who sends them back; Max-Forwards should end it",
            )
        )
        return True

    def later(
        self, seconds: float, what: str, work: Callable[[], None], is_meant: Callable[[], bool] = lambda: True
    ) -> None:
        """A peer, or the network, will do something by itself; `is_meant` tells whether it is still going to."""

        def act() -> None:
            self._due.pop(handle, None)
            self._guarded(work)

        handle = self.lab.loop.call_later(seconds, act)
        self._due[handle] = (what, is_meant)

    # -- what is watched -------------------------------------------------------------------------------------------

    def _rows_changed(self) -> None:
        if self._tables is not None:
            for text in self._tables.changes():
                self.recorder.told(text, self.now)

    def _logged(self, level: str, text: str) -> None:
        """A log line, if it is shown; an exception within the server always is, without Python's part of it."""
        rank = LEVELS.get(level, Level.CRIT)
        first, trace, _ = text.partition("\nTraceback (most recent call last)")
        if trace or (self._log_level is not None and rank <= self._log_level):
            # the script by its name: where it lies differs from machine to machine
            first = first.replace(self._script_path, Path(self._script_path).name)
            self.recorder.told(f"log {level} {first}", self.now)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except FlowError as error:
            self._fail(error)

    def _fail(self, error: FlowError) -> None:
        self._error = self._error or error

    def _went_wrong(self, loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        told = f"{type(error).__name__}: {error}" if error is not None else str(context.get("message"))
        self._fail(
            FlowError(self._line, f"an error that nobody caught: {told}", "this is a fault of serpy's; report it")
        )


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
