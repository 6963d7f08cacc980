"""What a condition can compare, and with what (SER dialect 2.4 and 2.5)."""

from __future__ import annotations

import socket
from typing import Any, NamedTuple

from ..script.kinds import is_ip
from ..script.regex import Pattern, core_pattern
from .nodes import Compare, Literal, Network, Number, Text, Word

MAX_LENGTH = 65535
"""What `max_len` stands for: the size of the receive buffer."""

_EQUAL = ("==", "!=")
_TEXT = (*_EQUAL, "=~")
_ORDER = (*_EQUAL, "<", ">", "<=", ">=")

OPERATORS = {
    "method": _TEXT,
    "uri": _TEXT,
    "status": _TEXT,
    "from_uri": _TEXT,
    "to_uri": _TEXT,
    "src_ip": _TEXT,
    "dst_ip": _TEXT,
    "src_port": _ORDER,
    "dst_port": _ORDER,
    "proto": _EQUAL,
    "af": _EQUAL,
    "msg:len": _ORDER,
    "$?": _ORDER,
}
NAMES = (*OPERATORS, "myself", "max_len")
URIS = ("uri", "status", "from_uri", "to_uri")
ADDRESSES = ("src_ip", "dst_ip")


class Myself(NamedTuple):
    """The right side `myself`."""


class HostName(NamedTuple):
    """A name to be resolved when the script runs."""

    name: str


class Prefix(NamedTuple):
    """A network: its family, and address and mask as numbers."""

    family: int
    address: int
    mask: int


class Unusable(ValueError):
    """The right side does not fit; `hint` is the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def right_value(compare: Compare, operand: str) -> Any:
    """The right side in the operand's terms: bytes, a Pattern, a number, a Prefix, a HostName, Myself.

    Raises:
        Unusable
    """
    right = compare.right
    if compare.operator not in OPERATORS[operand]:
        raise Unusable(
            f"{operand} cannot be compared by {compare.operator}", f"use {' or '.join(OPERATORS[operand][:3])}"
        )
    if isinstance(right, Word) and right.text == "myself":
        if operand not in (*URIS, *ADDRESSES) or compare.operator == "=~":
            raise Unusable(
                f"{operand} {compare.operator} myself has no meaning", "myself is compared with uri or src_ip"
            )
        return Myself()
    if compare.operator == "=~":
        return _pattern(right)
    if operand in ADDRESSES:
        return _address(right)
    if isinstance(right, Network):
        raise Unusable(f"{operand} is not an address", "networks are compared with src_ip or dst_ip")
    if operand in ("proto", "af"):
        return _word(operand, right)
    if operand in ("method", *URIS):
        text = str(right.value) if isinstance(right, Number | Text) else right.text
        return text.encode("utf-8", "surrogateescape")
    return _number(operand, right)


def _pattern(right: Literal | Network) -> Pattern:
    if not isinstance(right, Text):
        raise Unusable("=~ takes a regular expression in quotes", 'write =~"..."')
    try:
        return core_pattern(right.value)
    except ValueError as error:
        raise Unusable(
            f"this regular expression cannot be used: {error}", "it is a POSIX extended regular expression"
        ) from None


def _address(right: Literal | Network) -> Prefix | HostName:
    if isinstance(right, Number):
        raise Unusable(f"{right.value} is not an IP address", "write an address, a network or a host name")
    if isinstance(right, Network):
        return _network(right.address, right.mask)
    text = right.value if isinstance(right, Text) else right.text
    bare = text.removeprefix("[").removesuffix("]")
    if is_ip(bare):
        return _network(bare, "")
    if isinstance(right, Text) and "/" in text:
        return _network(*text.split("/", 1))
    if ":" in text or text.replace(".", "").isdecimal():
        raise Unusable(f"{text} is not an IP address", "write an address, a network or a host name")
    return HostName(text)


def _network(address: str, mask: str) -> Prefix:
    bare = address.removeprefix("[").removesuffix("]")
    # octets follow the rules of numbers: a leading zero makes them octal (SER dialect 1.1)
    if "." in bare and ":" not in bare:
        bare = ".".join(
            str(int(part, 8)) if part[:1] == "0" and part.isdecimal() and part != "0" else part
            for part in bare.split(".")
        )
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    bits = 128 if family == socket.AF_INET6 else 32
    try:
        value = int.from_bytes(socket.inet_pton(family, bare))
        if mask.isdecimal() or not mask:
            length = int(mask) if mask else bits
            if length > bits:
                raise Unusable(f"/{mask} is longer than an address", f"write 0 to {bits}")
            mask_value = (1 << bits) - (1 << (bits - length))
        else:
            mask_value = int.from_bytes(socket.inet_pton(family, mask.removeprefix("[").removesuffix("]")))
    except (OSError, ValueError) as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable(f"{address}{'/' + mask if mask else ''} is not a network", "write it as 10.0.0.0/8") from None
    return Prefix(int(family), value & mask_value, mask_value)


_WORDS = {"proto": ("udp", "tcp", "tls", "*"), "af": ("inet", "inet6")}


def _word(operand: str, right: Literal) -> str:
    text = right.text if isinstance(right, Word) else str(right.value)
    if text.lower() not in _WORDS[operand]:
        raise Unusable(f"{text} is not a value of {operand}", f"write {' or '.join(_WORDS[operand])}")
    return text.lower()


def _number(operand: str, right: Literal) -> int:
    if isinstance(right, Number):
        return right.value
    if isinstance(right, Word) and right.text == "max_len" and operand == "msg:len":
        return MAX_LENGTH
    shown = f'"{right.value}"' if isinstance(right, Text) else right.text
    raise Unusable(f"{operand} is compared with a number, not with {shown}", "write a number without quotes")
