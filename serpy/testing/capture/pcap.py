"""The SIP datagrams of a pcap or pcapng file, and what else was in it.

Files and packet headers are read by dpkt: BSD licence, no further dependencies, 0.2 MB. Of its pcapng reader only the
single blocks are used: the reader itself takes every packet for one of the first interface.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ...host.network import Address
from .fragments import Fragments
from .passed import Passed, is_sip, without_doubles

if TYPE_CHECKING:
    import dpkt

INSTALL = "pip install 'serpy-sip[capture]'"
UDP, TCP = 17, 6
LARGEST_BLOCK = 1 << 24
"""A longer block of a pcapng file is a broken one."""


class CaptureError(Exception):
    """A capture that cannot be used; the text says what to do."""


@dataclass(slots=True)
class Capture:
    """What was read."""

    datagrams: list[Passed]
    """SIP over UDP, in order of time."""
    others: Counter[str] = field(default_factory=Counter)
    """What was left out, by kind, with its number."""


def read_capture(path: Path) -> Capture:
    """Read a file.

    Raises:
        CaptureError: it is no capture, or dpkt is not installed.
        OSError
    """
    try:
        import dpkt
    except ImportError:
        raise CaptureError(f"captures are read with dpkt, which is not installed; install it by: {INSTALL}") from None
    reader = _Reader()
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        frames: Iterator[Frame]
        if magic == b"\n\r\r\n":
            frames = _pcapng(file)
        elif magic in _MAGICS:
            frames = _pcap(file)
        elif magic[:2] == b"\x1f\x8b":
            raise CaptureError(f"{path} is compressed; unpack it first: gunzip {path}")
        else:
            raise CaptureError(f"{path} is neither pcap nor pcapng; record one by: tcpdump -i any -w FILE.pcap udp")
        try:
            for at, link, frame in frames:
                reader.take(at, link, frame)
        except (dpkt.dpkt.Error, struct.error, ValueError) as error:
            reader.others[f"everything behind a broken packet ({error or type(error).__name__})"] += 1
    if reader.fragments.unfinished:
        reader.others["datagrams of which a fragment is missing"] = reader.fragments.unfinished
    datagrams, doubles = without_doubles(reader.datagrams)
    if doubles:
        reader.others["datagrams captured twice"] = doubles
    return Capture(datagrams, reader.others)


Frame = tuple[float, int, bytes]
"""Time, link type, octets."""

_MAGICS = (*(struct.pack(order + "I", magic) for order in "<>" for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)),)


def _pcap(file: BinaryIO) -> Iterator[Frame]:
    import dpkt

    reader = dpkt.pcap.Reader(file)
    link = reader.datalink()
    for at, frame in reader:
        yield float(at), link, frame


@dataclass(slots=True)
class _Interface:
    link: int
    divisor: float
    offset: int


def _pcapng(file: BinaryIO) -> Iterator[Frame]:
    import dpkt.pcapng as ng

    order, interfaces = "<", list[_Interface]()
    while len(head := file.read(8)) == 8:
        if head[:4] == b"\n\r\r\n":  # a section begins: it has its own byte order and interfaces
            bom = file.read(4)
            order = "<" if bom == struct.pack("<I", ng.BYTE_ORDER_MAGIC) else ">"
            (length,) = struct.unpack(order + "I", head[4:])
            _rest(file, length - 12)
            interfaces = []
            continue
        kind, length = struct.unpack(order + "II", head)
        block = head + _rest(file, length - 8)
        is_little = order == "<"
        if kind == ng.PCAPNG_BT_IDB:
            described = (ng.InterfaceDescriptionBlockLE if is_little else ng.InterfaceDescriptionBlock)(block)
            interfaces.append(_interface(described, order))
        elif kind in (ng.PCAPNG_BT_EPB, ng.PCAPNG_BT_PB):
            if kind == ng.PCAPNG_BT_EPB:
                packet = (ng.EnhancedPacketBlockLE if is_little else ng.EnhancedPacketBlock)(block)
            else:
                packet = (ng.PacketBlockLE if is_little else ng.PacketBlock)(block)
            if packet.iface_id >= len(interfaces):
                raise ValueError(f"a packet of interface {packet.iface_id}, which is not described")
            one = interfaces[packet.iface_id]
            ticks = packet.ts_high << 32 | packet.ts_low
            yield one.offset + ticks / one.divisor, one.link, packet.pkt_data


def _rest(file: BinaryIO, length: int) -> bytes:
    if not 0 <= length <= LARGEST_BLOCK:
        raise ValueError(f"a block of {length + 8} octets")
    data = file.read(length)
    if len(data) < length:
        raise ValueError("the file was cut off")
    return data


def _interface(block: Any, order: str) -> _Interface:
    import dpkt.pcapng as ng

    divisor, offset = 1e6, 0
    for option in block.opts:
        if option.code == ng.PCAPNG_OPT_IF_TSRESOL and option.data:
            power = option.data[0]
            divisor = float(2 ** (power & 0x7F) if power & 0x80 else 10**power)
        elif option.code == ng.PCAPNG_OPT_IF_TSOFFSET and len(option.data) == 8:
            (offset,) = struct.unpack(order + "q", option.data)
    return _Interface(block.linktype, divisor, offset)


class _Reader:
    """Takes frames apart."""

    def __init__(self) -> None:
        self.datagrams: list[Passed] = []
        self.others: Counter[str] = Counter()
        self.fragments = Fragments()
        self._links = _links()

    def take(self, at: float, link: int, frame: bytes) -> None:
        import dpkt

        read = self._links.get(link)
        if read is None:
            self.others[f"packets of link type {link}, which is not known here"] += 1
            return
        try:
            packet = read(frame)
        except (dpkt.dpkt.Error, IndexError, struct.error):
            self.others["broken packets"] += 1
            return
        if isinstance(packet, dpkt.ip.IP):
            self._ip4(at, packet)
        elif isinstance(packet, dpkt.ip6.IP6):
            self._ip6(at, packet)
        else:
            self.others["packets that are not IP"] += 1

    def _ip4(self, at: float, packet: dpkt.ip.IP) -> None:
        payload: bytes | None = bytes(packet.data)
        if packet.offset or packet.mf:
            key = (packet.src, packet.dst, packet.p, packet.id)
            payload = self.fragments.add(key, at, packet.offset * 8, not packet.mf, payload or b"")
        self._transport(at, packet.p, packet.src, packet.dst, payload)

    def _ip6(self, at: float, packet: dpkt.ip6.IP6) -> None:
        payload: bytes | None = bytes(packet.data)
        part = packet.extension_hdrs.get(44)
        protocol = getattr(packet, "p", -1)
        if part is not None and (part.frag_off or part.m_flag):
            key = (packet.src, packet.dst, part.nxt, part.id)
            payload = self.fragments.add(key, at, part.frag_off * 8, not part.m_flag, payload or b"")
        self._transport(at, protocol, packet.src, packet.dst, payload)

    def _transport(self, at: float, protocol: int, source: bytes, to: bytes, payload: bytes | None) -> None:
        if payload is None:
            return  # a fragment: its datagram is counted once
        if protocol == TCP:
            self.others["TCP segments (SIP over TCP is not read yet)"] += 1
            return
        if protocol != UDP or len(payload) < 8:
            self.others["packets that are not UDP"] += 1
            return
        source_port, to_port, length, _ = struct.unpack(">HHHH", payload[:8])
        data = payload[8 : length or None]
        if length and len(payload) < length:
            self.others["datagrams cut short (capture with tcpdump -s 0)"] += 1
        elif is_sip(data):
            self.datagrams.append(Passed(at, _place(source, source_port), _place(to, to_port), data))
        elif not data.strip(b"\r\n\0"):
            self.others["keep-alives"] += 1
        else:
            self.others["UDP datagrams that are not SIP"] += 1


def _place(packed: bytes, port: int) -> Address:
    return str(ip_address(packed)), port


def _links() -> dict[int, Callable[[bytes], Any]]:
    """How the packet is reached, by link type (tcpdump.org/linktypes.html)."""
    import dpkt

    def raw(frame: bytes) -> Any:
        return dpkt.ip6.IP6(frame) if frame[0] >> 4 == 6 else dpkt.ip.IP(frame)

    def ethernet(frame: bytes) -> Any:
        return dpkt.ethernet.Ethernet(frame).data

    def cooked(frame: bytes) -> Any:
        return _past_vlan(struct.unpack(">H", frame[14:16])[0], frame[16:])

    def cooked_2(frame: bytes) -> Any:
        return _past_vlan(struct.unpack(">H", frame[:2])[0], frame[20:])

    def _past_vlan(kind: int, rest: bytes) -> Any:
        while kind in (0x8100, 0x88A8, 0x9100):
            kind, rest = struct.unpack(">H", rest[2:4])[0], rest[4:]
        return raw(rest) if kind in (0x0800, 0x86DD) else rest

    def loopback(frame: bytes) -> Any:
        return dpkt.loopback.Loopback(frame).data

    return {
        0: loopback,
        1: ethernet,
        12: raw,
        14: raw,
        101: raw,
        108: loopback,
        113: cooked,
        228: raw,
        229: raw,
        276: cooked_2,
    }
