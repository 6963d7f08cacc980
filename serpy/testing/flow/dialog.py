"""What a phone remembers: its dialogs, and the requests that came in."""

from __future__ import annotations

from dataclasses import dataclass

from ...host.network import Address
from .wire import Message


@dataclass(slots=True)
class Dialog:
    """A peer's side of a dialog (RFC 3261 12)."""

    call_id: str
    local: str
    """Our From or To value, with the tag."""
    remote: str
    target: str
    """The other side's Contact."""
    routes: list[str]
    number: int
    """The CSeq of our last request."""
    asked: Message | None = None
    """Our INVITE that was last answered, for ACK."""
    reliable: Message | None = None
    """The provisional reply that awaits its PRACK."""


@dataclass(slots=True)
class Asked:
    """A request that came in."""

    message: Message
    data: bytes
    port: int
    code: int = 0
    """The last answer; 0: none yet."""
    reply: bytes = b""
    tag: str = ""


def taken_of(invite: Message) -> list[tuple[str, str]]:
    """What CANCEL and the ACK of a failure have in common with their INVITE."""
    wanted = ("Route", "Max-Forwards", "From", "To", "Call-ID")
    return [("Via", invite.get("Via")), *(one for one in invite.headers if one[0] in wanted)]


def hostport(place: Address) -> str:
    host = f"[{place[0]}]" if ":" in place[0] else place[0]
    return f"{host}:{place[1]}"
