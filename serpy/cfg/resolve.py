"""Names in route blocks become commands, operands and routes; arguments become values. All that SER's fix-ups do at
start is done here, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module import Argument, Command, Module, Route
from ..script.core import Core
from ..script.kinds import FLAG
from ..script.regex import LINE_REGEX, REGEX
from . import operands
from .catalogue import Catalogue
from .diagnostics import and_list, suggest
from .nodes import Call, Compare, End, Literal, Number, RouteCall, Word
from .report import Report
from .routes import Key, RouteBody, statements, title

_KINDS = (Route.REQUEST, Route.FAILURE, Route.ONREPLY, Route.BRANCH, Route.ONSEND)


class Resolver:
    """Resolves the routes of one script.

    Args:
        modules: the loaded classes by name, without the core.
        flags: the numbers of flags that the script gave names.
    """

    def __init__(
        self,
        modules: Mapping[str, type[Module]],
        routes: Mapping[Key, RouteBody],
        flags: Mapping[str, int],
        catalogue: Catalogue,
        report: Report,
    ) -> None:
        self._classes: list[type[Module]] = [Core, *modules.values()]
        self._routes = routes
        self._flags = flags
        self._catalogue = catalogue
        self._report = report

    def resolve(self) -> None:
        """Fill in the nodes of all routes; what is wrong goes to the report."""
        for route in self._routes.values():
            for node in statements(route.statements):
                if isinstance(node, Call):
                    self._call(node, route)
                elif isinstance(node, RouteCall):
                    self._route_call(node)
                elif isinstance(node, Compare):
                    self._compare(node)
                elif isinstance(node, End):
                    self._end(node)
                elif isinstance(node, Word):
                    self._report.error(
                        "no-comparison",
                        node.span,
                        f"{node.text} alone is no condition",
                        f"compare it: {node.text}==...",
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

    def _argument(self, call: Call, cls: type[Module], argument: Argument, literal: Literal, position: int) -> Any:
        if isinstance(literal, Word):
            if cls is not Core:
                self._report.error(
                    "unquoted-argument",
                    literal.span,
                    f"argument {position} of {call.name} is not in quotes",
                    f'write "{literal.text}"',
                )
                return None
            text = str(self._flags.get(literal.text, literal.text)) if argument.kind is FLAG else literal.text
        else:
            text = str(literal.value)
        try:
            value = argument.kind.convert(text)
        except ValueError as error:
            self._bad_argument(call, argument, literal, position, str(error))
            return None
        if argument.kind in (REGEX, LINE_REGEX) and "\\d" in text:
            self._report.warning(
                "literal-d", literal.span, r"\d is the letter d in these regular expressions", "write [0-9] for a digit"
            )
        if argument.route is not None:
            self._route_name(text, argument.route.kind, literal)
        return value

    def _bad_argument(self, call: Call, argument: Argument, literal: Literal, position: int, reason: str) -> None:
        if argument.kind in (REGEX, LINE_REGEX):
            self._report.error(
                "bad-regex",
                literal.span,
                f"this regular expression cannot be used: {reason}",
                "it is a POSIX extended regular expression",
            )
            return
        names = self._flags if argument.kind is FLAG else ()
        near = suggest(literal.text, names) if isinstance(literal, Word) else ""
        self._report.error(
            "bad-argument",
            literal.span,
            reason,
            f"did you mean {near}?"
            if near
            else f"argument {position} of {call.name} ({argument.name}) is {argument.kind.name}",
        )

    def _route_name(self, name: str, kind: Route, literal: Literal) -> None:
        if name in ("", "0") or (kind, name) in self._routes:
            return
        self._report.warning(
            "no-such-route",
            literal.span,
            f"there is no {title(kind, name)}",
            self._route_hint(kind, name),
        )

    def _route_hint(self, kind: Route, name: str) -> str:
        near = suggest(name, [known for known_kind, known in self._routes if known_kind is kind])
        return f"did you mean {near}?" if near else f"define {kind.keyword}[{name}] {{ ... }}"

    def _wrong_count(self, call: Call, commands: Iterable[Command]) -> None:
        counts = sorted({n for command in commands for n in range(command.arity[0], command.arity[1] + 1)})
        takes = and_list([str(n) for n in counts]) if counts != [0] else "no"
        noun = "argument" if counts == [1] else "arguments"
        count = len(call.arguments)
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
        everywhere = list(self._catalogue.classes())
        for cls in everywhere:
            if call.name in cls.commands:
                self._report.error(
                    "module-not-loaded",
                    call.name_span,
                    f"{call.name} belongs to the module {cls.name}, which is not loaded",
                    f'add loadmodule "{cls.name}.so"',
                )
                return
        names = {name for cls in (*self._classes, *everywhere) for name in cls.commands}
        near = suggest(call.name, (*names, *operands.NAMES) if call.bare else names)
        self._report.error(
            "unknown-command",
            call.name_span,
            f"there is no command {call.name}",
            f"did you mean {near}?" if near else "is a loadmodule missing, or a module that serpy does not have?",
        )

    # the rest

    def _route_call(self, call: RouteCall) -> None:
        call.defined = (Route.REQUEST, call.name) in self._routes
        if not call.defined:
            self._report.warning(
                "no-such-route",
                call.name_span,
                f"there is no route[{call.name}]: the call does nothing",
                self._route_hint(Route.REQUEST, call.name),
            )

    def _end(self, end: End) -> None:
        if end.value is None or isinstance(end.value, Number):
            return
        if not (isinstance(end.value, Word) and end.value.text in ("$?", "$retcode")):
            self._report.error(
                "bad-argument", end.value.span, f"the value of {end.word} must be a number", "write for example -1"
            )

    def _compare(self, compare: Compare) -> None:
        left, right = _operand_name(compare.left), compare.right
        if left == "myself" and isinstance(right, Word):  # SER has `myself==uri` as well
            compare.right = Word(compare.left.span, "myself")
            left = right.text
        if left == "$retcode":
            left = "$?"
        if left not in operands.OPERATORS:
            self._no_operand(compare, left)
            return
        try:
            compare.value = operands.right_value(compare, left)
        except operands.Unusable as unusable:
            code = "bad-regex" if "regular expression cannot" in str(unusable) else "bad-comparison"
            self._report.error(code, compare.right.span, str(unusable), unusable.hint)
        compare.operand = left

    def _no_operand(self, compare: Compare, left: str) -> None:
        if (isinstance(compare.left, Call) and not compare.left.bare) or isinstance(compare.left, RouteCall):
            self._report.error(
                "bad-comparison",
                compare.left.span,
                "the result of a command cannot be compared",
                "use the command alone as a condition: it is true when its result is above 0",
            )
            return
        near = suggest(left, operands.NAMES)
        self._report.error(
            "unknown-operand",
            compare.left.span,
            f"{left or 'this'} is nothing that can be compared",
            f"did you mean {near}?" if near else f"what can be compared is {and_list(operands.NAMES)}",
        )


def _operand_name(left: Word | Call | RouteCall | Number) -> str:
    if isinstance(left, Call):
        return left.name if left.bare else ""
    return left.text if isinstance(left, Word) else ""


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
