"""A recording played against serpy in virtual time, and everything in which the two differ.

What alice and bob sent goes in at the second at which they sent it; what the server sends is matched, datagram by
datagram, with what the original sent. Ids that each server makes up are carried over: an answer of bob's goes back
with the Vias, tags and Call-ID of *our* request, an ACK of alice's with the tag of *our* reply.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from serpy.testing.lab import Lab
from tests.oracle.compare import ABSENT, Departure, differences, headers_compared
from tests.oracle.recording import PORTS, CaseStart, Packet, Recording, Rows
from tests.wire import Wire, address, reply

HOST = "127.0.0.1"
STEP = 0.05
"""Virtual seconds between two looks at what the server sent."""
LATE = 1.0
"""The originals count in ticks of one second; what comes within one is in time."""

NAMES = {port: name for name, port in PORTS.items() if name != "server:5060"}

_PREFIX = re.compile(r"^(\[Offline message - [^]]*\] )+")
_NOTICE = re.compile(r"User \[.*\] is offline\. The message will be delivered when user goes online\.")

Key = tuple[str, ...]


class Identities:
    """What a datagram is, in words that mean the same on both sides.

    A request that the server made itself is known by its case, its From and To, and its text without the
    `[Offline message ...]` prefix (a notice: that it is one); everything else by the Call-ID and CSeq that the phones
    gave it.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], str] = {}
        self._latest: dict[str, str] = {}
        self._count: Counter[str] = Counter()
        self._seen: Counter[Key] = Counter()

    def key(self, message: Wire, to: int, case: str) -> Key:
        """Equal for the datagram that stands in the same place on both sides."""
        call_id = message.call_id
        number = message["cseq"].split()[0]
        if not call_id.endswith("@lab"):
            number = "made"
            if not message.is_reply:
                self._latest[call_id] = self._identity(message, case)
            call_id = self._latest.get(call_id, call_id)
        kind = str(message.code) if message.is_reply else "request"
        return (NAMES.get(to, str(to)), kind, message.method, number, call_id)

    def _identity(self, message: Wire, case: str) -> str:
        made = self._made.get((message.call_id, case))
        if made is None:
            text = _PREFIX.sub("", message.body.decode("utf-8", "replace"))
            text = "notice" if _NOTICE.fullmatch(text.rstrip()) else text
            what = f"{case}|{address(message['from'])}|{address(message['to'])}|{text}"
            self._count[what] += 1
            made = self._made[message.call_id, case] = f"{what}|{self._count[what]}"
        return made

    def numbered(self, key: Key) -> tuple[Key, int]:
        """The key with how often it has been seen: 1 at first, 2 for the first retransmission."""
        self._seen[key] += 1
        return key, self._seen[key]


@dataclass
class Outcome:
    """What came of playing one recording."""

    recording: str
    datagrams: int = 0
    compared: int = 0
    departures: list[Departure] = field(default_factory=list)


def play(recording: Recording, script: Path, *, clear_between_cases: bool) -> Outcome:
    """Play a recording against a fresh server with this script.

    Args:
        clear_between_cases: whether the recorder emptied the table at the start of each case.
    """
    with Lab(script, time=recording.epoch) as lab:
        return _Player(lab, recording, clear_between_cases).run()


