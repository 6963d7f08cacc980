"""What comparisons, assignments, attributes and selects mean: the part of resolving that is about values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from ..dialect import Dialect
from ..module import Module, Route
from ..script.attributes import TRACKS, reference
from . import operands, selects
from .diagnostics import and_list
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
    Operation,
    Prefixed,
    RouteCall,
    Select,
    Statement,
    Switch,
    Text,
    Variable,
    While,
    Word,
)
from .report import Report
from .routes import MAIN, RouteBody
from .source import Span

_SHOWN = 60
"""So many characters of a select stand in a message."""
_ONLY_KAMAILIO = (Variable, Operation, Prefixed, While, Switch)


def is_foreign(node: Statement | Condition | None) -> bool:
    """Whether only Kamailio has it: another stage says that it does not run here."""
    return isinstance(node, _ONLY_KAMAILIO)


class Meanings:
    """Fills in the nodes that have to do with values.

    Args:
        classes: the core and the loaded modules.
        offered: gives all modules that could be loaded; it is asked only when something is unknown.
    """

    def __init__(
        self, classes: Sequence[type[Module]], offered: Callable[[], Iterable[type[Module]]], report: Report
    ) -> None:
        self._classes = classes
        self._find_offered = offered
        self._report = report
        self._is_ser = report.dialect is not Dialect.KAMAILIO
        self._told: dict[str, tuple[str, str, str]] = {}
        """What is said of each select that nobody reads: the code, the message and the next step."""

    @cached_property
    def _offered(self) -> list[type[Module]]:
        return list(self._find_offered())

    # attributes and selects

    def attribute(self, node: Attribute) -> None:
        """Find the lists that the attribute stands for."""
        if node.track and node.track not in TRACKS:
            self._report.error(
                "unknown-class",
                node.span,
                f"there is no class {node.track} of attributes",
                f"the classes are {and_list(TRACKS)}, as in $f.{node.name}",
            )
        elif node.index == 0:
            self._report.error(
                "bad-index", node.span, "there is no value 0 of an attribute", f"the first one is ${node.name}[1]"
            )
        else:
            node.meaning = reference(node.text, node.track, node.name, node.index, node.all_values)

    def select(self, node: Select) -> None:
        """Find the method that reads the select."""
        node.meaning = selects.find(node, self._classes)
        if node.meaning is not None:
            return
        if node.text not in self._told:
            self._told[node.text] = self._unread(node)
        code, message, hint = self._told[node.text]
        self._report.error(code, node.span, message, hint)

    def _unread(self, node: Select) -> tuple[str, str, str]:
        shown = node.text if len(node.text) <= _SHOWN else f"{node.text[:_SHOWN]}..."
        owner = next((cls.name for cls in self._offered if selects.find(node, [cls])), None)
        if owner is not None:
            told = f"{shown} belongs to the module {owner}, which is not loaded"
            return "module-not-loaded", told, f'add loadmodule "{owner}.so"'
        hint = selects.advice(node, self._classes, suggests=self._report.may_suggest())
        return "unknown-select", f"there is nothing to read under {shown}", hint

    # assignments and ends

    def assign(self, node: Assign) -> None:
        """Check both sides of an assignment."""
        target, value = node.target, node.value
        if isinstance(target, Variable):
            return
        if target.index is not None:
            self._report.error(
                "bad-assignment",
                target.span,
                "a value cannot be put in a numbered place",
                f"${target.name} = ... replaces all values, ${target.name}[] = ... adds one",
            )
        elif isinstance(value, Word | Network) and node.truth:
            self._report.error(
                "no-comparison", value.span, f"{value.text} alone is no condition", f"compare it: {value.text}==..."
            )
        elif isinstance(value, Network) or (isinstance(value, Word) and not operands.is_retcode(value)):
            self._report.error("bad-assignment", value.span, f"{value.text} is not in quotes", f'write "{value.text}"')

    def end(self, node: End) -> None:
        """Check the value of `return`, `exit` or `drop`."""
        value = node.value
        if value is None or is_foreign(value) or self._report.dialect is Dialect.KAMAILIO:
            return
        if isinstance(value, Attribute) and not value.all_values:
            return
        if not (isinstance(value, Number) or operands.is_retcode(value)):
            self._report.error(
                "bad-argument", value.span, f"the value of {node.word} must be a number", "write for example -1"
            )

    # comparisons

    def compare(self, compare: Compare, route: RouteBody) -> None:
        """Find the operand, and what it is compared with."""
        if is_foreign(compare.left) or is_foreign(compare.right):
            return
        if isinstance(compare.left, Attribute | Select):
            compare.operand = "$" if isinstance(compare.left, Attribute) else "@"
            try:
                compare.value = operands.right_of_value(compare)
            except operands.Unusable as unusable:
                self._unusable(compare, unusable)
            self._digits(compare)
            return
        left, right = _operand_name(compare.left), compare.right
        if left == "myself" and isinstance(right, Word):  # SER has `myself==uri` as well
            compare.right = Word(compare.left.span, "myself")
            left = right.text
        left = operands.SAME.get(left, left)
        if left not in operands.OPERATORS:
            self._no_operand(compare, left)
            return
        if left in operands.ON_SEND and not _may_send(route):
            self._report.error(
                "not-allowed",
                compare.left.span,
                f"{_operand_name(compare.left)} has no value in {route.kind.keyword}",
                "it may stand in onsend_route: only there it is known where the request goes",
            )
            return
        try:
            compare.value = operands.right_value(compare, left)
            if left in operands.PROTOS and compare.value in operands.MORE_PROTOS and self._is_ser:
                raise operands.Unusable(f"{compare.value} is not a value of proto", "write udp or tcp or tls or *")
        except operands.Unusable as unusable:
            self._unusable(compare, unusable)
        compare.operand = left
        self._digits(compare)
        self._network(compare, left)

    def _unusable(self, compare: Compare, unusable: operands.Unusable) -> None:
        code = "bad-regex" if "regular expression cannot" in str(unusable) else "bad-comparison"
        self._report.error(code, compare.right.span, str(unusable), unusable.hint)

    def _digits(self, compare: Compare) -> None:
        if compare.operator == "=~" and isinstance(compare.right, Text):
            warn_of_literal_d(compare.right.value, compare.right.span, self._report)

    def _network(self, compare: Compare, operand: str) -> None:
        right = compare.right
        if operand not in operands.ADDRESSES or not isinstance(compare.value, operands.Prefix):
            return
        written = right.text if isinstance(right, Network) else getattr(right, "value", "")
        if odd := operands.odd_network(str(written), compare.value):
            self._report.warning("odd-network", right.span, *odd)

    def _no_operand(self, compare: Compare, left: str) -> None:
        if (isinstance(compare.left, Call) and not compare.left.bare) or isinstance(compare.left, RouteCall):
            self._report.error(
                "bad-comparison",
                compare.left.span,
                "the result of a command cannot be compared",
                "use the command alone as a condition: it is true when its result is above 0",
            )
            return
        near = self._report.suggest(left, operands.NAMES)
        self._report.error(
            "unknown-operand",
            compare.left.span,
            f"{left or 'this'} is nothing that can be compared",
            f"did you mean {near}?" if near else f"what can be compared is {and_list(operands.NAMES)}",
        )


def _operand_name(left: Expression) -> str:
    if isinstance(left, Call):
        return left.name if left.bare else ""
    return left.text if isinstance(left, Word) else ""


def _may_send(route: RouteBody) -> bool:
    """Whether it may be an onsend_route that runs this: any route but the main one may be called from there."""
    return route.kind is Route.ONSEND or (route.kind is Route.REQUEST and (route.kind, route.name) != MAIN)


def warn_of_literal_d(pattern: str, span: Span, report: Report) -> None:
    """Warn of Perl's digits in a POSIX regular expression."""
    if "\\d" in pattern:
        report.warning("literal-d", span, r"\d is the letter d in these regular expressions", "write [0-9] for a digit")


def literal_text(node: Expression) -> str | None:
    """What a literal is as text; None for what is no literal."""
    if isinstance(node, Word):
        return node.text
    return str(node.value) if isinstance(node, Text | Number) else None
