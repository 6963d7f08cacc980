"""What a route is, seen from outside: whether it awaits, whether it can call itself, what leads to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..module import Route
from .nodes import Assign, Call, Compare, Condition, End, RouteCall, Statement
from .operands import HostName, is_retcode
from .routes import Key, RouteBody, statements


@dataclass(frozen=True, slots=True)
class Facts:
    """About all routes of a script."""

    awaiting: frozenset[Key]
    """Those that must be `async def`."""
    called: frozenset[Key]
    """Those that another route (or they themselves) call."""
    reaches: Mapping[Key, frozenset[Key]]
    """What each comes to call, at any remove."""
    circular: frozenset[Key]
    """Those that can come to call themselves."""
    on_replies: frozenset[Key]
    """Those that may run on a reply."""
    on_sends: frozenset[Key]
    """Those that may run on a request that is about to be sent."""
    uses_retcode: bool
    """Whether `$?` is read anywhere."""


def infer(routes: Mapping[Key, RouteBody], of_command: Callable[[Call], bool]) -> Facts:
    """Look at the routes, with `of_command` telling whether a command awaits."""
    callees: dict[Key, set[Key]] = {}
    at_once: set[Key] = set()
    uses_retcode = False
    for key, route in routes.items():
        nodes = list(statements(route.statements))
        callees[key] = {(Route.REQUEST, node.name) for node in nodes if isinstance(node, RouteCall) and node.defined}
        uses_retcode = uses_retcode or any(map(_reads_retcode, nodes))
        if any(_awaits(node, of_command) for node in nodes):
            at_once.add(key)
    reaches = {key: frozenset(_reachable(key, callees)) for key in routes}
    return Facts(
        awaiting=frozenset(key for key in routes if key in at_once or reaches[key] & at_once),
        called=frozenset().union(*callees.values()),
        reaches=reaches,
        circular=frozenset(key for key in routes if key in reaches[key]),
        on_replies=_from(Route.ONREPLY, reaches),
        on_sends=_from(Route.ONSEND, reaches),
        uses_retcode=uses_retcode,
    )


def _from(kind: Route, reaches: Mapping[Key, frozenset[Key]]) -> frozenset[Key]:
    """The routes of this kind, and what they come to call."""
    own = frozenset(key for key in reaches if key[0] is kind)
    return own.union(*(reaches[key] for key in own))


def awaits(body: list[Statement], of_command: Callable[[Call], bool], facts: Facts) -> bool:
    """Whether a part of a route awaits."""
    return any(
        _awaits(node, of_command) or (isinstance(node, RouteCall) and (Route.REQUEST, node.name) in facts.awaiting)
        for node in statements(body)
    )


def _awaits(node: Statement | Condition, of_command: Callable[[Call], bool]) -> bool:
    if isinstance(node, Call):
        return of_command(node)
    return isinstance(node, Compare) and isinstance(node.value, HostName)


def _reads_retcode(node: Statement | Condition) -> bool:
    if isinstance(node, Compare):
        return node.operand == "$?" or is_retcode(node.right)
    return isinstance(node, End | Assign) and is_retcode(node.value)


def _reachable(start: Key, callees: Mapping[Key, set[Key]]) -> set[Key]:
    found: set[Key] = set()
    pending = [start]
    while pending:
        for key in callees[pending.pop()] - found:
            found.add(key)
            pending.append(key)
    return found
