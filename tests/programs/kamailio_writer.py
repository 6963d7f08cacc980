"""Trees of Kamailio scripts as text, as a person might write them; see `writer`."""

from __future__ import annotations

from serpy.cfg.nodes import (
    And,
    Assign,
    Assignment,
    Attribute,
    Call,
    Case,
    Compare,
    Condition,
    Custom,
    EventRoute,
    Item,
    LoadModule,
    ModParam,
    Network,
    Not,
    Number,
    Operation,
    Or,
    Prefixed,
    RouteBlock,
    RouteCall,
    Select,
    Statement,
    StatementCondition,
    Switch,
    Text,
    Tree,
    Variable,
    While,
    Word,
)
from serpy.dialect import Dialect

from .choices import Choices
from .writer import Writer

_LEVELS = {
    "|": 3,
    "&": 4,
    "^": 5,
    "<<": 6,
    ">>": 7,
    **dict.fromkeys(("==", "!=", "=~", "eq", "ne", "ieq", "ine"), 8),
    **dict.fromkeys(("<", ">", "<=", ">="), 9),
    **dict.fromkeys(("+", "-"), 10),
    **dict.fromkeys(("*", "/", "mod"), 11),
}
"""How tightly the operators bind (Kamailio dialect 2.2)."""
_OR, _AND, _PREFIX, _TIGHTEST = 1, 2, 12, 15
_OLD = frozenset({"method", "uri", "src_ip", "proto", "status", "src_port", "from_uri"})
_DIRECTIVES = (
    "#!define WITH_X\n",
    "#!ifdef WITH_Y\n route[none] { this is no code; }\n#!endif\n",
    '#!subst "/NOTHING/x/"\n',
    "#!ifndef WITH_Z\n#!define WITH_Z 1\n#!else\n}}} {{{\n#!endif\n",
)


