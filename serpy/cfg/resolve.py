"""Names in route blocks become commands, operands and routes; arguments become values. All that SER's fix-ups do at
start is done here, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..dialect import Dialect
from ..module import Argument, Command, Module, Route
from ..script.attributes import ATTRIBUTE, AVP_FLAG
from ..script.core import Core
from ..script.kinds import FLAG
from ..script.regex import LINE_REGEX, REGEX
from . import operands
from .atlas import foreign_form
from .diagnostics import and_list
from .meanings import Meanings, is_foreign, literal_text, warn_of_literal_d
from .nodes import (
    Assign,
    Attribute,
    Call,
    Compare,
    Condition,
    End,
    Expression,
    Network,
    Number,
    RouteCall,
    Select,
    Statement,
    Text,
    Word,
)
from .report import Report
from .routes import Key, RouteBody, statements, title
from .source import Span
from .unknown import Unknown

_SHOWN = 40
"""A longer text is not repeated in a message."""
_KINDS = (Route.REQUEST, Route.FAILURE, Route.ONREPLY, Route.BRANCH, Route.ONSEND)


class Resolver:
    """Resolves the routes of one script.

    Args:
        modules: the loaded classes by name, without the core.
        flags: the numbers of flags that the script gave names.
        avp_flags: the same for the flags of attributes.
        offered: gives all modules that could be loaded.
    """

    def __init__(
        self,
        modules: Mapping[str, type[Module]],
        routes: Mapping[Key, RouteBody],
        flags: Mapping[str, int],
        unknown: Unknown,
        report: Report,
        avp_flags: Mapping[str, int],
        offered: Callable[[], Iterable[type[Module]]],
    ) -> None:
        self._classes: list[type[Module]] = [Core, *modules.values()]
        self._routes = routes
        self._flags = flags
        self._unknown = unknown
        self._report = report
        self._avp_flags = avp_flags
        self._meanings = Meanings(self._classes, offered, report)

    def resolve(self) -> None:
        """Fill in the nodes of all routes; what is wrong goes to the report."""
        for route in self._routes.values():
            for node in statements(route.statements):
                self._node(node, route)

    def _node(self, node: Statement | Condition, route: RouteBody) -> None:
        meanings = self._meanings
        if isinstance(node, Call):
            self._call(node, route)
        elif isinstance(node, Compare):
            meanings.compare(node, route)
        elif isinstance(node, RouteCall):
            self._route_call(node)
        elif isinstance(node, End):
            meanings.end(node)
        elif isinstance(node, Attribute):
            meanings.attribute(node)
        elif isinstance(node, Select):
            meanings.select(node)
        elif isinstance(node, Assign):
            meanings.assign(node)
        elif isinstance(node, Text):
            shown = f'"{node.value}"' if len(node.value) <= _SHOWN else "a text"
            self._report.error(
                "no-comparison", node.span, f"{shown} alone is no condition", 'compare it, as in method=="INVITE"'
            )
        elif isinstance(node, Network):
            hint = f"compare it: src_ip=={node.text}"
            self._report.error("no-comparison", node.span, f"{node.text} alone is no condition", hint)
        elif isinstance(node, Word):
            self._report.error(
                "no-comparison", node.span, f"{node.text} alone is no condition", f"compare it: {node.text}==..."
            )

    # commands

    def _call(self, call: Call, route: RouteBody) -> None:
        found = [(cls, command) for cls in self._classes for command in cls.commands.get(call.name, ())]
        if not found:
            self._unknown_command(call)
            return
        count = len(call.arguments)
        if call.bare and all(cls is not Core for cls, _ in found):
            self._report.error(
                "no-parentheses", call.span, f"{call.name} is called without parentheses", f"write {call.name}()"
            )
            return
        fitting = [(cls, command) for cls, command in found if command.arity[0] <= count <= command.arity[1]]
        if not fitting:
            self._wrong_count(call, [command for _, command in found])
            return
        allowed = [(cls, command) for cls, command in fitting if route.kind in command.routes]
        if not allowed:
            self._not_allowed(call, route, [command for _, command in fitting])
            return
        cls, command = allowed[0]
        call.module, call.command = cls.name, command
        for position, (argument, literal) in enumerate(zip(command.arguments, call.arguments, strict=False), 1):
            value = self._argument(call, cls, argument, literal, position)
            call.values.append((argument, value))

    def _argument(self, call: Call, cls: type[Module], argument: Argument, given: Expression, position: int) -> Any:
        """What the command takes: a value, or the attribute or select that has it when the script runs."""
        if isinstance(given, Attribute | Select):
            return self._later(call, argument, given, position)
        if isinstance(given, Network) or (isinstance(given, Word) and cls is not Core):
            self._report.error(
                "unquoted-argument",
                given.span,
                f"argument {position} of {call.name} is not in quotes",
                f'write "{given.text}"',
            )
            return None
        text = literal_text(given)
        if text is None:
            self._expression(call, given, position)
            return None
        if argument.kind in (FLAG, AVP_FLAG) and not isinstance(given, Number):
            text = str(self._named_flags(argument).get(text, text))
        try:
            value = argument.kind.convert(text)
        except ValueError as error:
            if self._report.dialect is Dialect.KAMAILIO and isinstance(given, Text) and "$" in text:
                self._report.error(
                    "not-supported-yet",
                    given.span,
                    f"Kamailio's variables in argument {position} of {call.name} are not supported yet",
                    f"it is {argument.kind.name} here",
                )
            else:
                self._bad_argument(call, argument, given, position, str(error))
            return None
        if argument.kind in (REGEX, LINE_REGEX):
            warn_of_literal_d(text, given.span, self._report)
        if argument.route is not None:
            self._route_name(text, argument.route.kind, given)
        return value

    def _later(self, call: Call, argument: Argument, given: Attribute | Select, position: int) -> Any:
        if argument.kind is ATTRIBUTE:
            if isinstance(given, Attribute):
                return given
            reason = f"{given.text} is a select"
        elif isinstance(given, Attribute) and given.all_values:
            reason = f"{given.text} stands for all values of the attribute"
        elif argument.kind in (FLAG, AVP_FLAG):
            reason = f"which flag is meant must be known before the script runs, {given.text} is known later"
        else:
            return given
        self._bad_argument(call, argument, given, position, reason)
        return None

    def _expression(self, call: Call, given: Expression, position: int) -> None:
        """Tell that an argument is an expression, unless what is in it is told already: Kamailio's own values."""
        if not any(map(is_foreign, statements([given]))):
            self._report.error(
                "bad-argument",
                given.span,
                f"argument {position} of {call.name} is an expression, which does not run here yet",
                "assign it to an attribute first, as in $x = ...; and give $x"
                if self._report.dialect is not Dialect.KAMAILIO
                else "write its value",
            )

    def _named_flags(self, argument: Argument) -> Mapping[str, int]:
        return self._flags if argument.kind is FLAG else self._avp_flags

    def _bad_argument(self, call: Call, argument: Argument, literal: Expression, position: int, reason: str) -> None:
        if argument.kind in (REGEX, LINE_REGEX):
            self._report.error(
                "bad-regex",
                literal.span,
                f"this regular expression cannot be used: {reason}",
                "it is a POSIX extended regular expression",
            )
            return
        names = self._named_flags(argument) if argument.kind in (FLAG, AVP_FLAG) else ()
        near = self._report.suggest(literal.text, names) if isinstance(literal, Word) else ""
        self._report.error(
            "bad-argument",
            literal.span,
            reason,
            f"did you mean {near}?"
            if near
            else f"argument {position} of {call.name} ({argument.name}) is {argument.kind.name}",
        )

    def _route_name(self, name: str, kind: Route, literal: Expression) -> None:
        if name in ("", "0") or (kind, name) in self._routes:
            return
        self._report.warning(
            "no-such-route",
            literal.span,
            f"there is no {title(kind, name)}",
            self._route_hint(kind, name),
        )

    def _route_hint(self, kind: Route, name: str) -> str:
        near = self._report.suggest(name, [known for known_kind, known in self._routes if known_kind is kind])
        return f"did you mean {near}?" if near else f"define {kind.keyword}[{name}] {{ ... }}"

    def _wrong_count(self, call: Call, commands: Iterable[Command]) -> None:
        counts = sorted({n for command in commands for n in range(command.arity[0], command.arity[1] + 1)})
        takes = and_list([str(n) for n in counts]) if counts != [0] else "no"
        noun = "argument" if counts == [1] else "arguments"
        count = len(call.arguments)
        form = foreign_form(call.name, count)
        if form is not None:
            program, hint = form
            shown = f"{count or 'no'} argument{'' if count == 1 else 's'}"
            told = f"{call.name} with {shown} is {program}'s form of it, which serpy does not have yet"
            self._report.error("command-to-come", call.span, told, hint)
            return
        if (gap := next(filter(None, (_gap(argument.span) for argument in call.arguments)), None)) is not None:
            self._report.error("missing-comma", gap, "a comma is missing here", "separate arguments by commas")
            return
        signatures = sorted({_signature(command) for command in commands})
        self._report.error(
            "wrong-count",
            call.span,
            f"{call.name} takes {takes} {noun}, not {count}",
            f"write {and_list(signatures)}",
        )

    def _not_allowed(self, call: Call, route: RouteBody, commands: Iterable[Command]) -> None:
        may = [kind.keyword for kind in _KINDS if any(kind in command.routes for command in commands)]
        self._report.error(
            "not-allowed",
            call.name_span,
            f"{call.name} is not allowed in {route.kind.keyword}",
            f"it may stand in {and_list(may, 'and')}" if may else "it may stand nowhere",
        )

    def _unknown_command(self, call: Call) -> None:
        if call.name in operands.NAMES and call.bare:
            self._report.error(
                "no-comparison", call.span, f"{call.name} alone is no condition", f"compare it: {call.name}==..."
            )
            return
        self._unknown.note(call)

    # the rest

    def _route_call(self, call: RouteCall) -> None:
        if call.expression is not None:
            if self._report.dialect is not Dialect.KAMAILIO:  # where another stage tells
                self._report.error(
                    "bad-argument",
                    call.name_span,
                    "the name of a route must be known before the script runs",
                    "write the name itself, as in route(NAME)",
                )
            return
        call.defined = (Route.REQUEST, call.name) in self._routes
        if not call.defined:
            self._report.warning(
                "no-such-route",
                call.name_span,
                f"there is no route[{call.name}]: the call does nothing",
                self._route_hint(Route.REQUEST, call.name),
            )


