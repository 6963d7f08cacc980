"""The few things that compiled routes call besides commands.

Comparisons that can go wrong answer 1 (true), -1 (false) or 0 (an error), as conditions count them.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ..apis import Unresolvable
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
    depth = call.values.get("core.depth", 0) + levels
    if depth > DEEPEST:
        return _too_deep(call)
    call.values["core.depth"] = depth
    try:
        return route(call)
    finally:
        call.values["core.depth"] = depth - levels


async def descend_async(call: Call, levels: int, route: Callable[[Call], Awaitable[int]]) -> int:
    """As `descend`, for a route that awaits."""
    depth = call.values.get("core.depth", 0) + levels
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


# what comparisons look at, where the message may be a reply


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
        descend,
        descend_async,
        equals,
        from_uri,
        has_name,
        in_network,
        is_myself,
        keep,
        matches,
        method,
        retcode,
        to_uri,
        uri_or_status,
    )
}
"""The names that generated code uses."""
