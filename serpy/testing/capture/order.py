"""What the server sent, directly behind what made it send that.

Two peers may speak within a millisecond, before the server has answered the first. In a flow each step is followed by
all that comes of it, so what passed is sorted likewise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ...host.network import Address
from ..flow.wire import Message, param
from .passed import Passed
from .times import AT_ONCE


def by_cause(datagrams: Sequence[Passed], servers: Collection[Address]) -> list[Passed]:
    """The same datagrams; what follows at once from an earlier one stands behind it."""
    keys: list[int] = []
    """For each datagram, the place of the step to which it belongs."""
    begin = 0
    for place, one in enumerate(datagrams):
        while datagrams[begin].at < one.at - AT_ONCE:
            begin += 1
        cause = _cause(datagrams, begin, place, servers)
        keys.append(place if cause is None else keys[cause])
    return [datagrams[place] for place in sorted(range(len(datagrams)), key=lambda place: (keys[place], place))]


def _cause(datagrams: Sequence[Passed], begin: int, place: int, servers: Collection[Address]) -> int | None:
    """The place of the datagram from which this one follows; None for a peer's own step."""
    one = datagrams[place]
    message = Message.read(one.data)
    if one.source not in servers:
        return _acknowledged(datagrams, begin, place, message)
    latest: int | None = None
    """Of the same call."""
    is_again = any((other.data, other.to) == (one.data, one.to) for other in datagrams[begin:place])
    for before in range(place - 1, begin - 1, -1):
        other = datagrams[before]
        if other.source in servers:
            continue
        earlier = Message.read(other.data)
        if earlier.call_id != message.call_id:
            continue
        if not is_again and _comes_of(message, earlier):
            return before
        if latest is None:
            latest = before
    if latest is None and place > begin:
        return place - 1  # a request of the server's own, as a notification
    return latest


def _acknowledged(datagrams: Sequence[Passed], begin: int, place: int, message: Message) -> int | None:
    """The reply that a phone's ACK or PRACK follows."""
    if message.is_reply or message.method not in ("ACK", "PRACK"):
        return None
    for before in range(place - 1, begin - 1, -1):
        earlier = Message.read(datagrams[before].data)
        if (
            datagrams[before].to == datagrams[place].source
            and earlier.is_reply
            and earlier.call_id == message.call_id
            and param(earlier.get("To"), "tag") == param(message.get("To"), "tag")
        ):
            return before
    return None


def _comes_of(message: Message, earlier: Message) -> bool:
    """Whether the server's message is another's, forwarded, or what another always brings about."""
    if message.number != earlier.number:
        return False
    tags = param(message.get("To"), "tag"), param(earlier.get("To"), "tag")
    if message.is_reply:
        same = (message.code, message.method) == (earlier.code, earlier.method)
        # a failure may be held back until the other branches have ended (RFC 3261 16.7): it stays where it was
        return earlier.is_reply and same and tags[0] == tags[1] and message.code < 300
    if not earlier.is_reply:
        return message.method == earlier.method
    if message.method == "CANCEL":
        return earlier.method == "INVITE" and earlier.code >= 200
    if message.method == "ACK":
        return earlier.code >= 300 and tags[0] == tags[1]
    return earlier.method == message.method and earlier.code >= 300  # the next branch is tried
