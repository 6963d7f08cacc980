"""The recorded conversations of the originals, read from `shared/oracle/ser-0.9.7/`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.wire import Wire

PORTS = {"server": 5060, "server:5060": 5060, "alice": 7100, "bob": 7200, "bob2": 7201}
"""The names in the recordings; all live on 127.0.0.1."""

_MARK = re.compile(r"^=== t=\+([\d.]+)  ?(.*)$")
_DATAGRAM = re.compile(r"^--- t=\+([\d.]+)  (\S+) -> (?:\[sniffed\] )?(\S+)  \((\d+) bytes\)$")
_ESCAPE = re.compile(rb"\\(r|n|t|\\|x[0-9a-f]{2})")
_PLAIN = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}


@dataclass(frozen=True)
class Packet:
    """One datagram of a recording."""

    at: float
    source: int
    to: int
    data: bytes
    case: str
    line: int

    @property
    def message(self) -> Wire:
        return Wire(self.data)

    @property
    def from_server(self) -> bool:
        return self.source == PORTS["server"]


@dataclass(frozen=True)
class Rows:
    """What stood in the database at this moment, or (`mids`) which rows were left."""

    at: float
    case: str
    rows: tuple[dict[str, str], ...] = ()
    mids: int | None = None


@dataclass(frozen=True)
class CaseStart:
    """A new case begins."""

    at: float
    case: str


Event = Packet | Rows | CaseStart


@dataclass
class Recording:
    """One file: its events as they happened. (Times of two recorders may cross by a few microseconds.)"""

    name: str
    events: list[Event] = field(default_factory=list)

    @property
    def packets(self) -> list[Packet]:
        return [event for event in self.events if isinstance(event, Packet)]

    @property
    def epoch(self) -> float:
        """Unix seconds at the recording's zero: the middle of what the stored `inc_time` values leave open."""
        earliest, latest = 1795424400.0, float("inf")
        for event in self.events:
            for row in event.rows if isinstance(event, Rows) else ():
                request = self._stored_at_once(event.case, row.get("body", ""))
                if request is not None and "inc_time" in row:
                    earliest = max(earliest, int(row["inc_time"]) - request.at)
                    latest = min(latest, int(row["inc_time"]) + 1 - request.at)
        return earliest if latest == float("inf") else (earliest + latest) / 2

    def _stored_at_once(self, case: str, body: str) -> Packet | None:
        """The one MESSAGE of a case that became this row at once; None where it is not clear."""
        sent = [packet for packet in self.packets if packet.case == case and not packet.from_server]
        wanted = [
            packet for packet in sent if packet.message.method == "MESSAGE" and packet.message.body == body.encode()
        ]
        if len({packet.data for packet in wanted}) != 1:
            return None
        answers = [packet.at for packet in self.packets if packet.case == case and packet.message.code == 202]
        return wanted[0] if answers and answers[0] - wanted[0].at < 0.1 else None


def unescape(text: bytes) -> bytes:
    """The octets behind the escapes of a recording."""
    return _ESCAPE.sub(lambda found: _PLAIN.get(found[1]) or bytes([int(found[1][1:], 16)]), text)


def read_recording(path: Path) -> Recording:
    """The events of a file.

    Raises:
        ValueError: a datagram has another length than its head says, or a line belongs to nothing.
    """
    recording = Recording(path.stem)
    lines = path.read_bytes().split(b"\n")
    case, number = "", 0
    while number < len(lines):
        line = lines[number].decode()
        number += 1
        if not line or line.startswith("#"):
            continue
        block: list[bytes] = []
        start = number
        while number < len(lines) and not lines[number].startswith((b"=== ", b"--- ")):
            block.append(lines[number])
            number += 1
        if mark := _MARK.match(line):
            at, title = float(mark[1]), mark[2]
            if title.startswith("DB "):
                recording.events.append(_rows(at, case, title, block))
            elif title != "end":
                case = title
                recording.events.append(CaseStart(at, case))
        elif packet := _DATAGRAM.match(line):
            recording.events.append(_packet(packet, case, start, block))
        else:
            raise ValueError(f"{path}:{start}: neither a mark nor a datagram: {line!r}")
    return recording


def _packet(head: re.Match[str], case: str, line: int, block: list[bytes]) -> Packet:
    # what is not indented is a remark of the recorder: "... (bob: nothing more within 1.0s)"
    data = unescape(b"".join(text[4:] for text in block if text.startswith(b"    ")))
    if len(data) != int(head[4]):
        raise ValueError(f"line {line}: {len(data)} bytes, but the head says {head[4]}")
    return Packet(float(head[1]), _port(head[2]), _port(head[3]), data, case, line)


def _port(name: str) -> int:
    return PORTS[name] if name in PORTS else int(name.rpartition(":")[2])


def _rows(at: float, case: str, title: str, block: list[bytes]) -> Rows:
    if polled := re.search(r"mids=\[(.*)\]", title):
        return Rows(at, case, mids=len(polled[1].split(",")))
    rows: list[dict[str, str]] = []
    for line in (text.decode("utf-8", "surrogateescape") for text in block):
        if line.startswith("****"):
            rows.append({})
        elif rows and (column := re.match(r"^ *([\w()]+): (.*)$", line)):
            rows[-1][column[1]] = column[2]
    return Rows(at, case, tuple(rows))
