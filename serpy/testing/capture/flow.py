"""A flow file from what passed a server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...host.network import Address
from ..flow.document import INDENT
from ..flow.duration import shown
from ..flow.record import Recorder
from ..flow.wire import Message
from ..lab import EPOCH
from .naming import Named, name_peers
from .order import by_cause
from .passed import Passed, place_text
from .renames import Renames, templates
from .times import AT_ONCE, rounded
from .typist import Typist

SIGNATURE = 4
"""The shortest text by which a server's own signature is known."""
IN_LINE = 2
"""More peers than these stand below each other."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the flow is to look.

    Attributes:
        script: the `script:` line's path; empty: the user has to fill it in.
        places: the server's addresses in the capture -> those that it has when the flow runs.
        first: the one of those to which peers send when nothing else is said.
        as_captured: the server's side is written as it was, not left to a run.
        script_text: what the script says, to know which headers it speaks of.
    """

    title: str
    origin: str
    script: str
    places: Mapping[Address, Address]
    first: Address
    as_captured: bool
    script_text: str = ""
    head_lines: Sequence[str] = ()
    keeps_all_headers: bool = False

    @property
    def domain(self) -> str:
        """The server's name in URIs, as the flow's peers write it."""
        text = place_text(self.first)
        return text.removesuffix(":5060")


@dataclass(slots=True)
class Written:
    """A flow, and what is to be said of it."""

    text: str
    peers: list[Named]
    typed: int
    raw: int
    is_ack_manual: bool


class _NotByItself(Exception):
    """A phone did not acknowledge as the flow's phones do."""


def write_flow(datagrams: Sequence[Passed], wanted: Wanted) -> Written:
    """The flow file for these datagrams, in order of time; all of them went to or from the server."""
    try:
        return _Writer(datagrams, wanted, acks=True).write()
    except _NotByItself:
        return _Writer(datagrams, wanted, acks=False).write()


def title_of(datagrams: Sequence[Passed], named: Sequence[Named], servers: Sequence[Address]) -> str:
    """`INVITE from alice to bob, answered 404`."""
    names = {one.place: one.name for one in named}
    first = next(
        (one for one in datagrams if one.source not in servers and _opens(Message.read(one.data))), None
    ) or next((one for one in datagrams if not Message.read(one.data).is_reply), None)
    if first is None:
        return "replies that nothing asks for"
    message = Message.read(first.data)
    who = names.get(first.source, "the server")
    user = re.match(r"\w+:([^@;:]+)", message.uri if message.method != "REGISTER" else "")
    whom = f" to {user[1]}" if user else ""
    codes = [
        reply.code
        for one in datagrams
        if (one.source, one.to) == (first.to, first.source)
        and (reply := Message.read(one.data)).code >= 200
        and (reply.call_id, reply.method) == (message.call_id, message.method)
    ]
    answer = f", answered {codes[-1]}" if codes else ", without a final answer"
    return f"{message.method} from {who}{whom}{answer}"


def _opens(message: Message) -> bool:
    return not message.is_reply and message.method not in ("REGISTER", "ACK", "CANCEL", "OPTIONS")


@dataclass(slots=True)
class _Lines:
    """What the server did behind a step: when, and how it is recorded."""

    happened: list[tuple[bool, list[str]]] = field(default_factory=list)
    """(later than at once, lines)."""

    def taken(self, late: bool) -> list[str]:
        return [line for is_late, lines in self.happened if is_late == late for line in lines]