_SIDE_BY_SIDE = re.compile(r'"\s+"')


def _gap(span: Span) -> Span | None:
    """Between two strings that stand side by side, as one argument; None where they do not."""
    if span.line != span.end_line:
        return None
    match = _SIDE_BY_SIDE.search(span.source.lines[span.line - 1], span.column, span.end_column - 2)
    if match is None:
        return None
    return Span(span.source, span.line, match.start() + 2, span.line, match.start() + 2)


def _signature(command: Command) -> str:
    shown = [f"[{argument.name}]" if argument.optional else argument.name for argument in command.arguments]
    return f"{command.name}({', '.join(shown)})"


def flag_numbers(declared: Iterable[tuple[str, int | None, Any]], report: Report) -> dict[str, int]:
    """The numbers of named flags: those given, and for the others the free ones from the top (SER 2)."""
    flags: dict[str, int] = {}
    free = [number for number in range(31, -1, -1) if number not in {given for _, given, _ in declared}]
    for name, number, span in declared:
        if number is not None and not 0 <= number <= 31:
            report.error(
                "bad-flag", span, f"the flag {name} cannot have the number {number}", "flags have the numbers 0 to 31"
            )
        elif number is None and not free:
            report.error("bad-flag", span, f"there is no number left for the flag {name}", "there are 32 flags")
        else:
            flags[name] = free.pop(0) if number is None else number
    return flags


def avp_flag_numbers(declared: Iterable[tuple[str, Span]]) -> dict[str, int]:
    """The numbers of the flags that `avpflags` gives names: counted from 0, a name declared twice is one flag."""
    return {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in declared))}
