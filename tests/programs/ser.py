"""Random programs in SER's language, as trees; `writer` makes text of them.

They use the commands of `machine.Probe`, whose results are known, and those of the core whose effect is easily told.
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
    Expression,
    Flags,
    If,
    Item,
    Literal,
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
from serpy.module import Route

from .choices import Choices
from .messages import AVP_FLAGS, NAMED_FLAGS, URIS
from .pools import (
    ADDRESSES,
    HOSTS,
    METHODS,
    MIXED,
    NETWORKS,
    NOWHERE,
    NUMBERS,
    PATTERNS,
    RESULTS,
    ROUTES,
    STRINGS,
    TEXTS,
    TRACKS,
    WORDS,
)


class Grower:
    """Makes one program."""

    def __init__(self, choices: Choices, dialect: Dialect) -> None:
        self._choices = choices
        self._newer = dialect is Dialect.SER_2
        self._names = ["1", "2", "3", "4"] if not self._newer else ["1", "RELAY", "3", "to_user"]
        self._here = 0
        """The number of the route that is being made; 0 for those that are run from outside."""
        self._in_condition = False
        self._sends = False
        """Whether it is an onsend_route: few commands may stand there (3.4)."""

    def program(self) -> Tree:
        """A script: routes for requests that call each other, and routes of the other kinds."""
        choices = self._choices
        items: list[Item] = [LoadModule(NOWHERE, Text(NOWHERE, "probe.so"))]
        if self._newer and choices.chance(40):
            items.append(Flags(NOWHERE, [(name, number, NOWHERE) for name, number in NAMED_FLAGS.items()]))
        self._flag_names = tuple(NAMED_FLAGS) if len(items) > 1 else ()
        if self._newer:
            items.append(AvpFlags(NOWHERE, [(name, NOWHERE) for name in AVP_FLAGS]))
        blocks = [self._block_of(Route.REQUEST, "0", choices.chance(20))]
        for number in range(1, 1 + choices.below(ROUTES + 1)):
            self._here = number
            blocks.append(self._block_of(Route.REQUEST, self._names[number - 1], True))
        self._here = 0
        kinds = [Route.FAILURE, Route.ONREPLY] + ([Route.BRANCH, Route.ONSEND] if self._newer else [])
        if choices.chance(50):
            blocks.append(self._block_of(choices.pick(kinds), "1", True))
        if choices.chance(15):
            # blocks of one name are joined; in SER 2 only those without a name
            first = blocks[0] if self._newer else choices.pick(blocks)
            if not (self._newer and first.named):
                blocks.append(self._block_of(first.kind, first.name, first.named))
        while len(blocks) > 1 and choices.chance(30):
            blocks.append(blocks.pop(choices.below(len(blocks))))
        return Tree(items + list(blocks))

    def _block_of(self, kind: Route, name: str, named: bool) -> RouteBlock:
        self._sends = kind is Route.ONSEND
        return RouteBlock(NOWHERE, kind, name, named, NOWHERE, self._block(4, 1))

    def _block(self, depth: int, least: int = 0) -> Block:
        statements: list[Statement] = []
        while len(statements) < least or (len(statements) < 6 and self._choices.chance(62)):
            statements.append(self._statement(depth))
        return Block(NOWHERE, statements)

    def _statement(self, depth: int) -> Statement:
        kinds = [(10, "call"), (5, "if"), (2, "end"), (3, "route")]
        kind = self._choices.weighted([*kinds, (5, "assign")] if self._newer else kinds)
        if kind == "if" and depth > 0:
            return self._chain(1) if self._choices.chance(2) else self._if(depth)
        if kind == "end":
            return self._end()
        if kind == "route":
            return self._route_call()
        if kind == "assign":
            return self._assign(depth)
        return self._call()

    def _chain(self, depth: int) -> If:
        """A chain of `else if` that is longer than people write them."""
        links = [self._if(depth) for _ in range(2 + self._choices.below(3))]
        otherwise = self._block(depth - 1) if self._choices.chance(60) else None
        for number in range(60 + self._choices.below(60)):
            link = links[number % len(links)]
            otherwise = Block(NOWHERE, [If(NOWHERE, link.condition, link.then, otherwise)])
        (chain,) = otherwise.statements if otherwise else []
        assert isinstance(chain, If)
        return chain

    def _if(self, depth: int) -> If:
        condition = self._condition(depth - 1)
        then = self._block(depth - 1)
        if not self._choices.chance(45):
            return If(NOWHERE, condition, then, None)
        if self._choices.chance(35):
            return If(NOWHERE, condition, then, Block(NOWHERE, [self._if(depth - 1)] if depth > 1 else []))
        return If(NOWHERE, condition, then, self._block(depth - 1))

    def _end(self) -> End:
        choices = self._choices
        if self._newer:
            word = choices.pick(["drop", "break", "return", "exit"])
            if word == "break" or choices.chance(35):
                return End(NOWHERE, word, None)
            value: Expression = (
                Word(NOWHERE, choices.pick(["$?", "$retcode"])) if choices.chance(20) else self._number(RESULTS)
            )
            return End(NOWHERE, word, value)
        # SER 0.8 and 0.9 have two words for one thing. The others are taken as SER 2 has them; the value of a block
        # that is left by `return` while it serves as a condition is told nowhere
        word = choices.pick(["drop", "break", "drop", "exit", *(() if self._in_condition else ("return",))])
        if word == "return" and choices.chance(50):
            return End(NOWHERE, word, self._number(RESULTS))
        return End(NOWHERE, word, None)

    def _route_call(self) -> RouteCall:
        choices = self._choices
        number = min(self._here + 1 + choices.below(2), ROUTES)
        if choices.chance(12):
            number = 1 + choices.below(ROUTES)  # also back: routes may call each other in a circle
        name = "9" if choices.chance(4) else self._names[number - 1]
        return RouteCall(NOWHERE, name, NOWHERE)

    # commands

    def _call(self) -> Call:
        choices = self._choices
        name = choices.weighted(
            [
                (6, "note"),
                (3, "good"),
                (3, "bad"),
                (5, "result"),
                (3, "slow"),
                (2, "setflag"),
                (1, "resetflag"),
                (3, "isflagset"),
                (2, "rewriteuri"),
                (1, "revert_uri"),
                (1, "log"),
                (1, "force_rport"),
                *([(1, "setavpflag"), (1, "resetavpflag"), (2, "isavpflagset")] if self._newer else []),
            ]
        )
        if self._sends and name in ("rewriteuri", "revert_uri", "force_rport"):
            name = "good"
        arguments: list[Expression] = []
        bare = False
        if name == "note":
            arguments = [Text(NOWHERE, choices.pick(WORDS))]
        elif name in ("result", "slow"):
            arguments = [self._quoted_or_not(choices.pick(RESULTS))]
        elif name in ("setflag", "resetflag", "isflagset"):
            arguments = [self._flag()]
        elif name == "rewriteuri":
            name = choices.pick(["rewriteuri", "seturi"])
            arguments = [Text(NOWHERE, choices.pick(list(URIS)))]
        elif name == "log":
            arguments = [self._number((1, 4, 3))] if choices.chance(50) else []
            arguments.append(Text(NOWHERE, choices.pick(WORDS)))
        elif name.endswith(("avpflag", "avpflagset")):
            arguments = [self._attribute(MIXED, indexed=False), Word(NOWHERE, choices.pick(AVP_FLAGS))]
        elif name == "force_rport":
            name = choices.pick(["force_rport", "add_rport"])
        if name in ("revert_uri", "force_rport", "add_rport"):
            bare = choices.chance(30)
        return Call(NOWHERE, name, NOWHERE, arguments, bare)

    def _flag(self) -> Literal:
        if self._flag_names and self._choices.chance(50):
            return Word(NOWHERE, self._choices.pick(self._flag_names))
        return self._quoted_or_not(self._choices.pick([1, 3, 31, 0]))

    def _quoted_or_not(self, value: int) -> Literal:
        return Text(NOWHERE, str(value)) if self._choices.chance(50) else Number(NOWHERE, value)

    def _number(self, of: tuple[int, ...]) -> Number:
        return Number(NOWHERE, self._choices.pick(of))

    # attributes

    def _attribute(self, names: tuple[str, ...], *, indexed: bool = True) -> Attribute:
        choices = self._choices
        track, name = choices.pick(TRACKS), choices.pick(names)
        index = choices.pick([1, 2, -1, -2, 3]) if indexed and choices.chance(25) else None
        sign, dotted = choices.pick(["$", "$", "%"]), f"{track}." if track else ""
        text = f"{sign}{dotted}{name}" + ("" if index is None else f"[{index}]")
        return Attribute(NOWHERE, text, track, name, index, False)

    def _all_of(self, names: tuple[str, ...]) -> Attribute:
        one = self._attribute(names, indexed=False)
        return Attribute(NOWHERE, f"{one.text}[]", one.track, one.name, None, True)

    def _assign(self, depth: int) -> Assign:
        choices = self._choices
        names = choices.pick([STRINGS, NUMBERS, MIXED])
        target = (
            self._all_of(names) if names is not MIXED and choices.chance(35) else self._attribute(names, indexed=False)
        )
        if names is STRINGS or (names is MIXED and choices.chance(50)):
            kind = choices.weighted([(5, "text"), (2, "select"), (3, "copy")])
            if kind == "select":
                return Assign(NOWHERE, target, Select(NOWHERE, "@to.uri", ["to", "uri"]))
            if kind == "text" or names is MIXED:
                return Assign(NOWHERE, target, Text(NOWHERE, choices.pick(TEXTS)))
        else:
            kind = choices.weighted([(5, "number"), (3, "call"), (2, "route"), (3, "truth"), (3, "copy")])
            if kind == "truth" and depth > 0:
                return Assign(NOWHERE, target, self._truth(depth - 1), truth=True)
            if kind == "call":
                call = self._call()
                call.bare = False  # a word alone is no command where a value is wanted
                return Assign(NOWHERE, target, call)
            if kind == "route":
                return Assign(NOWHERE, target, self._route_call())
            if kind != "copy" or names is MIXED:
                return Assign(NOWHERE, target, self._number(RESULTS))
        if choices.chance(30) and not target.all_values:
            return Assign(NOWHERE, target, self._all_of(names))
        return Assign(NOWHERE, target, self._attribute(names))

    def _truth(self, depth: int) -> Condition:
        condition = self._condition(depth)
        return Not(NOWHERE, condition) if isinstance(condition, Number) else condition

    def _attribute_comparison(self) -> Compare:
        choices = self._choices
        names = choices.pick([STRINGS, NUMBERS, MIXED])
        left = self._attribute(names)
        if names is STRINGS:
            kind = choices.weighted([(4, "text"), (2, "match"), (2, "attribute"), (1, "select")])
            if kind == "match":
                return Compare(NOWHERE, left, "=~", Text(NOWHERE, choices.pick(PATTERNS)))
            right: Expression = Text(NOWHERE, choices.pick(TEXTS))
            if kind == "attribute":
                right = self._attribute(STRINGS)
            elif kind == "select":
                right = Select(NOWHERE, "@to.uri", ["to", "uri"])
            return Compare(NOWHERE, left, choices.pick(["==", "!="]), right)
        if names is NUMBERS and choices.chance(25):
            return Compare(NOWHERE, left, choices.pick(["&", "|"]), self._number((1, 4, 255, 0)))
        if choices.chance(30):
            return Compare(NOWHERE, left, choices.pick(["==", "!="]), Text(NOWHERE, choices.pick(TEXTS)))
        operator = choices.pick(["==", "!=", "<", ">", "<=", ">="])
        return Compare(NOWHERE, left, operator, self._number((*RESULTS, 12)))

    # conditions

    def _condition(self, depth: int) -> Condition:
        kinds = [(8, "call"), (6, "compare"), (2, "route"), (1, "number")]
        if self._newer:
            kinds += [(3, "attribute"), (4, "attribute comparison")]
        if depth > 0:
            kinds += [(3, "and"), (3, "or"), (4, "not"), (2, "statement")]
        kind = self._choices.weighted(kinds)
        if kind in ("and", "or"):
            parts = [self._condition(depth - 1) for _ in range(2 + self._choices.below(2))]
            both = And if kind == "and" else Or
            if isinstance(parts[0], both):  # (a and b) and c is read as a and b and c
                parts[:1] = parts[0].parts
            return both(NOWHERE, parts)
        if kind == "not":
            return Not(NOWHERE, self._condition(depth - 1))
        if kind == "statement":
            return self._statement_condition(depth)
        if kind == "compare":
            return self._compare()
        if kind == "route":
            return self._route_call()
        if kind == "number":
            return self._number((1, 0, 5, -1))
        if kind == "attribute":
            names = self._choices.pick([STRINGS, NUMBERS, MIXED])
            return self._all_of(names) if self._choices.chance(20) else self._attribute(names)
        if kind == "attribute comparison":
            return self._attribute_comparison()
        return self._call()

    def _statement_condition(self, depth: int) -> StatementCondition:
        before, self._in_condition = self._in_condition, True
        is_if = self._choices.chance(40)
        body = Block(NOWHERE, [self._if(depth - 1)]) if is_if else self._block(depth - 1, 1)
        self._in_condition = before
        return StatementCondition(NOWHERE, body)

    def _compare(self) -> Compare:
        choices = self._choices
        left = choices.pick(
            [
                "method",
                "uri",
                "status",
                "from_uri",
                "to_uri",
                "src_ip",
                "dst_ip",
                "src_port",
                "dst_port",
                "proto",
                "af",
                "msg:len",
                "myself",
                *(("$?", "$?", "$retcode", "$?") if self._newer else ("method", "uri")),
            ]
        )
        if left == "myself":
            right = choices.pick(["uri", "from_uri", "to_uri", "src_ip", "dst_ip"])
            return self._made(left, choices.pick(["==", "!="]), Word(NOWHERE, right))
        if left in ("src_port", "dst_port", "msg:len", "$?", "$retcode"):
            operator = choices.pick(["==", "!=", "<", ">", "<=", ">="])
            if left == "msg:len":
                value: Literal = Word(NOWHERE, "max_len") if choices.chance(40) else self._number((100, 280, 1000))
            else:
                value = self._number((1, 0, -1, 5, 2) if left.startswith("$") else (5060, 5070, 0))
            return self._made(left, operator, value)
        if left in ("proto", "af"):
            words = ["udp", "UDP", "tcp", "TLS", "*"] if left == "proto" else ["inet", "INET6"]
            return self._made(left, choices.pick(["==", "!="]), Word(NOWHERE, choices.pick(words)))
        if choices.chance(30):
            return self._made(left, "=~", Text(NOWHERE, choices.pick(PATTERNS)))
        operator = choices.pick(["==", "!="])
        if left != "method" and choices.chance(30):
            return self._made(left, operator, Word(NOWHERE, "myself"))
        if left in ("src_ip", "dst_ip"):
            return self._made(left, operator, self._address())
        if left == "method":
            text = choices.pick(METHODS)
            return self._made(left, operator, Word(NOWHERE, text) if choices.chance(40) else Text(NOWHERE, text))
        return self._made(left, operator, Text(NOWHERE, choices.pick([*URIS, "180", "SIP:BOB@here.org"])))

    def _address(self) -> Literal | Network:
        kind = self._choices.weighted([(3, "address"), (4, "network"), (2, "text"), (1, "host")])
        if kind == "network":
            return Network(NOWHERE, *self._choices.pick(NETWORKS))
        if kind == "host":
            return Word(NOWHERE, self._choices.pick(HOSTS))
        address = self._choices.pick(ADDRESSES)
        return Word(NOWHERE, address) if kind == "address" else Text(NOWHERE, address)

    def _made(self, left: str, operator: str, right: Literal | Network) -> Compare:
        if self._newer and self._choices.chance(12):
            if left in ("method", "uri") and operator != "=~":
                return Compare(NOWHERE, Word(NOWHERE, left), operator, self._attribute(STRINGS))
            if left in ("src_port", "$?"):
                return Compare(NOWHERE, Word(NOWHERE, left), operator, self._attribute(NUMBERS))
        return Compare(NOWHERE, Word(NOWHERE, left), operator, right)
