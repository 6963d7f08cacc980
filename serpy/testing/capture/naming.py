"""Readable names for the peers of a capture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ...host.network import Address
from ..flow.wire import Message, address
from .passed import Passed

MANY_USERS = 3
"""Who sends requests of so many different users is no phone."""
LONGEST = 24


@dataclass(frozen=True, slots=True)
class Named:
    """A peer."""

    name: str
    place: Address
    aor: str
    """The URI that it puts into From; empty when it never sent a request."""


@dataclass(slots=True)
class _Known:
    own: Counter[str] = field(default_factory=Counter)
    """The URIs that it gives as its own."""
    contacts: Counter[str] = field(default_factory=Counter)
    called: Counter[str] = field(default_factory=Counter)
    """Those under which it is addressed."""
    calls: int = 0
    is_called: int = 0


def name_peers(datagrams: Sequence[Passed], servers: Collection[Address]) -> list[Named]:
    """The peers in the order in which they appear, each by its user, else by its role: caller, callee, gw1."""
    known: dict[Address, _Known] = {}
    for one in datagrams:
        if one.source in servers and one.to in servers:
            continue
        message = Message.read(one.data)
        if one.source not in servers:
            _sent(known.setdefault(one.source, _Known()), message)
        else:
            _received(known.setdefault(one.to, _Known()), message)
    taken = {"itself"}  # the server, in a recording
    named = []
    for place, one_known in known.items():
        name = next((name for name in _wanted(one_known) if name not in taken), "") or _free(one_known, taken)
        taken.add(name)
        most = one_known.own.most_common(1)
        named.append(Named(name, place, most[0][0] if most and not _is_gateway(one_known) else ""))
    return named


def _sent(peer: _Known, message: Message) -> None:
    if contact := message.get("Contact"):
        peer.contacts[address(contact)] += 1
    if message.is_reply:
        peer.called[address(message.get("To"))] += 1
    elif message.method not in ("ACK", "CANCEL"):
        peer.own[address(message.get("From"))] += 1
        peer.calls += 1


def _received(peer: _Known, message: Message) -> None:
    if message.is_reply or message.method in ("ACK", "CANCEL"):
        return
    peer.is_called += 1
    peer.called[address(message.get("To"))] += 1


def _wanted(peer: _Known) -> list[str]:
    """The names that would fit, the best first."""
    names = []
    if _is_gateway(peer):
        names.append("gw1")
    else:
        for uris in (peer.own, peer.called, peer.contacts):
            names += [name for uri, _ in uris.most_common(1) if (name := readable(_user(uri)))]
    return names or ["caller" if peer.calls > peer.is_called else "callee"]


def _is_gateway(peer: _Known) -> bool:
    return len({_user(uri) for uri in peer.own}) >= MANY_USERS or len({_user(uri) for uri in peer.called}) >= MANY_USERS


def _user(uri: str) -> str:
    found = re.match(r"(?:sips?:([^@;?:]+)(?::[^@]*)?@|tel:([^;?]+))", uri)
    return (found[1] or found[2]) if found else ""


def readable(user: str) -> str:
    """A user part as a name of a flow file; empty when nothing is left of it."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", re.sub(r"%[0-9A-Fa-f]{2}", "-", user)).strip("-.")[:LONGEST]
    if not name or re.fullmatch(r"[0-9A-Fa-f-]{20,}", name):  # made by a machine
        return ""
    return name if re.match(r"[A-Za-z_]", name) else f"tel-{name}" if len(name) > 5 else f"phone-{name}"


def _free(peer: _Known, taken: Collection[str]) -> str:
    """The best name with a number."""
    name = _wanted(peer)[0]
    stem = "gw" if name == "gw1" else f"{name}-"
    return next(f"{stem}{number}" for number in range(2, len(taken) + 3) if f"{stem}{number}" not in taken)
