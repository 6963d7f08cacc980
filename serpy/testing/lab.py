"""The real server in virtual time: real bytes go in, real bytes come out, and every run is the same.

    with Lab(Path("examples/msilo.cfg")) as lab:
        lab.send(REGISTER, source=("10.0.0.2", 5060))
        assert lab.take()[0].data.startswith(b"SIP/2.0 200")
        lab.advance(30)

Time, ids, sockets, host names and databases are simulated; threads and real sockets raise `NotInTheLab`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..cfg.load import Script, load_script
from ..cfg.tracer import Tracer
from ..db.memory import MemoryDatabases
from ..dialect import Dialect
from ..host.dns import HostsFile, Resolver
from ..host.network import Address
from ..host.server import Server
from ..ids import CountedIds
from ..log import Log
from ..module import Module
from ..stats import Stats
from .coverage.collect import add_to_coverage, tracer_of_coverage
from .loop import VirtualLoop
from .network import Datagram, SimulatedNetwork

EPOCH = 1767225600.0
"""2026-01-01 00:00:00 UTC."""
DNS_DELAY = 0.02
"""Virtual seconds that the simulated DNS takes to answer."""
_STARTED = 1000.0
"""The monotonic clock at the start: not 0, so that a time is never taken for "none"."""


class LabClock:
    """The loop's virtual time."""

    zone: tzinfo | None = UTC
    """A test says the same wherever it runs."""

    def __init__(self, loop: VirtualLoop, epoch: float) -> None:
        self.now = loop.time
        self._epoch = epoch

    def time(self) -> float:
        return self._epoch + self.now() - _STARTED


