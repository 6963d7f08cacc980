"""What comes back from the branches of a transaction, and what becomes of it (RFC 3261 16.7: the response context)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...module import Route
from ...script.attributes import KEPT as ATTRIBUTES
from ...script.attributes import of_values
from ...script.call import Call
from ...sip.errors import BadHeader
from ...sip.phrases import reason as usual_reason
from ...sip.reply import build_ack, build_cancel
from .fsm import ABANDON, CANCEL_SENT, SEND_FAILED, TIMER, Effect, State
from .fsm.ict import InviteClient
from .fsm.nict import NonInviteClient
from .match import dialog_key
from .picks import best, challenges, upstream_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...apis import Host
    from ...effects import Target
    from ...sip.message import Response
    from .branches import Branch
    from .cell import Cell
    from .match import Table
    from .upstream import Upstream

PASS, ACK, CANCEL, SEND, TIMEOUT = Effect.PASS, Effect.ACK, Effect.CANCEL, Effect.SEND, Effect.TIMEOUT


class Context:
    """Takes the responses and the time-outs of all transactions of one server."""

    def __init__(
        self, host: Host, table: Table, upstream: Upstream, *, noisy_ctimer: bool, merges_challenges: bool
    ) -> None:
        self.host = host
        self.table = table
        self.upstream = upstream
        self.noisy_ctimer = noisy_ctimer
        self.merges_challenges = merges_challenges

    # responses

    def received(self, call: Call) -> bool:
        """Take a response; False when it belongs to no transaction."""
        response = call.response
        branch = self.table.clients.get(response.via.branch or b"")
        if branch is None or response.code < 100:
            return False
        try:
            cseq = response.cseq
        except BadHeader:
            return False
        if cseq is None:
            return False
        cell = branch.cell
        now = self.host.clock.now()
        if cseq.method == cell.method:
            self._responded(branch, call, now)
        elif cseq.method == b"CANCEL" and branch.cancel is not None:
            branch.cancel.event(response.code, now)
        else:
            return False
        cell.arm(self.host, self.table)
        return True

    def _responded(self, branch: Branch, call: Call, now: float) -> None:
        cell = branch.cell
        branch.is_real = True
        passed = False
        for effect in branch.client.event(call.response.code, now):
            if effect is PASS:
                passed = True
            elif effect is ACK:
                self._acknowledge(branch, call.response)
            elif effect is CANCEL:
                self._send_cancel(branch, now)
        if cell.reply_route is None:
            if passed:
                self._take(branch, call, now)
            return
        # SER dialect 7.7: the route sees copies too; only what the machine passes goes further
        call.transaction = cell
        call.flags = cell.flags
        if cell.values is not None:
            call.values[ATTRIBUTES] = of_values(cell.values)
        awaited = passed and call.response.code >= 200
        cell.routes_running += awaited
        self.host.run_route(
            Route.ONREPLY, cell.reply_route, call, partial(self._reply_route_ended, branch, call, passed, awaited)
        )

    def _reply_route_ended(self, branch: Branch, call: Call, passed: bool, awaited: bool, result: int) -> None:
        cell = branch.cell
        cell.flags = call.flags
        cell.routes_running -= awaited
        if passed:
            self._take(branch, call, self.host.clock.now())
        cell.arm(self.host, self.table)

    def _take(self, branch: Branch, call: Call, now: float) -> None:
        cell = branch.cell
        response = call.response
        code = response.code
        if code >= 200 and cell.server is None:
            branch.code = code
            branch.data = b""
            cell.complete(code, response)
        elif code < 200:
            # RFC 3261 16.7 step 5: a 100 ends here
            if code > 100 and not cell.is_answered and not cell.is_quiet:
                self.upstream.pass_on(cell, response, call.edits)
        elif code < 300:
            self._succeed(branch, call, now)
        elif not branch.code:  # else it was given up here before: 408, 487
            branch.code = code
            branch.reply = call
            if code // 100 == 6:
                self.cancel_pending(cell, now)  # RFC 3261 16.7 step 5
            self.settle(cell)

    def _succeed(self, branch: Branch, call: Call, now: float) -> None:
        cell = branch.cell
        response = call.response
        branch.code = response.code
        branch.data = b""
        first = cell.is_open
        if first and cell.is_quiet:
            self.upstream.release(cell)
        elif first or (cell.is_invite and not cell.is_quiet):
            self.upstream.pass_on(cell, response, call.edits)
        if first:
            if cell.is_invite:
                self._note_dialog(cell, response)
            self.cancel_pending(cell, now)  # RFC 3261 16.7 step 10
        cell.tidy()

    def _note_dialog(self, cell: Cell, response: Response) -> None:
        try:
            call_id, cseq, from_ = response.call_id, response.cseq, response.from_
        except BadHeader:
            return  # its ACK goes its way without the transaction
        if call_id is not None and cseq is not None and from_ is not None:
            self.table.add_dialog(cell, dialog_key(call_id, cseq.number, from_))

    def _acknowledge(self, branch: Branch, response: Response) -> None:
        """RFC 3261 17.1.1.3: the client transaction itself acknowledges a refusal."""
        if not branch.ack:
            branch.ack = build_ack(branch.data, response)
            branch.data = b""
        self._send(branch.ack, branch.target)

    # the end of all branches

    def settle(self, cell: Cell) -> None:
        """When all branches have failed: run the failure route, or give the best failure to the caller."""
        if not cell.is_open or cell.routes_running or not cell.branches or cell.has_pending_branch:
            cell.tidy()
            return
        cell.winner = best(cell.branches)
        if cell.failure_route is not None:
            self._run_failure_route(cell, cell.failure_route)
        else:
            self._forward_best(cell, cell.winner)

    def _run_failure_route(self, cell: Cell, name: str) -> None:
        if cell.request is None:
            return
        cell.failure_route = None  # SER dialect 7.7: once for each arming
        call = Call(self.host, cell.request, Route.FAILURE)
        call.uri = cell.branches[0].uri
        if cell.edits is None:
            cell.edits = call.edits
        else:
            call.edits = cell.edits
        call.flags = cell.flags
        call.force_rport = cell.force_rport
        call.reply_headers = cell.reply_headers or []
        call.values = cell.values if cell.values is not None else {}
        call.transaction = cell
        cell.routes_running += 1
        self.host.stats["tm.failure_routes"] += 1
        self.host.run_route(
            Route.FAILURE, name, call, partial(self._failure_route_ended, cell, call, len(cell.branches))
        )

    def _failure_route_ended(self, cell: Cell, call: Call, before: int, result: int) -> None:
        cell.routes_running -= 1
        cell.flags = call.flags
        if len(cell.branches) == before:
            cell.failure_route = None  # armed again, but nothing new can fail
        self.settle(cell)
        cell.arm(self.host, self.table)

    def _forward_best(self, cell: Cell, winner: Branch) -> None:
        code = upstream_code(winner.code)
        if cell.is_quiet:
            self.upstream.release(cell)
        elif winner.reply is not None and code == winner.code:
            edits = winner.reply.edits
            if self.merges_challenges:
                for line in challenges(winner, cell.branches):
                    edits.append_header(line)
            self.upstream.pass_on(cell, winner.reply.response, edits)
        else:
            reason = winner.reason if winner.reason is not None and code == winner.code else usual_reason(code)
            if not self.upstream.answer(cell, code, reason):
                self.upstream.release(cell)
        cell.tidy()

    # time

    def expire(self, cell: Cell, now: float) -> None:
        """The time of one or several machines of this transaction has come."""
        try:
            self._expire(cell, now)
        finally:
            cell.arm(self.host, self.table)  # whatever went wrong: it must not be forgotten by the wheel

    def _expire(self, cell: Cell, now: float) -> None:
        server = cell.server
        if server is not None and server.due <= now and SEND in server.event(TIMER, now):
            self.host.stats["tm.retransmitted"] += 1
            self.upstream.repeat(cell)
        late: list[Branch] = []
        for branch in cell.branches:
            if branch.client.due <= now:
                effects = branch.client.event(TIMER, now)
                if TIMEOUT in effects:
                    late.append(branch)
                elif SEND in effects:
                    self._resend(branch, now)
            cancel = branch.cancel
            if cancel is not None and cancel.due <= now and SEND in cancel.event(TIMER, now):
                self._send(branch.cancel_data, branch.target)
        if late:
            self._time_out(cell, late, now)
        elif cell.is_open:
            self.settle(cell)  # a retransmission may have failed

    def _resend(self, branch: Branch, now: float) -> None:
        self.host.stats["tm.retransmitted"] += 1
        if not self._send(branch.data, branch.target):
            branch.client.event(SEND_FAILED, now)
            branch.code = branch.code or 503  # RFC 3261 16.9
            branch.cell.complete(503)

    def _time_out(self, cell: Cell, late: Iterable[Branch], now: float) -> None:
        self.host.stats["tm.timeouts"] += 1
        is_silent = self._ends_silently(cell)
        cancels = []
        for branch in late:
            branch.timed_out = True
            if branch.is_real and branch.cancel is None and cell.is_invite and not is_silent:
                cancels.append(branch)
            if not branch.code:
                # RFC 3261 9.1: an INVITE that stays silent after its CANCEL counts as cancelled
                branch.code = 487 if cell.cancelled and branch.cancel is not None else 408
        cell.complete(408)
        if is_silent:
            self.upstream.release(cell)
        self.settle(cell)
        for branch in cancels:
            self._send_cancel(branch, now)

    def _ends_silently(self, cell: Cell) -> bool:
        """SER's silent timer C (SER dialect 7.9), only without `noisy_ctimer` (D26)."""
        return (
            not self.noisy_ctimer
            and cell.is_invite
            and cell.server is not None
            and cell.failure_route is None
            and len(cell.branches) == 1
            and cell.branches[0].is_real
        )

    # CANCEL

    def cancel(self, cell: Cell) -> bytes:
        """The caller cancels this INVITE; the phrase of the 200 to the CANCEL."""
        if not cell.is_open:
            return b"ok -- no more pending branches"
        now = self.host.clock.now()
        cell.cancelled = True
        if not cell.branches:
            self.upstream.answer(cell, 487, b"Request canceled")
        elif cell.has_pending_branch:
            self.cancel_pending(cell, now)
            self.settle(cell)
        else:  # a failure route is at work
            return b"ok -- no more pending branches"
        cell.arm(self.host, self.table)
        return b"canceling"

    def cancel_pending(self, cell: Cell, now: float) -> None:
        """End all branches that have no final response; only an INVITE's can be ended."""
        if not cell.is_invite:
            return
        for branch in cell.branches:
            if branch.code or branch.cancel is not None:
                continue
            if branch.client.state is State.PROCEEDING:
                self._send_cancel(branch, now)
            elif branch.client.state is State.CALLING:
                # RFC 3261 9.1: no CANCEL before a provisional response; SER answers in the branch's place
                branch.client.event(ABANDON, now)
                branch.code = 487

    def _send_cancel(self, branch: Branch, now: float) -> None:
        if branch.cancel is not None or not branch.data or branch.target is None:
            return
        branch.cancel_data = build_cancel(branch.data, user_agent=self.host.core.user_agent)
        reliable = branch.target.listener.proto != "udp"
        branch.cancel = NonInviteClient(branch.cell.settings, reliable, now)
        branch.client.event(CANCEL_SENT, now)
        if not self._send(branch.cancel_data, branch.target):
            branch.cancel.event(SEND_FAILED, now)

    def _send(self, data: bytes, target: Target | None) -> bool:
        if target is None or not data:
            return False
        try:
            self.host.send(data, target)
        except OSError as error:
            self.host.stats["tm.send_failed"] += 1
            self.host.log.warning(f"tm: {target.host}:{target.port} cannot be reached: {error.strerror or error}")
            return False
        return True


def client_machine(cell: Cell, target: Target, now: float) -> InviteClient | NonInviteClient:
    """The machine for a request that is sent now."""
    machine = InviteClient if cell.is_invite else NonInviteClient
    return machine(cell.settings, target.listener.proto != "udp", now)
