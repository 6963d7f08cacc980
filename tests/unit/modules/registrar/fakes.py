"""A server as small as modules need it to be tested alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from serpy.apis import Host
from serpy.dialect import Dialect
from serpy.effects import Target
from serpy.log import Log
from serpy.module import Module, Route
from serpy.script.call import Call
from serpy.sip.message import Request
from serpy.sip.parse import parse_message
from serpy.stats import Stats

M = TypeVar("M", bound=Module)


@dataclass
class FakeListener:
    proto: str = "udp"
    host: str = "127.0.0.1"
    port: int = 5060
    sent_by: bytes = b"127.0.0.1"
    uri_host: bytes = b"127.0.0.1"

    def send(self, data: bytes, host: str, port: int) -> None:
        raise AssertionError("modules put replies into the outbox")


class FakeClock:
    zone = None

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def time(self) -> float:
        return 1_700_000_000 + self.seconds


@dataclass
class FakeHost:
    dialect: Dialect = Dialect.SER_0_9
    clock: FakeClock = field(default_factory=FakeClock)
    log: Log = field(default_factory=Log)
    stats: Stats = field(default_factory=Stats)
    listeners: list[FakeListener] = field(default_factory=lambda: [FakeListener()])
    core: Any = field(
        default_factory=lambda: SimpleNamespace(signature=b"serpy (test)", sip_warning=0, max_branches=12)
    )

    def reply_target(self, call: Call) -> Target:
        return Target(call.message.listener, *call.message.source)


def load(module: type[M], host: FakeHost, bound: dict[str, Module] | None = None, /, **params: int | str) -> M:
    """An instance of the module with these parameters, prepared."""
    instance = module(cast(Host, host))
    instance.values.update(params)
    instance.bound.update(bound or {})
    instance.prepare()
    return instance


def request_call(host: FakeHost, data: bytes, kind: Route = Route.REQUEST) -> Call:
    """A call on a request that came in on the first listener."""
    message = parse_message(data, ("10.0.0.7", 7200), host.listeners[0])
    assert isinstance(message, Request)
    return Call(cast(Host, host), message, kind)


def run(module: Module, call: Call, name: str, *texts: str) -> Any:
    """Call a command by its name in scripts, with its arguments as a script has them.

    Raises:
        ValueError: an argument is refused, as at load.
    """
    for declared in type(module).commands[name]:
        least, most = declared.arity
        if least <= len(texts) <= most:
            values = [argument.kind.convert(text) for argument, text in zip(declared.arguments, texts, strict=False)]
            return module.bind(declared)(call, *values)
    raise AssertionError(f"{name} takes no {len(texts)} arguments")


def message(method: str = "OPTIONS", uri: str = "sip:bob@127.0.0.1", *headers: str, body: str = "") -> bytes:
    """A request with the headers that every request has, and these."""
    lines = [
        f"{method} {uri} SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.7:7200;branch=z9hG4bK1",
        "From: <sip:alice@127.0.0.1>;tag=a",
        "To: <sip:bob@127.0.0.1>",
        "Call-ID: call@test",
        f"CSeq: 1 {method}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