class KamailioWriter(Writer):
    """Writes one script."""

    comments = (" # comment; drop; }\n", "/* a /* comment */", '\n// it\'s "odd"\n', "/**/", " # x\n\n\n")

    def __init__(self, choices: Choices, mixed: bool) -> None:
        super().__init__(choices, Dialect.KAMAILIO)
        self._header = "#!ALL\n" if mixed else "#!KAMAILIO\n"

    def write(self, tree: Tree) -> str:
        """The script's text."""
        parts = [self._header]
        for item in tree.items:
            self._out = []
            self._item(item)
            parts.append(self._joined() + "\n")
            if self._choices.chance(10):
                parts.append(self._choices.pick(_DIRECTIVES))
        return "".join(parts)

    # the top

    def _item(self, item: Item) -> None:
        if isinstance(item, Assignment):
            self._put(f"{item.name}{self._choices.pick([' = ', '=', ' ='])}")
            for value in item.values:
                self._value(value)
            for name, _, value in item.options:
                self._put(name)
                self._value(value)
        elif isinstance(item, Custom):
            self._put(f"{item.name}{self._choices.pick([' = ', '=', ' ='])}")
            self._value(item.value)
            if item.description is not None:
                self._put(self._choices.pick(["desc", "descr", "description"]))
                self._value(item.description)
        elif isinstance(item, LoadModule):
            self._put(item.form, self._string(item.path.value))
        elif isinstance(item, ModParam):
            self._put(item.form, "(")
            self._value(item.module)
            self._put(",")
            self._value(item.param)
            self._put(",")
            self._value(item.value)
            self._put(")")
        elif isinstance(item, EventRoute):
            self._put("event_route", "[", item.name, "]")
            self._block(item.body)
        else:
            assert isinstance(item, RouteBlock)
            self._put(item.keyword or item.kind.keyword)
            if item.named:
                self._put("[", self._route_name(item.name), "]")
            self._block(item.body)

    # statements

    def _statement(self, statement: Statement) -> None:
        if isinstance(statement, While):
            self._put("while")
            self._condition(statement.condition, True)
            self._branch(statement.body, False)
        elif isinstance(statement, Switch):
            self._put("switch", "(")
            self._plain(statement.subject)
            self._put(")", "{")
            for case in statement.cases:
                self._case(case)
            self._put("}")
        else:
            super()._statement(statement)

    def _case(self, case: Case) -> None:
        self._put("default" if case.value is None else "case")
        if case.is_regex:
            assert isinstance(case.value, Text)
            self._put(f"/{self._string(case.value.value)}")
        elif case.value is not None:
            self._value(case.value)
        self._put(":")
        for statement in case.body.statements:
            self._statement(statement)

    def _branch_of(self, statement: Statement, before_else: bool) -> bool | None:
        if isinstance(statement, While | Switch):
            return None  # in braces: what ends it is another matter
        return super()._branch_of(statement, before_else)

    # expressions

    def _condition(self, condition: Condition, parentheses: bool, level: int = 0) -> None:
        own = _level(condition)
        if parentheses or own < level or isinstance(condition, Assign) or self._choices.chance(6):
            self._put("(")
            self._plain(condition)
            self._put(")")
        else:
            self._plain(condition)

    def _plain(self, condition: Condition) -> None:
        if isinstance(condition, Or | And):
            words = ["or", "||"] if isinstance(condition, Or) else ["and", "&&"]
            level = _level(condition)
            for at, part in enumerate(condition.parts):
                if at:
                    self._put(self._choices.pick(words))
                self._condition(part, False, level + 1)
        elif isinstance(condition, Compare):
            self._binary(condition.left, condition.operator, condition.right)
        elif isinstance(condition, Operation) and condition.operator == "selval":
            choice = condition.right
            assert isinstance(choice, Operation)
            self._call(Call(condition.span, "selval", condition.span, [condition.left, choice.left, choice.right]))
        elif isinstance(condition, Operation):
            self._binary(condition.left, condition.operator, condition.right)
        elif isinstance(condition, Not):
            self._put(self._choices.pick(["!", "not"]))
            part = condition.part
            # NOT takes the whole of an old comparison
            self._condition(part, False, 0 if _is_old(part) else _PREFIX)
        elif isinstance(condition, Prefixed):
            self._prefixed(condition)
        elif isinstance(condition, StatementCondition):
            self._block(condition.body)
        elif isinstance(condition, Assign):
            self._put(condition.target.text, "=")
            self._condition(condition.value, False)
        else:
            self._value(condition)

    def _prefixed(self, node: Prefixed) -> None:
        if node.operator in ("strlen", "strempty"):
            self._call(Call(node.span, node.operator, node.span, [node.operand]))
            return
        self._put(node.operator)
        negative = isinstance(node.operand, Number) and node.operand.value < 0
        self._condition(node.operand, negative, _PREFIX)

    def _binary(self, left: Condition, sign: str, right: Condition | Network) -> None:
        level = _LEVELS[sign]
        self._condition(left, False, level)
        self._put(sign)
        if isinstance(right, Network):
            self._value(right)
        else:
            self._condition(right, False, level + 1)

    def _value(self, value: object) -> None:
        if isinstance(value, Variable):
            self._put(value.text)
        elif isinstance(value, Text | Number | Network | Word | Attribute | Select | Call | RouteCall):
            super()._value(value)
        else:
            self._condition(value, False)  # type: ignore[arg-type] # all that is left


def _level(node: Condition) -> int:
    """How tightly a node binds, as it is written."""
    if isinstance(node, Or):
        return _OR
    if isinstance(node, And):
        return _AND
    if isinstance(node, Compare):
        return _LEVELS[node.operator]
    if isinstance(node, Operation):
        return _LEVELS.get(node.operator, _TIGHTEST)
    if isinstance(node, Not):
        # what NOT takes of an old comparison ends at an AND
        return _AND + 1 if _is_old(node.part) else _PREFIX
    if isinstance(node, Prefixed):
        return _PREFIX if node.operator in ("-", "~", "defined", "(int)", "(str)") else _TIGHTEST
    return _TIGHTEST


def _is_old(node: Condition) -> bool:
    return isinstance(node, Compare) and isinstance(node.left, Word) and node.left.text in _OLD
