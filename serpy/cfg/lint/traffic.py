"""What was found by following requests through a script; the findings are read off from it."""

from __future__ import annotations

from collections.abc import Iterator

from ...module import Does, Route
from ..nodes import Call
from ..routes import MAIN
from .effects import Effects
from .facts import METHODS, OTHER, Fact
from .flow import Decision, Step
from .subject import Subject
from .walk import Walk

_MOST_EXAMPLES = 4
"""How many walks are made for the sake of labels."""


class Traffic:
    """The requests of one script."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.effects = Effects(list(subject.everywhere()))
        self.space = self.effects.space
        self._walk = Walk(subject, self.effects)
        self.at_end = self._walk.run(MAIN, self.effects.request()).bits
        """The requests that come to the end of the main route."""
        for key in subject.routes:
            if key[0] is Route.FAILURE:
                self._walk.run(key, self.space.failed())
        self._done: dict[Does, list[tuple[Call, Does, int]]] = {}
        for call, state in self._walk.seen.values():
            if (does := self.effects.does(call)) is not None:
                self._done.setdefault(does, []).append((call, does, state.bits))
        self._examples: dict[tuple[str, Fact], tuple[Walk, Step | None]] = {}

    def commands(self, does: Does) -> list[tuple[Call, Does, int]]:
        """The commands that do this and that requests come to: with all they do, and the requests."""
        return [one for all_it_does, done in self._done.items() if all_it_does & does for one in done]

    def met(self, call: Call) -> bool:
        """Whether any request comes to the command."""
        return id(call) in self._walk.seen

    @property
    def is_whole(self) -> bool:
        """Whether all could be followed."""
        return self._walk.is_whole

    @property
    def decisions(self) -> list[Decision]:
        """The conditions that were met; empty when not all could be followed."""
        return list(self._walk.decisions.values()) if self._walk.is_whole else []

    def example(self, atoms: int) -> str:
        """The method that is the best example for these requests."""
        found = set(self.space.methods_of(atoms))
        return next((method for method in (*METHODS, *sorted(found, reverse=True)) if method in found), OTHER)

    def way_to_end(self, method: str, fact: Fact) -> list[Step]:
        """The conditions on a way to the end of the main route, for requests of this method; the last one first."""
        walk_and_end = self._example(method, fact)
        return list(_steps(walk_and_end[1])) if walk_and_end else []

    def way_to(self, call: Call, method: str, fact: Fact) -> list[Step]:
        """The same to a command."""
        walk_and_end = self._example(method, fact)
        if walk_and_end is None or id(call) not in walk_and_end[0].seen:
            return []
        return list(_steps(walk_and_end[0].seen[id(call)][1].way))

    def _example(self, method: str, fact: Fact) -> tuple[Walk, Step | None] | None:
        """A walk of requests of one method only: which conditions matter to them is seen there."""
        known = self._examples.get((method, fact))
        if known is None and len(self._examples) < _MOST_EXAMPLES:
            only = self.space.whole(self.space.of(lambda one: one == method))
            walk = Walk(self._subject, self.effects, self.space.field(fact))
            end = walk.run(MAIN, self.effects.request() & only)
            known = self._examples[method, fact] = walk, end.way
        return known


def shown(method: str) -> str:
    """A method for people, with its article."""
    if method == OTHER:
        return "a request of any other method"
    return f"{'an' if method[0] in 'AEIOU' else 'a'} {method}"


def _steps(step: Step | None) -> Iterator[Step]:
    while step is not None:
        yield step
        step = step.before