class Lab:
    """A server at work in virtual time.

    Args:
        script: the file, the script's text, or a script that was loaded before.
        modparams: parameters set over the script's, as `{"tm.fr_timer": 5, "core.debug": 4}`.
        time: Unix seconds at the start.
        hosts: names as in /etc/hosts, known at once, with their addresses; `localhost` always is.
        dns: names that DNS knows: asking takes `DNS_DELAY`, and so suspends the route that asks.
        databases: what answers for the script's database URLs, to keep it from one lab to the next.
        dialect: as `load_script` takes it.
        on_log: called with each line that the server logs: the level, and the text.
        tracer: told what the routes do.

    Raises:
        ScriptError: the script is wrong.
    """

    def __init__(
        self,
        script: Path | str | Script,
        *,
        modparams: Mapping[str, int | str] | None = None,
        time: float = EPOCH,
        hosts: Mapping[str, Sequence[str]] | None = None,
        dns: Mapping[str, Sequence[str]] | None = None,
        databases: MemoryDatabases | None = None,
        dialect: Dialect | None = None,
        on_log: Callable[[str, str], None] | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        loaded = script if isinstance(script, Script) else _load(script, modparams or {}, dialect)
        self._tracer = tracer or tracer_of_coverage()
        if self._tracer is not None:
            loaded = loaded.traced(self._tracer)
        self.loop = VirtualLoop(_STARTED)
        self.clock = LabClock(self.loop, time)
        self.network = SimulatedNetwork(lambda: self.elapsed)
        self.hosts: dict[str, Sequence[str]] = {"localhost": ["127.0.0.1"], **(hosts or {})}
        self.dns: dict[str, Sequence[str]] = dict(dns or {})
        self.dns_delay = DNS_DELAY
        self.dns_failure = ""
        """Why nobody can be asked for names; empty while DNS works."""
        self.log_lines: list[str] = []
        """What the server logged: `LEVEL text`, and ` [Call-ID]` where there is one."""
        self.databases = databases or MemoryDatabases()
        self._taken = 0
        log = Log()
        log.logger.addHandler(_Lines(self.log_lines, on_log))
        try:
            self.server = Server(
                loaded,
                network=self.network,
                databases=self.databases,
                clock=self.clock,
                ids=CountedIds(),
                log=log,
                resolver=Resolver(self.clock, self._lookup, _Hosts(self.hosts)),
            )
            self.loop.finish(self.server.start())
        except BaseException:
            self.loop.close()
            raise
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def elapsed(self) -> float:
        """The virtual seconds since the lab was opened."""
        return self.loop.time() - _STARTED

    @property
    def sent(self) -> list[Datagram]:
        """Everything that the server has sent so far."""
        return self.network.sent

    @property
    def stats(self) -> Stats:
        return self.server.stats

    @property
    def unreachable(self) -> set[str]:
        """IP addresses to which sending fails; a test adds its own."""
        return self.network.unreachable

    def send(self, data: bytes, source: Address = ("10.0.0.1", 5060), to: Address | None = None) -> None:
        """A peer sends a datagram to the server (to its first socket); what follows from it at once happens now."""
        if to is None:
            first = self.server.listeners[0]
            to = (first.host, first.port)
        elif to not in self.network.sockets:
            raise ValueError(f"the server does not listen on {to}; its sockets: {list(self.network.sockets)}")
        self.loop.call_soon(self.network.deliver, data, source, to)
        self.loop.run_for(0)

    def take(self) -> list[Datagram]:
        """What the server has sent since the last `take`."""
        new = self.sent[self._taken :]
        self._taken = len(self.sent)
        return new

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.loop.run_for(seconds)

    def module(self, name: str) -> Module:
        """The instance of a loaded module.

        Raises:
            KeyError
        """
        return self.server.modules[name]

    def run(self, work: Any) -> Any:
        """The result of a coroutine, run on the lab's loop."""
        return self.loop.finish(work)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, each by column name, in the order in which they came in."""
        return self.databases.rows(table)

    def close(self) -> None:
        """Stop the server at once, and the loop with it."""
        if not self._is_open:
            return
        self._is_open = False
        if self._tracer is not None:
            add_to_coverage(self._tracer)
        try:
            self.loop.finish(self.server.stop(0))
        finally:
            self.loop.run_for(0)
            self.loop.close()

    async def _lookup(self, name: str) -> list[str]:
        await asyncio.sleep(self.dns_delay)
        if self.dns_failure:
            raise OSError(self.dns_failure)
        if name not in self.dns:
            raise OSError("Name or service not known")
        return list(self.dns[name])


class _Hosts(HostsFile):
    """The lab's names in place of /etc/hosts."""

    def __init__(self, hosts: Mapping[str, Sequence[str]]) -> None:
        self._hosts = hosts

    def addresses(self, name: str) -> list[str]:
        return list(self._hosts.get(name, ()))

    def names(self, address: str) -> list[str]:
        return [name for name, addresses in self._hosts.items() if address in addresses]


class _Lines(logging.Handler):
    def __init__(self, lines: list[str], on_log: Callable[[str, str], None] | None) -> None:
        super().__init__()
        self._lines = lines
        self._on_log = on_log

    def emit(self, record: logging.LogRecord) -> None:
        call_id: str = getattr(record, "call_id", "")
        text = record.getMessage()
        self._lines.append(f"{record.levelname} {text}" + (f" [{call_id}]" if call_id else ""))
        if self._on_log is not None:
            self._on_log(record.levelname, text)


def _load(script: Path | str, modparams: Mapping[str, int | str], dialect: Dialect | None) -> Script:
    path = script if isinstance(script, Path) else Path("lab.cfg")
    text = script.read_bytes() if isinstance(script, Path) else script.encode("utf-8", "surrogateescape")
    return load_script(path, text=text + modparam_lines(modparams), dialect=dialect)


def modparam_lines(modparams: Mapping[str, int | str]) -> bytes:
    """Lines to append to the script: the last setting of a parameter counts."""
    lines = [""]
    for name, value in modparams.items():
        module, _, parameter = name.rpartition(".")
        text = str(value) if isinstance(value, int) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines.append(f"{parameter}={text}" if module == "core" else f'modparam("{module}", "{parameter}", {text})')
    return "\n".join([*lines, ""]).encode("utf-8", "surrogateescape")
