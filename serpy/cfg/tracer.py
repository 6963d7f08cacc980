"""What instrumented routes tell: each run of a route with its events, and where in the script they were noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..script.attributes import GLOBAL, KEPT, Reference
from .routes import Key, title
from .source import Span

if TYPE_CHECKING:
    from ..script import call as script_call
    from .emit import Emitter, RouteEmitter

Event: TypeAlias = tuple[int, Any]
Append: TypeAlias = Callable[[Event], None]


class What(Enum):
    """What a site notes, and the value of its events."""

    ROUTE = "route"
    """A route is entered: None."""
    STATEMENT = "statement"
    """A command, assignment or end begins: None."""
    TEST = "test"
    """A single test of a condition was made: true, false; None when it could not be, or ended the route."""
    DECISION = "decision"
    """A condition was decided: true, false; None when it ended the route."""
    CALL = "call"
    """A route is about to be called by another: None."""
    RESULT = "result"
    """A command, or the call of a route, has ended: its value."""
    OPERAND = "operand"
    """What the left side of a comparison is: bytes, text or a number."""
    VALUE = "value"
    """What an attribute, a select or `$?` is; None when there is none."""
    ASSIGNED = "assigned"
    """An assignment was made: (result, the values that the attribute has now)."""
    CHANGED = "changed"
    """What a command changed: lines such as `uri: sip:bob@10.0.0.2`."""


class Site(NamedTuple):
    """A place where something is noted."""

    what: What
    span: Span
    node: Any
    """Of the script's tree; for a route its RouteBody."""
    route: Key


class Run:
    """One run of a route for one message, from outside: by the server, or by a module."""

    __slots__ = ("began", "call", "error", "events", "key", "result", "state")

    def __init__(self, key: Key, call: script_call.Call, began: float) -> None:
        self.key = key
        self.call = call
        self.began = began
        self.events: list[Event] = []
        self.result: int | None = None
        """None: it has not ended, or `error` ended it."""
        self.error: BaseException | None = None
        self.state: State | None = None

    @property
    def title(self) -> str:
        return title(*self.key)


class Tracer:
    """Collects what instrumented routes note. It belongs to one server.

    Args:
        on_begin: called when a run begins; its events are still to come.
        on_end: called when a run has ended.
        now: tells the time when a run begins.
        watches: also note what each command changes in the call.
    """

    def __init__(
        self,
        on_begin: Callable[[Run], None] | None = None,
        on_end: Callable[[Run], None] | None = None,
        *,
        now: Callable[[], float] | None = None,
        watches: bool = False,
    ) -> None:
        self.sites: list[Site] = []
        self.on_begin = on_begin
        self.on_end = on_end
        self.now = now
        self.watches = watches
        self.open: list[Run] = []
        """The runs that have not ended, in the order in which they began."""
        self._running: dict[int, list[Run]] = {}
        self._reached: Counter[int] = Counter()
        self._decided: Counter[Event] = Counter()

    def site(self, what: What, span: Span, node: Any, route: Key) -> int:
        """The number of a new site."""
        self.sites.append(Site(what, span, node, route))
        return len(self.sites) - 1

    # what emit.py asks for

    def emitter(self, emitter: Emitter, key: Key) -> RouteEmitter:
        """What makes the code of one route."""
        from .instrument import TracedRoute  # what makes code is needed only here

        return TracedRoute(emitter, key, self)

    def names(self) -> dict[str, Any]:
        """The functions that instrumented code calls."""
        return {
            TRACE_OF: self._trace_of,
            NOTED: _noted,
            TESTED: _tested,
            DECIDED: _decided,
            ASSIGNED: _assigned,
            RESULTED: self._watched if self.watches else _resulted,
        }

    def running(self, key: Key, route: Callable[[Any], Any], awaits: bool) -> Callable[[Any], Any]:
        """A route as the server runs it, with its runs noted."""

        def run(call: script_call.Call) -> int:
            begun = self._begin(key, call)
            try:
                begun.result = route(call)
            except BaseException as error:
                begun.error = error
                raise
            finally:
                self._end(begun)
            return begun.result

        async def run_async(call: script_call.Call) -> int:
            begun = self._begin(key, call)
            try:
                waits: Awaitable[int] = route(call)
                begun.result = await waits
            except BaseException as error:
                begun.error = error
                raise
            finally:
                self._end(begun)
            return begun.result

        return run_async if awaits else run

    # what was reached

    def reached(self) -> Counter[int]:
        """How often each site noted anything so far."""
        counts = Counter(self._reached)
        for run in self.open:
            counts.update(site for site, _ in run.events)
        return counts

    def decided(self) -> Counter[Event]:
        """How often each decision and test came out so: by (site, outcome)."""
        counts = Counter(self._decided)
        for run in self.open:
            counts.update(self._outcomes(run))
        return counts

    def _outcomes(self, run: Run) -> list[Event]:
        return [event for event in run.events if self.sites[event[0]].what in (What.DECISION, What.TEST)]

    # runs

    def _begin(self, key: Key, call: script_call.Call) -> Run:
        run = Run(key, call, self.now() if self.now is not None else 0.0)
        self.open.append(run)
        self._running.setdefault(id(call), []).append(run)
        if self.watches:
            run.state = State.of(call)
        if self.on_begin is not None:
            self.on_begin(run)
        return run

    def _end(self, run: Run) -> None:
        self.open.remove(run)
        of_call = self._running[id(run.call)]
        of_call.remove(run)
        if not of_call:
            del self._running[id(run.call)]
        self._reached.update(site for site, _ in run.events)
        self._decided.update(self._outcomes(run))
        if self.on_end is not None:
            self.on_end(run)

    def _trace_of(self, call: script_call.Call) -> Append:
        return self._running[id(call)][-1].events.append

    def _watched(self, trace: Append, site: int, call: script_call.Call, begun: None, value: Any) -> Any:
        trace((site, value))
        run = self._running[id(call)][-1]
        state = State.of(call)
        if run.state is not None and state != run.state:
            trace((self._changes_of(site), state.changes(run.state)))
        run.state = state
        return value

    def _changes_of(self, site: int) -> int:
        known = self.sites[site]
        return self.site(What.CHANGED, known.span, known.node, known.route)


