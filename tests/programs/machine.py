"""Programs as serpy runs them: loaded, compiled, and run on a message, with a trace of what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any, NamedTuple, cast

from serpy.apis import Host
from serpy.cfg.catalogue import FixedCatalogue
from serpy.cfg.load import load_script
from serpy.cfg.tracer import Tracer
from serpy.dialect import Dialect
from serpy.module import Module, Route, command
from serpy.script.call import Call
from serpy.sip.parse import parse_message
from tests.unit.cfg.bench import BenchHost

from .messages import Message

MOST_STEPS = 400
"""A program that calls more commands and routes than this is not run: circles of routes can go on for very long."""


class Step(NamedTuple):
    """One command of Probe that ran, and what the message was like at that time."""

    command: str
    uri: str
    flags: int


class Outcome(NamedTuple):
    """What a program did to a message."""

    trace: list[Step]
    result: int
    uri: str
    flags: int


class _Pause(Awaitable[None]):
    """A wait that ends when the route is stepped again."""

    def __await__(self) -> Generator[None]:
        yield


class Probe(Module):
    """Commands with known results; each call is noted."""

    name = "probe"

    @command("note", routes=Route.ANY)
    def note(self, call: Call, text: str) -> bool:
        self._note(call, f"note {text}")
        return True

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
        await _Pause()
        self._note(call, f"slow {value}")
        return value

    def _note(self, call: Call, text: str) -> None:
        trace = call.values.setdefault("trace", [])
        if len(trace) > MOST_STEPS:
            raise RuntimeError("the program runs for longer than the evaluator told")
        trace.append(Step(text, _text(call.uri), call.flags))


_CATALOGUE = FixedCatalogue({"probe": Probe})


class Machine:
    """One program, compiled."""

    def __init__(self, text: str, dialect: Dialect, tracer: Tracer | None = None) -> None:
        script = load_script("made.cfg", text=text.encode(), dialect=dialect, catalogue=_CATALOGUE)
        if tracer is not None:
            script = script.traced(tracer)
        self._host = BenchHost(dialect)
        self._host.log.logger.disabled = True
        self.program = script.compile(script.instances(cast(Host, self._host)))

    def run(self, kind: Route, name: str, message: Message) -> Outcome:
        """What the route does to the message."""
        parsed = parse_message(message.data, message.source, self._host.listeners[0])
        call = Call(cast(Host, self._host), parsed, kind)
        if message.is_reply:
            call.uri = b""
        code = self.program.routes[kind, name]
        made = code.run(call)
        result = _stepped(made) if code.awaits else made
        uri = message.uri if message.is_reply else _text(call.uri)
        trace = call.values.get("trace", [])
        if message.is_reply:
            trace = [step._replace(uri=message.uri) for step in trace]
        return Outcome(trace, int(result), uri, call.flags)


def _stepped(route: Generator[Any, None, Any]) -> Any:
    """The result of a route that waits for `_Pause` only."""
    while True:
        try:
            route.send(None)
        except StopIteration as ended:
            return ended.value


def _text(uri: bytes) -> str:
    return uri.decode("utf-8", "surrogateescape")
