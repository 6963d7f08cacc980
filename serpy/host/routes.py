"""Running route blocks: at once, and only what really suspends goes on as a task."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from ..module import Route

if TYPE_CHECKING:
    from ..cfg.load import Program, RouteCode
    from ..script.call import Call
    from .server import Server

Then = Callable[["Call", int], None]


class Routes:
    """The compiled routes of one server."""

    def __init__(self, program: Program, server: Server) -> None:
        self._routes = program.routes
        self._server = server
        self.suspended = 0
        """How many routes wait for something just now."""

    def find(self, kind: Route, name: str) -> RouteCode | None:
        return self._routes.get((kind, name))

    def run(self, code: RouteCode, call: Call, then: Then) -> None:
        """Run a route; `then(call, result)` when it has ended, before this returns if nothing suspended.

        The outbox is carried out before each suspension and at the end. After an exception the result is -1.
        """
        try:
            if code.awaits:
                route = code.run(call)
                try:
                    # the first step is made here and now, so that messages keep their order
                    waits_for = route.send(None)
                except StopIteration as end:
                    result = end.value
                else:
                    self._suspend(code, call, then, route, waits_for)
                    return
            else:
                result = code.run(call)
        except Exception as error:  # noqa: BLE001 - reported there, with its place in the script
            self._server.route_failed(code, call, error)
            result = -1
        if call.outbox:
            self._server.perform(call)
        then(call, result)

    def _suspend(
        self, code: RouteCode, call: Call, then: Then, route: Coroutine[Any, Any, int], waits_for: Any
    ) -> None:
        self.suspended += 1
        self._server.perform(call)
        self._server.spawn(self._rest(code, call, then, route, waits_for), f"{code.kind.keyword}[{code.name}]")

    async def _rest(
        self, code: RouteCode, call: Call, then: Then, route: Coroutine[Any, Any, int], waits_for: Any
    ) -> None:
        try:
            result = await _go_on(route, waits_for, lambda: self._server.perform(call))
        except Exception as error:  # noqa: BLE001 - as above
            self._server.route_failed(code, call, error)
            result = -1
        finally:
            self.suspended -= 1
        self._server.perform(call)
        then(call, result)


@types.coroutine
def _go_on(
    route: Coroutine[Any, Any, int], waits_for: Any, before_waiting: Callable[[], None]
) -> Generator[Any, Any, int]:
    """Go on with a coroutine that was stepped once and then waited for this."""
    while True:
        try:
            try:
                sent = yield waits_for
            except BaseException as error:  # noqa: BLE001 - a cancellation too belongs to the route
                waits_for = route.throw(error)
            else:
                waits_for = route.send(sent)
        except StopIteration as end:
            result: int = end.value
            return result
        before_waiting()
