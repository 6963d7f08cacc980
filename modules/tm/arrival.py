"""What a request that came in is to the transactions: a copy, an ACK, a CANCEL, or the first of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...effects import Send
from ...script.call import Call, Failure
from ...sip.errors import BadHeader
from .cell import Cell
from .context import Context
from .fsm import ACK
from .fsm.ist import InviteServer
from .fsm.nist import NonInviteServer
from .local import Local
from .match import Incomplete, Table, dialog_key, key
from .params import TmParams
from .relay import Relay
from .upstream import Upstream

if TYPE_CHECKING:
    from ...sip.message import Request

BUSY = Failure(500, "I'm terribly sorry, server error occurred", 10)
"""SER's E_SCRIPT: the script asks for what cannot be at this moment."""

FAILURE_ROUTE, REPLY_ROUTE, BRANCH_ROUTE = "tm.failure_route", "tm.reply_route", "tm.branch_route"
"""The routes that a script armed before there was a transaction, among the values of its call."""
TIMES = "tm.times"
"""The times that a script set before there was a transaction: (fr_inv, fr) in seconds, 0 for unchanged."""
FOUND = "tm.found"
"""The transaction that `t_lookup_request` found."""


class Arrivals(TmParams):
    """The parts of tm, and how a request gets its transaction."""

    def prepare(self) -> None:
        """Make the parts with the parameters as the script set them."""
        self.times = self.settings()
        self.table = Table(ruri_matching=bool(self.ruri_matching), via1_matching=bool(self.via1_matching))
        self.upstream = Upstream(self.host)
        self.context = Context(
            self.host,
            self.table,
            self.upstream,
            noisy_ctimer=bool(self.noisy_ctimer),
            merges_challenges=bool(self.aggregate_challenges),
        )
        self.relay = Relay(self.host, self.table, self.context.settle)
        self.local = Local(self.host, self.table, self.context, self.times)

    def open(self, call: Call, request_key: bytes) -> Cell:
        """A new transaction for the call's request."""
        request = call.request
        cell = Cell(self.context, request.method, self.times)
        if cell.is_invite:
            cell.server = InviteServer(self.times, request.listener.proto != "udp")
        else:
            cell.server = NonInviteServer(self.times)
        cell.request = request
        cell.target = self.host.reply_target(call)
        cell.force_rport = call.force_rport
        self.note(cell, call)
        values = call.values
        if values:
            cell.failure_route = values.get(FAILURE_ROUTE)
            cell.reply_route = values.get(REPLY_ROUTE)
            cell.branch_route = values.get(BRANCH_ROUTE)
            if TIMES in values:
                set_times(cell, *values[TIMES])
        self.table.add(cell, request_key)
        call.transaction = cell
        self.host.stats["tm.transactions"] += 1
        return cell

    def note(self, cell: Cell, call: Call) -> None:
        """Keep what the script has made of the request so far, for the failure route and for responses."""
        cell.edits = call.edits.copy() if call.edits else None
        cell.flags = call.flags
        self.upstream.aim(cell, call)
        cell.reply_headers = call.reply_headers
        cell.values = call.values

    def settled(self, cell: Cell) -> None:
        """After a command changed the transaction: drop what is not needed, and set the wheel."""
        cell.tidy()
        cell.arm(self.host, self.table)

    def acknowledge(self, request: Request) -> bool:
        """Whether this ACK ends here: it is for a response of ours, or for a refusal that was passed on.

        Raises:
            Incomplete
        """
        cell = self.acknowledged(request)
        if cell is None or cell.server is None:
            return False
        cell.server.event(ACK, self.host.clock.now())
        self.host.stats["tm.absorbed"] += 1
        cell.arm(self.host, self.table)
        return True

    def acknowledged(self, request: Request) -> Cell | None:
        """The transaction at which this ACK ends.

        Raises:
            Incomplete
        """
        cell = self.table.find(request, key(request, b"INVITE"))
        if cell is not None and cell.status >= 300:
            return cell  # RFC 3261 17.2.3: an ACK for a refusal bears the branch of the INVITE
        cell = self.dialog(request)
        to = request.to
        if cell is not None and cell.local_tag is not None and to is not None and to.tag == cell.local_tag:
            return cell
        return None

    def dialog(self, request: Request) -> Cell | None:
        """The INVITE transaction that ended with a 2xx which this ACK is for.

        Raises:
            Incomplete
        """
        try:
            call_id, cseq, from_ = request.call_id, request.cseq, request.from_
        except BadHeader:
            raise Incomplete from None
        if call_id is None or cseq is None or from_ is None or not self.table.dialogs:
            return None
        return self.table.dialogs.get(dialog_key(call_id, cseq.number, from_))

    def refuse_incomplete(self, call: Call, failure: Failure) -> None:
        """Answer a request that identifies no transaction, without one (D31)."""
        call.failure = failure
        request = call.request
        try:
            data = self.upstream.build(
                request,
                failure.code,
                failure.phrase("TM").encode(),
                tag=self.upstream.tags.stateful(request.via),
                headers=call.reply_headers,
                out_uri=call.uri,
                force_rport=call.force_rport,
            )
        except BadHeader as error:
            self.host.log.notice(f"tm: the request identifies no transaction and cannot be answered: {error}", call)
            return
        call.outbox.append(Send(data, self.host.reply_target(call)))


def set_times(cell: Cell, fr_inv: float, fr: float) -> None:
    """Give the transaction its own times, for the branches to come; 0 leaves a time as it is."""
    old = cell.settings
    cell.settings = old._replace(fr_inv=fr_inv or old.fr_inv, fr=fr or old.fr)
