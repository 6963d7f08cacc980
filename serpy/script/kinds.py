"""What the core's own commands take as arguments, beyond numbers and strings."""

from __future__ import annotations

import socket
from typing import Annotated, NamedTuple

from ..module import NUMBER, Kind

URI_HOST = "uri:host"
URI_PORT = "uri:port"

MAX_LENGTH = 65535
"""What `max_len` stands for: the size of SER's receive buffer."""
SERVED = ("udp",)
"""The transports that this version of serpy speaks."""
_PROTOS = frozenset({"udp", "tcp", "tls"})


class Socket(NamedTuple):
    """`[proto:]host[:port]` as in `listen`, `alias` and `force_send_socket`; "" and 0 stand for any."""

    proto: str
    host: str
    """Without brackets; "*" for any."""
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.proto}:" * bool(self.proto) + host + f":{self.port}" * bool(self.port)


def plain_ip(text: str) -> str | None:
    """An IPv4 or IPv6 address (without brackets) in its usual spelling; None for what is none.

    Octets are numbers like any other of a script: with a leading 0 they are octal (SER dialect 1.1).
    """
    try:
        if ":" not in text and text.isascii():
            octets = [int(octet, 8 if octet[:1] == "0" else 10) for octet in text.split(".") if octet.isdecimal()]
            text = ".".join(map(str, octets)) if len(octets) == text.count(".") + 1 else ""
        socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except (OSError, ValueError):
        return None
    return text


def is_ip(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address (without brackets)."""
    return plain_ip(text) is not None


def parse_socket(text: str) -> Socket:
    """Read `[proto:]host[:port]`; an IPv6 address with a port stands in brackets.

    Raises:
        ValueError: what is wrong with it.
    """
    proto, colon, rest = text.partition(":")
    if not colon or proto.lower() not in (*_PROTOS, "*") or (proto == "*" and rest.isdigit()):
        proto, rest = "", text
    if plain := plain_ip(rest):
        return Socket(_any(proto), plain, 0)
    host, port = rest, ""
    if rest.startswith("["):
        host, bracket, port = rest[1:].partition("]")
        if not bracket or not is_ip(host) or (port and not port.startswith(":")):
            raise ValueError(f"{rest!r} is not an IPv6 address in brackets with a port")
        port = port[1:]
    elif ":" in rest:
        host, _, port = rest.rpartition(":")
    if not host or (":" in host.replace("::", "") and not is_ip(host)):
        raise ValueError(f"{text!r} is not of the form [proto:]host[:port]")
    if "." in host and host.replace(".", "").isdecimal() and not is_ip(host):
        raise ValueError(f"{host!r} is not an IPv4 address, which is four numbers from 0 to 255")
    return Socket(_any(proto), plain_ip(host) or host, _port(port) if port not in ("", "*") else 0)


def _any(proto: str) -> str:
    return "" if proto == "*" else proto.lower()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f"{text!r} is not a port (1 to 65535)")
    return int(text)


def _host(text: str) -> str:
    bare = text.strip().removeprefix("[").removesuffix("]")
    if text != URI_HOST and not is_ip(bare) and not _is_name(bare):
        raise ValueError(f"{text!r} is neither a host name nor an IP address")
    return text if text == URI_HOST else plain_ip(bare) or bare


def _is_name(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    # RFC 1123 2.1: the last label is alphabetic, so that a name is never taken for an address
    return not labels[-1].isdecimal() and all(
        label and label.replace("-", "a").replace("_", "a").isalnum() for label in labels
    )


def _port_or_uri(text: str) -> int | str:
    return text if text == URI_PORT else _port(text)


def _written_port(text: str) -> bytes:
    return str(_port(text)).encode() if text else b""


def _host_port(text: str) -> bytes:
    """Only the port is looked into: what stands behind a `;` goes along as it is."""
    host, _, _ = text.partition(";")
    before, colon, port = host.rpartition(":")
    if colon and not host.endswith("]") and not is_ip(host):
        if not before:
            raise ValueError(f"{text!r} has no host before its port")
        _port(port)
    return text.encode("utf-8", "surrogateescape")


def _status(text: str) -> int:
    code = NUMBER.convert(text)
    if code and not 100 <= code <= 699:
        raise ValueError(f"{code} is not the code of a reply (100 to 699)")
    return code


def _flag(text: str) -> int:
    if not text.isdecimal() or int(text) > 31:
        raise ValueError(f"{text!r} is not the number of a flag (0 to 31)")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not a number of characters")
    return int(text)


def _length(text: str) -> int:
    if text == "max_len":
        return MAX_LENGTH
    if not text.isdecimal():
        raise ValueError(f"{text!r} is neither a number of octets nor max_len")
    return int(text)


def _thousandths(text: str) -> int:
    try:
        q = float(text)
    except ValueError:
        q = -1.0
    if not 0 <= q <= 1:
        raise ValueError(f'{text!r} is not a q value (0 to 1, as in "0.5")')
    return round(q * 1000)


HOST = Kind("a host name or IP address", _host)
PORT = Kind("a port", _port_or_uri)
NUMBER_OF_PORT = Kind("a port", _port)
FLAG = Kind("the number of a flag", _flag)
LENGTH = Kind("a number of octets, or max_len", _length)
WRITTEN_PORT = Kind("a port, or empty for none", _written_port)
HOST_PORT = Kind("host[:port]", _host_port)
STATUS = Kind("the code of a reply", _status)
COUNT = Kind("a number of characters", _count)
Q = Kind("a q value", _thousandths)
SOCKET = Kind("a socket ([proto:]host[:port])", parse_socket)

HostArg = Annotated[str, HOST]
"""A host, or `uri:host`: that of the current Request-URI."""
PortArg = Annotated[int | str, PORT]
"""A port, or `uri:port`."""
PlainPort = Annotated[int, NUMBER_OF_PORT]
Status = Annotated[int, STATUS]
WrittenPort = Annotated[bytes, WRITTEN_PORT]
HostPort = Annotated[bytes, HOST_PORT]
Flag = Annotated[int, FLAG]
Count = Annotated[int, COUNT]
Length = Annotated[int, LENGTH]
Thousandths = Annotated[int | None, Q]
SocketArg = Annotated[Socket, SOCKET]
