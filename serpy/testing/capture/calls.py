"""The calls of a capture, and what belongs to one of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ...host.network import Address
from ..flow.wire import Message, address
from .passed import Passed

AROUND = 5.0
"""Seconds around a call in which the server's own requests to its peers belong to it."""


@dataclass(slots=True)
class Call:
    """What bears one Call-ID."""

    call_id: str
    began: float
    ended: float
    method: str
    """Of the first request."""
    caller: str
    callee: str
    datagrams: int = 0
    codes: list[int] = field(default_factory=list)
    """The final answers."""
    places: set[Address] = field(default_factory=set)
    is_servers: bool = False
    """It begins with a request of the server's own."""


def calls_of(datagrams: Sequence[Passed], servers: Collection[Address]) -> dict[str, Call]:
    """The calls, in the order in which they began."""
    calls: dict[str, Call] = {}
    for one in datagrams:
        message = Message.read(one.data)
        call = calls.get(message.call_id)
        if call is None:
            call = calls[message.call_id] = Call(
                message.call_id,
                one.at,
                one.at,
                message.method,
                address(message.get("From")),
                address(message.get("To")),
                is_servers=one.source in servers and not message.is_reply,
            )
        call.ended = one.at
        call.datagrams += 1
        call.places.update(place for place in (one.source, one.to) if place not in servers)
        if message.code >= 200 and message.code not in call.codes:
            call.codes.append(message.code)
    return calls


def related(datagrams: Sequence[Passed], servers: Collection[Address], wanted: Sequence[str]) -> list[Passed]:
    """What belongs to these Call-IDs: they themselves, the registrations before them of those who take part, and what
    the server sent them of its own accord meanwhile.
    """
    calls = calls_of(datagrams, servers)
    chosen = [calls[call_id] for call_id in wanted if call_id in calls]
    if not chosen:
        return []
    places = set().union(*(call.places for call in chosen))
    began, ended = min(call.began for call in chosen), max(call.ended for call in chosen)
    kept = set(wanted)
    for call in calls.values():
        if not call.places & places:
            continue
        is_registration = call.method == "REGISTER" and call.began <= ended
        if is_registration or (call.is_servers and began - AROUND <= call.began <= ended + AROUND):
            kept.add(call.call_id)
    return [one for one in datagrams if Message.read(one.data).call_id in kept]
