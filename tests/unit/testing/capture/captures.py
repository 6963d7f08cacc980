"""Captures for tests: what passed the server while a flow ran, and files as tcpdump and Wireshark write them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from serpy.host.network import Address
from serpy.testing.capture.passed import Passed
from serpy.testing.flow.document import read_document
from serpy.testing.flow.head import Head, read_head
from serpy.testing.flow.impair import Flight
from serpy.testing.flow.run import play
from serpy.testing.flow.world import World

ALICE, BOB, CAROL, SERVER = ("10.0.0.1", 5060), ("10.0.0.2", 5060), ("10.0.0.3", 5060), ("192.0.2.1", 5060)
ETHERNET, RAW, COOKED, COOKED_2, LOOPBACK = 1, 101, 113, 276, 0
STARTED = 1767225600.0
APART = 0.003
"""Seconds between two datagrams that are the same: closer ones count as captured twice."""


def passed_in(flow: Path) -> tuple[list[Passed], Head]:
    """What passes the server when a flow is run, as a capture at the server would see it."""
    document = read_document(flow.read_text())
    head = read_head(document, flow.parent)
    seen: list[Passed] = []
    with _tapped(seen):
        played = play(flow, document, head)
    assert played.error is None, played.error
    return seen, head


@contextmanager
def _tapped(seen: list[Passed]) -> Iterator[None]:
    arrive = World._arrive
    later = 0.0
    known: set[tuple[Address, Address, bytes, float]] = set()

    def tapped(world: World, flight: Flight) -> None:
        nonlocal later
        key = (flight.source, flight.to, flight.data, world.now)
        later += APART if key in known else 1e-6
        known.add(key)
        seen.append(Passed(STARTED + world.now + later, flight.source, flight.to, flight.data))
        arrive(world, flight)

    World._arrive = tapped  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        World._arrive = arrive  # type: ignore[method-assign]


def message(first: str, *headers: str, body: str = "") -> bytes:
    """A message with its length."""
    lines = [first, *headers, f"Content-Length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


# -- files ---------------------------------------------------------------------------------------------------------


def udp(one: Passed, *, size: int | None = None) -> list[bytes]:
    """The IP packets of a datagram; in fragments of `size` octets of payload."""
    head = struct.pack(">HHHH", one.source[1], one.to[1], 8 + len(one.data), 0)
    payload = head + one.data
    if size is None:
        return [_ip(one, payload, 0, False)]
    pieces = range(0, len(payload), size)
    return [_ip(one, payload[at : at + size], at, at + size < len(payload)) for at in pieces]


def _ip(one: Passed, payload: bytes, offset: int, more: bool) -> bytes:
    is_fragment = more or offset > 0
    if ":" in one.source[0]:
        source, to = (socket.inet_pton(socket.AF_INET6, host) for host in (one.source[0], one.to[0]))
        extra = struct.pack(">BBHI", 17, 0, offset | more, 77) if is_fragment else b""
        head = struct.pack(">IHBB", 6 << 28, len(extra + payload), 44 if extra else 17, 64)
        return head + source + to + extra + payload
    source, to = socket.inet_aton(one.source[0]), socket.inet_aton(one.to[0])
    flags = offset // 8 | more << 13
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 77, flags, 64, 17, 0) + source + to + payload


def tcp(one: Passed) -> bytes:
    """The IP packet of a TCP segment."""
    head = struct.pack(">HHIIBBHHH", one.source[1], one.to[1], 1, 1, 0x50, 0x18, 1000, 0, 0)
    source, to = socket.inet_aton(one.source[0]), socket.inet_aton(one.to[0])
    payload = head + one.data
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 77, 0, 64, 6, 0) + source + to + payload


def framed(packet: bytes, link: int, *, vlans: Sequence[int] = ()) -> bytes:
    """A packet as this link type carries it."""
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    tagged = b"".join(struct.pack(">HH", 0x8100, vlan) for vlan in vlans) + struct.pack(">H", kind)
    match link:
        case 1:
            return bytes(12) + tagged + packet
        case 113:
            return struct.pack(">HHH8s", 0, 1, 6, b"") + struct.pack(">H", kind) + packet
        case 276:
            return struct.pack(">HHiHBB8s", kind, 0, 2, 1, 0, 6, b"") + packet
        case 0:
            return struct.pack("=I", 30 if kind == 0x86DD else 2) + packet
    return packet


def pcap(frames: Iterable[tuple[float, bytes]], link: int = RAW, *, order: str = "<", nano: bool = False) -> bytes:
    """A classic capture file."""
    parts = [struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)]
    for at, frame in frames:
        rest = round(at % 1 * (1e9 if nano else 1e6))
        parts.append(struct.pack(order + "IIII", int(at), rest, len(frame), len(frame)) + frame)
    return b"".join(parts)


def pcapng(frames: Iterable[tuple[float, int, bytes]], links: Sequence[int], *, order: str = "<") -> bytes:
    """A capture of several interfaces: (time, number of the interface, frame); the second one counts nanoseconds."""
    parts = [_block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)]
    for number, link in enumerate(links):
        options = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0) if number == 1 else b""
        parts.append(_block(1, struct.pack(order + "HHI", link, 0, 65535) + options, order))
    for at, number, frame in frames:
        ticks = round(at * (1e9 if number == 1 else 1e6))
        head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        parts.append(_block(6, head + frame + bytes(-len(frame) % 4), order))
    return b"".join(parts)


def _block(kind: int, body: bytes, order: str) -> bytes:
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def write_pcap(path: Path, datagrams: Iterable[Passed], link: int = RAW) -> Path:
    """A file with these datagrams."""
    path.write_bytes(pcap([(one.at, framed(packet, link)) for one in datagrams for packet in udp(one)], link))
    return path
