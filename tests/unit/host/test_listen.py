"""`listen` and `alias` lines: which sockets are opened, and which names are our own."""

from __future__ import annotations

import asyncio
import errno

import pytest

from serpy.host.dns import Resolver
from serpy.host.listen import Entry, ListenError, Listening, Names, parse_entry
from serpy.host.network import OnDatagram
from serpy.testing.network import SimulatedNetwork, SimulatedSocket


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("127.0.0.1", Entry("", "127.0.0.1", 0)),
        ("udp:127.0.0.1:5070", Entry("udp", "127.0.0.1", 5070)),
        ("UDP:Sip.Example.COM", Entry("udp", "sip.example.com", 0)),
        ("eth0", Entry("", "eth0", 0)),
        ("eth0:5062", Entry("", "eth0", 5062)),
        ("*:192.0.2.1:*", Entry("", "192.0.2.1", 0)),
        ("tcp:[2001:DB8::1]:5061", Entry("tcp", "2001:db8::1", 5061)),
        ("[::1]", Entry("", "::1", 0)),
        ("::1", Entry("", "::1", 0)),
    ],
)
def test_an_entry_is_proto_host_and_port(text: str, entry: Entry) -> None:
    assert parse_entry(text) == entry


@pytest.mark.parametrize("text", ["", "a b", "udp:", "127.0.0.1:x", "127.0.0.1:70000", "udp:[::1"])
def test_a_wrong_entry_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ListenError, match=r"expected .*example|ports go from"):
        parse_entry(text)


class _Names:
    def __init__(self) -> None:
        self.names = Names()
        self.names.add("127.0.0.1", 5060, "udp")
        self.names.add("2001:db8::1", 5060, "udp")
        self.names.add("Example.COM")
        self.names.add("sip.example.com", 5080, "tcp")


@pytest.mark.parametrize(
    ("host", "port", "proto", "ours"),
    [
        (b"127.0.0.1", 5060, "", True),
        (b"127.0.0.1", 0, "", True),
        (b"127.0.0.1", 5070, "", False),
        (b"127.0.0.2", 5060, "", False),
        (b"[2001:DB8:0::1]", 5060, "", True),
        (b"2001:db8::1", 5060, "udp", True),
        # SER dialect 5.3: an alias without a port matches every port and protocol
        (b"EXAMPLE.com", 5070, "tcp", True),
        (b"example.com.", 0, "", True),
        (b"sip.example.com", 5080, "", True),
        (b"sip.example.com", 5080, "udp", False),
        (b"sip.example.com", 5060, "", False),
        (b"", 0, "", False),
        (b"\xff", 0, "", False),
    ],
)
def test_myself_is_a_listener_with_its_port_or_an_alias(host: bytes, port: int, proto: str, ours: bool) -> None:
    assert _Names().names.has(host, port, proto) is ours


class _Lookup:
    """A resolver that knows two names and no hosts file."""

    zone = None

    async def lookup(self, name: str) -> list[str]:
        if name != "sip.example.com":
            raise OSError("Name or service not known")
        return ["192.0.2.1"]

    def now(self) -> float:
        return 0.0

    time = now


class RefusingNetwork(SimulatedNetwork):
    """A network on which no socket can be bound."""

    def __init__(self, number: int) -> None:
        super().__init__(lambda: 0.0)
        self._number = number

    def listen(self, proto: str, host: str, port: int, on_datagram: OnDatagram, *, buffer: int = 0) -> SimulatedSocket:
        raise OSError(self._number, "no")


def _open(
    *entries: str, network: SimulatedNetwork | None = None, port: int = 5060, advertised: tuple[str, int] = ("", 0)
) -> Listening:
    lookup = _Lookup()
    listening = Listening(
        network or SimulatedNetwork(lambda: 0.0),
        Resolver(lookup, lookup.lookup),
        port=port,
        advertised=advertised,
    )
    asyncio.run(listening.open(entries, ["example.com"], lambda data, source, socket: None))
    return listening


@pytest.mark.parametrize(
    ("entries", "sockets"),
    [
        ([], [("127.0.0.1", 5060), ("192.0.2.1", 5060), ("::1", 5060)]),
        (["127.0.0.1"], [("127.0.0.1", 5060)]),
        (["lo:5070"], [("127.0.0.1", 5070), ("::1", 5070)]),
        (["sip.example.com"], [("192.0.2.1", 5060)]),
        (["127.0.0.1", "udp:127.0.0.1:5060"], [("127.0.0.1", 5060)]),
        (["udp:127.0.0.1", "tcp:127.0.0.1"], [("127.0.0.1", 5060)]),
    ],
)
def test_each_entry_opens_its_sockets(entries: list[str], sockets: list[tuple[str, int]]) -> None:
    assert [(socket.host, socket.port) for socket in _open(*entries).sockets] == sockets


def test_port_is_the_default_of_entries_without_one() -> None:
    assert [socket.port for socket in _open("127.0.0.1", "192.0.2.1:5062", port=5070).sockets] == [5070, 5062]


@pytest.mark.parametrize(
    ("entry", "advertised", "sent_by"),
    [
        ("127.0.0.1", ("", 0), b"127.0.0.1"),
        ("127.0.0.1:5070", ("", 0), b"127.0.0.1:5070"),
        ("[::1]", ("", 0), b"[::1]"),
        ("127.0.0.1:5070", ("sip.example.com", 0), b"sip.example.com:5070"),
        ("127.0.0.1", ("sip.example.com", 5060), b"sip.example.com:5060"),
    ],
)
def test_sent_by_has_a_port_when_it_is_not_5060_or_when_advertised(
    entry: str, advertised: tuple[str, int], sent_by: bytes
) -> None:
    assert _open(entry, advertised=advertised).sockets[0].sent_by == sent_by


def test_the_name_in_a_listen_line_is_ours() -> None:
    assert _open("sip.example.com").names.has(b"sip.example.com", 5060)


def test_a_transport_that_is_not_served_is_left_out() -> None:
    assert [socket.proto for socket in _open("udp:127.0.0.1", "tls:127.0.0.1").sockets] == ["udp"]


def test_without_any_socket_the_server_does_not_start() -> None:
    with pytest.raises(ListenError, match=r"no socket to listen on \(listen=tcp:127\.0\.0\.1 is not served"):
        _open("tcp:127.0.0.1")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.EADDRINUSE, "another program uses this port.*ss -lunp"),
        (errno.EACCES, "no permission.*below 1024"),
        (errno.EADDRNOTAVAIL, "no such address.*ip address"),
        (errno.EMFILE, "no. Choose another"),
    ],
)
def test_a_socket_that_cannot_be_opened_says_why_and_what_to_do(number: int, text: str) -> None:
    with pytest.raises(ListenError, match=text):
        _open("127.0.0.1", network=RefusingNetwork(number))


def test_a_name_that_does_not_resolve_is_told() -> None:
    with pytest.raises(ListenError, match="neither an address nor an interface"):
        _open("nowhere.example.com")
