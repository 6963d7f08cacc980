"""The commands that look at a transaction or prepare it; those that make it work are in the package itself."""

from __future__ import annotations

from typing import Annotated

from ...dialect import Dialect
from ...module import Does, Route, RouteName, command
from ...script.call import Call
from ...script.regex import LineRegex
from .arrival import BRANCH_ROUTE, FAILURE_ROUTE, FOUND, REPLY_ROUTE, TIMES, Arrivals, set_times
from .cell import Cell
from .fsm import ACK
from .match import Incomplete, key

FailureRoute = Annotated[str, RouteName(Route.FAILURE)]
ReplyRoute = Annotated[str, RouteName(Route.ONREPLY)]
BranchRoute = Annotated[str, RouteName(Route.BRANCH)]

IN_TRANSACTION = Route.REQUEST | Route.FAILURE | Route.ONREPLY
ALL_BUT_ONSEND = IN_TRANSACTION | Route.BRANCH


class TmCommands(Arrivals):
    """Arming routes, looking up, times, flags and states."""

    # routes to run later

    @command("t_on_failure", "t_on_negative", routes=IN_TRANSACTION)
    def t_on_failure(self, call: Call, route: FailureRoute) -> bool:
        """Run this failure_route when all destinations have failed; once. "0" takes it back."""
        name = _armed(route)
        cell: Cell | None = call.transaction
        if cell is not None:
            cell.failure_route = name
        else:
            call.values[FAILURE_ROUTE] = name
        return True

    @command("t_on_reply", routes=IN_TRANSACTION)
    def t_on_reply(self, call: Call, route: ReplyRoute) -> bool:
        """Run this onreply_route on every reply of the transaction. "0" takes it back."""
        name = _armed(route)
        cell: Cell | None = call.transaction
        if cell is not None:
            cell.reply_route = name
        else:
            call.values[REPLY_ROUTE] = name
        return True

    @command("t_on_branch", routes=Route.REQUEST | Route.FAILURE)
    def t_on_branch(self, call: Call, route: BranchRoute) -> bool:
        """Run this branch_route for each destination before the request is sent there. "0" takes it back."""
        name = _armed(route)
        cell: Cell | None = call.transaction
        if cell is not None:
            cell.branch_route = name
        else:
            call.values[BRANCH_ROUTE] = name
        return True

    # looking up

    @command("t_lookup_request")
    def t_lookup_request(self, call: Call) -> bool:
        """True if the request is a copy of one that has a transaction, or the ACK that ends there; nothing is sent."""
        request = call.request
        try:
            if request.method == b"ACK":
                found = self.acknowledged(request)
            else:
                found = self.table.find(request, key(request, request.method))
        except Incomplete:
            return False
        if found is None:
            return False
        call.values[FOUND] = found
        return True

    @command("t_lookup_cancel")
    def t_lookup_cancel(self, call: Call) -> bool:
        """True if the request is a CANCEL whose INVITE has a transaction."""
        try:
            return call.request.method == b"CANCEL" and self.invite(call) is not None
        except Incomplete:
            return False

    def invite(self, call: Call) -> Cell | None:
        """The INVITE transaction that this CANCEL is for.

        Raises:
            Incomplete
        """
        return self.table.find(call.request, key(call.request, b"INVITE"))

    @command("t_check_trans", routes=ALL_BUT_ONSEND)
    def t_check_trans(self, call: Call) -> int:
        """Absorb a copy or an ACK that ends here (0: the script ends).

        True for what else belongs to a transaction: the CANCEL of an INVITE, the ACK for a 2xx.
        """
        if call.kind is not Route.REQUEST or call.transaction is not None:
            return 1 if call.transaction is not None else -1
        request = call.request
        try:
            if request.method == b"ACK":
                if self.acknowledge(request):
                    return 0
                return 1 if self.dialog(request) is not None else -1
            if request.method == b"CANCEL" and self.invite(call) is not None:
                return 1
            found = self.table.find(request, key(request, request.method))
        except Incomplete:
            return -1
        if found is None:
            return -1
        self.upstream.absorb(found)
        return 0

    @command("t_retransmit_reply")
    def t_retransmit_reply(self, call: Call) -> bool:
        """Send the last reply of the transaction again; false when there was none."""
        cell = _cell(call)
        return cell is not None and self.upstream.repeat(cell)

    @command("t_release")
    def t_release(self, call: Call) -> bool:
        """Let the transaction go: it only absorbs copies of the request for `wt_timer`."""
        cell = _cell(call)
        if cell is not None and cell.server is not None:
            if call.request.method == b"ACK":
                cell.server.event(ACK, self.host.clock.now())
            self.upstream.release(cell)
            self.settled(cell)
        return True

    # its state

    @command("t_check_status", routes=IN_TRANSACTION)
    def t_check_status(self, call: Call, status: LineRegex) -> bool:
        """Whether the expression is found in a status code.

        In a request route it is that of the last reply sent, in an onreply_route that of the reply, in a
        failure_route that of the reply that won.
        """
        if call.kind is Route.ONREPLY:
            code = call.response.code
        else:
            cell: Cell | None = call.transaction
            if cell is None:
                return False
            failed = call.kind is Route.FAILURE and cell.winner is not None
            code = cell.winner.code if failed and cell.winner is not None else cell.status
        return status.search(b"%03d" % code) is not None

    @command("t_flush_flags", routes=IN_TRANSACTION, does=Does.CHANGES_FLAGS)
    def t_flush_flags(self, call: Call, direction: int) -> bool:
        """1: give the message's flags to the transaction; 2: the other way round."""
        cell: Cell | None = call.transaction
        if cell is None or direction not in (1, 2):
            return False
        if direction == 1:
            cell.flags = call.flags
        else:
            call.flags = cell.flags
        return True

    @command("t_set_fr", routes=ALL_BUT_ONSEND)
    def t_set_fr(self, call: Call, fr_inv: int, fr: int = 0) -> bool:
        """Set `fr_inv_timer` and `fr_timer` of this transaction for the branches to come; 0 leaves one as it is.

        The unit is the millisecond; in SER files a value below 1000 is in seconds (D1).
        """
        if fr_inv < 0 or fr < 0:
            return False
        times = self._fr(fr_inv), self._fr(fr)
        cell: Cell | None = call.transaction
        if cell is not None:
            set_times(cell, *times)
        else:
            call.values[TIMES] = times
        return True

    def _fr(self, value: int) -> float:
        in_seconds = self.host.dialect is not Dialect.KAMAILIO and value < 1000
        return float(value) if in_seconds else value / 1000

    @command("t_branch_timeout", routes=Route.FAILURE)
    def t_branch_timeout(self, call: Call) -> bool:
        """Whether the failure that won is a time-out."""
        cell: Cell | None = call.transaction
        return cell is not None and cell.winner is not None and cell.winner.timed_out

    @command("t_branch_replied", routes=Route.FAILURE)
    def t_branch_replied(self, call: Call) -> bool:
        """Whether the destination whose failure won has ever sent a reply."""
        cell: Cell | None = call.transaction
        return cell is not None and cell.winner is not None and cell.winner.is_real

    @command("t_any_timeout", routes=ALL_BUT_ONSEND)
    def t_any_timeout(self, call: Call) -> bool:
        """Whether any destination has timed out."""
        cell: Cell | None = call.transaction
        return cell is not None and any(branch.timed_out for branch in cell.branches)

    @command("t_any_replied", routes=ALL_BUT_ONSEND)
    def t_any_replied(self, call: Call) -> bool:
        """Whether any destination has sent a reply."""
        cell: Cell | None = call.transaction
        return cell is not None and any(branch.is_real for branch in cell.branches)

    @command("t_is_canceled", routes=ALL_BUT_ONSEND)
    def t_is_canceled(self, call: Call) -> bool:
        """Whether the caller has cancelled the request."""
        cell: Cell | None = call.transaction
        return cell is not None and cell.cancelled


def _armed(route: str) -> str | None:
    return None if route in ("", "0") else route


def _cell(call: Call) -> Cell | None:
    found: Cell | None = call.transaction or call.values.get(FOUND)
    return found
