"""Capture files of every kind: what is read from them, and what is counted."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from serpy.testing.capture.passed import Passed
from serpy.testing.capture.pcap import CaptureError, read_capture
from tests.unit.testing.capture.captures import (
    ALICE,
    BOB,
    COOKED,
    COOKED_2,
    ETHERNET,
    LOOPBACK,
    RAW,
    SERVER,
    STARTED,
    framed,
    message,
    pcap,
    pcapng,
    tcp,
    udp,
    write_pcap,
)

pytest.importorskip("dpkt")

HELLO = message(
    "MESSAGE sip:bob@192.0.2.1 SIP/2.0",
    "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1",
    "Call-ID: 1",
    "CSeq: 1 MESSAGE",
    body="hello " * 300,
)
ONE = Passed(STARTED, ALICE, SERVER, HELLO)
SIX = Passed(STARTED, ("2001:db8::1", 5060), ("2001:db8::2", 5070), HELLO)


@pytest.mark.parametrize("link", [ETHERNET, RAW, COOKED, COOKED_2, LOOPBACK])
@pytest.mark.parametrize("one", [ONE, SIX], ids=["IPv4", "IPv6"])
def test_every_link_type_is_read(tmp_path: Path, link: int, one: Passed) -> None:
    capture = read_capture(write_pcap(tmp_path / "x.pcap", [one], link))
    assert capture.datagrams == [one]
    assert not capture.others


@pytest.mark.parametrize("vlans", [(7,), (7, 8)])
def test_vlans_are_looked_through(tmp_path: Path, vlans: tuple[int, ...]) -> None:
    file = tmp_path / "x.pcap"
    file.write_bytes(pcap([(STARTED, framed(udp(ONE)[0], ETHERNET, vlans=vlans))], ETHERNET))
    assert read_capture(file).datagrams == [ONE]


@pytest.mark.parametrize(("order", "nano"), [("<", False), (">", False), ("<", True), (">", True)])
def test_byte_order_and_resolution_are_the_files_own(tmp_path: Path, order: str, nano: bool) -> None:
    file = tmp_path / "x.pcap"
    file.write_bytes(pcap([(STARTED + 0.5, udp(ONE)[0])], order=order, nano=nano))
    assert read_capture(file).datagrams[0].at == pytest.approx(STARTED + 0.5)


@pytest.mark.parametrize("order", ["<", ">"])
def test_each_interface_of_a_pcapng_has_its_own_link_type_and_clock(tmp_path: Path, order: str) -> None:
    reply = Passed(STARTED + 0.25, SERVER, BOB, HELLO)
    frames = [(ONE.at, 0, framed(udp(ONE)[0], ETHERNET)), (reply.at, 1, framed(udp(reply)[0], COOKED))]
    file = tmp_path / "x.pcapng"
    file.write_bytes(pcapng(frames, [ETHERNET, COOKED], order=order))
    read = read_capture(file)
    assert [one._replace(at=0) for one in read.datagrams] == [one._replace(at=0) for one in (ONE, reply)]
    assert read.datagrams[1].at == pytest.approx(reply.at)


@pytest.mark.parametrize("one", [ONE, SIX], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("backwards", [False, True])
def test_fragments_are_put_together(tmp_path: Path, one: Passed, backwards: bool) -> None:
    packets = udp(one, size=800)
    assert len(packets) == 3
    file = tmp_path / "x.pcap"
    file.write_bytes(pcap([(STARTED, packet) for packet in (packets[::-1] if backwards else packets)]))
    capture = read_capture(file)
    assert [found.data for found in capture.datagrams] == [HELLO]
    assert not capture.others


def test_a_missing_fragment_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.pcap"
    file.write_bytes(pcap([(STARTED, packet) for packet in udp(ONE, size=800)[:-1]]))
    capture = read_capture(file)
    assert capture.datagrams == []
    assert capture.others == {"datagrams of which a fragment is missing": 1}


def test_other_traffic_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "x.pcap"
    stun = Passed(STARTED, ALICE, SERVER, b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12))
    alive = Passed(STARTED, ALICE, SERVER, b"\r\n\r\n")
    packets = [*udp(ONE), *udp(stun), *udp(alive), tcp(ONE)]
    frames = [framed(packet, ETHERNET) for packet in packets] + [bytes(12) + b"\x08\x06" + bytes(28)]
    file.write_bytes(pcap([(STARTED, frame) for frame in frames], ETHERNET))
    capture = read_capture(file)
    assert capture.datagrams == [ONE]
    assert capture.others == {
        "UDP datagrams that are not SIP": 1,
        "keep-alives": 1,
        "TCP segments (SIP over TCP is not read yet)": 1,
        "packets that are not IP": 1,
    }


def test_what_was_captured_twice_counts_once(tmp_path: Path) -> None:
    again = ONE._replace(at=STARTED + 0.0001)
    retransmitted = ONE._replace(at=STARTED + 0.5)
    capture = read_capture(write_pcap(tmp_path / "x.pcap", [ONE, again, retransmitted]))
    assert len(capture.datagrams) == 2
    assert capture.others == {"datagrams captured twice": 1}


def test_a_datagram_that_was_cut_short_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.pcap"
    file.write_bytes(pcap([(STARTED, udp(ONE)[0][:96])]))
    assert read_capture(file).others == {"datagrams cut short (capture with tcpdump -s 0)": 1}


def test_a_file_that_ends_in_the_middle_is_read_so_far(tmp_path: Path) -> None:
    file = tmp_path / "x.pcapng"
    whole = pcapng([(STARTED, 0, udp(ONE)[0]), (STARTED + 1, 0, udp(ONE)[0])], [RAW])
    file.write_bytes(whole[:-50])
    capture = read_capture(file)
    assert capture.datagrams == [ONE]
    assert capture.others == {"everything behind a broken packet (the file was cut off)": 1}


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"hello", "neither pcap nor pcapng"), (b"\x1f\x8b\x08", "gunzip"), (b"", "neither pcap nor pcapng")],
)
def test_what_is_no_capture_is_told_with_the_next_step(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "x.pcap"
    file.write_bytes(content)
    with pytest.raises(CaptureError, match=told):
        read_capture(file)


def test_without_dpkt_the_command_that_installs_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def without(name: str, *arguments: Any) -> Any:
        if name.split(".")[0] == "dpkt":
            raise ImportError(name)
        return usual(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CaptureError, match=r"pip install 'serpy-sip\[capture\]'"):
        read_capture(tmp_path / "x.pcap")


def test_garbage_never_fails_otherwise(tmp_path: Path) -> None:
    whole = pcapng([(STARTED, 0, framed(udp(ONE)[0], ETHERNET))], [ETHERNET])
    file = tmp_path / "x.pcapng"
    for place in range(12, len(whole), 29):
        for octet in (0x00, 0xFF):
            file.write_bytes(whole[:place] + bytes([octet]) * 3 + whole[place + 3 :])
            read_capture(file)
