"""How the reference evaluator compares values (SER dialect 2.5)."""

from __future__ import annotations

import ipaddress
import re
from functools import cache

from serpy.cfg.nodes import Network, Number, Text, Word

_RESOLVED = "10.0.0.9"
"""What names of hosts mean on the bench."""


def in_order(value: int, operator: str, right: int | str) -> bool:
    assert isinstance(right, int)
    return {
        "==": value == right,
        "!=": value == right,
        "<": value < right,
        ">": value > right,
        "<=": value <= right,
        ">=": value >= right,
    }[operator]


def is_address(address: str, operator: str, right: object) -> bool:
    if operator == "=~":
        return matches(value_of(right), address)
    if isinstance(right, Network):
        return _in_network(address, f"{right.address}/{right.mask}")
    text = right.text if isinstance(right, Word) else str(value_of(right))
    if text == "myself":
        return address == "127.0.0.1"
    bare = text.strip("[]")
    if bare.replace(".", "").isdigit() or ":" in bare:
        return _in_network(address, bare)
    return text.lower() == address or address == _RESOLVED


@cache
def _in_network(address: str, network: str) -> bool:
    one, other = ipaddress.ip_address(address), ipaddress.ip_network(network, strict=False)
    return one.version == other.version and one in other


def matches(pattern: int | str, text: str) -> bool:
    # the programs use such expressions only as mean the same to Python
    return re.search(str(pattern), text, re.IGNORECASE | re.DOTALL) is not None


def value_of(node: object) -> int | str:
    assert isinstance(node, Number | Text), node
    return node.value
