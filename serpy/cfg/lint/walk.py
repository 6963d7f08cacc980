"""Follows requests through a script: along all paths at once, since paths that meet become one state.

`route()` is followed into the route and remembered for each state with which it is called, so that the time grows with
the script and not with the number of its paths. Where a command is not known, everything may have been done by it: what
was to be complained of is forgotten. A claim is made only about requests that really come to a place.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from ...module import Route
from ..nodes import (
    And,
    Assign,
    Call,
    Compare,
    Condition,
    End,
    If,
    Not,
    Number,
    Or,
    RouteCall,
    Statement,
    StatementCondition,
    Switch,
    Text,
    While,
)
from ..routes import Key
from .effects import Effects
from .flow import NO_FLOW, NOWHERE, SHOWN, Decision, Flow, Outcome, State, Step, after
from .subject import Subject

_MOST_TIMES = 6
"""How often all routes together are followed, measured by what is in them; after that their callers know nothing."""
_DEEPEST = 150
"""Blocks and routes within each other; SER stops at 100."""


Seen: TypeAlias = dict[int, tuple[Call, State]]


class Walk:
    """One walk.

    Args:
        focus: the bits of the fact whose way is wanted: where two paths meet, the one is kept that has it.
    """

    def __init__(self, subject: Subject, effects: Effects, focus: int = 0) -> None:
        self._routes = subject.routes
        self._classic = subject.dialect.is_classic
        self._effects = effects
        self._focus = focus
        self._known: dict[tuple[Key, int], Outcome] = {}
        self._sizes = {key: len(nodes) + 1 for key, nodes in subject.nodes.items()}
        self._budget = 500 + _MOST_TIMES * sum(self._sizes.values())
        self._within: list[Key] = []
        self._outer: list[Step | None] = []
        self._depth = 0
        self._loops: list[list[State]] = []
        self.seen: Seen = {}
        """Each command that was reached, with all requests that come to it."""
        self.decisions: dict[int, Decision] = {}
        self.is_whole = True
        """False when something was not followed: then what was not seen proves nothing."""

    def run(self, key: Key, bits: int) -> State:
        """Follow requests from the start of a route; those that come to its end."""
        with _room():
            flow = self._block(self._routes[key].statements, State(bits, None))
        return self._join(flow.true, flow.false, None)

    # states

    def _step(self, node: Condition | Statement, answer: bool | None, state: State) -> Step | None:
        """The way with one step more; nobody looks at it in a walk without a focus."""
        return Step(node.span, node, answer, state.way) if self._focus else None

    def _join(self, a: State, b: State, before: Step | None) -> State:
        """Both; a condition that both answers of lead on to the same is no part of the way."""
        if not a.bits or not b.bits:
            return a if a.bits else b
        if a.way is b.way:
            return a if a.bits == b.bits else State(a.bits | b.bits, a.way)
        a_has, b_has = a.bits & self._focus, b.bits & self._focus
        way = before if bool(a_has) is bool(b_has) else a.way if a_has else b.way
        if a_has and b_has and self._effects.is_of_replies(self._focus):
            way = a.way
        return State(a.bits | b.bits, way)

    # statements

    def _block(self, statements: list[Statement], state: State) -> Flow:
        true, false, left_true, left_false = state, NOWHERE, NOWHERE, NOWHERE
        self._depth += 1
        for statement in statements:
            now = self._join(true, false, state.way) if false.bits else true
            if not now.bits:
                break
            true, false, lt, lf = self._statement(statement, now)
            if lt.bits:
                left_true = self._join(left_true, lt, state.way)
            if lf.bits:
                left_false = self._join(left_false, lf, state.way)
        self._depth -= 1
        return Flow(true, false, left_true, left_false)

    def _statement(self, statement: Statement, state: State) -> Flow:
        if isinstance(statement, Call):
            return self._command(statement, state)
        if isinstance(statement, If):
            return self._if(statement, state)
        if isinstance(statement, End):
            return self._end(statement, state)
        if isinstance(statement, While):
            return self._while(statement, state)
        if isinstance(statement, Switch):
            return self._switch(statement, state)
        return self._condition(statement, state)

    def _if(self, statement: If, state: State) -> Flow:
        """A chain of `else if` is followed link by link: it may be longer than Python likes to recurse."""
        true, false, left_true, left_false = NO_FLOW
        if self._depth > _DEEPEST:
            self.is_whole = False
            return Flow(self._forgotten(state), NOWHERE, NOWHERE, NOWHERE)
        way = state.way
        link: If | None = statement
        now = state
        while link is not None and now.bits:
            met = self._condition(link.condition, now)
            flow = self._block(link.then.statements, met.true) if met.true.bits else NO_FLOW
            true, false = self._join(true, flow.true, way), self._join(false, flow.false, way)
            for left in (met, flow):
                if left.left_true.bits or left.left_false.bits:
                    left_true = self._join(left_true, left.left_true, way)
                    left_false = self._join(left_false, left.left_false, way)
            now = met.false
            otherwise = link.otherwise
            link = None
            if otherwise is not None:
                if len(otherwise.statements) == 1 and isinstance(otherwise.statements[0], If):
                    link = otherwise.statements[0]
                    continue
                if now.bits:
                    flow = self._block(otherwise.statements, now)
                    true, false = self._join(true, flow.true, way), self._join(false, flow.false, way)
                    left_true = self._join(left_true, flow.left_true, way)
                    left_false = self._join(left_false, flow.left_false, way)
                now = NOWHERE
        return Flow(self._join(true, now, way), false, left_true, left_false)

    def _end(self, end: End, state: State) -> Flow:
        if end.word == "break" and self._loops:
            self._loops[-1].append(state)
            return NO_FLOW
        if end.word == "return":
            value = end.value.value if isinstance(end.value, Number) else 1 if end.value is None else None
            return Flow(
                NOWHERE,
                NOWHERE,
                state if value is None or value > 0 else NOWHERE,
                state if value is None or value <= 0 else NOWHERE,
            )
        if end.word == "exit":
            return NO_FLOW
        # who writes that a request ends here means it
        meant = State(state.bits & self._effects.handled, state.way)
        if self._classic:
            return Flow(NOWHERE, NOWHERE, meant, NOWHERE)  # SER dialect 3.1: the caller gets 1
        return Flow(NOWHERE, NOWHERE, NOWHERE, meant) if end.word == "break" else NO_FLOW

    def _while(self, loop: While, state: State) -> Flow:
        now = State(self._effects.anything(state.bits), state.way)
        met = self._condition(loop.condition, now)
        self._loops.append([])
        flow = self._block(loop.body.statements, met.true)
        out = self._join(self._join(flow.true, flow.false, now.way), self._join(met.false, now, now.way), now.way)
        for broken in self._loops.pop():
            out = self._join(out, broken, now.way)
        return Flow(out, NOWHERE, flow.left_true, flow.left_false)

    def _switch(self, switch: Switch, state: State) -> Flow:
        self._loops.append([])
        out, left_true, left_false = state, NOWHERE, NOWHERE
        through = NOWHERE
        for case in switch.cases:
            flow = self._block(case.body.statements, self._join(state, through, state.way))
            through = self._join(flow.true, flow.false, state.way)
            left_true = self._join(left_true, flow.left_true, state.way)
            left_false = self._join(left_false, flow.left_false, state.way)
        for met in (through, *self._loops.pop()):
            out = self._join(out, met, state.way)
        return Flow(out, NOWHERE, left_true, left_false)

    # conditions, and commands as statements

    def _condition(self, node: Condition | Statement, state: State) -> Flow:
        if isinstance(node, Call):
            return self._command(node, state)
        if isinstance(node, RouteCall):
            return self._route(node, state)
        if isinstance(node, StatementCondition):
            return self._body(node, state)
        if isinstance(node, Assign):
            return self._assign(node, state)
        if isinstance(node, And | Or):
            flow = self._parts(node, state)
        elif isinstance(node, Not):
            flow = self._not(node, state)
        else:
            flow = self._test(node, state)
        if not self._focus:
            self._decide(node, bool(flow.true.bits), bool(flow.false.bits))
        return flow

    def _body(self, node: StatementCondition, state: State) -> Flow:
        """A block as a condition: since SER 2 what ends a route ends only the block there (SER dialect 3.1)."""
        flow = self._block(node.body.statements, state)
        if self._classic:
            return flow
        true = self._join(flow.true, flow.left_true, state.way)
        return Flow(true, self._join(flow.false, flow.left_false, state.way), NOWHERE, NOWHERE)

    def _test(self, node: Condition | Statement, state: State) -> Flow:
        yes, no = self._effects.test(node)
        true, false = state.bits & yes, state.bits & no
        if not true or not false:  # no other way leads on from here: the condition is none of the reasons
            return Flow(State(true, state.way), State(false, state.way), NOWHERE, NOWHERE)
        return Flow(
            State(true, self._step(node, True, state)), State(false, self._step(node, False, state)), NOWHERE, NOWHERE
        )

    def _decide(self, node: Condition | Statement, true: bool, false: bool) -> None:
        known = self.decisions.get(id(node))
        if known is not None:
            true, false = true or known.can_be_true, false or known.can_be_false
        if known is None or known[1:] != (true, false):
            self.decisions[id(node)] = Decision(node, true, false)

    def _not(self, node: Not, state: State) -> Flow:
        part: Condition = node
        negated = False
        while isinstance(part, Not):
            part, negated = part.part, not negated
        flow = self._condition(part, state)
        return Flow(flow.false, flow.true, flow.left_true, flow.left_false) if negated else flow

    def _parts(self, node: And | Or, state: State) -> Flow:
        is_and = isinstance(node, And)
        through, out = state, NOWHERE
        left_true, left_false = NOWHERE, NOWHERE
        for part in node.parts:
            if not through.bits:
                break
            met = self._condition(part, through)
            through, off = (met.true, met.false) if is_and else (met.false, met.true)
            out = self._join(out, off, state.way)
            if met.left_true.bits or met.left_false.bits:
                left_true = self._join(left_true, met.left_true, state.way)
                left_false = self._join(left_false, met.left_false, state.way)
        return Flow(through, out, left_true, left_false) if is_and else Flow(out, through, left_true, left_false)

    def _assign(self, node: Assign, state: State) -> Flow:
        if isinstance(node.value, Text | Number):
            return Flow(state, NOWHERE, NOWHERE, NOWHERE)
        if not isinstance(node.value, Call | RouteCall | And | Or | Not | Compare | StatementCondition):
            return Flow(state, state, NOWHERE, NOWHERE)  # what is not set cannot be copied (SER dialect 2.6)
        flow = self._condition(node.value, state)
        both = self._join(flow.true, flow.false, state.way)
        return Flow(both, both, flow.left_true, flow.left_false)

    def _command(self, call: Call, state: State) -> Flow:
        known = self.seen.get(id(call))
        if known is None:
            self.seen[id(call)] = (call, State(state.bits, self._whole_way(state.way)))
        elif state.bits & ~known[1].bits:
            has = known[1].bits & self._focus or not state.bits & self._focus
            way = known[1].way if has else self._whole_way(state.way)
            self.seen[id(call)] = (call, State(known[1].bits | state.bits, way))
        effect = self._effects.of(call)
        if effect is None:
            return self._anything(call, state)
        yes, no = state.bits & effect.yes, state.bits & effect.no
        if effect.replies:
            yes |= self._effects.replied(state.bits)
        for question in effect.smears:
            yes = self._effects.space.smear(yes, question)
        if effect.assigns is not None:
            yes = self._effects.space.assign(yes, *effect.assigns)
        if effect.ends:
            ended = State(yes, self._step(call, None, state) if effect.replies else state.way)
            return Flow(NOWHERE, NOWHERE, ended if self._classic else NOWHERE, NOWHERE)
        if effect.replies:
            return Flow(State(yes, self._step(call, None, state)), State(no, state.way), NOWHERE, NOWHERE)
        if not no:
            return Flow(State(yes, state.way), NOWHERE, NOWHERE, NOWHERE)
        return Flow(
            State(yes, self._step(call, True, state)),
            State(no, self._step(call, False, state)),
            NOWHERE,
            NOWHERE,
        )

    def _anything(self, call: Call, state: State) -> Flow:
        bits = self._effects.anything(state.bits)
        return Flow(
            State(bits, self._step(call, True, state)),
            State(bits, self._step(call, False, state)),
            NOWHERE,
            NOWHERE,
        )

    def _forgotten(self, state: State) -> State:
        return State(self._effects.anything(state.bits), state.way)

    # routes

    def _route(self, call: RouteCall, state: State) -> Flow:
        key = (Route.REQUEST, call.name)
        if key not in self._routes:
            if call.expression is not None or call.defined:
                both = self._forgotten(state)
                return Flow(both, both, NOWHERE, NOWHERE)
            return Flow(state, NOWHERE, NOWHERE, NOWHERE)
        outcome = self._known.get((key, state.bits)) or self._follow(key, call, state)
        if not self._focus:
            return Flow(outcome.true, outcome.false, NOWHERE, NOWHERE)
        return Flow(
            State(outcome.true.bits, after(state.way, outcome.true.way)),
            State(outcome.false.bits, after(state.way, outcome.false.way)),
            NOWHERE,
            NOWHERE,
        )

    def _follow(self, key: Key, call: RouteCall, state: State) -> Outcome:
        if key in self._within:  # what comes back from there came by another path as well
            self.is_whole = False
            return Outcome(NOWHERE, NOWHERE)
        self._budget -= self._sizes[key]
        if self._budget < 0 or self._depth > _DEEPEST:
            self.is_whole = False
            forgotten = State(self._effects.anything(state.bits), None)
            return Outcome(forgotten, forgotten)
        self._within.append(key)
        self._outer.append(self._step(call, None, state))
        loops, self._loops = self._loops, []
        flow = self._block(self._routes[key].statements, State(state.bits, None))
        self._loops = loops
        self._outer.pop()
        self._within.pop()
        outcome = Outcome(self._join(flow.true, flow.left_true, None), self._join(flow.false, flow.left_false, None))
        self._known[key, state.bits] = outcome
        return outcome

    def _whole_way(self, way: Step | None) -> Step | None:
        if not self._focus:
            return None
        for outer in reversed(self._outer[-SHOWN:]):
            way = after(outer, way)
        return way


@contextmanager
def _room() -> Iterator[None]:
    """Let Python recurse as deep as blocks and routes may be in each other."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + 12 * _DEEPEST)
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
