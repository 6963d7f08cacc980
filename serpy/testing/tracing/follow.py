"""Following one message: what came in, the routes that ran, what was sent and logged, in the order of time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...cfg.load import Script
from ...cfg.tracer import Run, Tracer
from ...host.network import Address
from ..flow.document import Block, FlowError
from ..flow.head import Head, PeerAt, address
from ..flow.peers import Peer
from ..flow.steps import Pass, Rule, Send, read_step
from ..flow.wire import Message
from ..flow.world import World
from ..network import Datagram
from .steps import Step, steps

LONGEST = 60.0
"""The most virtual seconds that are waited for what was begun."""


@dataclass(frozen=True, slots=True)
class Received:
    """A peer's datagram."""

    at: float
    peer: str
    source: Address
    data: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A datagram of the server's."""

    number: int
    at: float
    to: Address
    name: str
    """The peer's; the address where that is nobody's."""
    data: bytes
    base: bytes | None
    """What came in, when this is that message sent on."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log."""

    at: float
    level: str
    text: str


@dataclass(slots=True)
class Ran:
    """A run of a route."""

    at: float
    run: Run
    notes: list[tuple[int, Sent | Logged]] = field(default_factory=list)
    """What happened during it, each with the number of events before it."""
    steps: list[Step] = field(default_factory=list)


Happening = Received | Sent | Logged | Ran


@dataclass(frozen=True, slots=True)
class Trace:
    """What became of one message."""

    script: Script
    before: list[str]
    """What was sent earlier, and its answer: `bob REGISTER sip:127.0.0.1: 200 OK`."""
    happenings: list[Happening]
    waits: str = ""
    """What has not ended yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a peer is to send: a short form as in flow files, or octets."""

    text: str = ""
    data: bytes = b""


def follow(
    script: Script,
    request: Asked,
    *,
    before: Sequence[Asked] = (),
    source: Address | None = None,
    peers: Sequence[str] = (),
    answers: Sequence[str] = (),
    seconds: float = 0.0,
) -> Trace:
    """Send one message into the script's server, in virtual time, and see what becomes of it.

    Args:
        before: what is sent first, without being followed.
        source: where the message comes from.
        peers: `bob 10.0.0.2:5060`: places of peers that the messages do not tell.
        answers: `INVITE 486` for whoever is asked, `bob INVITE 180 after 1s, 200` for one.
        seconds: how long to look on when all has ended that was begun.

    Raises:
        FlowError, ScriptError
    """
    head = Head(title="trace", peers=_peers(request, before, source, peers))
    world = _World(head, script)
    try:
        for rule in [rule for answer in answers for rule in _rules(answer, [*head.peers])]:
            world.carry_out(rule)
        earlier = []
        for asked in before:
            began = len(world.happenings)
            world.put(asked)
            world.settle()
            earlier.append(_told(world.happenings[began:]))
        world.begin_again()
        world.put(request)
        world.settle()
        if seconds:
            world.carry_out(Pass(1, "wait", seconds))
        return Trace(script, earlier, world.finished(), "a route still waits" if world.is_busy else "")
    finally:
        world.close()


class _World(World):
    """A world that notes what happens in it."""

    def __init__(self, head: Head, script: Script) -> None:
        self.happenings: list[Happening] = []
        self._sent = 0
        self._came: dict[tuple[str, str, str, int], bytes] = {}
        self._tracer = Tracer(self._run_begins, now=lambda: self.now, watches=True)
        super().__init__(head, script, Path(), self._tracer)

    def begin_again(self) -> None:
        """Forget what happened so far."""
        self.happenings.clear()
        self._sent = 0

    def put(self, asked: Asked) -> None:
        """Let a peer send this.

        Raises:
            FlowError
        """
        if asked.data:
            peer = self.peers[SENDER]
            peer.put(Message.read(asked.data), asked.data, peer.address[1])
            self.lab.advance(0)
        else:
            self.carry_out(_send(asked.text))

    def settle(self) -> None:
        """Let time pass until all has ended that was begun."""
        until = self.now + LONGEST
        while self.is_busy and self.now < until:
            self.carry_out(Pass(1, "wait", 0.1))

    def finished(self) -> list[Happening]:
        """What happened, with the steps of each run."""
        for one in self.happenings:
            if isinstance(one, Ran):
                one.steps = steps(one.run, self._tracer.sites, one.notes)
        return self.happenings

    def peer_sends(self, peer: Peer, data: bytes, port: int, to: Address | None, by_itself: bool) -> None:
        self._note_message(data)
        self.happenings.append(Received(self.now, peer.name, (peer.address[0], port), data))
        super().peer_sends(peer, data, port, to, by_itself)

    def _carry(self, datagram: Datagram) -> None:
        self._sent += 1
        base = self._came.get(_key(datagram.data))
        name = self.recorder.name(datagram.to)
        if name == "itself":
            self._note_message(datagram.data)
        self._add(Sent(self._sent, self.now, datagram.to, name, datagram.data, base))
        super()._carry(datagram)

    def _logged(self, level: str, text: str) -> None:
        self._add(Logged(self.now, level, text.strip()))

    def _note_message(self, data: bytes) -> None:
        self._came[_key(data)] = data

    def _run_begins(self, run: Run) -> None:
        self.happenings.append(Ran(self.now, run))

    def _add(self, one: Sent | Logged) -> None:
        run = self._at_work()
        if run is None:
            self.happenings.append(one)
        else:
            ran = next(ran for ran in self.happenings if isinstance(ran, Ran) and ran.run is run)
            ran.notes.append((len(run.events), one))

    def _at_work(self) -> Run | None:
        """The run whose code is being carried out just now."""
        if self._lab is None:
            return None
        known = [ran.run for ran in self.happenings if isinstance(ran, Ran)]
        runs = [run for run in self._tracer.open if run in known]
        if len(runs) > self.lab.server.routes.suspended:
            return runs[-1]
        try:
            task = asyncio.current_task(self.lab.loop)
        except RuntimeError:
            return None
        # the rest of a route that waited runs as a task that bears its name
        named = [run for run in runs if task is not None and task.get_name() == f"{run.key[0].keyword}[{run.key[1]}]"]
        return named[-1] if named else None


