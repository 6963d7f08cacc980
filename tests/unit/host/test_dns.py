"""Names to addresses: the hosts file first, then asking, with a bounded cache."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from serpy.apis import Unresolvable
from serpy.host import dns
from serpy.host.dns import HostsFile, Resolver


class Clock:
    zone = None

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    time = now


class Bench:
    """A resolver whose questions are counted; `zone` is what it finds."""

    def __init__(self, hosts: Path) -> None:
        self.clock = Clock()
        self.asked: list[str] = []
        self.zone: dict[str, list[str]] = {"phone.example": ["192.0.2.7", "2001:db8::7"]}
        self.resolver = Resolver(self.clock, self.lookup, HostsFile(hosts))

    async def lookup(self, name: str) -> list[str]:
        self.asked.append(name)
        await asyncio.sleep(0)
        if name not in self.zone:
            raise OSError(-2, "Name or service not known")
        return self.zone[name]

    def ask(self, name: str) -> list[str]:
        return asyncio.run(self.resolver.addresses(name))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    hosts = tmp_path / "hosts"
    hosts.write_text(
        "127.0.0.1 localhost # loop\n::1 localhost ip6-localhost\n\n192.0.2.1\tsip.example Sip\nnonsense x\n"
    )
    return Bench(hosts)


def test_the_hosts_file_comes_first(bench: Bench) -> None:
    assert bench.ask("SIP.example") == ["192.0.2.1"]
    assert bench.resolver.known("localhost") == ["127.0.0.1", "::1"]
    assert bench.asked == []


def test_the_hosts_file_tells_the_names_of_an_address(bench: Bench) -> None:
    assert bench.resolver.names("192.0.2.1") == ["sip.example", "sip"]
    assert bench.resolver.names("0:0:0:0:0:0:0:1") == ["localhost", "ip6-localhost"]


def test_a_changed_hosts_file_is_read_again(bench: Bench, tmp_path: Path) -> None:
    bench.ask("sip.example")
    (tmp_path / "hosts").write_text("192.0.2.99 sip.example and a longer line\n")
    assert bench.ask("sip.example") == ["192.0.2.99"]


def test_a_missing_hosts_file_is_an_empty_one(tmp_path: Path) -> None:
    assert HostsFile(tmp_path / "none").addresses("localhost") == []


def test_an_address_is_its_own_answer(bench: Bench) -> None:
    assert bench.ask("2001:db8::1") == ["2001:db8::1"]


def test_an_answer_is_kept_for_a_while(bench: Bench) -> None:
    bench.ask("phone.example")
    assert bench.ask("Phone.example.") == ["192.0.2.7", "2001:db8::7"]
    assert bench.asked == ["phone.example"]
    bench.clock.seconds += dns.LIVES + 1
    bench.ask("phone.example")
    assert len(bench.asked) == 2


def test_a_failure_is_kept_for_a_shorter_while(bench: Bench) -> None:
    with pytest.raises(Unresolvable, match=r"dead\.example: Name or service not known"):
        bench.ask("dead.example")
    with pytest.raises(Unresolvable):
        bench.resolver.known("dead.example")
    assert len(bench.asked) == 1
    bench.clock.seconds += dns.FAILURE_LIVES + 1
    assert bench.resolver.known("dead.example") is None


def test_those_who_ask_together_ask_once(bench: Bench) -> None:
    async def both() -> list[list[str]]:
        return await asyncio.gather(*(bench.resolver.addresses("phone.example") for _ in range(5)))

    assert len(asyncio.run(both())) == 5
    assert bench.asked == ["phone.example"]


def test_the_cache_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "CACHED", 2)
    bench.zone = {name: ["192.0.2.5"] for name in ("a.x", "b.x", "c.x")}
    for name in bench.zone:
        bench.ask(name)
    assert bench.resolver.known("a.x") is None
    assert bench.resolver.known("c.x") == ["192.0.2.5"]
