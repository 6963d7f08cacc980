"""One message on its way through a route: what every command receives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..effects import Send
from ..module import Route
from ..sip.edit import Edits
from ..sip.message import Request, Response

if TYPE_CHECKING:
    from ..apis import Host, Listener


@dataclass(slots=True)
class Branch:
    """A further destination of the request, added by `append_branch` or `lookup`."""

    uri: bytes
    q: int | None = None
    """In thousandths."""
    dst_uri: bytes | None = None
    """Where it really goes, when not to `uri`: a route, or the address that a NATed phone registered from."""
    listener: Listener | None = None


class Failure(NamedTuple):
    """Why the last command failed, for `sl_reply_error` (SER dialect 7.9)."""

    code: int
    reason: str
    number: int
    """SER's internal number, shown in the phrase: `... (9/SL)`."""

    def phrase(self, suffix: str) -> str:
        """The reason phrase with its origin, as in `Transaction tuple incomplete (9/SL)`."""
        return f"{self.reason} ({self.number}/{suffix})"


class WrongMessage(TypeError):
    """A command ran on a reply and needs a request, or the other way round: its route was called from another kind of
    route than it was written for (SER dialect 8, row 27)."""


class Call:
    """A message and everything that the script has decided about it so far.

    Wire text is `bytes`; text from the script and for people is `str`.
    """

    __slots__ = (
        "branches",
        "dst_uri",
        "edits",
        "failure",
        "flags",
        "force_rport",
        "host",
        "kind",
        "message",
        "outbox",
        "q",
        "reply_headers",
        "send_socket",
        "transaction",
        "uri",
        "values",
    )

    def __init__(self, host: Host, message: Request | Response, kind: Route = Route.REQUEST) -> None:
        self.host = host
        self.message = message
        self.kind = kind
        self.uri: bytes = message.uri if isinstance(message, Request) else b""
        """The current Request-URI: as received until the script rewrites it."""
        self.dst_uri: bytes | None = None
        """The next hop where it is not `uri`."""
        self.q: int | None = None
        """The q of `uri`, in thousandths."""
        self.branches: list[Branch] = []
        self.edits = Edits()
        self.reply_headers: list[bytes] = []
        """Whole header lines with CRLF for local replies to this request (`append_to_reply`)."""
        self.flags = 0
        """The 32 message flags as bits."""
        self.force_rport = False
        self.send_socket: Listener | None = None
        self.transaction: Any = None
        """The transaction of this message; what it is only `tm` knows."""
        self.failure: Failure | None = None
        """Why the last command failed."""
        self.outbox: list[Send] = []
        self.values: dict[str, Any] = {}
        """Notes that modules keep with the message, by `module.name`."""

    @property
    def request(self) -> Request:
        """The message of a route that runs on requests.

        Raises:
            WrongMessage: the message is a reply.
        """
        if not isinstance(self.message, Request):
            raise WrongMessage("this route runs on a reply, not on a request")
        return self.message

    @property
    def response(self) -> Response:
        """The message of a route that runs on replies.

        Raises:
            WrongMessage: the message is a request.
        """
        if not isinstance(self.message, Response):
            raise WrongMessage("this route runs on a request, not on a reply")
        return self.message

    def fail(self, code: int, reason: str, number: int) -> None:
        """Note why the command at work fails."""
        self.failure = Failure(code, reason, number)
