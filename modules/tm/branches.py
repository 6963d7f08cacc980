"""One place that a request was forwarded to, and how it ended there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fsm.ict import InviteClient
from .fsm.nict import NonInviteClient

if TYPE_CHECKING:
    from ...effects import Target
    from ...script.call import Call
    from .cell import Cell


class Branch:
    """One branch of a transaction (RFC 3261 16.7)."""

    __slots__ = (
        "ack",
        "cancel",
        "cancel_data",
        "cell",
        "client",
        "code",
        "data",
        "is_real",
        "key",
        "reason",
        "reply",
        "target",
        "timed_out",
        "uri",
    )

    def __init__(
        self,
        cell: Cell,
        key: bytes,
        uri: bytes,
        data: bytes,
        target: Target | None,
        client: InviteClient | NonInviteClient,
    ) -> None:
        self.cell = cell
        self.key = key
        """Its branch parameter."""
        self.uri = uri
        self.data = data
        """The request as it was sent."""
        self.target = target
        """None where no address was found."""
        self.client = client
        self.code = 0
        """The final code, received or made up here; 0 while it is pending."""
        self.reason: bytes | None = None
        """The phrase of a code that was made up here, where it is not the usual one."""
        self.reply: Call | None = None
        """The final response that was received, with what the reply route changed."""
        self.ack = b""
        """The hop-by-hop ACK that was sent for it."""
        self.is_real = False
        """A response was received here."""
        self.timed_out = False
        self.cancel: NonInviteClient | None = None
        """The CANCEL's own transaction."""
        self.cancel_data = b""
