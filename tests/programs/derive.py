"""Scripts made from the grammar alone: whatever may stand somewhere does, whether it means something or not."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files

from lark import Lark
from lark.grammar import NonTerminal, Rule, Symbol, Terminal

from .choices import Choices

TEXTS: dict[str, tuple[str, ...]] = {
    "PARAM": ("debug", "listen", "alias", "log_facility", "x"),
    "CUSTOM": ("pstn.gw", "a.b", "kemi.onsend_route_callback"),
    "SETTING": ("mpath", "loadpath", "cfgengine"),
    "LOADMODULE": ("loadmodule", "loadmodulex"),
    "MODPARAM": ("modparam", "modparamx"),
    "FLAGS": ("flags", "bool"),
    "AVPFLAGS": ("avpflags",),
    "ROUTE": ("route", "failure_route", "onreply_route", "branch_route", "request_route"),
    "ROUTE_NAME": ("1", "RELAY", "a_b", "0x2"),
    "EVENT_ROUTE": ("event_route",),
    "IF": ("if",),
    "ELSE": ("else",),
    "END": ("drop", "exit", "return", "break"),
    "WHILE": ("while",),
    "SWITCH": ("switch",),
    "CASE": ("case",),
    "DEFAULT": ("default",),
    "NOT": ("!", "not"),
    "AND": ("and", "&&"),
    "OR": ("or", "||"),
    "DEFINED": ("defined",),
    "CAST": ("(int)", "(str)"),
    "TILDE": ("~",),
    "OPERATOR": ("==", "!=", "=~", "<", ">=", "+", "&", "|", "^", "<<", ">>", "mod", "eq", "ne", "ieq"),
    "MINUS": ("-",),
    "SLASH": ("/",),
    "STAR": ("*",),
    "ID": ("t_relay", "method", "uri", "myself", "log", "x"),
    "WORD": ("udp:1.2.3.4:5060", "a.b.org", "10.0.0.1", "::1", "msg:len", "$?"),
    "NUMBER": ("1", "0x1f", "017", "101b", "yes", "5060"),
    "STRING": ('"a"', "'b'", '""', '"two words"', '"\\""', '"# ;{"'),
    "NETWORK": ("10.0.0.0/8", "10.0.0.0/255.0.0.0"),
    "VARIABLE": ("$ru", "$var(x)", "$(ru{s.len})", "$avp(x)"),
    "ATTRIBUTE": ("$f.x", "$x[1]", "%y", "$tu.z[]"),
    "SELECT": ("@to.tag", '@msg["x"]', "@via[1].host"),
    "OPEN_BLOCK": ("{",),
    "CLOSE_BLOCK": ("}",),
    "OPEN": ("(",),
    "CLOSE": (")",),
    "OPEN_INDEX": ("[",),
    "CLOSE_INDEX": ("]",),
    "COMMA": (",",),
    "SEMICOLON": (";",),
    "COLON": (":",),
    "EQUALS": ("=",),
}
"""What each terminal may look like."""
_LONGEST = 400
"""From so many tokens on the shortest way to the end is taken."""


class Deriver:
    """Derives token rows from the grammar."""

    def __init__(self) -> None:
        text = files("serpy.grammar").joinpath("script.lark").read_text("utf-8")
        # that `else` belongs to the nearest `if` is a conflict, which is settled by shifting
        parser = Lark(text, parser="lalr", lexer="basic")
        self.rules: dict[str, list[Rule]] = defaultdict(list)
        for rule in parser.rules:
            self.rules[rule.origin.name].append(rule)
        self.terminals = {symbol.name for rule in parser.rules for symbol in rule.expansion if symbol.is_term}
        self._cost = self._costs()
        for rules in self.rules.values():
            rules.sort(key=self._cost_of)

    def _costs(self) -> dict[str, int]:
        """The least number of tokens of each rule."""
        cost: dict[str, int] = {}
        changed = True
        while changed:
            changed = False
            for name, rules in self.rules.items():
                for rule in rules:
                    if any(not symbol.is_term and symbol.name not in cost for symbol in rule.expansion):
                        continue
                    least = sum(1 if symbol.is_term else cost[symbol.name] for symbol in rule.expansion)
                    if least < cost.get(name, 1 << 30):
                        cost[name], changed = least, True
        return cost

    def _cost_of(self, rule: Rule) -> int:
        return sum(1 if symbol.is_term else self._cost[symbol.name] for symbol in rule.expansion)

    def derive(self, choices: Choices, start: str) -> str:
        """A text of the rule `start`, its tokens with blanks between them."""
        tokens: list[str] = []
        pending: list[Symbol] = [NonTerminal(start)]
        while pending:
            symbol = pending.pop()
            if isinstance(symbol, Terminal):
                tokens.append(choices.pick(TEXTS[symbol.name]))
                continue
            rules = self.rules[symbol.name]
            # beyond the end of the choices each choice is the first, the cheapest one
            rule = rules[0] if len(tokens) > _LONGEST else choices.pick(rules)
            pending.extend(rule.expansion[::-1])
        return " ".join(tokens)


@cache
def deriver() -> Deriver:
    """The grammar, read once."""
    return Deriver()
