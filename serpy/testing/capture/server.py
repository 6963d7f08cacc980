"""Which address of a capture is the server's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...host.network import Address
from ..flow.wire import Message
from .passed import Passed, place_text
from .pcap import CaptureError


@dataclass(slots=True)
class _Role:
    partners: set[Address] = field(default_factory=set)
    registers: int = 0
    requests: int = 0
    """That it received."""
    asked: int = 0
    """Requests that it sent."""

    def rank(self) -> tuple[int, bool, int]:
        return len(self.partners), self.registers > 0, self.requests - self.asked

    def told(self) -> str:
        return f"talks to {len(self.partners)}, received {self.requests} requests ({self.registers} REGISTER)"


def find_servers(datagrams: Sequence[Passed], given: Sequence[tuple[str, int | None]]) -> list[Address]:
    """The server's addresses: those that are given, else the one that talks to several others.

    Args:
        given: host and port; without a port, every one of that host that received something.

    Raises:
        CaptureError: none can be told, or a given one is not in the capture.
    """
    roles = _roles(datagrams)
    if given:
        found: list[Address] = []
        for host, port in given:
            fitting = [place for place in roles if place[0] == host and port in (None, place[1])]
            if not fitting:
                wanted = host if port is None else place_text((host, port))
                raise CaptureError(f"no SIP passed {wanted} in this capture. {_candidates(roles)}")
            found += [place for place in fitting if place not in found]
        return found
    ranked = sorted(roles, key=lambda place: roles[place].rank(), reverse=True)
    if not ranked:
        raise CaptureError("there is no SIP over UDP in this capture")
    if len(ranked) > 1 and roles[ranked[0]].rank() == roles[ranked[1]].rank():
        raise CaptureError(f"which one is the server cannot be told; say it by --server. {_candidates(roles)}")
    return ranked[:1]


def _roles(datagrams: Sequence[Passed]) -> dict[Address, _Role]:
    roles: dict[Address, _Role] = {}
    for one in datagrams:
        sender, receiver = roles.setdefault(one.source, _Role()), roles.setdefault(one.to, _Role())
        if one.source != one.to:
            sender.partners.add(one.to)
            receiver.partners.add(one.source)
        message = Message.read(one.data)
        if not message.is_reply:
            sender.asked += 1
            receiver.requests += 1
            receiver.registers += message.method == "REGISTER"
    return roles


def _candidates(roles: dict[Address, _Role]) -> str:
    ranked = sorted(roles, key=lambda place: roles[place].rank(), reverse=True)[:8]
    return "Seen were: " + "; ".join(f"{place_text(place)} {roles[place].told()}" for place in ranked)