class State(NamedTuple):
    """What commands change in a call, and a reader of the script can tell."""

    uri: bytes
    dst_uri: bytes | None
    flags: int
    branches: tuple[bytes, ...]
    reply_headers: tuple[bytes, ...]

    @classmethod
    def of(cls, call: script_call.Call) -> State:
        branches = tuple(branch.uri for branch in call.branches)
        return cls(call.uri, call.dst_uri, call.flags, branches, tuple(call.reply_headers))

    def changes(self, before: State) -> list[str]:
        """A line for each change."""
        lines = []
        if self.uri != before.uri:
            lines.append(f"uri: {_text(self.uri)}")
        if self.dst_uri != before.dst_uri:
            lines.append(f"next hop: {_text(self.dst_uri) if self.dst_uri is not None else 'as uri says'}")
        if self.flags != before.flags:
            lines.append("flags set: " + (", ".join(str(bit) for bit in range(32) if self.flags >> bit & 1) or "none"))
        if self.branches != before.branches:
            lines.append("further branches: " + (", ".join(map(_text, self.branches)) or "none"))
        lines += [
            f"for the reply: {_text(header).strip()}" for header in self.reply_headers[len(before.reply_headers) :]
        ]
        return lines


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


# -- what instrumented code calls --------------------------------------------------------------------------------------

# a blank in each: no name of a script is like them
TRACE_OF, NOTED, TESTED, DECIDED = "trace of", "trace noted", "trace tested", "trace decided"
ASSIGNED, RESULTED = "trace assigned", "trace resulted"


def _noted(trace: Append, site: int, value: Any) -> Any:
    trace((site, value))
    return value


def _resulted(trace: Append, site: int, call: script_call.Call, begun: None, value: Any) -> Any:
    trace((site, value))
    return value


def _tested(trace: Append, site: int, value: Any, is_negated: bool, result: int = 1) -> Any:
    trace((site, None if not value and result == 0 else bool(value) is not is_negated))
    return value


def _decided(trace: Append, site: int, value: Any, result: int = 1) -> bool:
    met = bool(value)
    trace((site, None if not met and result == 0 else met))
    return met


def _assigned(trace: Append, site: int, call: script_call.Call, target: Reference, result: int) -> int:
    kept = call.host.core.attributes if target.assigned[0] == GLOBAL else call.values.get(KEPT)
    entries = kept.lists.get(target.assigned, ()) if kept is not None else ()
    trace((site, (result, tuple(entry.value for entry in entries))))
    return result
