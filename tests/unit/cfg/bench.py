"""A bench for scripts: a module that notes what is called, a host that only listens, and messages."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, cast

from serpy.apis import Host, Listener, Unresolvable
from serpy.cfg.catalogue import FixedCatalogue
from serpy.cfg.load import Program, Script, load_script
from serpy.dialect import Dialect
from serpy.effects import Target
from serpy.log import Log
from serpy.module import Module, Param, Route, command
from serpy.script.call import Call
from serpy.script.core import Core
from serpy.script.regex import Regex
from serpy.sip.parse import parse_message
from serpy.sip.uri import Uri


class Probe(Module):
    """Commands with known results; each call is noted."""

    name = "probe"
    aliases = ("probe_module",)

    number = Param(3)
    text = Param("x")

    @command("good", routes=Route.ANY)
    def good(self, call: Call) -> bool:
        self._note(call, "good")
        return True

    @command("bad", routes=Route.ANY)
    def bad(self, call: Call) -> bool:
        self._note(call, "bad")
        return False

    @command("result", routes=Route.ANY)
    def result(self, call: Call, value: int) -> int:
        self._note(call, f"result {value}")
        return value

    @command("slow", routes=Route.ANY)
    async def slow(self, call: Call, value: int) -> int:
        await asyncio.sleep(0)
        self._note(call, f"slow {value}")
        return value

    @command("note", routes=Route.ANY)
    def note(self, call: Call, text: str) -> bool:
        self._note(call, text)
        return True

    @command("find", routes=Route.ANY)
    def find(self, call: Call, pattern: Regex) -> bool:
        return pattern.search(call.message.data) is not None

    @command("broken", routes=Route.ANY)
    def broken(self, call: Call) -> bool:
        raise ZeroDivisionError("broken")

    def _note(self, call: Call, text: str) -> None:
        call.values.setdefault("notes", []).append(text)


class Socket:
    """A listener that sends nothing."""

    proto, host, port = "udp", "127.0.0.1", 5060
    sent_by = uri_host = b"127.0.0.1"

    def send(self, data: bytes, host: str, port: int) -> None:
        raise AssertionError("nothing is sent here")


class BenchHost:
    """As much of a host as scripts and the core see."""

    core: Core

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.log = Log()
        self.listeners = [cast(Listener, Socket())]
        self.sent: list[tuple[bytes, Target]] = []
        self.broken = False

    def is_myself(self, host: bytes, port: int = 0, proto: str = "") -> bool:
        return host in (b"127.0.0.1", b"here.org") and port in (0, 5060)

    def literal_target(self, uri: Uri, via: Listener | None = None) -> Target | None:
        if not uri.host.replace(b".", b"").isdigit():
            return None
        return Target(via or self.listeners[0], uri.host.decode(), uri.port or 5060)

    async def targets(self, uri: Uri, via: Listener | None = None) -> Sequence[Target]:
        if uri.host == b"no.where":
            raise Unresolvable("no.where has no address")
        return [Target(self.listeners[0], "10.0.0.9", uri.port or 5060)]

    def has_route(self, kind: Route, name: str) -> bool:
        return False

    def send(self, data: bytes, target: Target) -> None:
        if self.broken:
            raise OSError(101, "Network is unreachable")
        self.sent.append((data, target))

    def future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work)


REQUEST = (
    b"MESSAGE sip:bob@here.org SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1\r\n"
    b"From: <sip:alice@There.org>;tag=1\r\nTo: <sip:bob@here.org>\r\nCall-ID: 1@x\r\nCSeq: 1 MESSAGE\r\n"
    b"Content-Length: 0\r\n\r\n"
)
RESPONSE = (
    b"SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:b@b>\r\nCall-ID: 1@x\r\nCSeq: 1 INVITE\r\n\r\n"
)


class Bench:
    """One loaded script."""

    def __init__(self, text: str, dialect: Dialect = Dialect.SER_0_9) -> None:
        load = 'loadmodule "probe.so"\n' if "loadmodule" not in text else ""
        self.script: Script = load_script(
            "test.cfg", text=(load + text).encode(), dialect=dialect, catalogue=FixedCatalogue({"probe": Probe})
        )
        self.host = BenchHost(dialect)
        self.instances = self.script.instances(cast(Host, self.host))
        self.program: Program = self.script.compile(self.instances)
        self.logged: list[str] = []
        self.host.log.logger.addFilter(self._keep)

    def _keep(self, record: logging.LogRecord) -> bool:
        self.logged.append(record.getMessage())
        return False

    def call(
        self, data: bytes = REQUEST, kind: Route = Route.REQUEST, source: tuple[str, int] = ("10.0.0.1", 5070)
    ) -> Call:
        message = parse_message(data, source, self.host.listeners[0])
        return Call(cast(Host, self.host), message, kind)

    def run(self, call: Call | None = None, kind: Route = Route.REQUEST, name: str = "0") -> int:
        """Run a route to its end."""
        call = self.call() if call is None else call
        code = self.program.routes[kind, name]
        result = code.run(call)
        if not inspect.iscoroutine(result):
            return int(result)

        async def wait() -> Any:
            return await result

        return int(asyncio.run(wait()))

    def notes(self, data: bytes = REQUEST, kind: Route = Route.REQUEST, name: str = "0") -> list[str]:
        """What was called when the route ran on this message."""
        call = self.call(data, kind)
        self.run(call, kind, name)
        return list(call.values.get("notes", []))