SENDER = "sender"
"""The peer that sends messages from files."""


def _peers(request: Asked, before: Sequence[Asked], source: Address | None, given: Sequence[str]) -> dict[str, PeerAt]:
    found: dict[str, PeerAt] = {}
    for text in given:
        said = text.split()
        if len(said) != 2 or not re.fullmatch(r"[A-Za-z_][\w.-]*", said[0]):
            raise FlowError(1, f"{text!r} names no peer", "a peer is written `bob 10.0.0.2:5060`")
        found[said[0]] = PeerAt(1, said[0], None, address(1, said[1]))
    names = [_name(asked) for asked in (request, *before)]
    if source is not None and names[0] not in found:
        found[names[0]] = PeerAt(1, names[0], None, source)
    taken = {peer.address for peer in found.values()}
    places = (place for number in range(1, 255) if (place := (f"10.0.0.{number}", 5060)) not in taken)
    for name in names:
        if name not in found:
            found[name] = PeerAt(1, name, None, next(places))
    return found


def _name(asked: Asked) -> str:
    return SENDER if asked.data else (asked.text.lstrip("> ").split() or ["?"])[0]


def _send(text: str) -> Send:
    first, *more = text.strip().split("\n")
    title = f"> {first.lstrip('> ')}"
    step = read_step(Block("typed", 1, (title, *more)), title, [line.removesuffix("\r") for line in more])
    if not isinstance(step, Send):
        raise FlowError(1, f"{first!r} sends nothing", "write `alice MESSAGE sip:bob@127.0.0.1`")
    return step


def _rules(text: str, peers: Sequence[str]) -> list[Rule]:
    said = text.split()
    if len(said) > 1 and said[0] not in peers and re.fullmatch(r"[a-z][\w.-]*", said[0]):
        known = ", ".join(peers)
        raise FlowError(
            1,
            f"{said[0]} answers, and no place of {said[0]} is known (the peers are {known})",
            f"add `--peer '{said[0]} 10.0.0.2:5060'`",
        )
    names, rest = ([said[0]], said[1:]) if said and said[0] in peers else (peers, said)
    rules = []
    for name in names:
        title = f"{name} answers {' '.join(rest)}"
        step = read_step(Block("typed", 1, (title,)), title, [])
        assert isinstance(step, Rule)
        rules.append(step)
    return rules


def _key(data: bytes) -> tuple[str, str, str, int]:
    """What stays the same when a message is sent on."""
    message = Message.read(data)
    return message.call_id, message.number, message.method, message.code


def _told(happenings: Sequence[Any]) -> str:
    sent = next((one for one in happenings if isinstance(one, Received)), None)
    first = "?" if sent is None else f"{sent.peer} {Message.read(sent.data).shown}"
    answers = [
        note for ran in happenings if isinstance(ran, Ran) for _, note in ran.notes if isinstance(note, Sent)
    ] + [one for one in happenings if isinstance(one, Sent)]
    back = [Message.read(one.data) for one in answers if sent is not None and one.to == sent.source]
    final = next((one.shown for one in reversed(back) if one.is_reply), "no answer")
    return f"{first}: {final}"
