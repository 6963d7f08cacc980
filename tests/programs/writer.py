"""Trees as text, in one of the many ways in which a person might write them.

Everything that the tree does not say is left to chance: blanks and comments, spellings of operators and numbers,
quotes, parentheses that are not needed, semicolons and braces that may be left out.
"""

from __future__ import annotations

from serpy.cfg.nodes import (
    And,
    Assign,
    Attribute,
    AvpFlags,
    Block,
    Call,
    Compare,
    Condition,
    End,
    Flags,
    If,
    Item,
    LoadModule,
    Network,
    Not,
    Number,
    Or,
    RouteBlock,
    RouteCall,
    Select,
    Statement,
    StatementCondition,
    Text,
    Tree,
    Word,
)
from serpy.dialect import Dialect

from .choices import Choices

_COMMENTS = (" # comment; drop; }\n", "/* a /* nested */ comment */", '\n# it\'s "odd"\n', "/**/", "/* 'x\n*/")
_BLANKS = (" ", "\n", "\t", "  ", "\r\n", "\n\n    ")
_CLOSE = set("(){};,[]")
"""Around these no blank is needed."""
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"'}


class Writer:
    """Writes one script."""

    comments: tuple[str, ...] = _COMMENTS

    def __init__(self, choices: Choices, dialect: Dialect) -> None:
        self._choices = choices
        self._dialect = dialect
        self._out: list[str] = []
        self._may_end = True
        """Whether a semicolon may stand behind an `if`: not where it serves as a condition."""

    def write(self, tree: Tree) -> str:
        """The script's text."""
        for item in tree.items:
            self._item(item)
            if self._choices.chance(10):
                self._put(";")
        return self._joined()

    def _put(self, *tokens: str) -> None:
        self._out.extend(tokens)

    def _joined(self) -> str:
        parts: list[str] = []
        comments = self._choices.chance(30)
        before = "{"
        for token in self._out:
            needed = before not in _CLOSE and token not in _CLOSE
            if comments and self._choices.chance(8):
                parts.append(self._choices.pick(self.comments) + (" " if needed else ""))
            elif needed or self._choices.chance(25):
                parts.append(self._choices.pick(_BLANKS))
            parts.append(token)
            before = token
        return "".join(parts) + self._choices.pick(["\n", "", " ", "# the end"])

    # the top

    def _item(self, item: Item) -> None:
        if isinstance(item, LoadModule):
            self._put("loadmodule", self._string(item.path.value))
        elif isinstance(item, Flags):
            self._put(self._choices.pick(["flags", "bool"]))
            for at, (name, number, _) in enumerate(item.flags):
                self._put(*([","] if at else []), name if self._choices.chance(60) else f'"{name}"')
                if number is not None:
                    self._put(":", self._number(number, words=False))
        elif isinstance(item, AvpFlags):
            self._put("avpflags")
            for at, (name, _) in enumerate(item.flags):
                self._put(*([","] if at else []), name if self._choices.chance(60) else f'"{name}"')
        else:
            assert isinstance(item, RouteBlock)
            self._put(item.kind.keyword)
            if item.named or self._choices.chance(0):
                self._put("[", self._route_name(item.name), "]")
            self._block(item.body)

    def _route_name(self, name: str) -> str:
        forms = [name, f'"{name}"', f"'{name}'"]
        if name.isdecimal():
            forms += [hex(int(name)), f"0{int(name):o}" if name != "0" else "0"]
        return self._choices.pick(forms)

    # statements

    def _block(self, block: Block) -> None:
        before, self._may_end = self._may_end, True
        self._put("{")
        for statement in block.statements:
            self._statement(statement)
            if self._choices.chance(7):
                self._put(";")
        if not block.statements and self._choices.chance(40):
            self._put(";")
        self._put("}")
        self._may_end = before

    def _statement(self, statement: Statement) -> None:
        if isinstance(statement, If):
            self._if(statement)
        else:
            self._simple(statement)
            self._put(";")

    def _simple(self, statement: Statement) -> None:
        """A statement without its semicolon."""
        if isinstance(statement, End):
            self._end(statement)
        elif isinstance(statement, Assign):
            self._assign(statement)
        else:
            assert isinstance(statement, Call | RouteCall)
            self._call(statement)

    def _if(self, statement: If) -> bool:
        """Writes it; true when an `else` behind it would be its own."""
        while True:
            self._put("if")
            self._condition(statement.condition, self._choices.chance(85))
            otherwise = statement.otherwise
            if otherwise is None:
                return self._branch(statement.then, False) or True
            self._branch(statement.then, True)
            self._put("else")
            links = otherwise.statements
            if len(links) == 1 and isinstance(links[0], If) and self._choices.chance(80):
                statement = links[0]
                continue
            return self._branch(otherwise, False)

    def _branch(self, block: Block, before_else: bool) -> bool:
        """Writes what an `if` or an `else` guards; true when an `else` behind it would belong to something inside."""
        alone = block.statements[0] if len(block.statements) == 1 else None
        if not block.statements and self._choices.chance(15):
            self._put(";")
            return False
        if alone is None or self._choices.chance(50):
            self._block(block)
            # the semicolon of `};` before an else would end the `if`
            if not before_else and self._may_end and self._choices.chance(20):
                self._put(";")
            return False
        is_open = self._branch_of(alone, before_else)
        if is_open is None:
            self._block(block)
        return is_open or False

    def _branch_of(self, alone: Statement, before_else: bool) -> bool | None:
        """The same for a single statement, written without braces; None when it must have them."""
        if isinstance(alone, If):
            at = len(self._out)
            before, self._may_end = self._may_end, self._may_end and not before_else
            is_open = self._if(alone)
            self._may_end = before
            if is_open and before_else:
                self._out.insert(at, "{")
                self._put("}")
                return False
            return is_open
        self._simple(alone)
        # SER 0.8 takes no semicolon before an else, the others want one
        if not before_else or self._choices.chance(60):
            self._put(";")
        return False

    def _assign(self, assign: Assign) -> None:
        self._put(assign.target.text, "=")
        if assign.truth:
            self._condition(assign.value, True)
        else:
            self._value(assign.value)  # in parentheses it would be another thing in SER

    def _value(self, value: object) -> None:
        if isinstance(value, Text):
            self._put(self._string(value.value))
        elif isinstance(value, Number):
            self._put(self._number(value.value))
        elif isinstance(value, Network):
            self._put(f"{value.address}/{value.mask}")
        elif isinstance(value, Word | Attribute | Select):
            self._put(value.text)
        else:
            assert isinstance(value, Call | RouteCall), value
            self._call(value)

    def _end(self, end: End) -> None:
        self._put(end.word)
        if end.value is None:
            if self._choices.chance(20):
                self._put("(", ")")
            return
        self._condition(end.value, self._choices.chance(50))

    def _call(self, call: Call | RouteCall) -> None:
        if isinstance(call, RouteCall):
            self._put("route", "(", self._route_name(call.name), ")")
            return
        self._put(call.name)
        if call.bare:
            return
        self._put("(")
        for at, argument in enumerate(call.arguments):
            if at:
                self._put(",")
            self._value(argument)
        self._put(")")

    # conditions

    def _condition(self, condition: Condition, parentheses: bool, level: int = 0) -> None:
        """Writes it so that it binds at least as strongly as the level says: 0 an `or`, 1 an `and`, 2 a `not`."""
        own = {Or: 0, And: 1, Not: 2}.get(type(condition), 3)
        inside_if = isinstance(condition, StatementCondition) and _is_if(condition)
        if parentheses or own < level or inside_if or self._choices.chance(6):
            self._put("(")
            self._plain(condition)
            self._put(")")
        else:
            self._plain(condition)

    def _plain(self, condition: Condition) -> None:
        if isinstance(condition, Or | And):
            words = ["or", "||", "|"] if isinstance(condition, Or) else ["and", "&&", "&"]
            words = words[: 3 if self._dialect.is_classic else 2]
            for at, part in enumerate(condition.parts):
                if at:
                    self._put(self._choices.pick(words))
                self._condition(part, False, 1 if isinstance(condition, Or) else 2)
        elif isinstance(condition, Not):
            self._put(self._choices.pick(["!", "not"]))
            self._condition(condition.part, False, 2)
        elif isinstance(condition, StatementCondition):
            if _is_if(condition) and self._choices.chance(70):
                statement = condition.body.statements[0]
                assert isinstance(statement, If)
                before, self._may_end = self._may_end, False
                self._if(statement)
                self._may_end = before
            else:
                self._block(condition.body)
        elif isinstance(condition, Compare):
            self._compare(condition)
        else:
            self._value(condition)

    def _compare(self, compare: Compare) -> None:
        self._value(compare.left)
        self._put(compare.operator)
        self._value(compare.right)

    # literals

    def _number(self, value: int, words: bool = True) -> str:
        if value < 0:
            return str(value)
        forms = [str(value), hex(value), f"0{value:o}" if value else "0"]
        if not self._dialect.is_classic:
            forms.append(f"{value:b}b")
        if words and value in (0, 1):
            forms += ["yes", "true", "on", "enable"] if value else ["no", "false", "off", "disable"]
        return self._choices.pick(forms)

    def _string(self, value: str) -> str:
        old = self._dialect is Dialect.SER_0_8  # knows no \" and no \x
        if "'" not in value and (self._choices.chance(40) or (old and '"' in value)):
            return f"'{value}'"
        assert not (old and '"' in value), "SER 0.8 cannot write a string with both quotes"
        return f'"{"".join(self._character(character, old) for character in value)}"'

    def _character(self, character: str, old: bool) -> str:
        if character in '"\\':
            return _ESCAPES[character]
        if character in _ESCAPES and self._choices.chance(50):
            return _ESCAPES[character]
        if not old and character.isascii() and self._choices.chance(1):
            return f"\\x{ord(character):02x}"
        return character


def _is_if(condition: StatementCondition) -> bool:
    statements = condition.body.statements
    return len(statements) == 1 and isinstance(statements[0], If)
