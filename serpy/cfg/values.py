"""Values of a script as Python expressions: attributes, selects, literals, and arguments known only when it runs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..script.attributes import ATTRIBUTE, Reference
from . import operands
from .nodes import Assign, Attribute, Call, Expression, Number, RouteCall, Select, Text
from .places import Place, constant, name, place
from .rt import Takes

if TYPE_CHECKING:
    from .emit import RouteEmitter


class Values:
    """Makes the values of one route."""

    def __init__(self, route: RouteEmitter) -> None:
        self._route = route

    def of(self, node: Expression) -> ast.expr:
        """The value: bytes or a number; None where there is none."""
        where = place(node.span)
        if isinstance(node, Attribute):
            return self._route.helper("attribute", [self._reference(node, where)], where)
        if isinstance(node, Select):
            return self._read("read", node, where)
        if isinstance(node, Number):
            return constant(node.value, where)
        if isinstance(node, Text):
            return ast.Constant(node.value.encode("utf-8", "surrogateescape"), **where)
        assert operands.is_retcode(node), "resolve lets nothing else through"
        return self._route.helper("retcode", [], where)

    def truth(self, node: Attribute | Select) -> ast.expr:
        """An expression that is true when there is such a value, and it is neither empty nor 0."""
        if isinstance(node, Attribute) and node.all_values:
            where = place(node.span)
            return self._route.helper("has_attribute", [self._reference(node, where)], where)
        return self.of(node)

    def assigned(self, node: Assign) -> ast.expr:
        """The assignment of anything but a condition; the expression's value is its result."""
        assert isinstance(node.target, Attribute)
        where = place(node.span)
        target = self._reference(node.target, where)
        value = node.value
        if isinstance(value, Call):
            return self._route.helper("assign_result", [target, self._route.call_value(value)], where)
        if isinstance(value, RouteCall):
            return self._route.helper("assign_result", [target, self._route.route_result(value)], where)
        if isinstance(value, Attribute) and value.all_values:
            return self._route.helper("assign_all", [target, self._reference(value, where)], where)
        if isinstance(value, Select):
            return self._route.helper("assign", [target, self._read("read_or_empty", value, where)], where)
        return self._route.helper("assign", [target, self.of(value)], where)

    def given(self, call: Call, function: ast.expr, awaits: bool) -> ast.expr:
        """The call of a command some of whose arguments are known only when the script runs."""
        where = place(call.span)
        assert call.command is not None
        changes: list[tuple[str, object] | None] = []
        values: list[ast.expr] = []
        for argument, value in call.values:
            if is_later(argument.kind, value):
                changes.append((argument.name, argument.kind.convert))
                values.append(self.of(value))
            else:
                changes.append(None)
                values.append(self.known(value, where))
        takes = Takes(call.name, False if call.command.is_bool else -1, tuple(changes))  # type: ignore[arg-type]
        helper = "given_async" if awaits else "given"
        return self._route.helper(helper, [function, self._route.emitter.value(takes, where), *values], where)

    def known(self, value: object, where: Place) -> ast.expr:
        """An argument as the command takes it."""
        return self._route.emitter.value(value.meaning if isinstance(value, Attribute) else value, where)

    def _reference(self, node: Attribute, where: Place) -> ast.expr:
        assert isinstance(node.meaning, Reference)
        return self._route.emitter.value(node.meaning, where)

    def _read(self, helper: str, node: Select, where: Place) -> ast.expr:
        reader = name(self._route.emitter.reader(node), where)
        return self._route.helper(helper, [reader, ast.Constant(node.text, **where)], where)


def is_later(kind: object, value: object) -> bool:
    """Whether an argument's value is known only when the script runs."""
    return isinstance(value, Attribute | Select) and kind is not ATTRIBUTE
