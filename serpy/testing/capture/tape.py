"""What passes a running server, kept by call until each one is over."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from ...host.network import Address
from .passed import Passed

IDLE = 35.0
"""Seconds of silence after which a call is over: a transaction lasts 32 s at most (RFC 3261 17, 64 * T1)."""
LONGEST_CALL = 3600.0
"""Seconds for which the BYE of a call is awaited."""
MOST_IN_CALL = 200
"""Datagrams of one call; of a longer one the rest is left out."""
MOST_CALLS = 5000
"""Calls at the same time; further ones are left out."""
MOST_OCTETS = 32 << 20
"""Of all calls together."""
MOST_ALIKE = 3
"""Flows of the same shape: thousands of REGISTERs are one behaviour."""
MOST_FLOWS = 200
"""Then recording ends."""
MOST_PHONES = 5000
"""Of which the last registration is kept, as the beginning of a later call's flow."""
CAUSED = 0.5
"""Seconds after something came in within which a request of the server's own counts as caused by it."""
BEFORE = 1.0
"""Seconds before a call at which the registrations stand that it needs."""

_CALL_ID = re.compile(rb"^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(rb"^CSeq[ \t]*:[ \t]*\d+[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True, eq=False)
class _Call:
    """A call that is not over yet, with what the server sent of its own accord because of it."""

    call_ids: list[bytes]
    datagrams: list[Passed] = field(default_factory=list)
    octets: int = 0
    latest: float = 0.0
    is_talking: bool = False
    """It was answered, and its BYE is awaited."""


class Tape:
    """Keeps datagrams by Call-ID, and hands out what is complete.

    Args:
        write: takes the datagrams of one flow.
    """

    def __init__(self, write: Callable[[list[Passed]], None]) -> None:
        self._write = write
        self._calls: dict[bytes, _Call] = {}
        self._registrations: OrderedDict[Address, list[Passed]] = OrderedDict()
        self._alike: Counter[tuple[object, ...]] = Counter()
        self._octets = 0
        self._last: tuple[float, _Call | None] = (0.0, None)
        """When something came in last, and the call to which it belongs."""
        self.flows = 0
        """How many were handed out."""
        self.left_out = 0
        """Datagrams for which there was no room."""

    @property
    def is_full(self) -> bool:
        """Whether so many flows were written that recording ends."""
        return self.flows >= MOST_FLOWS

    def note(self, at: float, source: Address, to: Address, data: bytes, is_sent: bool) -> None:
        """A datagram came in, or was sent."""
        found = _CALL_ID.search(data)
        if found is None or self.is_full:
            return
        call_id = found[1]
        call = self._calls.get(call_id)
        if call is None:
            if len(self._calls) >= MOST_CALLS or self._octets >= MOST_OCTETS:
                self.left_out += 1
                return
            since, cause = self._last
            if is_sent and cause is not None and at - since <= CAUSED and data[:4] != b"SIP/":
                call = self._calls[call_id] = cause
                cause.call_ids.append(call_id)
            else:
                call = self._calls[call_id] = _Call([call_id])
        if not is_sent:
            self._last = at, call
        call.latest = at
        if len(call.datagrams) >= MOST_IN_CALL:
            self.left_out += 1
            return
        call.datagrams.append(Passed(at, source, to, data))
        call.octets += len(data)
        self._octets += len(data)
        if data.startswith(b"SIP/2.0 2"):
            method = _CSEQ.search(data)
            if method is not None and method[1] == b"INVITE":
                call.is_talking = True
        elif data.startswith(b"BYE "):
            call.is_talking = False

    def sweep(self, now: float) -> None:
        """Hand out the calls that are over."""
        over = [call for call in self._unique() if self._is_over(call, now)]
        for call in over:
            self._end(call)

    def end(self) -> None:
        """Hand out all calls, over or not."""
        for call in self._unique():
            self._end(call)

    def _unique(self) -> list[_Call]:
        return list(dict.fromkeys(self._calls.values()))

    def _is_over(self, call: _Call, now: float) -> bool:
        return now - call.latest > (LONGEST_CALL if call.is_talking else IDLE)

    def _end(self, call: _Call) -> None:
        for call_id in call.call_ids:
            self._calls.pop(call_id, None)
        self._octets -= call.octets
        if self._last[1] is call:
            self._last = 0.0, None
        before = self._context(call)
        self._remember(call)
        shape = _shape(call.datagrams)
        self._alike[shape] += 1
        if self.is_full or self._alike[shape] > MOST_ALIKE:
            return
        self.flows += 1
        self._write([*before, *call.datagrams])

    def _context(self, call: _Call) -> list[Passed]:
        """The registrations of those who take part."""
        first = call.datagrams[0]
        if first.data.startswith(b"REGISTER "):
            return []
        places = dict.fromkeys(place for one in call.datagrams for place in (one.source, one.to))
        known = [self._registrations[place] for place in places if place in self._registrations]
        step = BEFORE / (len(known) + 1)
        began = first.at - BEFORE
        return [
            one._replace(at=began + number * step + place * 0.001)
            for number, registration in enumerate(known)
            for place, one in enumerate(registration)
        ]

    def _remember(self, call: _Call) -> None:
        """The last registration of a phone, if it was taken."""
        first = call.datagrams[0]
        if not first.data.startswith(b"REGISTER "):
            return
        for request in reversed(call.datagrams):
            if request.source != first.source or not request.data.startswith(b"REGISTER "):
                continue
            number = _cseq(request.data)
            for reply in call.datagrams:
                if reply.data.startswith(b"SIP/2.0 2") and reply.to == first.source and _cseq(reply.data) == number:
                    self._registrations[first.source] = [request, reply]
                    self._registrations.move_to_end(first.source)
                    while len(self._registrations) > MOST_PHONES:
                        self._registrations.popitem(last=False)
                    return


def _cseq(data: bytes) -> bytes:
    found = _CSEQ.search(data)
    return found[0].partition(b":")[2].strip() if found else b""


def _shape(datagrams: list[Passed]) -> tuple[object, ...]:
    """What happens, without who and when."""
    places: dict[Address, int] = {}
    shape: list[object] = []
    seen: set[tuple[Address, bytes]] = set()
    for one in datagrams:
        if (one.to, one.data) in seen:
            continue  # how often something was repeated makes no other behaviour
        seen.add((one.to, one.data))
        word = one.data[8:11] if one.data.startswith(b"SIP/2.0 ") else one.data.partition(b" ")[0]
        ends = (places.setdefault(one.source, len(places)), places.setdefault(one.to, len(places)))
        shape.append((*ends, word, _cseq(one.data).rpartition(b" ")[2]))
    return tuple(shape)
