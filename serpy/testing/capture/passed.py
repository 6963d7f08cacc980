"""What passed a server: datagrams, each with its time, where it came from and where it went."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...host.network import Address

SAME = 0.002
"""Seconds within which the same datagram is one that was captured twice; a retransmission comes later."""
_SIP = re.compile(rb"\A[^\r\n]*\bSIP/|^(?:via|v|from|f|to|t|call-id|i|cseq)[ \t]*:", re.IGNORECASE | re.MULTILINE)


class Passed(NamedTuple):
    """One datagram."""

    at: float
    """Seconds; only differences count."""
    source: Address
    to: Address
    data: bytes


def is_sip(data: bytes) -> bool:
    """Whether this looks like a SIP message; broken ones count as well, keep-alives and STUN do not."""
    return _SIP.search(data[:2000].lstrip(b"\r\n")) is not None


def without_doubles(datagrams: Iterable[Passed]) -> tuple[list[Passed], int]:
    """In order of time, without those captured twice (as on `any`, or on a bridge and its port); how many were."""
    kept: list[Passed] = []
    latest: dict[tuple[Address, Address, bytes], float] = {}
    doubles = 0
    for one in sorted(datagrams, key=lambda one: one.at):
        key = (one.source, one.to, one.data)
        before = latest.get(key)
        latest[key] = one.at
        if before is not None and one.at - before <= SAME:
            doubles += 1
        else:
            kept.append(one)
    return kept, doubles


def place_text(place: Address) -> str:
    """`10.0.0.1:5060`, `[2001:db8::1]:5060`."""
    return f"[{place[0]}]:{place[1]}" if ":" in place[0] else f"{place[0]}:{place[1]}"
