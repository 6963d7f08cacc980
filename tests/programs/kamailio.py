"""Random scripts in Kamailio's language, as trees. They are to be read and laid out, not to be run."""

from __future__ import annotations

from serpy.cfg.nodes import (
    And,
    Assign,
    Assignment,
    Attribute,
    Block,
    Call,
    Case,
    Compare,
    Condition,
    Custom,
    End,
    EventRoute,
    Expression,
    If,
    Item,
    Literal,
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
from serpy.module import Route

from .choices import Choices
from .pools import NOWHERE, WORDS

VARIABLES = (
    ("$ru", "ru"),
    ("$var(x)", "var"),
    ("$(ru{s.len})", "ru"),
    ("$avp(s:x)", "avp"),
    ("$(hdr(From){nameaddr.uri}{uri.user})", "hdr"),
    ("$sht(a=>$si)", "sht"),
    ("$xavp(a[0]=>b)", "xavp"),
    ("$null", "null"),
    ("$T_reply_code", "T_reply_code"),
    ("$(avp(x)[*])", "avp"),
)
SELECTS = (("@to.tag", ["to", "tag"]), ("@cfg_get.pstn.gw", ["cfg_get", "pstn", "gw"]))
ATTRIBUTES = (("$f.a", "f", "a", None, False), ("$x[2]", "", "x", 2, False), ("%y", "", "y", None, False))
BINARY = ("+", "-", "*", "/", "mod", "&", "|", "^", "<<", ">>", "eq", "ne", "ieq", "ine")
COMPARISONS = ("==", "!=", "=~", "<", ">", "<=", ">=")
NUMBERS = (1, 0, 5060, 255, -1, -7)
ROUTES = ("1", "RELAY", "to_user", "7")


class KamailioGrower:
    """Makes one script."""

    def __init__(self, choices: Choices, mixed: bool) -> None:
        self._choices = choices
        self._mixed = mixed
        """Whether SER's attributes may stand among the variables (Kamailio dialect 1.1)."""

    def program(self) -> Tree:
        """A script of all kinds of items, the route for requests among them."""
        items: list[Item] = []
        while len(items) < 5 and self._choices.chance(55):
            items.append(self._setting())
        items.append(self._block_of(Route.REQUEST, "0", self._choices.pick(["request_route", ""])))
        while len(items) < 10 and self._choices.chance(50):
            items.append(self._route())
        return Tree(items)

    def _setting(self) -> Item:
        kind = self._choices.below(7)
        if kind == 0:
            return Assignment(NOWHERE, "debug", NOWHERE, [Number(NOWHERE, self._choices.pick(NUMBERS))])
        if kind == 1:
            return LoadModule(NOWHERE, Text(NOWHERE, "tm.so"), self._choices.pick(["loadmodule", "loadmodulex"]))
        if kind == 2:
            name = self._choices.pick(["modparam", "modparamx"])
            value = Number(NOWHERE, 3) if self._choices.chance(50) else Text(NOWHERE, self._choices.pick(WORDS))
            return ModParam(NOWHERE, Text(NOWHERE, "tm|usrloc"), Text(NOWHERE, "x"), value, name)
        if kind == 3:
            listens = [Word(NOWHERE, "udp:127.0.0.1:5060")]
            options = [("advertise", NOWHERE, Word(NOWHERE, "1.2.3.4:5060"))] if self._choices.chance(50) else []
            return Assignment(NOWHERE, "listen", NOWHERE, [*listens], [*options])
        if kind == 4:
            text = Text(NOWHERE, "what it is") if self._choices.chance(50) else None
            return Custom(NOWHERE, "pstn.gw_ip", NOWHERE, Text(NOWHERE, self._choices.pick(WORDS)), text)
        if kind == 5:
            return Assignment(NOWHERE, "alias", NOWHERE, [Text(NOWHERE, "a.b"), Word(NOWHERE, "c-d.org")])
        return Assignment(NOWHERE, "log_prefix", NOWHERE, [Text(NOWHERE, self._choices.pick(WORDS))])

    def _route(self) -> Item:
        kind = self._choices.below(5)
        if kind == 0:
            return self._block_of(Route.REQUEST, self._choices.pick(ROUTES), "", named=True)
        if kind == 1:
            return EventRoute(
                NOWHERE, self._choices.pick(["xhttp:request", "tm:local-request"]), NOWHERE, self._block(3)
            )
        if kind == 2:
            return self._block_of(Route.ONREPLY, "0", "reply_route")
        return self._block_of(
            self._choices.pick([Route.FAILURE, Route.BRANCH, Route.ONREPLY]), self._choices.pick(ROUTES), "", named=True
        )

    def _block_of(self, kind: Route, name: str, keyword: str, *, named: bool = False) -> RouteBlock:
        return RouteBlock(NOWHERE, kind, name, named, NOWHERE, self._block(3), keyword)

    def _block(self, depth: int) -> Block:
        return Block(NOWHERE, self._statements(depth))

    def _statements(self, depth: int) -> list[Statement]:
        statements: list[Statement] = []
        while len(statements) < 5 and self._choices.chance(62):
            statements.append(self._statement(depth))
        return statements

    def _statement(self, depth: int) -> Statement:
        kinds = [(6, "call"), (5, "assign"), (2, "end"), (2, "route")]
        if depth > 0:
            kinds += [(6, "if"), (1, "while"), (2, "switch")]
        kind = self._choices.weighted(kinds)
        if kind == "if":
            condition, then = self._condition(depth - 1), self._block(depth - 1)
            otherwise = self._block(depth - 1) if self._choices.chance(50) else None
            return If(NOWHERE, condition, then, otherwise)
        if kind == "while":
            return While(NOWHERE, self._condition(depth - 1), self._block(depth - 1))
        if kind == "switch":
            return Switch(NOWHERE, self._expression(1), self._cases(depth - 1))
        if kind == "end":
            word = self._choices.pick(["exit", "drop", "return", "break", "return"])
            value = self._expression(depth) if word == "return" and self._choices.chance(60) else None
            return End(NOWHERE, word, None if isinstance(value, Call | RouteCall | Word) else value)
        if kind == "assign":
            return Assign(NOWHERE, self._target(), self._expression(depth))
        return self._route_call() if kind == "route" else self._call(depth)

    def _cases(self, depth: int) -> list[Case]:
        """Numbers or texts, each once, and perhaps a default."""
        values: list[Literal | None] = [Number(NOWHERE, number) for number in NUMBERS[: self._choices.below(4)]]
        if self._choices.chance(60):
            values = [Text(NOWHERE, text) for text in WORDS[: self._choices.below(4)]]
        if self._choices.chance(50):
            values.insert(self._choices.below(len(values) + 1), None)
        return [
            Case(
                NOWHERE,
                value,
                isinstance(value, Text) and self._choices.chance(30),
                Block(NOWHERE, self._statements(depth)),
            )
            for value in values
        ]

    def _call(self, depth: int) -> Call:
        name = self._choices.pick(["xlog", "t_relay", "t_on_failure", "sl_send_reply", "append_hf", "force_rport"])
        arguments = [self._expression(min(depth, 1)) for _ in range(self._choices.below(3))]
        return Call(NOWHERE, name, NOWHERE, arguments)

    def _route_call(self) -> RouteCall:
        return RouteCall(NOWHERE, self._choices.pick(ROUTES), NOWHERE)

    def _target(self) -> Variable | Attribute:
        if self._mixed and self._choices.chance(20):
            return Attribute(NOWHERE, *self._choices.pick(ATTRIBUTES))
        return Variable(NOWHERE, *self._choices.pick(VARIABLES))

    # expressions

    def _condition(self, depth: int) -> Condition:
        if depth > 0 and self._choices.chance(8):
            return StatementCondition(NOWHERE, self._block(depth - 1))
        if self._choices.chance(4):
            return Assign(NOWHERE, self._target(), self._expression(1))
        return self._expression(depth + 1)

    def _expression(self, depth: int) -> Expression:
        kinds = [(6, "variable"), (3, "number"), (3, "text"), (3, "call"), (4, "old"), (1, "select"), (1, "route")]
        if depth > 0:
            kinds += [(5, "compare"), (4, "operation"), (4, "logic"), (4, "prefix")]
        kind = self._choices.weighted(kinds)
        if kind == "variable":
            return self._target()
        if kind == "number":
            return Number(NOWHERE, self._choices.pick(NUMBERS))
        if kind == "text":
            return Text(NOWHERE, self._choices.pick(WORDS))
        if kind == "select":
            text, parts = self._choices.pick(SELECTS)
            return Select(NOWHERE, text, list(parts))
        if kind == "route":
            return self._route_call()
        if kind == "call":
            return self._call(0)
        if kind == "old":
            return self._old()
        if kind == "logic":
            return self._logic(depth - 1)
        if kind == "prefix":
            return self._prefixed(depth - 1)
        left, right = self._expression(depth - 1), self._expression(depth - 1)
        if kind == "compare":
            return Compare(NOWHERE, left, self._choices.pick(COMPARISONS), right)
        if self._choices.chance(5):
            return Operation(NOWHERE, left, "selval", NOWHERE, Operation(NOWHERE, right, ":", NOWHERE, left))
        return Operation(NOWHERE, left, self._choices.pick(BINARY), NOWHERE, right)

    def _logic(self, depth: int) -> And | Or:
        kind: type[And] | type[Or] = And if self._choices.chance(50) else Or
        parts = [self._expression(depth) for _ in range(2 + self._choices.below(2))]
        if isinstance(parts[0], kind):  # (a and b) and c is read as a and b and c
            parts[:1] = parts[0].parts
        return kind(NOWHERE, parts)

    def _prefixed(self, depth: int) -> Not | Prefixed | Number:
        operator = self._choices.pick(["!", "!", "-", "~", "defined", "(int)", "(str)", "strlen", "strempty"])
        operand = self._expression(depth)
        if operator == "!":
            return Not(NOWHERE, operand)
        if operator == "-" and isinstance(operand, Number):
            return Number(NOWHERE, -operand.value)
        return Prefixed(NOWHERE, operator, operand)

    def _old(self) -> Compare:
        name = self._choices.pick(["method", "uri", "src_ip", "proto", "status", "src_port", "from_uri"])
        sign = self._choices.pick(["==", "!="])
        right: Expression | Network = Text(NOWHERE, "x")
        if name == "src_ip":
            right = Network(NOWHERE, "10.0.0.0", "8") if self._choices.chance(60) else Word(NOWHERE, "10.0.0.1")
        elif name in ("uri", "from_uri"):
            right = Word(NOWHERE, "myself")
        elif name == "proto":
            right = Word(NOWHERE, "UDP")
        elif name == "src_port":
            right = Number(NOWHERE, 5060)
        elif self._choices.chance(30):
            right = Word(NOWHERE, "INVITE")
        return Compare(NOWHERE, Word(NOWHERE, name), sign, right)
