"""What a route is, seen from outside: whether it awaits, whether it can call itself, what leads to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..module import Route
from .nodes import Assign, Call, Compare, Condition, End, RouteCall, Statement
from .operands import HostName, is_retcode
from .routes import Key, RouteBody, statements

LONG = 95
"""A chain of routes that call each other is counted as it runs when it is longer (SER dialect 3.1: at most 100)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """About all routes of a script."""

    awaiting: frozenset[Key]
    """Those that must be `async def`."""
    called: frozenset[Key]
    """Those that another route (or they themselves) call."""
    callers: Mapping[Key, frozenset[Key]]
    """Which call each."""
    counted: frozenset[Key]
    """Those whose calls of each other must be counted: they may come to call themselves, or the chain is long."""
    on_replies: frozenset[Key]
    """Those that may run on a reply."""
    on_sends: frozenset[Key]
    """Those that may run on a request that is about to be sent."""
    uses_retcode: bool
    """Whether `$?` is read anywhere."""

    def leading_to(self, targets: Iterable[Key]) -> set[Key]:
        """These routes and all that come to call one of them, at any remove."""
        return _reachable(targets, self.callers)


def infer(routes: Mapping[Key, RouteBody], of_command: Callable[[Call], bool]) -> Facts:
    """Look at the routes, with `of_command` telling whether a command awaits."""
    callees: dict[Key, set[Key]] = {}
    callers: dict[Key, set[Key]] = {key: set() for key in routes}
    at_once: set[Key] = set()
    uses_retcode = False
    for key, route in routes.items():
        nodes = list(statements(route.statements))
        callees[key] = {(Route.REQUEST, node.name) for node in nodes if isinstance(node, RouteCall) and node.defined}
        for callee in callees[key]:
            callers[callee].add(key)
        uses_retcode = uses_retcode or any(map(_reads_retcode, nodes))
        if any(_awaits(node, of_command) for node in nodes):
            at_once.add(key)
    return Facts(
        awaiting=frozenset(_reachable(at_once, callers)),
        called=frozenset().union(*callees.values()),
        callers={key: frozenset(found) for key, found in callers.items()},
        counted=_counted(callees, callers),
        on_replies=_from(Route.ONREPLY, callees),
        on_sends=_from(Route.ONSEND, callees),
        uses_retcode=uses_retcode,
    )


def _counted(callees: Mapping[Key, set[Key]], callers: Mapping[Key, set[Key]]) -> frozenset[Key]:
    """Routes are taken away from the ends of all chains, in turns: what stays calls itself, or is a long way from an
    end. (What only leads to a circle stays as well, and is counted for nothing.)"""
    left = {key: len(found) for key, found in callees.items()}
    ends = [key for key, number in left.items() if not number]
    turns = 0
    while ends:
        turns += 1
        following = []
        for end in ends:
            del left[end]
            for caller in callers[end]:
                left[caller] -= 1
                if not left[caller]:
                    following.append(caller)
        ends = following
    return frozenset(callees if turns > LONG else left)


def _from(kind: Route, callees: Mapping[Key, set[Key]]) -> frozenset[Key]:
    """The routes of this kind, and what they come to call."""
    return frozenset(_reachable([key for key in callees if key[0] is kind], callees))


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


def _reachable(starts: Iterable[Key], leads: Mapping[Key, Iterable[Key]]) -> set[Key]:
    """These, and where they lead."""
    found = set(starts)
    pending = list(found)
    while pending:
        for key in leads[pending.pop()]:
            if key not in found:
                found.add(key)
                pending.append(key)
    return found
