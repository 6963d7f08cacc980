"""One running server: its modules, script, sockets and timers; how it starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..apis import Listener, Timed, Tm
from ..clock import Clock, SystemClock
from ..effects import Target
from ..ids import Ids, RandomIds
from ..log import Log
from ..module import Hook, Module, Route, every_seconds
from ..registry import start_order
from ..stats import Stats
from .background import Background
from .dns import Resolver
from .listen import Listening
from .network import Network
from .perform import Performer
from .receive import Receiver
from .routes import Routes
from .send_sockets import find_send_sockets
from .targets import Targets
from .timers import Periodic, Wheel
from .trouble import Trouble

if TYPE_CHECKING:
    from ..cfg.load import Program, RouteCode, Script
    from ..db.api import Database
    from ..db.tables import Table
    from ..script.call import Call
    from ..script.core import Core
    from ..sip.uri import Uri

POLL = 0.05
"""Seconds between two looks at what is still in flight, while stopping."""


class Databases(Protocol):
    """Opens databases, and decides which one a URL means."""

    def use_modules(self, modules: Mapping[str, Module]) -> None:
        """The script's modules are made; their `tables()` tell what the databases will be used for."""
        ...

    async def open(self, url: str, tables: Sequence[Table]) -> Database: ...
    async def close(self) -> None: ...


