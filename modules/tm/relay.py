"""Forwarding a request within its transaction: from the script's destinations to branches (SER dialect 7.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ...apis import NoListener, Unresolvable
from ...dialect import Dialect
from ...module import Route
from ...script.call import Call, Failure
from ...script.forward import CUT_SHORT, sent_by
from ...script.onsend import PROHIBITED, has_onsend_route, may_send
from ...sip.uri import BadUri, parse_uri
from ...sip.write import forward_request
from .branches import Branch
from .context import client_machine
from .fsm import SEND_FAILED
from .fsm.nict import NonInviteClient
from .match import COOKIE

if TYPE_CHECKING:
    import asyncio

    from ...apis import Host, Listener
    from ...effects import Target
    from ...sip.edit import Edits
    from .cell import Cell
    from .match import Table

UNRESOLVABLE = Failure(478, "Unresolvable destination", 478)
UNREACHABLE = Failure(477, "Unfortunately error on sending to next hop occurred", 477)
NO_SOCKET = Failure(500, "I'm terribly sorry, server error occurred", 7)
NO_DESTINATION = Failure(500, "I'm terribly sorry, server error occurred", 1)
TOO_MANY = Failure(500, "Forking capacity exceeded", 12)

KNOWN = 4096
"""The most targets that are kept."""

PROTOS = {"udp": b"UDP", "tcp": b"TCP", "tls": b"TLS"}


class Hop(NamedTuple):
    """One destination."""

    uri: bytes
    """The Request-URI."""
    next: bytes
    """The URI to which it really goes."""
    listener: Listener
    """The socket by which it should leave."""
    edits: Edits


class Relay:
    """Makes the branches of one server's transactions."""

    def __init__(self, host: Host, table: Table, settle: Callable[[Cell], None]) -> None:
        self.host = host
        self.table = table
        self._settle = settle
        """What becomes of a transaction all of whose branches may have failed."""
        self._known: dict[tuple[bytes, Listener], Sequence[Target]] = {}
        """Targets of URIs with an IP address: phones are called again and again."""

    async def forward(self, call: Call, cell: Cell, forced: bytes | None = None) -> Failure | None:
        """Send the request to all destinations of the script; the reason if it could be sent to none.

        The script's branches are used up. While names are resolved the transaction may end (a CANCEL comes): then
        nothing is sent, and that is no failure.

        Args:
            forced: a URI that is the next hop of all branches.
        """
        if not call.request.is_whole:
            return CUT_SHORT
        hops = self._hops(call, forced, call.kind is not Route.FAILURE)
        room = self.host.core.max_branches - len(cell.branches)
        if room <= 0:
            return TOO_MANY
        failure = NO_DESTINATION
        resolved: list[tuple[Hop, Sequence[Target]]] = []
        for hop in hops[:room]:
            if cell.branch_route is not None:
                hop = await self._through_branch_route(call, cell, cell.branch_route, hop)
            try:
                targets = self._literal(hop) or await self.host.targets(parse_uri(hop.next), hop.listener)
            except (BadUri, Unresolvable) as error:
                failure = NO_SOCKET if isinstance(error, NoListener) else UNRESOLVABLE
                self.host.log.notice(f"t_relay: no way to {hop.next.decode('utf-8', 'replace')}: {error}", call)
            else:
                resolved.append((hop, targets))
        if _is_over(cell):
            return None
        if not cell.token:
            cell.token = COOKIE + self.host.ids.token()
        if has_onsend_route(self.host):
            return await self._ask_and_launch(call, cell, resolved, failure)
        now = self.host.clock.now()
        sent = False
        for hop, targets in resolved:
            if self._launch(call, cell, hop, targets, now):
                sent = True
            else:
                failure = UNREACHABLE
        if not sent:
            return failure
        cell.arm(self.host, self.table)
        return None

    def fail(self, cell: Cell, uri: bytes, failure: Failure) -> None:
        """Let a destination that was never reached count as a branch that failed, for the failure route (D36)."""
        client = client_machine_ended(cell, self.host.clock.now())
        branch = Branch(cell, b"", uri, b"", None, client)
        branch.code = failure.code
        branch.reason = failure.phrase("TM").encode()
        cell.branches.append(branch)

    def _hops(self, call: Call, forced: bytes | None, with_uri: bool) -> list[Hop]:
        arrival = call.send_socket or call.message.listener
        one_for_all = forced
        if one_for_all is None and self.host.dialect is Dialect.SER_0_8:
            one_for_all = call.dst_uri  # SER dialect 7.4: 0.8 knows one next hop for all branches
        hops: list[Hop] = []
        if with_uri:
            hops.append(Hop(call.uri, one_for_all or call.dst_uri or call.uri, arrival, call.edits))
        if call.branches:
            limit = self.host.core.max_branches
            others = call.branches
            if len(others) + len(hops) > limit:
                # D42: those with the highest q
                others = sorted(others, key=lambda one: -1 if one.q is None else one.q, reverse=True)
                self.host.log.warning(
                    f"t_relay: more than {limit} destinations, those of the lowest q are left out", call
                )
            hops += [
                Hop(one.uri, one_for_all or one.dst_uri or one.uri, one.listener or arrival, call.edits)
                for one in others
            ]
            call.branches = []
        return hops

    def _literal(self, hop: Hop) -> Sequence[Target] | None:
        """The target of a URI that holds an IP address; None when it holds a name."""
        known = self._known.get((hop.next, hop.listener))
        if known is not None:
            return known
        target = self.host.literal_target(parse_uri(hop.next), hop.listener)
        if target is None:
            return None
        targets = (target,)
        if not self.host.core.mhomed:  # there the kernel's routes decide, which may change
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[hop.next, hop.listener] = targets
        return targets

    def _launch(self, call: Call, cell: Cell, hop: Hop, targets: Sequence[Target], now: float) -> bool:
        for target in targets:
            key = self._next_key(cell)
            if self._start(call, cell, hop, target, key, self._message(call, hop, target, key), now):
                return True
        return False

    async def _ask_and_launch(
        self, call: Call, cell: Cell, resolved: Sequence[tuple[Hop, Sequence[Target]]], failure: Failure
    ) -> Failure | None:
        """Send to these with the onsend_route asked each time; the reason if nothing was sent.

        The route may wait for something: what fails meanwhile counts when all were sent to, and what ends the
        transaction meanwhile ends this too.
        """
        sent = False
        cell.routes_running += 1
        try:
            for hop, targets in resolved:
                refused = await self._ask(call, cell, hop, targets)
                sent = sent or refused is None
                failure = refused or failure
        finally:
            cell.routes_running -= 1
        if not sent and not _is_over(cell):
            return failure
        self._settle(cell)
        cell.arm(self.host, self.table)
        return None

    async def _ask(self, call: Call, cell: Cell, hop: Hop, targets: Sequence[Target]) -> Failure | None:
        """Send to the first of the targets that can be reached, if the route lets it go; why nothing was sent."""
        for target in targets:
            if _is_over(cell):
                return UNREACHABLE
            key = self._next_key(cell)
            data = self._message(call, hop, target, key)
            if not await may_send(call, data, target):
                return PROHIBITED
            if _is_over(cell):
                return UNREACHABLE
            if key != self._next_key(cell):
                key = self._next_key(cell)
                data = self._message(call, hop, target, key)
            if self._start(call, cell, hop, target, key, data, self.host.clock.now()):
                return None
        return UNREACHABLE

    def _next_key(self, cell: Cell) -> bytes:
        return b"%b.%d" % (cell.token, len(cell.branches))

    def _message(self, call: Call, hop: Hop, target: Target, key: bytes) -> bytes:
        listener = target.listener
        return forward_request(
            call.request,
            uri=hop.uri,
            via=b"SIP/2.0/%b %b;branch=%b" % (PROTOS[listener.proto], sent_by(call, listener), key),
            edits=hop.edits,
            force_rport=call.force_rport,
            listener_proto=listener.proto,
        )

    def _start(self, call: Call, cell: Cell, hop: Hop, target: Target, key: bytes, data: bytes, now: float) -> bool:
        try:
            self.host.send(data, target)
        except OSError as error:
            self.host.stats["tm.send_failed"] += 1
            self.host.log.notice(
                f"t_relay: {target.host}:{target.port} cannot be reached: {error.strerror or error}", call
            )
            return False
        branch = Branch(cell, key, hop.uri, data, target, client_machine(cell, target, now))
        cell.branches.append(branch)
        self.table.clients[key] = branch
        return True

    async def _through_branch_route(self, call: Call, cell: Cell, name: str, hop: Hop) -> Hop:
        """The destination as the branch_route leaves it; the route's result is ignored (SER dialect 3.3)."""
        own = Call(self.host, call.message, Route.BRANCH)
        own.uri = hop.uri
        own.dst_uri = hop.next if hop.next != hop.uri else None
        own.edits = call.edits.copy()
        own.flags = call.flags
        own.values = call.values
        own.transaction = cell
        ended = self.host.future()
        self.host.run_route(Route.BRANCH, name, own, partial(_end, ended))
        await ended
        return Hop(own.uri, own.dst_uri or own.uri, own.send_socket or hop.listener, own.edits)


def _is_over(cell: Cell) -> bool:
    """Whether nothing is to be sent any more: while something was waited for, the caller got an answer or gave up."""
    return not cell.is_open or cell.cancelled


def _end(ended: asyncio.Future[None], result: int) -> None:
    if not ended.done():
        ended.set_result(None)


def client_machine_ended(cell: Cell, now: float) -> NonInviteClient:
    """The machine of a branch that never began."""
    machine = NonInviteClient(cell.settings, reliable=True, now=now)
    machine.event(SEND_FAILED, now)
    return machine
