"""Exceptions that nobody caught: each is logged once, with its place, and counted; the server goes on."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, cast

from ..apis import Timed, Tm
from ..cfg.trace import script_frames
from ..script.call import WrongMessage
from ..sip.message import Request

if TYPE_CHECKING:
    from ..cfg.load import RouteCode
    from ..script.call import Call
    from .server import Server


class Trouble:
    """The mishaps of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def in_route(self, code: RouteCode, call: Call, error: Exception) -> None:
        """A route raised: the request is answered 500 if it has a transaction."""
        server = self._server
        server.stats["error.route"] += 1
        frames = script_frames(error)
        place = "{}:{}".format(*frames[-1][:2]) if frames else f"{code.path}:{code.line}"
        where = f"{code.kind.keyword}[{code.name}]"
        if isinstance(error, WrongMessage):  # the script's mistake: where it is says it all
            server.log.error(f"{place}: error in {where}: what stands here does not fit: {error}", call)
        else:
            named = f"{type(error).__name__}: {error}"
            server.log.error(f"{place}: error in {where}: {named}\n{_trace(error)}", call)
        tm = cast("Tm | None", server.modules.get("tm"))
        if tm is None or call.transaction is None or not isinstance(call.message, Request):
            return
        try:
            tm.abort(call)
        except Exception as second:  # noqa: BLE001 - reported here
            self.in_background("answering 500", second)

    def in_background(self, what: str, error: BaseException) -> None:
        """A task, or the handling of a datagram, raised."""
        self._server.stats["error.background"] += 1
        self._server.log.error(f"error in {what}:\n{_trace(error)}")

    def in_timer(self, item: Timed) -> None:
        """A timer's `fire` raised; called while that exception is being handled."""
        self._server.stats["error.timer"] += 1
        error = sys.exception()
        self._server.log.error(f"error in a timer of {type(item).__name__}:\n{_trace(error)}")

    def stopping(self, module: str, error: Exception) -> None:
        """A module's `stop` raised."""
        self._server.stats["error.stop"] += 1
        self._server.log.error(f"error while module {module} stopped:\n{_trace(error)}")


def _trace(error: BaseException | None) -> str:
    return "".join(traceback.format_exception(error)).rstrip()