class Server:
    """A script at work; what its modules see of it is `apis.Host`.

    Modules are made and routes compiled at once, so that a wrong script is known before anything is opened; sockets
    and databases are opened by `start`.

    Raises:
        ScriptError: the script cannot be compiled, or a parameter cannot be used.
    """

    def __init__(
        self,
        script: Script,
        *,
        network: Network,
        databases: Databases,
        clock: Clock | None = None,
        ids: Ids | None = None,
        log: Log | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.script = script
        self.dialect = script.dialect
        self.clock: Clock = clock or SystemClock()
        self.ids: Ids = ids or RandomIds()
        self.log = log or Log()
        self.stats = Stats()
        self.resolver = resolver or Resolver(self.clock)
        self.listeners: Sequence[Listener] = []
        self.databases = databases
        self.core: Core
        self.modules: dict[str, Module] = {}
        self.trouble = Trouble(self)
        self._network = network
        self._performer = Performer(self.log, self.stats)
        # called with every message: one call less each
        self.send: Callable[[bytes, Target], None] = self._performer.send
        self.perform: Callable[[Call], None] = self._performer.perform
        self._background = Background(self.trouble.in_background)
        self._timers: list[Periodic] = []
        self._started: list[Module] = []

        self.modules = script.instances(self)  # sets `core` as well, before the others are made
        databases.use_modules(self.modules)
        program: Program = script.compile(self.modules)
        self.routes = Routes(program, self)

    # -- start and stop ------------------------------------------------------------------------------------------------

    async def start(self, bound: Callable[[], None] | None = None) -> None:
        """Open sockets and databases, start the modules in the order of their needs, and begin to read.

        `bound` is called when the sockets are open: the moment to give up privileges.

        Raises:
            ListenError: a socket cannot be opened.
            ScriptError: the script wants to send from a socket that is not there.
            DatabaseError: a database cannot be used.
        """
        core = self.core
        self.log.debug_level = core.debug
        self._loop = asyncio.get_running_loop()
        self._wheel = Wheel(self.clock, self._loop, self.trouble.in_timer)
        self.listening = Listening(
            self._network,
            self.resolver,
            port=core.port,
            advertised=(core.advertised_address or "", core.advertised_port or 0),
            buffer=core.maxbuffer,
        )
        self.is_myself = self.listening.names.has
        ordered = start_order(self.modules)
        self._ordered = ordered
        self.receiver = Receiver(self)
        await self.listening.open(core.listen, core.alias, self.receiver.datagram)
        self.listeners = self.listening.sockets
        self.next_hops = Targets(self.listeners, self.resolver, self._network.source_for if core.mhomed else None)
        try:
            await find_send_sockets(self.script, core, self.resolver)
            if bound is not None:
                bound()
            for module in ordered:
                self._started.append(module)
                await module.start()
        except BaseException:
            await self._close()
            raise
        for module in ordered:
            self._start_timers(module)
        for socket in self.listening.sockets:
            socket.start(self.receiver.is_busy)

    async def stop(self, grace: float) -> None:
        """Finish what is in flight for at most `grace` seconds, then close everything."""
        self.receiver.accepts_requests = False
        self._stop_until = self.clock.now() + grace
        while self.in_flight() and self.clock.now() < self._stop_until:  # noqa: ASYNC110 - a count, not an event
            await asyncio.sleep(POLL)
        await self._close()

    def hurry(self) -> None:
        """Cut the grace time of a running `stop` short."""
        self._stop_until = self.clock.now()

    def in_flight(self) -> int:
        """How many transactions and background tasks are unfinished."""
        tm = cast("Tm | None", self.modules.get("tm"))
        return len(self._background) + (tm.pending() if tm is not None else 0)

    async def _close(self) -> None:
        for timer in self._timers:
            timer.due = None
        await self._background.cancel()
        for module in reversed(self._started):
            try:
                await module.stop()
            except Exception as error:  # noqa: BLE001 - the others are to be stopped as well
                self.trouble.stopping(module.name, error)
        self._started.clear()
        # what modules started while they stopped
        await self._background.cancel()
        self._wheel.close()
        self.listening.close()
        await self.resolver.close()
        await self.databases.close()

    def _start_timers(self, module: Module) -> None:
        for declared in module.timers:
            seconds = every_seconds(module, declared)
            if seconds > 0:
                work = partial(self._run_timer, module.name, declared.method, getattr(module, declared.method), [])
                self._timers.append(Periodic(self._wheel, seconds, work, self.clock.now()))

    def _run_timer(self, module: str, name: str, method: Callable[[], Any], running: list[asyncio.Task[None]]) -> None:
        if running and not running[0].done():
            self.stats["timer.overrun"] += 1  # the last one still works: this turn is left out
            return
        running.clear()
        work = method()
        if asyncio.iscoroutine(work):
            running.append(self.spawn(work, f"{module}.{name}"))

    # -- what modules see (apis.Host) ----------------------------------------------------------------------------------

    def module(self, name: str) -> Module | None:
        return self.modules.get(name)

    def literal_target(self, uri: Uri, via: Listener | None = None) -> Target | None:
        return self.next_hops.literal(uri, via)

    async def targets(self, uri: Uri, via: Listener | None = None) -> Sequence[Target]:
        return await self.next_hops.resolve(uri, via)

    def reply_target(self, call: Call) -> Target:
        return self.next_hops.of_reply(call)

    def schedule(self, item: Timed, due: float) -> None:
        self._wheel.schedule(item, due)

    def has_route(self, kind: Route, name: str) -> bool:
        return self.routes.find(kind, name) is not None

    def run_route(self, kind: Route, name: str, call: Call, then: Callable[[int], None]) -> None:
        code = self.routes.find(kind, name)
        if code is None:
            self.log.error(f"there is no {kind.keyword}[{name}] in {self.script.path}; it was to be run", call)
            then(-1)
            return
        call.kind = kind
        self.routes.run(code, call, lambda _, result: then(result))

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._background.spawn(work, name)

    def future(self) -> asyncio.Future[Any]:
        return self._loop.create_future()

    async def database(self, url: str, tables: Sequence[Table]) -> Database:
        return await self.databases.open(url, tables)

    # -- what the rest of `host` sees ----------------------------------------------------------------------------------

    def hooks(self, moment: Hook) -> tuple[Callable[[Call], Any], ...]:
        """What the modules run at this moment, in the order in which they start."""
        return tuple(getattr(module, module.hooks[moment]) for module in self._ordered if moment in module.hooks)

    def route_failed(self, code: RouteCode, call: Call, error: Exception) -> None:
        self.trouble.in_route(code, call, error)

    def crashed(self, what: str, error: Exception) -> None:
        self.trouble.in_background(what, error)