class _Player:
    def __init__(self, lab: Lab, recording: Recording, clear_between_cases: bool) -> None:
        self.lab = lab
        self.recording = recording
        self.clear_between_cases = clear_between_cases
        self.now = 0.0
        self.case = ""
        self.outcome = Outcome(recording.name)
        self.ours = Identities()
        self.expected: dict[tuple[Key, int], Packet] = {}
        self.by_branch: dict[tuple[str, str], Key] = {}
        """Which of the recorded requests an answer belongs to: (branch, method)."""
        self.by_tag: dict[tuple[str, str], Key] = {}
        """The failures that an ACK acknowledges: (Call-ID, To tag)."""
        self.found: dict[tuple[Key, int], Packet] = {}
        self.seen: set[Key] = set()
        self.latest: dict[Key, Wire] = {}
        self.tags: dict[str, str] = {}
        """To tags that the original made, and ours in their place."""
        self.held: dict[Key, list[Packet]] = defaultdict(list)
        """What the phones sent because of something that we have not sent yet."""
        theirs = Identities()
        for packet in recording.packets:
            if packet.from_server:
                key = theirs.key(packet.message, packet.to, packet.case)
                self.expected[theirs.numbered(key)] = packet
                if not packet.message.is_reply:
                    self.by_branch.setdefault((packet.message.branch, packet.message.method), key)
                elif packet.message.code >= 300:
                    self.by_tag[packet.message.call_id, packet.message.to_tag or ""] = key

    def run(self) -> Outcome:
        for event in self.recording.events:
            self._advance(event.at)
            if isinstance(event, CaseStart):
                self.case = event.case
                if self.clear_between_cases:
                    self.lab.databases.database.run("DELETE FROM silo")
            elif isinstance(event, Rows):
                self._compare_rows(event)
            elif not event.from_server:
                self._play(event)
        self.outcome.departures += self._compare_all()
        return self.outcome

    def _advance(self, until: float) -> None:
        while self.now < until:
            step = min(STEP, until - self.now)
            self.lab.advance(step)
            self.now += step
            self._collect()

    def _play(self, packet: Packet) -> None:
        cause = self._cause(packet.message)
        if cause is not None and cause not in self.seen:
            self.held[cause].append(packet)
            return
        message = packet.message
        request = self.by_branch.get((message.branch, message.method)) if message.is_reply else None
        if request is not None:
            self._answer(packet, self.latest[request])
        else:
            self._send(packet.source, self._with_our_tags(packet.data))

    def _cause(self, message: Wire) -> Key | None:
        """What of the server's made the phone send this; it must not come before ours."""
        if message.is_reply:
            asked = self.by_branch.get((message.branch, message.method))
            return self.by_branch.get((message.branch, "CANCEL"), asked) if message.code == 487 else asked
        return self.by_tag.get((message.call_id, message.to_tag or "")) if message.method == "ACK" else None

    def _answer(self, recorded: Packet, request: Wire) -> None:
        message = recorded.message
        own = {"via", "from", "to", "call-id", "cseq", "content-length"}
        headers = "".join(f"{name}: {value}\r\n" for name, value in message.headers if name not in own)
        data = reply(
            request, message.code, message.reason, tag=message.to_tag or "", headers=headers, body=message.body
        )
        self._send(recorded.source, data)

    def _with_our_tags(self, data: bytes) -> bytes:
        for theirs, ours in self.tags.items():
            data = data.replace(f";tag={theirs}".encode(), f";tag={ours}".encode())
        return data

    def _send(self, source: int, data: bytes) -> None:
        self.lab.send(data, source=(HOST, source))
        self._collect()

    def _collect(self) -> None:
        for sent in self.lab.take():
            packet = Packet(sent.at, PORTS["server"], sent.to[1], sent.data, self.case, 0)
            message = packet.message
            key = self.ours.key(message, packet.to, self.case)
            numbered = self.ours.numbered(key)
            self.found[numbered] = packet
            if numbered in self.expected and message.is_reply:
                theirs = self.expected[numbered].message.to_tag
                if theirs and message.to_tag:
                    self.tags[theirs] = message.to_tag
            self.seen.add(key)
            if not message.is_reply:
                self.latest[key] = message
            for waiting in self.held.pop(key, ()):
                self._play(waiting)

    def _compare_all(self) -> Iterator[Departure]:
        for numbered, theirs in self.expected.items():
            mine = self.found.get(numbered)
            self.outcome.datagrams += 1
            about = _about(*numbered)
            if mine is None:
                yield self._departure(theirs.case, about, "missing", theirs.message.first_line, ABSENT)
                continue
            self.outcome.compared += headers_compared(theirs.message, mine.message)
            for what, left, right in differences(theirs.message, mine.message):
                yield self._departure(theirs.case, about, what, left, right)
            if numbered[1] == 1 and abs(theirs.at - mine.at) > LATE:
                yield self._departure(theirs.case, about, "time", f"{theirs.at:.1f}", f"{mine.at:.1f}")
        for numbered, mine in self.found.items():
            if numbered not in self.expected:
                yield self._departure(mine.case, _about(*numbered), "extra", ABSENT, mine.message.first_line)
        yield from self._compare_order()
        for key, answers in self.held.items():
            yield self._departure(
                answers[0].case,
                f"{answers[0].message.first_line} after {_about(key, 1)}",
                "extra",
                ABSENT,
                "no occasion",
            )

    def _compare_order(self) -> Iterator[Departure]:
        """What one phone got in one case, in which order; retransmissions left out."""
        both = [numbered for numbered in self.expected if numbered in self.found and numbered[1] == 1]
        groups: dict[tuple[str, int], list[tuple[Key, int]]] = defaultdict(list)
        for numbered in both:
            groups[self.expected[numbered].case, self.expected[numbered].to].append(numbered)
        ours = list(self.found)
        for (case, to), theirs in groups.items():
            mine = sorted(theirs, key=ours.index)
            if mine != theirs:
                left, right = (", ".join(_short(key) for key, _ in order) for order in (theirs, mine))
                yield self._departure(case, f"what {NAMES.get(to, to)} got", "order", left, right)

    def _compare_rows(self, event: Rows) -> None:
        mine = self.lab.rows("silo")
        about = f"table at {event.at:.0f} s"
        if event.mids is not None:
            if event.mids != len(mine):
                self._note(event.case, about, "row", f"{event.mids} rows", f"{len(mine)} rows")
            return
        left_over = list(mine)
        for row in event.rows:
            twin = next((candidate for candidate in left_over if _same_message(row, candidate)), None)
            if twin is None:
                self._note(event.case, about, "row", _shown(row.get("body", str(row))), ABSENT)
                continue
            left_over.remove(twin)
            for column, value in row.items():
                ours = _column(column, twin)
                self.outcome.compared += 1
                if column != "mid" and ours != value:
                    self._note(event.case, about, f"column {column}", value, ours)
        for row in left_over:
            self._note(event.case, about, "row", ABSENT, _shown(_column("body", row)))

    def _note(self, case: str, about: str, what: str, recorded: str, ours: str) -> None:
        self.outcome.departures.append(self._departure(case, about, what, recorded, ours))

    def _departure(self, case: str, about: str, what: str, recorded: str, ours: str) -> Departure:
        return Departure(self.recording.name, case, about, what, recorded, ours)


def _about(key: Key, number: int) -> str:
    again = "" if number == 1 else f", time {number}"
    made = " of its own" if key[3] == "made" else ""
    return f"{key[1]} {key[2]}{made} to {key[0]}{again}"


def _short(key: Key) -> str:
    return f"{key[2]}" if key[1] == "request" else f"{key[1]}/{key[2]}"


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _same_message(recorded: Mapping[str, str], ours: Mapping[str, object]) -> bool:
    if "hex(body)" in recorded:
        return recorded["hex(body)"] == _column("hex(body)", ours)
    return "body" not in recorded or recorded["body"] == _column("body", ours)


def _column(name: str, row: Mapping[str, object]) -> str:
    """One of our columns as the mysql client showed the original's."""
    body = row["body"]
    if not isinstance(body, bytes):
        body = str(body).encode("utf-8", "surrogateescape")
    if name == "hex(body)":
        return body.hex().upper()
    if name == "length(body)":
        return str(len(body))
    if name == "body":
        return body.decode("utf-8", "surrogateescape")
    return str(row[name]) if name in row else ABSENT
