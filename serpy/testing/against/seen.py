"""A recording that two servers can share: no times, repeats once a step, nothing that a server sends to itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...host.network import Address
from ..flow.record import Recorder
from ..flow.steps import Pass, Send, Step
from ..flow.wire import Message

T1 = 0.5
"""Seconds after which a request is sent again at the earliest (RFC 3261 17.1)."""
TICK = 0.12
"""Seconds by which the timers of another server may be early or late."""
_LIFETIME = re.compile(rb"(\bexpires=)\d+")
_IDS = re.compile(r"\b(?:tag|branch)=([^;,>\s]+)")


@dataclass(slots=True)
class Seen(Recorder):
    """What peers send and get, and who made which id."""

    arrived: int = 0
    """Datagrams that peers got in this step."""
    fresh: int = 0
    """Those that they had not got before, in this step and in those that it is the wait of."""
    last_at: float = 0.0
    """When the last thing happened."""
    peers_ids: set[str] = field(default_factory=set)
    """Tags, branches and Call-IDs that came up first in what a peer sent."""
    servers_ids: set[str] = field(default_factory=set)
    _clock_until: float = 0.0
    """What the clock repeats later than this is not shown: who ticks a little later does it in the next step."""
    _least_gap: float = 0.0
    """Seconds from which on a repeat is the clock's; one that comes sooner follows from what a peer repeats."""
    _again: set[tuple[Address, bytes]] = field(default_factory=set)
    _at: dict[tuple[Address, bytes], float] = field(default_factory=dict)
    """When a datagram came last; a real clock may tick between two answers to the same REGISTER."""

    @classmethod
    def instead_of(cls, recorder: Recorder) -> Seen:
        """One that knows the same peers."""
        return cls(recorder.names, recorder.sockets, recorder.headers)

    def begin(self, step: Step | None, until: float = 0.0) -> None:
        """A step begins; if it is a wait, it ends at `until`."""
        self.arrived = 0
        self._again.clear()
        self._clock_until = until - TICK
        self._least_gap = T1 - TICK if isinstance(step, Send) and step.verb == "again" else 0.0
        if not isinstance(step, Pass):
            self.fresh = 0

    def went_in(self, data: bytes, source: Address) -> None:
        if source in self.sockets:
            return
        self.peers_ids |= _ids(data) - self.servers_ids
        Recorder.went_in(self, data, source)

    def came_out(self, data: bytes, to: Address, at: float) -> None:
        if to in self.sockets:
            return
        self.servers_ids |= _ids(data) - self.peers_ids
        self.arrived += 1
        key = to, _LIFETIME.sub(rb"\1", data) if data[:4] == b"SIP/" else data
        before, self._at[key] = self._at.get(key), at
        if before is None:
            self.fresh += 1
            Recorder.came_out(self, data, to, at)
            return
        gap, message = at - before, Message.read(data)
        if at > self._clock_until and not message.is_reply and gap >= self._least_gap:
            return
        if key not in self._again:
            self._again.add(key)
            self._line(f"< {self.name(to)} again {message.shown}", at)

    def _line(self, text: str, at: float) -> None:
        self.last_at = max(self.last_at, at)
        self.lines.append(text)


def _ids(data: bytes) -> set[str]:
    message = Message.read(data)
    found = set(_IDS.findall("\n".join(value for _, value in message.headers)))
    return found | {message.call_id} if message.call_id else found
