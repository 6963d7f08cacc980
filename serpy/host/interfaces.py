"""The IP addresses of this machine's network interfaces."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

# rtnetlink(7): a request to dump all addresses, and the parts of its answer
_RTM_NEWADDR, _RTM_GETADDR, _NLMSG_ERROR, _NLMSG_DONE = 20, 22, 2, 3
_NLM_F_REQUEST_DUMP = 0x301
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_LINK_SCOPE = 253


def interface_addresses(interface: str | None = None) -> list[str]:
    """The addresses of one interface, or of all, IPv4 first; link-local IPv6 is left out (it needs a scope to be used).

    Where the system has no rtnetlink (macOS, BSD): the loopback and what the host's own name stands for.
    """
    if hasattr(socket, "AF_NETLINK"):
        found = list(_dump(interface))
    elif interface is None:
        names = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_DGRAM)
        found = ["127.0.0.1", "::1", *(str(entry[4][0]) for entry in names if "%" not in str(entry[4][0]))]
    else:
        found = []
    return sorted(dict.fromkeys(found), key=lambda address: ":" in address)


def _dump(interface: str | None) -> Iterator[str]:
    wanted = None
    if interface is not None:
        try:
            wanted = socket.if_nametoindex(interface)
        except OSError:
            return
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        header = struct.pack("=IHHII", 24, _RTM_GETADDR, _NLM_F_REQUEST_DUMP, 1, 0)
        netlink.sendto(header + struct.pack("=BBBBI", socket.AF_UNSPEC, 0, 0, 0, 0), (0, 0))
        while True:
            data = netlink.recv(1 << 16)
            at = 0
            while at < len(data):
                length, kind = struct.unpack_from("=IH", data, at)
                if kind in (_NLMSG_DONE, _NLMSG_ERROR):
                    return
                if kind == _RTM_NEWADDR:
                    yield from _address(data[at + 16 : at + length], wanted)
                at += (length + 3) & ~3


def _address(message: bytes, wanted: int | None) -> Iterator[str]:
    family, _, _, scope, index = struct.unpack_from("=BBBBI", message)
    if family not in (socket.AF_INET, socket.AF_INET6) or wanted not in (None, index) or scope == _LINK_SCOPE:
        return
    attributes: dict[int, bytes] = {}
    at = 8
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        attributes[kind] = message[at + 4 : at + length]
        at += max(4, (length + 3) & ~3)
    # of a point-to-point link IFA_ADDRESS is the far end, and IFA_LOCAL ours
    packed = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
    if packed is not None:
        yield socket.inet_ntop(family, packed)