class _Writer:
    def __init__(self, datagrams: Sequence[Passed], wanted: Wanted, *, acks: bool) -> None:
        self._wanted = wanted
        self._acks = acks
        self._servers = wanted.places
        self._begin = datagrams[0].at if datagrams else 0.0
        self._datagrams = [one._replace(at=one.at - self._begin) for one in datagrams]
        self._peers = name_peers(datagrams, wanted.places)
        self._names = {one.place: one.name for one in self._peers}
        self._renames = Renames(wanted.places)
        self._typist = Typist(self._peers, self._renames, domain=wanted.domain, acks=acks, speaks_of=_speaking(wanted))
        self._recorder = Recorder(
            dict(self._names),
            sockets=list(wanted.places.values()),
            signature=_signature(datagrams, wanted.places),
        )
        self._events = [one.at for one in self._datagrams if one.source in self._servers]
        self._now = 0.0
        """The flow's time of the last step."""
        self._real = 0.0
        """The captured one."""
        self._acting: list[tuple[str, bytes, Address, float, bool]] = []
        """What phones are about to do by themselves: (name, octets, from where, when, later than at once)."""
        self._pending: list[tuple[str, bytes]] = []
        """What phones did by themselves and the capture has not shown yet."""
        self._blocks: list[tuple[bool, list[str]]] = []
        """(recorded, lines), in the order of the file."""
        self._behind = _Lines()
        self._typed = self._raw = 0

    def write(self) -> Written:
        for one in by_cause(self._datagrams, self._servers):
            if one.source not in self._servers:
                self._peer_sends(one)
            elif one.to in self._servers:
                self._to_itself(one)
            else:
                self._server_sends(one)
        self._act_by_themselves()
        if self._pending:
            raise _NotByItself
        self._end_step(self._last_wait())
        return Written(self._text(), self._peers, self._typed, self._raw, not self._acks)

    # -- what happens ----------------------------------------------------------------------------------------------

    def _peer_sends(self, one: Passed) -> None:
        self._act_by_themselves()
        name = self._names[one.source]
        message = Message.read(one.data)
        if self._acks and message.method in ("ACK", "PRACK") and not message.is_reply and self._was_expected(name, one):
            return
        if self._acks and message.method == "ACK" and self._typist.peers[name].finals:
            raise _NotByItself
        at = rounded(one.at, self._events)
        gap = at - self._now if one.at - self._now >= AT_ONCE else 0.0
        self._end_step(gap)
        self._real = one.at
        place = self._servers.get(one.to, one.to)
        where = "" if place == self._wanted.first else f" to {place_text(place)}"
        typed = self._typist.block(name, one.data, where)
        self._blocks.append((False, typed.lines))
        self._typed += 1
        self._raw += typed.is_raw
        self._recorder.began = self._now
        self._recorder.went_in(typed.data, one.source)

    def _was_expected(self, name: str, one: Passed) -> bool:
        for place, (peer, data) in enumerate(self._pending):
            if peer == name and self._typist.done_by_itself(name, one.data, data):
                del self._pending[place]
                return True
        return False

    def _server_sends(self, one: Passed) -> None:
        name = self._names[one.to]
        captured = Message.read(one.data)
        self._renames.note_servers(captured)
        data = self._renames.put_in(captured).encode()
        is_late = one.at - self._real >= AT_ONCE
        at = max(self._now + 0.1, rounded(one.at, ())) if is_late else self._now
        self._recorder.came_out(data, one.to, at)
        self._typist.peers[name].take(data, one.to[1])
        self._behind.happened.append((is_late, self._recorder.taken()))
        self._acting += [(peer, sent, one.to, at, is_late) for peer, sent in self._typist.stage.by_itself]
        self._typist.stage.by_itself.clear()

    def _act_by_themselves(self) -> None:
        """What phones do when they have received all that the server sent at once."""
        for peer, sent, source, at, is_late in self._acting:
            self._recorder.by_itself(peer, sent, at)
            self._recorder.went_in(sent, source)
            self._pending.append((peer, sent))
            self._behind.happened.append((is_late, self._recorder.taken()))
        self._acting = []

    def _to_itself(self, one: Passed) -> None:
        captured = Message.read(one.data)
        self._renames.note_servers(captured)
        data = self._renames.put_in(captured).encode()
        is_late = one.at - self._real >= AT_ONCE
        at = max(self._now + 0.1, rounded(one.at, ())) if is_late else self._now
        place = self._servers[one.to]
        self._recorder.came_out(data, place, at)
        self._recorder.went_in(data, self._servers[one.source])
        self._behind.happened.append((is_late, self._recorder.taken()))

    # -- steps -----------------------------------------------------------------------------------------------------

    def _end_step(self, wait: float) -> None:
        """What the server did goes behind the step; what it did later, behind the wait."""
        self._blocks.append((True, self._behind.taken(late=False)))
        if wait > 0:
            self._blocks.append((False, [f"wait {shown(wait)}"]))
            self._now = round(self._now + wait, 3)
        self._blocks.append((True, self._behind.taken(late=True)))
        self._behind = _Lines()

    def _last_wait(self) -> float:
        """So long that the last thing that the server did is seen."""
        late = [at for at in self._events if at - self._real >= AT_ONCE]
        return round(max(0.1, rounded(late[-1], ()) - self._now), 3) if late else 0.0

    # -- the file --------------------------------------------------------------------------------------------------

    def _text(self) -> str:
        recorded = [line for is_recorded, lines in self._blocks if is_recorded for line in lines]
        put_in = iter(templates(recorded, self._renames.servers))
        lines = self._head()
        previous: list[str] = []
        for is_recorded, block in self._blocks:
            if is_recorded:
                now = [next(put_in) for _ in block]
                if not self._wanted.as_captured or not now:
                    continue
                if "" in previous or not previous:  # behind a body it is easier to read so; the head ends with one
                    lines.append("")
                lines += now
                previous = now
            else:
                lines += ["", *block]
                previous = block
        return "\n".join([*lines, ""])

    def _head(self) -> list[str]:
        wanted = self._wanted
        lines = [f"# {wanted.origin}"] if wanted.origin else []
        title = wanted.title or title_of(self._datagrams, self._peers, list(wanted.places))
        lines += [f"title:  {title}"]
        lines += [f"script: {wanted.script}"] if wanted.script else ["# name the script here", "script: "]
        lines += wanted.head_lines
        peers = [self._introduced(one) for one in self._peers]
        if len(peers) <= IN_LINE and not any(" sip" in peer for peer in peers):
            lines.append(f"peers:  {', '.join(peers)}")
        else:
            lines += ["peers:", *(f"{INDENT}{peer}" for peer in peers)]
        if int(self._begin) != int(EPOCH) and self._begin > 86400:
            when = datetime.fromtimestamp(int(self._begin), UTC)
            lines.append(f"clock:  {when:%Y-%m-%dT%H:%M:%SZ}")
        if not self._acks:
            lines.append("ack:    manual")
        return lines

    def _introduced(self, one: Named) -> str:
        peer = self._typist.peers[one.name]
        usual = f"sip:{one.name}@{self._wanted.domain}"
        aor = f" {peer.aor}" if peer.aor != usual and re.fullmatch(r"[^\s,\"']+", peer.aor) else ""
        return f"{one.name}{aor} {place_text(one.place)}"


def _speaking(wanted: Wanted) -> Callable[[str], bool]:
    text = wanted.script_text.lower()

    def speaks_of(name: str) -> bool:
        return wanted.keeps_all_headers or re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", text) is not None

    return speaks_of


def _signature(datagrams: Sequence[Passed], servers: Mapping[Address, Address]) -> str:
    """How the Server and User-Agent headers begin that the server gives as its own: what nobody else sends."""
    own, others = set[str](), set[str]()
    for one in datagrams:
        message = Message.read(one.data)
        (own if one.source in servers else others).update(message.all("Server") + message.all("User-Agent"))
    own -= others
    if not own:
        return ""
    first, last = min(own), max(own)
    alike = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:alike] if alike >= SIGNATURE else first
