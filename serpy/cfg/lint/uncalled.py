"""Routes that nothing leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...module import Route
from ..nodes import Call, EventRoute, ModParam, Number, RouteCall, Text
from ..report import Report
from ..routes import MAIN, Key
from .subject import Subject

_WORDS = re.compile(r"\w+")
_ARMS = {"t_on_failure": Route.FAILURE, "t_on_negative": Route.FAILURE, "t_on_reply": Route.ONREPLY}
_ARMS["t_on_branch"] = Route.BRANCH
_BY_ITSELF = (Route.ONREPLY, Route.ONSEND)
"""Blocks without a name of these kinds are run by the core (SER dialect 2.1): the onreply_route since SER 2."""
_HOW = {
    Route.REQUEST: ("is never called", "call it by route({name}), or remove it"),
    Route.FAILURE: ("is never armed", 'arm it by t_on_failure("{name}") before the request is relayed, or remove it'),
    Route.ONREPLY: ("is never armed", 'arm it by t_on_reply("{name}") before the request is relayed, or remove it'),
    Route.BRANCH: ("is never armed", 'arm it by t_on_branch("{name}") before the request is relayed, or remove it'),
    Route.ONSEND: ("is never run", "remove its name: the core runs the one without a name, or remove it"),
}

_NO_DEFAULT = 'begin the script with #!SER 2, or name it, as in onreply_route[1], and arm that by t_on_reply("1")'


def warn(subject: Subject, report: Report) -> None:
    """Warn of each route that nothing leads to; of those that only such a route leads to, nothing is said."""
    if not subject.routes[MAIN].statements:
        return  # a part of a script, or one that serves nothing anyway
    leads = {key: set(_led_to(subject, key)) for key in subject.routes}
    if any(None in to for to in leads.values()) or any(isinstance(item, EventRoute) for item in subject.tree.items):
        return  # which routes are run is seen only when it is
    by_itself = [kind for kind in _BY_ITSELF if not (kind is Route.ONREPLY and subject.dialect.is_classic)]
    roots = {key for key in subject.routes if key == MAIN or (key[1] == "0" and key[0] in by_itself)}
    given = _given(subject)
    is_set = _set_by_parameters(subject)
    roots |= {key for key in subject.routes if key[1] in given or is_set(key[1])}
    reached = _reachable(roots, leads)
    lost = [key for key in subject.routes if key not in reached]
    called = {to for key in lost for to in leads[key] if to != key}
    for key in [*(key for key in lost if key not in called), *lost]:
        if key not in reached:
            reached |= _reachable({key}, leads)
            route = subject.routes[key]
            what, how = _HOW[key[0]]
            if key == (Route.ONREPLY, "0"):  # SER dialect 3.3
                what, how = "is never run: SER 0.9 has no default onreply_route", _NO_DEFAULT
            elif key[1] == "0":  # SER dialect 2.1: t_on_failure("0") takes back what was armed
                how = f"give it a name, as in {key[0].keyword}[1], and arm that"
            report.warning("never-called", route.span, f"{route.title} {what}", how.format(name=key[1]))


def _led_to(subject: Subject, key: Key) -> Iterator[Key | None]:
    """The routes that a route calls or arms; None for one whose name is not in the script."""
    for node in subject.nodes[key]:
        if isinstance(node, RouteCall):
            yield (Route.REQUEST, node.name) if node.expression is None else None
        elif isinstance(node, Call):
            yield from _armed(node)


def _armed(call: Call) -> Iterator[Key | None]:
    """The routes that a command is given; "0" takes back what was armed."""
    for argument, value in call.values:
        if argument.route is not None and value not in ("", "0"):
            yield (argument.route.kind, value) if isinstance(value, str) and "$" not in value else None
    if call.command is None and call.name in _ARMS and call.arguments:
        first = call.arguments[0]
        text = str(first.value) if isinstance(first, Text | Number) else "$"
        if text not in ("", "0"):
            yield (_ARMS[call.name], text) if "$" not in text else None


def _given(subject: Subject) -> set[str]:
    """What commands are given as an argument, where it may be the name of a route."""
    return {
        argument.value
        for node in subject.everywhere()
        if isinstance(node, Call) and node.name not in _ARMS
        for argument in node.arguments
        if isinstance(argument, Text) and (node.command is None or not argument.value.isdecimal())
    }


def _set_by_parameters(subject: Subject) -> Callable[[str], bool]:
    """Whether the parameter of a module may name a route: `timer`, `xmlrpc` and others run routes themselves."""
    given = [
        (item.param.value, item.value.value)
        for item in subject.tree.items
        if isinstance(item, ModParam) and isinstance(item.value, Text)
    ]
    words = {word for _, value in given for word in _WORDS.findall(value)}
    any_number = any("route" in param for param, _ in given)
    return lambda name: any_number if name.isdecimal() else name in words or not _WORDS.fullmatch(name)


def _reachable(roots: set[Key], leads: dict[Key, set[Key | None]]) -> set[Key]:
    found = set(roots)
    pending = list(roots)
    while pending:
        for key in leads.get(pending.pop(), ()):
            if key is not None and key not in found:
                found.add(key)
                pending.append(key)
    return found
