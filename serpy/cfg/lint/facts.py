"""What the checker knows about the requests that reach a place of a script.

Requests are told apart by their method, and by the answers to questions that the script asks more than once (`uri==
myself`, `isflagset(1)`, ...): each combination is an atom. A state says for every `Fact` at which atoms it may be so.
It is one number: a field of bits for each fact, a bit in it for each atom. So two paths are joined by `|`, a condition
is applied by `&`, and what one path knows of a method is not mixed with what another knows of another method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum

METHODS = (
    "INVITE",
    "MESSAGE",
    "REGISTER",
    "SUBSCRIBE",
    "OPTIONS",
    "PUBLISH",
    "REFER",
    "NOTIFY",
    "INFO",
    "BYE",
    "UPDATE",
    "PRACK",
    "ACK",
    "CANCEL",
)
"""In the order in which they are taken as examples."""
OTHER = ""
"""Any method that neither the RFCs nor the script name."""

NEVER_ANSWERED = ("ACK",)
NEVER_AUTHENTICATED = ("ACK", "CANCEL")
"""RFC 3261 22.1: an ACK cannot be challenged, a CANCEL must not."""
WITHIN_DIALOGS = (*NEVER_AUTHENTICATED, "BYE", "UPDATE", "PRACK", "INFO", "NOTIFY")
"""Scripts let them pass: whom they concern has been decided by the request that began the dialog."""


class Fact(IntEnum):
    """What may be so; all but the first are put so that more bits are more to complain of."""

    REACHED = 0
    NO_AUTH = 1
    """Nobody authenticated the sender, and its address was not looked at."""
    NO_AUTH_NO_FROM = 2
    """Nor was From."""
    FOREIGN = 3
    """As NO_AUTH, and the Request-URI is still any that the sender chose."""
    FOREIGN_NO_FROM = 4
    NO_HOPS = 5
    """Max-Forwards was not checked."""
    NO_TRANSACTION = 6
    UNHANDLED = 7
    """Neither answered nor sent on."""
    REPLIED = 8
    """A final reply was sent."""


class Space:
    """The atoms of one script.

    Args:
        methods: those of the RFCs, those that the script names, and OTHER at the end.
        questions: how many questions tell requests apart besides the method.
    """

    def __init__(self, methods: Sequence[str], questions: int) -> None:
        self.methods = list(methods)
        self._width = 1 << questions
        self.size = len(self.methods) * self._width
        self.everything = (1 << self.size) - 1
        self._repeat = sum(1 << (fact * self.size) for fact in Fact)
        self.all = self.whole(self.everything)
        self._true = [self.whole(self._answered(question)) for question in range(questions)]

    def _answered(self, question: int) -> int:
        return sum(1 << atom for atom in range(self.size) if atom >> question & 1)

    def whole(self, atoms: int) -> int:
        """All fields at these atoms: what a condition keeps."""
        return atoms * self._repeat

    def field(self, fact: Fact, atoms: int | None = None) -> int:
        """One fact at these atoms, or at all."""
        return (self.everything if atoms is None else atoms) << (fact * self.size)

    def without(self, facts: Iterable[Fact]) -> int:
        """What is kept when these facts are no longer so."""
        kept = self.all
        for fact in facts:
            kept &= ~self.field(fact)
        return kept

    def atoms(self, state: int, fact: Fact) -> int:
        """Where the fact may be so."""
        return state >> (fact * self.size) & self.everything

    def of(self, wanted: Callable[[str], bool]) -> int:
        """The atoms of these methods."""
        every = (1 << self._width) - 1
        return sum(every << (at * self._width) for at, method in enumerate(self.methods) if wanted(method))

    def methods_of(self, atoms: int) -> Iterator[str]:
        """The methods that these atoms have."""
        every = (1 << self._width) - 1
        for at, method in enumerate(self.methods):
            if atoms >> (at * self._width) & every:
                yield method

    def true(self, question: int) -> int:
        """What is kept where the question is answered yes."""
        return self._true[question]

    def smear(self, state: int, question: int) -> int:
        """The state when the answer may have become another."""
        yes = self._true[question]
        step = 1 << question
        return state | (state & yes) >> step | (state & ~yes) << step

    def assign(self, state: int, question: int, answer: bool) -> int:
        """The state when the answer has become this."""
        yes = self._true[question]
        step = 1 << question
        return state & yes | (state & ~yes) << step if answer else state & ~yes | (state & yes) >> step

    # where a route begins

    def request(self) -> int:
        """A request as it comes in."""
        answered = self.of(lambda method: method not in NEVER_ANSWERED)
        challenged = self.of(lambda method: method not in NEVER_AUTHENTICATED)
        outside = self.of(lambda method: method not in WITHIN_DIALOGS)
        state = self.field(Fact.REACHED) | self.field(Fact.NO_HOPS) | self.field(Fact.NO_TRANSACTION)
        state |= self.field(Fact.UNHANDLED, answered)
        state |= self.field(Fact.NO_AUTH, challenged) | self.field(Fact.NO_AUTH_NO_FROM, challenged)
        return state | self.field(Fact.FOREIGN, outside) | self.field(Fact.FOREIGN_NO_FROM, outside)

    def failed(self) -> int:
        """A request in a failure_route: the route that relayed it has answered for the rest."""
        return self.field(Fact.REACHED)
