"""Transactions: what a script says to relay, answer and watch requests with their retransmissions and forks.

    match.py      which transaction a message belongs to
    fsm/          the four machines of RFC 3261 section 17
    cell.py       one transaction; branches.py one place that its request was sent to
    arrival.py    how a request gets its transaction
    relay.py      from the script's destinations to branches
    context.py    responses, time-outs, CANCEL, the failure route; picks.py the best of several failures
    upstream.py   what goes back to the caller
    local.py      requests of our own
    commands.py   the commands that look at a transaction or prepare it
    params.py     the parameters

Nothing is matched before the script runs (as in SER): the script sees copies, ACK and CANCEL, and `t_relay` or
`t_newtran` find the transaction and absorb what belongs to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...apis import Answer
from ...dialect import Dialect
from ...module import Does, Hook, Route, command, hook
from ...script.call import Call, Failure
from ...script.forward import CUT_SHORT, forward
from ...script.kinds import URI_HOST, HostArg, Status
from ...sip.phrases import reason as usual_reason
from .arrival import BUSY
from .cell import Cell
from .commands import TmCommands
from .local import draft
from .match import Incomplete, dialog_key, key

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from ...apis import Listener

REQUEST_OR_FAILURE = Route.REQUEST | Route.FAILURE


class NextHop(NamedTuple):
    """A destination that the script fixes for all branches."""

    host: str
    port: int
    """0: what DNS or the transport says."""
    transport: bytes
    """Empty: UDP unless the host's URI says otherwise."""

    @property
    def uri(self) -> bytes:
        """The destination as a URI."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        transport = b";transport=" + self.transport if self.transport else b""
        return f"sip:{host}{port}".encode() + transport


class Tm(TmCommands):
    """Transactions (RFC 3261 sections 16 and 17)."""

    name = "tm"

    # making transactions

    @command("t_newtran", does=Does.STARTS_TRANSACTION)
    def t_newtran(self, call: Call) -> int:
        """Make a transaction for the request; 0 (the script ends) if it is a copy, or an ACK that ends here."""
        if call.transaction is not None:
            call.failure = BUSY
            return -BUSY.number
        request = call.request
        try:
            if request.method == b"ACK":
                return 0 if self.acknowledge(request) else 1
            request_key = key(request, request.method)
        except Incomplete as incomplete:
            call.failure = incomplete.failure
            return -incomplete.failure.number
        found = self.table.find(request, request_key)
        if found is not None:
            self.upstream.absorb(found)
            return 0
        self.open(call, request_key)
        return 1

    @command("t_reply", routes=REQUEST_OR_FAILURE, does=Does.REPLIES)
    def t_reply(self, call: Call, code: Status, reason: bytes) -> bool:
        """Answer the request within its transaction; false for an ACK, and after a final reply."""
        cell: Cell | None = call.transaction
        if cell is None or call.request.method == b"ACK":
            self.host.log.warning("t_reply: the request has no transaction; t_newtran() makes one", call)
            return False
        code = code or self.default_code
        reason = reason or self.default_reason.encode()
        if not 100 <= code <= 699:
            self.host.log.error(f"t_reply: {code} is not a status code (100 to 699)", call)
            return False
        if not self.upstream.answer(cell, code, reason, call):
            self.host.log.notice(f"t_reply: no {code} can be sent, the last reply was {cell.status}", call)
            return False
        if code >= 200:
            self.context.cancel_pending(cell, self.host.clock.now())
            if cell.is_invite and code < 300:
                self._note_dialog(call, cell)
        self.settled(cell)
        return True

    def _note_dialog(self, call: Call, cell: Cell) -> None:
        request = call.request
        if request.call_id is not None and request.cseq is not None and request.from_ is not None:
            self.table.add_dialog(cell, dialog_key(request.call_id, request.cseq.number, request.from_))

    # relaying

    @command("t_relay", routes=REQUEST_OR_FAILURE, does=Does.RELAYS | Does.STARTS_TRANSACTION)
    async def t_relay(self, call: Call) -> int:
        """Send the request to the current Request-URI and all branches, statefully."""
        return await self._relay(call, None)

    @command("t_relay", routes=REQUEST_OR_FAILURE, does=Does.RELAYS | Does.STARTS_TRANSACTION)
    async def t_relay_to(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_relay`, with this next hop for all branches."""
        return await self._relay(call, NextHop(host, port, b""))

    @command("t_relay_to_udp", routes=REQUEST_OR_FAILURE, transport="udp", does=Does.RELAYS | Does.STARTS_TRANSACTION)
    async def t_relay_to_udp(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_relay`, with this next hop for all branches, over UDP."""
        return await self._relay(call, NextHop(host, port, b"udp"))

    @command("t_relay_to_tcp", routes=REQUEST_OR_FAILURE, transport="tcp", does=Does.RELAYS | Does.STARTS_TRANSACTION)
    async def t_relay_to_tcp(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_relay`, with this next hop for all branches, over TCP."""
        return await self._relay(call, NextHop(host, port, b"tcp"))

    @command("t_relay_to_tls", routes=REQUEST_OR_FAILURE, transport="tls", does=Does.RELAYS | Does.STARTS_TRANSACTION)
    async def t_relay_to_tls(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_relay`, with this next hop for all branches, over TLS."""
        return await self._relay(call, NextHop(host, port, b"tls"))

    @command("t_replicate", does=Does.COPIES | Does.STARTS_TRANSACTION)
    async def t_replicate(self, call: Call, host: HostArg, port: int) -> int:
        """Send a copy of the request there; its replies are not passed to the caller."""
        return await self._relay(call, NextHop(host, port, b""), is_quiet=True)

    @command("t_replicate_udp", transport="udp", does=Does.COPIES | Does.STARTS_TRANSACTION)
    async def t_replicate_udp(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_replicate`, over UDP."""
        return await self._relay(call, NextHop(host, port, b"udp"), is_quiet=True)

    @command("t_replicate_tcp", transport="tcp", does=Does.COPIES | Does.STARTS_TRANSACTION)
    async def t_replicate_tcp(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_replicate`, over TCP."""
        return await self._relay(call, NextHop(host, port, b"tcp"), is_quiet=True)

    @command("t_forward_nonack", does=Does.RELAYS)
    async def t_forward_nonack(self, call: Call, host: HostArg, port: int) -> int:
        """Send the request of a transaction made by `t_newtran` there."""
        return await self._forward(call, NextHop(host, port, b""))

    @command("t_forward_nonack_uri", does=Does.RELAYS)
    async def t_forward_nonack_uri(self, call: Call) -> int:
        """Send the request of a transaction made by `t_newtran` to its Request-URI and branches."""
        return await self._forward(call, None)

    @command("t_forward_nonack_udp", transport="udp", does=Does.RELAYS)
    async def t_forward_nonack_udp(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_forward_nonack`, over UDP."""
        return await self._forward(call, NextHop(host, port, b"udp"))

    @command("t_forward_nonack_tcp", transport="tcp", does=Does.RELAYS)
    async def t_forward_nonack_tcp(self, call: Call, host: HostArg, port: int) -> int:
        """As `t_forward_nonack`, over TCP."""
        return await self._forward(call, NextHop(host, port, b"tcp"))

    async def _forward(self, call: Call, hop: NextHop | None) -> int:
        cell: Cell | None = call.transaction
        if cell is None or call.request.method == b"ACK":
            call.failure = BUSY
            return -1
        self.note(cell, call)
        failure = await self.relay.forward(call, cell, hop.uri if hop is not None else None)
        if failure is None:
            return 1
        call.failure = failure
        return -failure.number

    async def _relay(self, call: Call, hop: NextHop | None, *, is_quiet: bool = False) -> int:
        if call.outbox:
            self.host.perform(call)  # what the script sent before this goes before it
        if call.kind is Route.FAILURE:
            return await self._relay_again(call, hop)
        request = call.request
        cell: Cell | None = call.transaction
        try:
            if cell is not None:
                if self.host.dialect.is_classic:
                    call.failure = BUSY
                    return -BUSY.number
                self.note(cell, call)
            elif request.method == b"ACK":
                return 1 if self.acknowledge(request) else await self._forward_ack(call, hop)
            else:
                request_key = key(request, request.method)
                found = self.table.find(request, request_key)
                if found is not None:
                    self.upstream.absorb(found)
                    return 1
                cell = self.open(call, request_key)
            if request.method == b"CANCEL":
                invite = self.invite(call)
                if invite is not None:
                    return self._cancel(cell, invite)
        except Incomplete as incomplete:
            if request.method == b"ACK":
                call.failure = incomplete.failure
                return -incomplete.failure.number
            self.refuse_incomplete(call, incomplete.failure)
            return 0
        cell.is_quiet = is_quiet
        if cell.is_invite:
            self.upstream.trying(cell, call)
        failure = await self.relay.forward(call, cell, hop.uri if hop is not None else None)
        return 1 if failure is None else self._not_relayed(call, cell, failure)

    def _cancel(self, cell: Cell, invite: Cell) -> int:
        phrase = self.context.cancel(invite)
        self.upstream.answer(cell, 200, phrase)
        self.settled(cell)
        return 1

    async def _forward_ack(self, call: Call, hop: NextHop | None) -> int:
        """The ACK for a 2xx goes its way without a transaction; 0 ends the script (SER dialect 7.4)."""
        if hop is None:
            sent = await forward(call, URI_HOST, 0, None)
        else:
            sent = await forward(call, hop.host, hop.port, hop.transport or None)
        return 0 if sent else -1

    def _not_relayed(self, call: Call, cell: Cell, failure: Failure) -> int:
        """Answer for a request that could be sent nowhere."""
        call.failure = failure
        if cell.is_quiet:
            return -failure.number
        if cell.failure_route is not None and failure is not CUT_SHORT:  # no other destination would help
            self.relay.fail(cell, call.uri, failure)  # D36
            self.context.settle(cell)
            self.settled(cell)
            return 0
        if self.host.dialect is Dialect.KAMAILIO:
            cell.failure = failure  # answered when the script ends, unless the script does
            return -failure.number
        self.upstream.answer(cell, failure.code, failure.phrase("TM").encode())
        self.settled(cell)
        return 0 if self.host.dialect.is_classic else -failure.number

    async def _relay_again(self, call: Call, hop: NextHop | None) -> int:
        """`t_relay` in a failure route: only to branches that were added there."""
        cell: Cell | None = call.transaction
        if cell is None or not call.branches or not cell.is_open or cell.cancelled:
            return -1
        uri = call.branches[0].uri
        failure = await self.relay.forward(call, cell, hop.uri if hop is not None else None)
        if failure is None:
            return 1
        call.failure = failure
        if cell.failure_route is not None and len(cell.branches) < self.host.core.max_branches:
            self.relay.fail(cell, uri, failure)  # D36: it was armed again
        return -failure.number

    # the server

    @hook(Hook.REPLY)
    def reply(self, call: Call) -> bool:
        """Take a reply that belongs to a transaction."""
        return self.context.received(call)

    @hook(Hook.AFTER_SCRIPT)
    def script_ended(self, call: Call) -> None:
        """Let a transaction go for which the script did nothing (SER dialect 7.9)."""
        cell: Cell | None = call.transaction
        if cell is None or call.kind is not Route.REQUEST or cell.branches or not cell.is_open:
            return
        if cell.failure is not None:
            self.upstream.answer(cell, cell.failure.code, cell.failure.phrase("TM").encode())
        else:
            if not cell.is_quiet:  # a replica that could not be sent owes nobody an answer
                self.host.log.warning(
                    "tm: the script ended without t_reply() of a final code, t_relay() or t_release(): the caller gets "
                    "no answer; add one of them behind t_newtran()",
                    call,
                )
            self.upstream.release(cell)
        self.settled(cell)

    def abort(self, call: Call) -> None:
        """Answer 500 for a request route that raised, unless there was an answer, or one is to come.

        After a failure route that raised the best of the failures is passed on.
        """
        cell: Cell | None = call.transaction
        if cell is None or call.kind is not Route.REQUEST or cell.branches or not cell.is_open:
            return
        self.upstream.answer(cell, 500, usual_reason(500))
        self.settled(cell)

    def pending(self) -> int:
        """How many transactions still owe somebody an answer."""
        return sum(cell.is_pending for cell in self.table.cells())

    async def stop(self) -> None:
        """Nobody may wait for an answer that cannot come any more."""
        for cell in self.table.cells():
            cell.complete(503)

    # for other modules

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
        """Send a request of our own in a client transaction; see `apis.Tm.request`.

        Raises:
            ValueError: INVITE, ACK and CANCEL are not for it.
        """
        wanted = draft(
            method,
            uri,
            to=to,
            from_=from_,
            headers=headers,
            body=body,
            call_id=call_id,
            from_tag=from_tag,
            cseq=cseq,
            branch=branch,
        )
        return self.local.request(wanted, next_hop or uri, listener)
