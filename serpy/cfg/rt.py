"""The few things that compiled routes call besides commands.

Comparisons that can go wrong answer 1 (true), -1 (false) or 0 (an error), as conditions count them.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..apis import Unresolvable
from ..script.attributes import assign, assign_all, assign_result, attribute, has_attribute
from ..script.compare import compare, convert, finds, finds_later, has_bit, number_of
from ..script.onsend import Outgoing
from ..script.regex import Pattern
from ..sip.errors import BadHeader
from ..sip.message import Request, Response
from ..sip.uri import parse_uri

if TYPE_CHECKING:
    from ..script.call import Call

DEEPEST = 100
"""The most nested lists of actions (SER dialect 3.1)."""


class ScriptEnd(Exception):
    """`exit` in a route that another route called: the whole script ends with this value."""

    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.value = value


def ending(route: Callable[[Call], int]) -> Callable[[Call], int]:
    """The route as the server runs it: `exit` ends here."""

    def run(call: Call) -> int:
        try:
            return route(call)
        except ScriptEnd as end:
            return end.value

    return run


def ending_async(route: Callable[[Call], Awaitable[int]]) -> Callable[[Call], Awaitable[int]]:
    """As `ending`, for a route that awaits."""

    async def run(call: Call) -> int:
        try:
            return await route(call)
        except ScriptEnd as end:
            return end.value

    return run


# routes that call themselves


def descend(call: Call, levels: int, route: Callable[[Call], int]) -> int:
    """Run a route from inside a circle of routes; -1 when that is too deep."""
    depth = call.values.get("core.depth", 1) + levels
    if depth > DEEPEST:
        return _too_deep(call)
    call.values["core.depth"] = depth
    try:
        return route(call)
    finally:
        call.values["core.depth"] = depth - levels


async def descend_async(call: Call, levels: int, route: Callable[[Call], Awaitable[int]]) -> int:
    """As `descend`, for a route that awaits."""
    depth = call.values.get("core.depth", 1) + levels
    if depth > DEEPEST:
        return _too_deep(call)
    call.values["core.depth"] = depth
    try:
        return await route(call)
    finally:
        call.values["core.depth"] = depth - levels


def _too_deep(call: Call) -> int:
    call.host.log.error(f"routes call each other more than {DEEPEST} deep; the innermost call was left out", call)
    return -1


# `$?`


def keep(call: Call, result: int) -> int:
    """Note a command's result for `$?`."""
    call.values["core.retcode"] = (1 if result else -1) if result.__class__ is bool else result
    return result


def retcode(call: Call) -> int:
    """`$?`: the result of the last module function or route."""
    kept: int = call.values.get("core.retcode", 0)
    return kept


def result_of(value: bytes | int | None) -> int:
    """What `return $x` gives: the number; -1 where there is none."""
    number = number_of(value)
    return -1 if number is None else number


# selects


def read(call: Call, reader: Callable[[Call], bytes | None], text: str) -> bytes | None:
    """What a select reads; None where there is nothing, or nothing that can be read."""
    try:
        return reader(call)
    except ValueError as error:
        call.host.log.info(f"{text} cannot be read: {error}", call)
        return None


def read_or_empty(call: Call, reader: Callable[[Call], bytes | None], text: str) -> bytes | None:
    """As an assignment takes it: empty where there is nothing; None only where it cannot be read."""
    try:
        return reader(call) or b""
    except ValueError as error:
        call.host.log.info(f"{text} cannot be read: {error}", call)
        return None


# commands with arguments that are known only now


class Takes(NamedTuple):
    """How the values of a script become the arguments of one call."""

    command: str
    failed: int
    """The command's result when they cannot."""
    changes: tuple[tuple[str, Callable[[str], Any]] | None, ...]
    """For each argument its name and what converts it; None for one that was converted at load."""

    def arguments(self, call: Call, values: tuple[Any, ...]) -> list[Any]:
        """The arguments.

        Raises:
            ValueError: one cannot be used; that was logged.
        """
        return [
            value if change is None else convert(call, self.command, *change, value)
            for change, value in zip(self.changes, values, strict=True)
        ]


