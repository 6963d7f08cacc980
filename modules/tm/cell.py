"""One transaction: its machines, what it keeps of the request, and its one entry on the timer wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ...apis import Answer
from ...script.attributes import KEPT
from .fsm import NEVER, Settings, State
from .fsm.ist import InviteServer
from .fsm.nist import NonInviteServer

if TYPE_CHECKING:
    import asyncio

    from ...apis import Host
    from ...effects import Target
    from ...script.call import Failure
    from ...sip.edit import Edits
    from ...sip.message import Request, Response
    from .branches import Branch
    from .match import Table


TRYING, PROCEEDING, TERMINATED = State.TRYING, State.PROCEEDING, State.TERMINATED


class Owner(Protocol):
    """Who is told that the time of a transaction has come."""

    def expire(self, cell: Cell, now: float) -> None: ...


class Cell:
    """A transaction, in SER's word for it.

    A request that came in has a server machine, and a branch with a client machine for each place it was forwarded
    to. A request of our own has no server machine, one branch, and a future. What is only needed until the final
    response went out is dropped then: most cells only linger, by the ten thousand.
    """

    __slots__ = (
        "branch_route",
        "branches",
        "cancelled",
        "dialog_key",
        "due",
        "edits",
        "failure",
        "failure_route",
        "flags",
        "force_rport",
        "future",
        "is_invite",
        "is_quiet",
        "key",
        "local_tag",
        "method",
        "owner",
        "queued",
        "reply",
        "reply_headers",
        "reply_route",
        "request",
        "routes_running",
        "server",
        "settings",
        "status",
        "target",
        "token",
        "values",
        "winner",
    )

    def __init__(self, owner: Owner, method: bytes, settings: Settings) -> None:
        self.owner = owner
        self.method = method
        self.is_invite = method == b"INVITE"
        self.settings = settings
        self.server: InviteServer | NonInviteServer | None = None
        self.branches: list[Branch] = []
        self.token = b""
        """What our branch parameters begin with, the cookie included."""
        self.key = b""
        self.dialog_key: bytes | None = None
        self.due: float | None = None
        self.queued: float | None = None

        self.status = 0
        """The last code that was sent to the caller."""
        self.reply = b""
        """The last response that was sent to the caller."""
        self.target: Target | None = None
        """Where responses go."""
        self.local_tag: bytes | None = None
        """The To tag of a 2xx that the script itself gave to an INVITE."""

        self.request: Request | None = None
        self.edits: Edits | None = None
        """None: there are none."""
        self.flags = 0
        self.force_rport = False
        self.reply_headers: list[bytes] | None = None
        self.values: dict[str, Any] | None = None
        """Notes of the modules with the request."""

        self.failure_route: str | None = None
        self.reply_route: str | None = None
        self.branch_route: str | None = None
        self.winner: Branch | None = None
        """The best of the failures, while the failure route runs and afterwards."""
        self.routes_running = 0
        """Failure routes and reply routes with a final response that have not ended; the cell must outlive them."""
        self.cancelled = False
        """The caller cancelled the request."""
        self.is_quiet = False
        """Responses are not passed to the caller (`t_replicate`)."""
        self.failure: Failure | None = None
        """The failure of `t_relay` that is answered when the script ends (Kamailio)."""
        self.future: asyncio.Future[Answer] | None = None

    def fire(self, now: float) -> None:
        """The wheel: the time has come."""
        self.due = None
        self.owner.expire(self, now)

    @property
    def is_answered(self) -> bool:
        """Whether the caller has a final response."""
        return self.status >= 200

    @property
    def is_open(self) -> bool:
        """Whether the caller may still get a final response: there is none, and the script has not let go of it."""
        server = self.server
        return server is not None and (server.state is TRYING or server.state is PROCEEDING)

    @property
    def is_pending(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self.future is not None if self.server is None else self.is_open

    @property
    def has_pending_branch(self) -> bool:
        """Whether a final response of a branch is still to come."""
        for branch in self.branches:  # noqa: SIM110 - `any` with a generator takes twice as long, for each message
            if not branch.code:
                return True
        return False

    def complete(self, code: int, response: Response | None = None) -> None:
        """End a request of our own; only the first end counts."""
        future, self.future = self.future, None
        if future is not None and not future.done():
            future.set_result(Answer(code, response))

    def deadline(self) -> float:
        """The earliest moment at which one of the machines wants to be called."""
        due = self.server.due if self.server is not None else NEVER
        for branch in self.branches:
            if branch.client.due < due:
                due = branch.client.due
            if branch.cancel is not None and branch.cancel.due < due:
                due = branch.cancel.due
        return due

    def arm(self, host: Host, table: Table) -> None:
        """Set the wheel to the next deadline; a transaction all of whose machines have ended is forgotten."""
        due = self.deadline()
        if due == NEVER:
            self.due = None
            if self.routes_running == 0 and (self.server is None or self.server.state is TERMINATED):
                table.remove(self)
        elif self.due is None or due < self.due:
            host.schedule(self, due)
        else:
            self.due = due  # later than before: the wheel finds out by itself

    def tidy(self) -> None:
        """Drop what nobody needs once the caller has a final response and no branch is pending."""
        if self.request is None or self.is_open or self.routes_running or self.has_pending_branch:
            return
        self.request = None
        self.edits = None
        self.values = self._attributes()
        self.reply_headers = None
        for branch in self.branches:
            branch.reply = None
            if not self.is_invite:
                branch.data = b""

    def _attributes(self) -> dict[str, Any] | None:
        """The attributes alone, for a reply route that is still to see copies of the final response."""
        if self.reply_route is None or self.values is None or KEPT not in self.values:
            return None
        return {KEPT: self.values[KEPT]}
