"""Where requests are, and the way on which one of them came there."""

from __future__ import annotations

from typing import NamedTuple

from ..nodes import Condition, RouteCall, Statement
from ..source import Span

SHOWN = 6
"""How many of the last steps, and of the calls around them, are kept of the way through a route."""


class Step(NamedTuple):
    """Something on the way of a request: a condition and its answer, a reply, or the call of the route it is in."""

    span: Span
    node: Condition | Statement
    answer: bool | None
    before: Step | None

    @property
    def told(self) -> str:
        """For a label."""
        if self.answer is None:
            return "called here" if isinstance(self.node, RouteCall) else "answered here"
        return f"when this is {'true' if self.answer else 'false'}"


class State(NamedTuple):
    """Which requests are here, and how one of them came (the last step)."""

    bits: int
    way: Step | None


class Flow(NamedTuple):
    """Where requests are after a statement: by its value, and those that left the route by theirs."""

    true: State
    false: State
    left_true: State
    left_false: State


class Outcome(NamedTuple):
    """Where requests are after a route, by its value; the way is the part within the route."""

    true: State
    false: State


class Decision(NamedTuple):
    """What a condition was found to be, at all its visits."""

    node: Condition | Statement
    can_be_true: bool
    can_be_false: bool


NOWHERE = State(0, None)
NO_FLOW = Flow(NOWHERE, NOWHERE, NOWHERE, NOWHERE)


def after(before: Step | None, way: Step | None) -> Step | None:
    """One way after the other; of the second the last steps only."""
    if way is None:
        return before
    steps: list[Step] = []
    step: Step | None = way
    while step is not None and len(steps) < SHOWN:
        steps.append(step)
        step = step.before
    for step in reversed(steps):
        before = step._replace(before=before)
    return before