def given(call: Call, function: Callable[..., int], takes: Takes, *values: Any) -> int:
    """Call a command with these values."""
    try:
        arguments = takes.arguments(call, values)
    except ValueError:
        return takes.failed
    return function(call, *arguments)


async def given_async(call: Call, function: Callable[..., Awaitable[int]], takes: Takes, *values: Any) -> int:
    """As `given`, for a command that awaits."""
    try:
        arguments = takes.arguments(call, values)
    except ValueError:
        return takes.failed
    return await function(call, *arguments)


# what comparisons look at, where the message may be a reply, or about to be sent


def is_going(call: Call) -> bool:
    """Whether the message is about to be sent: elsewhere `to_ip` and its like have no value."""
    return isinstance(call, Outgoing)


def length(call: Call) -> int:
    """`msg:len`: what was received, or what is to be sent."""
    return len(call.data if isinstance(call, Outgoing) else call.message.data)


def method(call: Call) -> bytes:
    """The first word of the first line: SER reads its version from a reply here (SER dialect 8, row 96)."""
    message = call.message
    return message.method if isinstance(message, Request) else b"SIP/2.0"


def uri_or_status(call: Call) -> bytes:
    """`uri` and `status` are one operand: the current Request-URI, or a reply's code."""
    message = call.message
    return b"%d" % message.code if isinstance(message, Response) else call.uri


def from_uri(call: Call) -> bytes | None:
    """The URI in From; None when it cannot be read."""
    try:
        address = call.message.from_
    except BadHeader:
        return None
    return None if address is None else address.uri


def to_uri(call: Call) -> bytes | None:
    """The URI in To; None when it cannot be read."""
    try:
        address = call.message.to
    except BadHeader:
        return None
    return None if address is None else address.uri


# comparisons


def equals(text: bytes | None, wanted: bytes) -> int:
    """Whether they are the same but for case; `wanted` is in lower case."""
    if text is None:
        return 0
    return 1 if text.lower() == wanted else -1


def matches(text: bytes | None, pattern: Pattern) -> int:
    """Whether the pattern is found in the text."""
    if text is None:
        return 0
    return -1 if pattern.search(text) is None else 1


def is_myself(call: Call, uri: bytes | None) -> int:
    """Whether the URI leads here: its port counts, 5060 when it has none (SER dialect 5.3)."""
    try:
        parsed = parse_uri(uri or b"")
    except ValueError as error:
        call.host.log.info(f"== myself: the URI cannot be read: {error}", call)
        return 0
    return 1 if call.host.is_myself(parsed.host, parsed.host_port or 5060) else -1


def in_network(ip: str, family: int, address: int, mask: int) -> bool:
    """Whether the address is in the network."""
    if (":" in ip) is not (family == socket.AF_INET6):
        return False
    return int.from_bytes(socket.inet_pton(family, ip)) & mask == address


async def has_name(call: Call, ip: str, name: str) -> bool:
    """Whether the name is that of the address: in letters, or when it is looked up."""
    if ip == name:
        return True
    host = call.host
    try:
        targets = await host.targets(parse_uri(b"sip:%s:5060" % name.encode()))
    except (Unresolvable, ValueError) as error:
        host.log.warning(f"comparing {ip} with {name}: {error}", call)
        return False
    return any(target.host == ip for target in targets)


HELPERS: dict[str, Any] = {
    helper.__name__: helper
    for helper in (
        ScriptEnd,
        assign,
        assign_all,
        assign_result,
        attribute,
        compare,
        descend,
        descend_async,
        equals,
        finds,
        finds_later,
        from_uri,
        given,
        given_async,
        has_attribute,
        has_bit,
        has_name,
        in_network,
        is_going,
        is_myself,
        keep,
        length,
        matches,
        method,
        read,
        read_or_empty,
        result_of,
        retcode,
        to_uri,
        uri_or_status,
    )
}
"""The names that generated code uses."""
