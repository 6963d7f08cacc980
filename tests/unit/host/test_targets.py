"""Where messages go, and from which socket."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serpy.apis import NoListener, Unresolvable
from serpy.host.dns import HostsFile, Resolver
from serpy.host.targets import Targets
from serpy.sip.uri import parse_uri
from serpy.sip.via import Via, read_via
from serpy.testing.network import SimulatedNetwork


class Bench:
    """Listeners on two IPv4 addresses and one IPv6 address; DNS knows phone.example."""

    def __init__(self, tmp_path: Any) -> None:
        network = SimulatedNetwork(lambda: 0.0)
        self.loopback, self.card, self.six = (
            network.listen("udp", host, 5060, lambda *_: None) for host in ("127.0.0.1", "192.0.2.1", "2001:db8::1")
        )
        self.listeners: list[Any] = [self.loopback, self.card, self.six]
        self.resolver = Resolver(cast(Any, self), self.lookup, HostsFile(tmp_path / "none"))
        self.targets = Targets(self.listeners, self.resolver)

    def now(self) -> float:
        return 0.0

    async def lookup(self, name: str) -> list[str]:
        if name != "phone.example":
            raise OSError("Name or service not known")
        return ["2001:db8::7", "192.0.2.7"]


@pytest.fixture
def bench(tmp_path: Any) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("uri", "host", "port"),
    [
        (b"sip:bob@192.0.2.9", "192.0.2.9", 5060),
        (b"sip:bob@192.0.2.9:5070;transport=UDP", "192.0.2.9", 5070),
        (b"sip:[2001:db8::9]", "2001:db8::9", 5060),
    ],
)
def test_an_address_needs_no_look_up(bench: Bench, uri: bytes, host: str, port: int) -> None:
    target = bench.targets.literal(parse_uri(uri))
    assert target is not None
    assert (target.host, target.port) == (host, port)


def test_a_name_is_left_to_be_awaited(bench: Bench) -> None:
    assert bench.targets.literal(parse_uri(b"sip:bob@phone.example")) is None


def test_a_name_leads_to_all_its_addresses_in_order(bench: Bench) -> None:
    targets = asyncio.run(bench.targets.resolve(parse_uri(b"sip:bob@phone.example:5064"), cast(Any, bench.card)))
    assert [(one.listener, one.host, one.port) for one in targets] == [
        (bench.six, "2001:db8::7", 5064),
        (bench.card, "192.0.2.7", 5064),
    ]


def test_addresses_of_a_family_without_a_socket_are_left_out(bench: Bench) -> None:
    bench.listeners.remove(bench.six)
    targets = asyncio.run(bench.targets.resolve(parse_uri(b"sip:bob@phone.example")))
    assert [one.host for one in targets] == ["192.0.2.7"]


def test_an_unknown_name_is_unresolvable(bench: Bench) -> None:
    with pytest.raises(Unresolvable, match=r"nowhere\.example: Name or service not known"):
        asyncio.run(bench.targets.resolve(parse_uri(b"sip:nowhere.example")))


@pytest.mark.parametrize("uri", [b"sip:bob@192.0.2.9;transport=tcp", b"sips:bob@192.0.2.9", b"sip:x@a.b;transport=tls"])
def test_a_transport_without_a_socket_is_told_apart_from_an_unknown_name(bench: Bench, uri: bytes) -> None:
    with pytest.raises(NoListener, match=r"no (TCP|TLS) socket"):
        bench.targets.literal(parse_uri(uri))


def test_a_sips_uri_never_goes_out_in_the_clear(bench: Bench) -> None:
    with pytest.raises(NoListener, match="no TLS socket"):
        bench.targets.literal(parse_uri(b"sips:bob@192.0.2.9;transport=udp"))


def test_the_socket_of_the_request_is_preferred(bench: Bench) -> None:
    assert bench.targets.sender("udp", "192.0.2.9", cast(Any, bench.card)) is bench.card
    assert bench.targets.sender("udp", "192.0.2.9") is bench.loopback
    assert bench.targets.sender("udp", "2001:db8::9", cast(Any, bench.card)) is bench.six


def test_with_mhomed_the_kernel_s_route_decides(bench: Bench) -> None:
    targets = Targets(bench.listeners, bench.resolver, lambda host: "192.0.2.1")
    assert targets.sender("udp", "192.0.2.9", cast(Any, bench.loopback)) is bench.card


def _via(text: bytes) -> Via:
    data = b"Via: " + text + b"\r\n\r\n"
    return read_via(data, 0, 4)


@pytest.mark.parametrize(
    ("via", "force_rport", "port"),
    [
        (b"SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx", False, 5070),
        (b"SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", False, 5060),
        (b"SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx;rport", False, 40000),
        (b"SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx", True, 40000),
        (b"SIP/2.0/UDP other.example:5070;branch=z9hG4bKx", False, 5070),
    ],
)
def test_a_reply_goes_to_the_source_at_the_port_of_via_or_rport(
    bench: Bench, via: bytes, force_rport: bool, port: int
) -> None:
    assert _reply_target(bench, via, force_rport) == ("10.0.0.99", port)


def test_with_reply_to_via_it_goes_to_the_host_of_the_via(bench: Bench) -> None:
    via = b"SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx"
    assert _reply_target(bench, via, False, reply_to_via=1) == ("10.0.0.1", 5070)
    unknown = b"SIP/2.0/UDP other.example;branch=z9hG4bKx"
    assert _reply_target(bench, unknown, False, reply_to_via=1) == ("10.0.0.99", 5060)


def _reply_target(bench: Bench, via: bytes, force_rport: bool, reply_to_via: int = 0) -> tuple[str, int]:
    request = SimpleNamespace(via=_via(via), source=("10.0.0.99", 40000), listener=bench.loopback)
    core = SimpleNamespace(reply_to_via=reply_to_via)
    call = SimpleNamespace(message=request, force_rport=force_rport, host=SimpleNamespace(core=core))
    target = bench.targets.of_reply(cast(Any, call))
    assert target.listener is bench.loopback
    return target.host, target.port


@pytest.mark.parametrize(
    ("via", "target"),
    [
        (b"SIP/2.0/UDP 10.0.0.1", ("10.0.0.1", 5060)),
        (b"SIP/2.0/UDP 10.0.0.1:5070;received=10.0.0.2", ("10.0.0.2", 5070)),
        (b"SIP/2.0/UDP phone.example:5070;received=10.0.0.2;rport=40000", ("10.0.0.2", 40000)),
        (b"SIP/2.0/UDP [2001:db8::9]:5070", ("2001:db8::9", 5070)),
        (b"SIP/2.0/UDP 10.0.0.1:5070;rport", ("10.0.0.1", 5070)),
        (b"SIP/2.0/UDP 10.0.0.1:5070;rport=99999999", ("10.0.0.1", 5070)),
        (b"SIP/2.0/UDP 10.0.0.1:5070;rport=" + b"9" * 5000, ("10.0.0.1", 5070)),
    ],
)
def test_a_forwarded_reply_goes_by_received_and_rport(bench: Bench, via: bytes, target: tuple[str, int]) -> None:
    found = bench.targets.literal_via(_via(via), cast(Any, bench.loopback))
    assert found is not None
    assert (found.host, found.port) == target


def test_a_via_with_a_name_is_resolved(bench: Bench) -> None:
    via = _via(b"SIP/2.0/UDP phone.example:5070")
    assert bench.targets.literal_via(via, cast(Any, bench.loopback)) is None
    found = asyncio.run(bench.targets.resolve_via(via, cast(Any, bench.loopback)))
    assert (found.host, found.port) == ("2001:db8::7", 5070)
