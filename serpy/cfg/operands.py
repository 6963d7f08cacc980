"""What a condition can compare, and with what (SER dialect 2.4 and 2.5)."""

from __future__ import annotations

import socket
from typing import Any, NamedTuple

from ..script.kinds import MAX_LENGTH, is_ip
from ..script.regex import Pattern, core_pattern
from .nodes import Attribute, Compare, Expression, Network, Number, Select, Text, Word

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
    "snd_ip": _TEXT,
    "snd_port": _ORDER,
    "snd_proto": _EQUAL,
    "snd_af": _EQUAL,
    "to_ip": _TEXT,
    "to_port": _ORDER,
}
ON_SEND = ("snd_ip", "snd_port", "snd_proto", "snd_af", "to_ip", "to_port")
"""Those of SER 2's onsend_route: from where and to where the request is sent."""
SAME = {"$retcode": "$?", "$rc": "$?", "to_proto": "snd_proto", "to_af": "snd_af"}
"""Other names for operands."""
NAMES = (*OPERATORS, *SAME, "myself", "max_len")
URIS = ("uri", "status", "from_uri", "to_uri")
ADDRESSES = ("src_ip", "dst_ip", "snd_ip", "to_ip")
PROTOS = ("proto", "snd_proto")
FAMILIES = ("af", "snd_af")
BITS = ("&", "|")


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

    An attribute, a select or `$?` stays the node that it is: its value is known when the script runs.

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
    if is_known_later(right):
        return right
    if compare.operator == "=~":
        return _pattern(right)
    if operand in ADDRESSES:
        return _address(right)
    if isinstance(right, Network):
        raise Unusable(f"{operand} is not an address", "networks are compared with src_ip or dst_ip")
    if operand in (*PROTOS, *FAMILIES):
        return _word("proto" if operand in PROTOS else "af", right)
    if operand in ("method", *URIS):
        if not isinstance(right, Number | Text | Word):
            raise _no_value()
        text = str(right.value) if isinstance(right, Number | Text) else right.text
        return text.encode("utf-8", "surrogateescape")
    return _number(operand, right)


def right_of_value(compare: Compare) -> Any:
    """The right side where an attribute or a select stands on the left: bytes, a Pattern, a number, or a node whose
    value is known when the script runs.

    Raises:
        Unusable
    """
    left, right = compare.left, compare.right
    if isinstance(left, Attribute) and left.all_values:
        raise _all_values(left)
    if compare.operator in BITS:
        if not isinstance(left, Attribute) or not isinstance(right, Number):
            raise Unusable(
                f"{compare.operator} tests bits here, between an attribute and a number",
                f"write {compare.operator * 2} to join two conditions",
            )
        return right.value
    if is_known_later(right):
        return right
    if compare.operator == "=~":
        return _pattern(right)
    if isinstance(right, Text):
        return right.value.encode("utf-8", "surrogateescape")
    if isinstance(right, Number):
        return right.value
    if isinstance(right, Word):
        raise Unusable(f"{right.text} is not in quotes", f'write "{right.text}"')
    if isinstance(right, Network):
        raise Unusable("an attribute or a select is no address", "networks are compared with src_ip or dst_ip")
    raise _no_value()


def is_known_later(right: Expression) -> bool:
    """Whether the right side has its value only when the script runs.

    Raises:
        Unusable: it stands for several values.
    """
    if isinstance(right, Attribute) and right.all_values:
        raise _all_values(right)
    return isinstance(right, Attribute | Select) or is_retcode(right)


def is_retcode(node: Expression | None) -> bool:
    """Whether it is `$?`."""
    return isinstance(node, Word) and SAME.get(node.text, node.text) == "$?"


def _all_values(attribute: Attribute) -> Unusable:
    one = attribute.text.removesuffix("[]")
    return Unusable(f"{attribute.text} stands for all values of the attribute", f"compare one of them, as in {one}")


def _no_value() -> Unusable:
    return Unusable("the result of a command cannot be compared", "assign it first, as in $result = command();")


def _pattern(right: Expression) -> Pattern:
    if not isinstance(right, Text):
        raise Unusable("=~ takes a regular expression in quotes", 'write =~"..."')
    try:
        return core_pattern(right.value)
    except ValueError as error:
        raise Unusable(
            f"this regular expression cannot be used: {error}", "it is a POSIX extended regular expression"
        ) from None


def _address(right: Expression) -> Prefix | HostName:
    if isinstance(right, Number):
        raise Unusable(f"{right.value} is not an IP address", "write an address, a network or a host name")
    if isinstance(right, Network):
        return _network(right.address, right.mask)
    if not isinstance(right, Text | Word):
        raise _no_value()
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


def odd_network(written: str, prefix: Prefix) -> tuple[str, str] | None:
    """What is hardly meant in a network, and the next step; None for a usual one."""
    address, slash, _ = written.partition("/")
    bits = 128 if prefix.family == socket.AF_INET6 else 32
    if not slash:
        return None
    unset = ~prefix.mask & ((1 << bits) - 1)
    if unset & (unset + 1):
        return "the mask has holes: ones stand behind zeros in it", "write a length, as in 10.0.0.0/8"
    length = bits - unset.bit_length()
    try:
        host = int.from_bytes(socket.inet_pton(prefix.family, address.removeprefix("[").removesuffix("]"))) & unset
    except (OSError, ValueError):  # octal numbers
        return None
    if not host:
        return None
    plain = socket.inet_ntop(prefix.family, prefix.address.to_bytes(bits // 8))
    return f"{written} means all of {plain}/{length}", f"write {plain}/{length}, or {address} without /... for one"


_WORDS = {"proto": ("udp", "tcp", "tls", "*"), "af": ("inet", "inet6")}
MORE_PROTOS = ("sctp", "ws", "wss")
"""Kamailio's: nothing comes by them here."""
_NUMBERS = {"proto": {"1": "udp", "2": "tcp", "3": "tls"}, "af": {"2": "inet", "10": "inet6"}}
"""What SER 0.8 has as constants (SER dialect 1.1, 2.4)."""


def _word(operand: str, right: Expression) -> str:
    if not isinstance(right, Text | Number | Word):
        raise _no_value()
    text = right.text if isinstance(right, Word) else str(right.value)
    text = _NUMBERS[operand].get(text, text)
    if text.lower() not in _WORDS[operand] and not (operand == "proto" and text.lower() in MORE_PROTOS):
        raise Unusable(f"{text} is not a value of {operand}", f"write {' or '.join(_WORDS[operand])}")
    return text.lower()


def _number(operand: str, right: Expression) -> int:
    if isinstance(right, Number):
        return right.value
    if isinstance(right, Word) and right.text == "max_len" and operand == "msg:len":
        return MAX_LENGTH
    if not isinstance(right, Text | Word):
        raise _no_value()
    shown = f'"{right.value}"' if isinstance(right, Text) else right.text
    raise Unusable(f"{operand} is compared with a number, not with {shown}", "write a number without quotes")
