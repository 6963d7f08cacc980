"""From a flow's addresses to loopback ones and back: 10.0.0.1:5060 becomes 127.83.12.1:5060.

Ports stay as they are. The whole of 127.0.0.0/8 is this machine, so a network of its own for each run makes sure that
nothing collides, and `sip:bob@127.0.0.1` still means port 5060 of the server.
"""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Callable

from ...host.network import Address

MOST = 250
"""Hosts within one run."""
_IPV4 = rb"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\d|\.\d)"
_PLACE = re.compile(_IPV4 + rb"(?::(\d{1,5}))?")
_IN_SCRIPT = re.compile(rb"(?!sips?:)\b\w+://[^\s\"';,)]*|" + _IPV4)
_LENGTH = re.compile(rb"(?im)^((?:content-length|l)[ \t]*:[ \t]*)(\d{1,9})")
_ANYWHERE = 5060


class TooMany(Exception):
    """The flow names more hosts than one network has."""


class Mapping:
    """The two names of each host of a flow.

    Args:
        network: the first three numbers, as in `127.83.12`.
        wanted: called with each place (as the flow names it) that a message mentions: somebody may send to it.
    """

    def __init__(self, network: str, wanted: Callable[[Address], None] = lambda place: None) -> None:
        self.network = network
        self.wanted = wanted
        self._real: dict[str, str] = {}
        self._home: dict[str, str] = {}

    def real(self, host: str) -> str:
        """The loopback address of a host of the flow; a new host gets the next one.

        Raises:
            TooMany
        """
        known = self._real.get(host)
        if known is None:
            if len(self._real) >= MOST:
                raise TooMany(f"more than {MOST} addresses")
            known = self._real[host] = f"{self.network}.{len(self._real) + 1}"
            self._home[known] = host
        return known

    def home(self, host: str) -> str:
        """What the flow calls a loopback address; one that it does not know stays as it is."""
        return self._home.get(host, host)

    def outward(self, data: bytes) -> bytes:
        """A message as it goes to the other server."""

        def one(found: re.Match[bytes]) -> bytes:
            host, colon, port = found[0].decode().partition(":")
            if _stays(host):
                return found[0]
            number = int(port) if port else _ANYWHERE
            if 0 < number < 65536:
                self.wanted((host, number))
            return (self.real(host) + colon + port).encode()

        return _rewritten(data, lambda part: _PLACE.sub(one, part))

    def homeward(self, data: bytes) -> bytes:
        """A message of the other server's as the flow sees it."""
        ours = re.compile(rb"(?<![\d.])" + re.escape(self.network.encode()) + rb"\.\d{1,3}(?!\d|\.\d)")
        return _rewritten(data, lambda part: ours.sub(lambda found: self.home(found[0].decode()).encode(), part))

    def script(self, text: bytes) -> bytes:
        """A script with its addresses replaced; those of databases (`mysql://...`) are left alone."""

        def one(found: re.Match[bytes]) -> bytes:
            whole = found[0]
            return whole if b"://" in whole or _stays(whole.decode()) else self.real(whole.decode()).encode()

        return _IN_SCRIPT.sub(one, text)


def free_network(port: int) -> str:
    """A network in which nobody uses this UDP port.

    Raises:
        OSError: there is none; that happens where somebody has taken the port on all addresses.
    """
    problem: OSError | None = None
    for _ in range(8):
        network = f"127.{random.randint(2, 250)}.{random.randint(1, 250)}"
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.bind((f"{network}.1", port))
        except OSError as error:
            problem = error
        else:
            return network
    assert problem is not None
    raise problem


def _stays(host: str) -> bool:
    """Whether this is no host: nowhere, everywhere, a group."""
    first = int(host.split(".")[0])
    return first == 0 or first >= 224


def _rewritten(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Head and body changed, and Content-Length by as much as the body has grown: a wrong one stays wrong."""
    head, gap, body = data.partition(b"\r\n\r\n")
    new = change(body)
    grown = len(new) - len(body)
    head = change(head)
    if grown:
        head = _LENGTH.sub(lambda found: found[1] + str(max(0, int(found[2]) + grown)).encode(), head)
    return head + gap + new
