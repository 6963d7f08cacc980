"""What the parts of a server offer to one another, as Protocols.

`Host` is the server as its modules see it: no module imports `serpy.host`. The others are offered by one module to
its siblings and reached through `need("tm")`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio

    from .clock import Clock
    from .db.api import Database
    from .db.tables import Table
    from .dialect import Dialect
    from .effects import Target
    from .ids import Ids
    from .log import Log
    from .module import Module, Route
    from .script.call import Call
    from .script.core import Core
    from .sip.message import Response
    from .sip.uri import Uri
    from .stats import Stats


class Listener(Protocol):
    """One socket that the server listens on."""

    proto: str
    """`udp`, `tcp` or `tls`."""
    host: str
    """The IP address as text, without brackets."""
    port: int
    sent_by: bytes
    """host[:port] for a Via header: the port is left out when it is 5060; IPv6 in brackets; as advertised."""
    uri_host: bytes
    """host[:port] for a URI that leads here (Record-Route, Call-ID)."""

    def send(self, data: bytes, host: str, port: int) -> None:
        """Send one message.

        Raises:
            OSError: it could not be sent.
        """
        ...


class Unresolvable(Exception):
    """No address for the host of a URI; says which host and why."""


class NoListener(Unresolvable):
    """This server has no socket of the transport or address family that a URI asks for."""


class Timed(Protocol):
    """Something that can be put on the timer wheel: one pending entry each."""

    due: float | None
    """When it wants to be fired, in the clock's monotonic seconds; None: no more. May be moved later at any time
    without telling the wheel; to move it earlier, schedule it again."""
    queued: float | None
    """Kept by the wheel; None at first."""

    def fire(self, now: float) -> None: ...


class Host(Protocol):
    """One server, as its modules see it."""

    clock: Clock
    ids: Ids
    log: Log
    stats: Stats
    core: Core
    dialect: Dialect
    listeners: Sequence[Listener]

    def module(self, name: str) -> Module | None:
        """The instance of a loaded module."""
        ...

    def is_myself(self, host: bytes, port: int = 0, proto: str = "") -> bool:
        """Whether this is a name of this server: a listener's name or address with this port, or an alias (SER
        dialect 5.3). Port 0 and the empty proto match any; IPv6 with or without brackets."""
        ...

    def send(self, data: bytes, target: Target) -> None:
        """Send now.

        Raises:
            OSError: it could not be sent.
        """
        ...

    def literal_target(self, uri: Uri, via: Listener | None = None) -> Target | None:
        """The target of a URI whose host is an IP address; None when it is a name (then: `await targets`).

        `via` is the listener preferred for sending (the one on which the request came in).

        Raises:
            Unresolvable: no listener for its transport or address family.
        """
        ...

    async def targets(self, uri: Uri, via: Listener | None = None) -> Sequence[Target]:
        """Where to send a request for this URI, best first: /etc/hosts, then DNS (RFC 3263); never empty.

        Raises:
            Unresolvable
        """
        ...

    def reply_target(self, call: Call) -> Target:
        """Where a reply to this request goes (SER dialect 5.5, RFC 3581)."""
        ...

    def schedule(self, item: Timed, due: float) -> None:
        """Set `item.due` and make sure that the wheel looks at it in time (50 ms granularity, never early)."""
        ...

    def run_route(self, kind: Route, name: str, call: Call, then: Callable[[int], None]) -> None:
        """Run a route block; `then(result)` when it has ended, before this returns if nothing suspended.

        An exception in the route is logged with its place in the script and counted; `then(-1)` is called.
        """
        ...

    def has_route(self, kind: Route, name: str) -> bool: ...

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run in the background; an exception is logged and counted, and a stopping server waits for it or cancels
        it after the grace time."""
        ...

    def future(self) -> asyncio.Future[Any]:
        """A future of the server's loop: the thing that a command awaits."""
        ...

    def perform(self, call: Call) -> None:
        """Carry out what the call's outbox holds, and empty it."""
        ...

    async def database(self, url: str, tables: Sequence[Table]) -> Database:
        """The open database behind a URL (the same object for the same URL); checks that the tables are there.

        Which database that really is (configured or embedded) is decided once for each URL, at start.

        Raises:
            DatabaseError: with a text for people.
        """
        ...


class Sl(Protocol):
    """Stateless replies."""

    def reply(self, call: Call, code: int, reason: str, headers: Iterable[bytes] = ()) -> bool:
        """Queue a stateless reply to the request; False for an ACK or when it cannot be built.

        `headers` are whole lines for this reply alone; `call.reply_headers` come before them.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request of our own ended: the final response, or a code that was made here (408, 503) without one."""

    code: int
    response: Response | None = None


class Tm(Protocol):
    """Transactions."""

    def request(
        self,
        method: bytes,
        uri: bytes,
        *,
        to: bytes,
        from_: bytes,
        headers: Iterable[bytes] = (),
        body: bytes = b"",
        next_hop: bytes | None = None,
        call_id: bytes | None = None,
        from_tag: bytes | None = None,
        cseq: int = 10,
        branch: bytes | None = None,
        listener: Listener | None = None,
    ) -> asyncio.Future[Answer]:
        """Send a request of our own in a client transaction; the future ends with its final answer.

        `uri`, `to`, `from_` and `next_hop` are bare URIs (To and From are written in angle brackets); `headers` are
        whole header lines without CRLF. Max-Forwards, CSeq, Call-ID, User-Agent and Content-Length are added here.
        `branch` is what stands behind the magic cookie. Never fails: what cannot be sent ends with 477, 478 or 503.
        """
        ...

    def pending(self) -> int:
        """How many transactions are unfinished: no final answer was given or came yet. A stopping server waits."""
        ...

    def abort(self, call: Call) -> None:
        """The request's script failed: if it has a transaction without a final reply, answer it 500."""
        ...


class Binding(Protocol):
    """One contact of an address of record."""

    uri: bytes
    expires: float
    """Unix seconds."""
    q: int | None
    """In thousandths; None when the client gave none."""
    received: bytes | None
    """The URI of the address that the REGISTER came from, where that matters (NAT)."""
    listener: Listener | None
    """Where the REGISTER came in."""
    updated: float
    """Unix seconds of the last REGISTER that set or refreshed this contact."""


class Usrloc(Protocol):
    """Bindings."""

    def live(self, aor: str) -> Sequence[Binding]:
        """The valid bindings of an address of record over all tables, best first."""
        ...


class Registrar(Protocol):
    """The rule by which addresses become keys."""

    def aor(self, uri: Uri) -> str:
        """The address of record of a URI as `save` and `lookup` form it: the unescaped user, `@host` where
        `use_domain` says so, in lower case unless `case_sensitive`."""
        ...
