"""SER 2's onsend_route: the last look at a request before it is sent on (SER dialect 3.3 and 3.4).

It runs for each request that is forwarded, with a transaction or without one; not for replies, retransmissions and
requests of our own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..module import Route
from .call import Call, Failure

if TYPE_CHECKING:
    import asyncio

    from ..apis import Host
    from ..effects import Target

UNNAMED = "0"
"""Only the block without a name is run."""
PROHIBITED = Failure(403, "Forbidden", 510)
"""Why a command fails whose message the onsend_route stopped."""


class Outgoing(Call):
    """A request as the onsend_route sees it: with the bytes that are to be sent, and where."""

    __slots__ = ("data", "target")

    def __init__(self, call: Call, data: bytes, target: Target) -> None:
        super().__init__(call.host, call.message, Route.ONSEND)
        self.data = data
        self.target = target
        self.uri = call.uri
        self.dst_uri = call.dst_uri
        self.flags = call.flags
        self.values = call.values
        self.transaction = call.transaction


def has_onsend_route(host: Host) -> bool:
    """Whether the script wants to look at what is sent."""
    return host.has_route(Route.ONSEND, UNNAMED)


async def may_send(call: Call, data: bytes, target: Target) -> bool:
    """Whether the onsend_route lets these bytes go: it does unless its result is 0, as after `drop`."""
    outgoing = Outgoing(call, data, target)
    ended = call.host.future()
    call.host.run_route(Route.ONSEND, UNNAMED, outgoing, partial(_end, ended))
    result: int = await ended
    call.flags = outgoing.flags
    if result == 0:
        call.host.stats["onsend.dropped"] += 1
    return result != 0


def _end(ended: asyncio.Future[int], result: int) -> None:
    if not ended.done():
        ended.set_result(result)
