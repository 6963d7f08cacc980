"""A datagram on its way in: what is dropped, what is refused, and what goes to the script or to `tm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..apis import Unresolvable
from ..effects import Send, Target
from ..module import Hook, Route
from ..script.call import Call
from ..sip.errors import BadHeader, BadMessage
from ..sip.message import Request, Response
from ..sip.parse import parse_message
from ..sip.reply import build_reply
from ..sip.tag import ReplyTags
from ..sip.write import forward_response
from .addresses import bracketed
from .network import Address, Socket

if TYPE_CHECKING:
    from ..sip.via import Via
    from .server import Server

SHORTEST = 32
"""Fewer octets than this cannot be a SIP message (SER dialect 5.1)."""
MANY_SUSPENDED = 256
"""With so many scripts waiting for something, the sockets are read more slowly."""
MOST_SUSPENDED = 4000
"""The most scripts that may wait for something at the same time (some 6 kB each): when a database or DNS is slower than
the requests, the rest would only fill the memory."""
WARN_AGAIN = 10.0
"""Seconds between two warnings about that."""
ENDING = (b"ACK", b"CANCEL")
"""The requests that bring what is under way to its end; these are always taken."""
MAIN = "0"
"""The name of the main request route, and of SER 2's default onreply_route."""
_BLANK = b"\r\n\0"


