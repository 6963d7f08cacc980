"""IP addresses as text: which family they are, and one spelling for each."""

from __future__ import annotations

import socket
from functools import lru_cache


@lru_cache(maxsize=8192)
def ip_version(host: str) -> int:
    """4 or 6 for an IP address (without brackets); 0 for a name."""
    if ":" in host:
        family, version = socket.AF_INET6, 6
    elif host[-1:].isdigit():
        family, version = socket.AF_INET, 4
    else:
        return 0
    try:
        socket.inet_pton(family, host)
    except (OSError, ValueError):
        return 0
    return version


def canonical(host: str) -> str:
    """One spelling for each host: names in lower case, IPv6 without brackets and in its shortest form."""
    bare = host.strip("[]")
    if ip_version(bare) == 6:
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, bare))
    return bare.lower().removesuffix(".")


def bracketed(host: str) -> str:
    """The address as it stands before a port: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def shown(proto: str, host: str, port: int) -> str:
    """For people: `udp:127.0.0.1:5060`."""
    return f"{proto}:{bracketed(host)}:{port}"
