"""What conditions and commands do to what is known of requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...module import Does
from ..nodes import Call, Compare, Condition, Number, Select, Statement, Text, Word
from . import questions
from .facts import METHODS, NEVER_ANSWERED, OTHER, Fact, Space
from .questions import Key, Question
from .roles import is_final, never_fails, role

_SECURITY = (Fact.NO_AUTH, Fact.NO_AUTH_NO_FROM, Fact.FOREIGN, Fact.FOREIGN_NO_FROM)
_URI = (Fact.FOREIGN, Fact.FOREIGN_NO_FROM)
_ALL_BUT_REACHED = tuple(fact for fact in Fact if fact is not Fact.REACHED)
_WORDS_ONLY = re.compile(r"[A-Za-z|()^$]*\Z")
_MOST_METHODS = 20
"""How many methods of its own a script may name; each adds to the atoms."""
_WORD = re.compile(r"[A-Za-z]+")

_ENDED = {  # what is no longer so after a command that answered true
    Does.AUTHENTICATES: _SECURITY,
    Does.CHECKS_URI: _URI,
    Does.FINDS_USER: _URI,
    Does.SETS_HOST: _URI,
    Does.IN_DIALOG: _SECURITY,
    Does.LIMITS_HOPS: (Fact.NO_HOPS,),
    Does.STARTS_TRANSACTION: (Fact.NO_TRANSACTION,),
}
_HANDLES = Does.REPLIES | Does.RELAYS | Does.FORWARDS | Does.COPIES | Does.SAVES
_CHANGES_URI = Does.CHANGES_URI | Does.SETS_HOST | Does.FINDS_USER | Does.IN_DIALOG


class Effect(NamedTuple):
    """What a command does."""

    yes: int
    """What is kept where it answers true; 0 when it cannot."""
    no: int
    replies: bool
    smears: tuple[int, ...]
    """The questions whose answers may have changed."""
    assigns: tuple[int, bool] | None
    ends: bool


class Effects:
    """The effects in one script."""

    def __init__(self, nodes: Sequence[Statement | Condition]) -> None:
        self._questions: dict[int, Question] = {
            id(node): one for node in nodes if isinstance(node, Compare | Call) and (one := questions.question(node))
        }
        flags = {questions.flag_key(node) for node in nodes if isinstance(node, Call) and node.name == "setflag"}
        chosen, self._too_many = questions.recurring(self._questions.values(), flags)
        self._numbers: dict[Key, int] = {one.key: number for number, one in enumerate(chosen)}
        self._changeable = {
            kind: tuple(self._numbers[one.key] for one in chosen if one.may_change == kind) for kind in ("uri", "flags")
        }
        named = {name for node in nodes if isinstance(node, Compare) for name in _named_methods(node)}
        named.update(name for node in nodes if isinstance(node, Call) for name in _methods_asked(node))
        self.named = named
        """The methods that the script names."""
        self.space = Space([*METHODS, *sorted(named - set(METHODS))[:_MOST_METHODS], OTHER], len(chosen))
        space = self.space
        self.handled = space.without([Fact.UNHANDLED])
        self._forgets = space.without(_ALL_BUT_REACHED)
        self._answered = space.of(lambda method: method not in NEVER_ANSWERED)
        self._all = space.all
        self._replied_at = Fact.REPLIED * space.size
        self._replied = space.field(Fact.REPLIED)
        self._tests: dict[int, tuple[int, int]] = {}
        self._effects: dict[int, Effect | None] = {}
        self._roles: dict[tuple[str, int], tuple[Does | None, bool]] = {}
        self._by_role: dict[tuple[str, int, bool], Effect] = {}

    def request(self) -> int:
        """A request as it comes in: no flag is set."""
        state = self.space.request()
        for question in self._changeable["flags"]:
            state &= ~self.space.true(question)
        return state

    def is_of_replies(self, focus: int) -> bool:
        """Whether the focus of a walk is on replies."""
        return bool(focus & self._replied)

    def replied(self, bits: int) -> int:
        """The bits that say that these requests have been answered."""
        return (bits & self._answered) << self._replied_at

    def anything(self, bits: int) -> int:
        """What is known after something that may have done anything."""
        kept = bits & self._forgets
        for kind in ("uri", "flags"):
            for question in self._changeable[kind]:
                kept = self.space.smear(kept, question)
        return kept

    # conditions

    def test(self, node: Condition | Statement) -> tuple[int, int]:
        """What is kept where the condition holds, and where it does not."""
        known = self._tests.get(id(node))
        if known is None:
            known = self._tests[id(node)] = self._test(node)
        return known

    def _test(self, node: Condition | Statement) -> tuple[int, int]:
        if isinstance(node, Number):
            return (self._all, 0) if node.value else (0, self._all)
        if isinstance(node, Compare):
            if questions.operand_of(node) == "method":
                return self._method(node)
            if questions.is_opaque(node):
                return self._forgets, self._forgets
            one = self._questions.get(id(node))
            yes, no = self._question(one) if one is not None else (self._forgets, self._forgets)
            dialog = questions.dialog_answer(node)
            if dialog is not None:
                within = self.space.without(_SECURITY)
                return (yes & within, no) if dialog else (yes, no & within)
            return yes, no
        if isinstance(node, Select):
            return (self.space.without(_SECURITY) if questions.is_to_tag(node) else self._all), self._all
        return self._forgets, self._forgets

    def _question(self, one: Question) -> tuple[int, int]:
        yes, no = self.space.without(one.ends), self._all
        if one.key in self._too_many:
            yes, no = yes & self._forgets, no & self._forgets
        number = self._numbers.get(one.key)
        if number is not None:
            true = self.space.true(number)
            yes, no = yes & true, no & ~true
        return (no, yes) if one.negated else (yes, no)

    def _method(self, node: Compare) -> tuple[int, int]:
        space = self.space
        if node.operator in ("==", "!="):
            wanted = {name.upper() for name in _named_methods(node)}
            if not wanted:
                return self._all, self._all
            yes = space.whole(space.of(lambda method: method in wanted))
            no = self._all & ~yes
            if not yes:  # one of too many: it is among the others
                yes, no = space.whole(space.of(lambda method: method == OTHER)), self._all
            return (yes, no) if node.operator == "==" else (no, yes)
        search = getattr(node.value, "search", None)
        if search is None:
            return self._all, self._all
        other = None if _WORDS_ONLY.match(node.value.text) else True
        found = {method for method in space.methods if method and search(method.encode()) is not None}
        yes = space.whole(space.of(lambda method: method in found or (not method and other is True)))
        no = space.whole(space.of(lambda method: method not in found))
        return yes, no

    # commands

    def of(self, call: Call) -> Effect | None:
        """What the command does; None for one that may do anything."""
        known = self._effects.get(id(call), _UNSEEN)
        if known is _UNSEEN:
            known = self._effects[id(call)] = self._effect(call)
        return known

    def _effect(self, call: Call) -> Effect | None:
        one = self._questions.get(id(call))
        does, may_reply = self._role(call)
        if does is None:
            return None
        usual = self._usual(does, may_reply and is_final(call, does), call)
        if call.name == "is_method":
            yes = self.space.whole(self.space.of(lambda method: method in _methods_asked(call)))
            return usual._replace(yes=yes, no=self._all & ~yes) if yes else usual
        if one is not None:
            yes, no = self._question(one)
            if questions.looks_for_to_tag(call):
                yes &= self.space.without(_SECURITY)
            return usual._replace(yes=usual.yes & yes, no=usual.no & no)
        if call.name in ("setflag", "resetflag"):
            return usual._replace(assigns=self._assigned(call))
        return usual

    def _role(self, call: Call) -> tuple[Does | None, bool]:
        """What the command does, and whether it answers; looked up once for each name and number of arguments."""
        key = (call.name, len(call.arguments))
        known = self._roles.get(key)
        if known is None:
            does = role(call)
            known = self._roles[key] = does, does is not None and bool(does & Does.REPLIES)
        return known

    def does(self, call: Call) -> Does | None:
        """What the command does."""
        return self._role(call)[0]

    def _usual(self, does: Does, replies: bool, call: Call) -> Effect:
        """The effect of all commands that do this."""
        key = (call.name, len(call.arguments), replies)
        known = self._by_role.get(key)
        if known is None:
            ended = {fact for bit, facts in _ENDED.items() if does & bit for fact in facts}
            handled = self.handled if does & _HANDLES else self._all
            smears = [
                question
                for kind, bits in (("uri", _CHANGES_URI), ("flags", Does.CHANGES_FLAGS))
                if does & bits
                for question in self._changeable[kind]
            ]
            # where a host cannot be set the URI cannot be read: it leads nowhere
            failed = handled & self.space.without(_URI) if does & Does.SETS_HOST else handled
            if replies:  # what is done to the request after that is told of as such
                handled, failed = (kept & self.space.without([Fact.NO_HOPS]) for kept in (handled, failed))
            known = self._by_role[key] = Effect(
                self.space.without(ended) & handled,
                0 if never_fails(call) else failed,
                replies,
                tuple(smears),
                None,
                bool(does & Does.ENDS),
            )
        return known

    def _assigned(self, call: Call) -> tuple[int, bool] | None:
        number = self._numbers.get(questions.flag_key(call))
        return None if number is None else (number, call.name == "setflag")


_UNSEEN = Effect(0, 0, False, (), None, False)


def _methods_asked(call: Call) -> list[str]:
    """The methods that Kamailio's `is_method("INVITE|BYE")` names."""
    if call.name != "is_method" or not call.arguments or not isinstance(call.arguments[0], Text):
        return []
    return call.arguments[0].value.upper().split("|")


def _named_methods(node: Compare) -> Iterable[str]:
    """The methods that a comparison names."""
    if questions.operand_of(node) != "method":
        return ()
    right = node.right
    text = right.value if isinstance(right, Text) else right.text if isinstance(right, Word) else ""
    if node.operator == "=~":
        return [word.upper() for word in _WORD.findall(text) if len(word) > 2]
    return [text.upper()] if text else ()