class Receiver:
    """Takes every datagram of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._log, self._stats = server.log, server.stats
        self._routes = server.routes
        self._tags = ReplyTags(b"receive")
        self._main = self._routes.find(Route.REQUEST, MAIN)
        # SER dialect 3.3: only SER 2 and later know a default onreply_route
        self._onreply = None if server.dialect.is_classic else self._routes.find(Route.ONREPLY, MAIN)
        self._before = server.hooks(Hook.BEFORE_SCRIPT)
        self._after = server.hooks(Hook.AFTER_SCRIPT)
        self._on_reply = server.hooks(Hook.REPLY)
        self.accepts_requests = True
        """A stopping server takes only what ends transactions: replies, ACK and CANCEL."""
        self._next_warning = 0.0
        self._waiting_replies = 0
        """How many replies wait for the name in their Via to be resolved."""

    def is_busy(self) -> bool:
        """Whether many scripts wait, so that it is better to let them end than to begin new ones."""
        return self._routes.suspended >= MANY_SUSPENDED

    def datagram(self, data: bytes, source: Address, listener: Socket) -> None:
        """Take one datagram. Never raises: one bad message must not stop the server."""
        try:
            if len(data) < SHORTEST or (data[0] in _BLANK and not data.strip(_BLANK)):
                self._stats["received.keepalive"] += 1
                return
            try:
                message = parse_message(data, source, listener)
            except BadMessage as error:
                self._refuse(data, source, error)
                return
            if isinstance(message, Request):
                self._request(message)
            else:
                self._reply(message)
        except Exception as error:  # noqa: BLE001 - reported and counted
            self._server.crashed("a datagram from " + _shown(source), error)

    def _request(self, request: Request) -> None:
        self._stats["received.request"] += 1
        call = Call(self._server, request)
        if self._log.info_on:
            self._log.info(f"{_text(request.method)} {_text(request.uri)} from {_shown(request.source)}", call)
        if (self._routes.suspended >= MOST_SUSPENDED or not self.accepts_requests) and request.method not in ENDING:
            self._turn_away(call)
            return
        for accepts in self._before:
            if not accepts(call):
                self._stats["drop.by_module"] += 1
                self._server.perform(call)
                self._ended(call, 0)
                return
        if self._main is None:
            self._ended(call, 0)
        else:
            self._routes.run(self._main, call, self._ended)

    def _turn_away(self, call: Call) -> None:
        """Drop a new request: its sender repeats it, to us when we are less busy or to who takes our place."""
        if not self.accepts_requests:
            self._stats["drop.stopping"] += 1
            return
        self._stats["drop.overload"] += 1
        now = self._server.clock.now()
        if now >= self._next_warning:
            self._next_warning = now + WARN_AGAIN
            self._log.warning(
                f"{MOST_SUSPENDED} requests wait for the database or for DNS: new ones are dropped until some have "
                "ended. See whether these answer",
                call,
            )

    def _ended(self, call: Call, result: int) -> None:
        """The request's script has ended."""
        if result < 0:
            self._stats["script.negative"] += 1
        for ended in self._after:
            ended(call)
        if call.outbox:
            self._server.perform(call)

    def _reply(self, response: Response) -> None:
        self._stats["received.reply"] += 1
        call = Call(self._server, response, Route.ONREPLY)
        if self._log.debug_on:
            reason = _text(response.reason)
            self._log.debug(f"{response.code} {reason} from {_shown(response.source)}", call)
        if self._onreply is not None:
            self._routes.run(self._onreply, call, self._reply_allowed)
        else:
            self._match_reply(call)

    def _reply_allowed(self, call: Call, result: int) -> None:
        if result > 0:  # SER dialect 3.3: otherwise the reply ends here
            self._match_reply(call)
        else:
            self._stats["drop.by_onreply_route"] += 1

    def _match_reply(self, call: Call) -> None:
        server, response = self._server, call.response
        via = response.via
        if server.core.check_via and not server.is_myself(via.host, via.port or 5060):
            self._stats["drop.foreign_via"] += 1
            return
        for consumes in self._on_reply:
            if consumes(call):
                if call.outbox:
                    server.perform(call)
                return
        self._forward(call)

    def _forward(self, call: Call) -> None:
        """Forward a reply that belongs to no transaction by its second Via (RFC 3261 16.7, 18.1.2)."""
        response = call.response
        try:
            # only this one: of a reply with 2000 Vias that comes back to us each time, all would be read 2000 times
            via = response.second_via
        except BadHeader as error:
            self._drop_reply(call, f"its {_text(error.header)} header is broken: {error.reason}")
            return
        if via is None:
            self._drop_reply(call, "it belongs to no transaction and has no second Via")
            return
        try:
            target = self._server.next_hops.literal_via(via, response.listener)
        except Unresolvable as error:
            self._drop_reply(call, str(error))
            return
        if target is not None:
            self._send_reply(call, target)
        elif self._waiting_replies >= MOST_SUSPENDED:
            self._drop_reply(call, "too many replies wait for DNS")
        else:
            self._server.spawn(self._forward_to_name(call, via), "forward a reply")

    async def _forward_to_name(self, call: Call, via: Via) -> None:
        self._waiting_replies += 1
        try:
            target = await self._server.next_hops.resolve_via(via, call.response.listener)
        except Unresolvable as error:
            self._drop_reply(call, str(error))
        else:
            self._send_reply(call, target)
        finally:
            self._waiting_replies -= 1

    def _send_reply(self, call: Call, target: Target) -> None:
        self._stats["forwarded.reply"] += 1
        try:
            self._server.send(forward_response(call.response, call.edits), target)
        except OSError as error:
            self._drop_reply(call, f"it cannot be sent to {bracketed(target.host)}:{target.port}: {error}")

    def _drop_reply(self, call: Call, reason: str) -> None:
        self._stats["drop.reply"] += 1
        if self._log.debug_on:
            self._log.debug(f"reply {call.response.code} dropped: {reason}", call)

    def _refuse(self, data: bytes, source: Address, error: BadMessage) -> None:
        """D31: a 400 or 505 with the reason where a reply can be addressed; never to an ACK."""
        self._stats["drop.bad_message"] += 1
        request = error.request if error.method != b"ACK" else None
        if self._log.debug_on:
            then = "dropped" if request is None else f"answered {error.code}"
            self._log.debug(f"bad message of {len(data)} octets from {_shown(source)}, {then}: {error.reason}")
        if request is None:
            return
        call = Call(self._server, request)
        reply = build_reply(
            request,
            error.code,
            error.reason.encode("ascii", "replace"),
            to_tag=self._tags.stateless(request.via),
            server=self._server.core.signature,
            warning=None,
        )
        call.outbox.append(Send(reply, self._server.reply_target(call)))
        self._server.perform(call)


def _shown(source: Address) -> str:
    return f"{bracketed(source[0])}:{source[1]}"


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "backslashreplace")
