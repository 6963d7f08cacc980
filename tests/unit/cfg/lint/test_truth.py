"""What the walk claims about random programs is what the reference evaluator sees: it leaves nothing out."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from serpy.cfg.catalogue import FixedCatalogue
from serpy.cfg.lint import Subject
from serpy.cfg.lint.flow import Decision
from serpy.cfg.lint.traffic import Traffic
from serpy.cfg.load import load_script
from serpy.cfg.nodes import And, Call, Compare, Condition, Or, Word
from serpy.cfg.report import Report
from serpy.dialect import Dialect
from serpy.module import Route
from tests.programs.choices import Choices
from tests.programs.machine import Probe
from tests.programs.messages import REQUESTS, Message
from tests.programs.reference import Evaluator, TooLong
from tests.programs.ser import Grower
from tests.programs.writer import Writer

CATALOGUE = FixedCatalogue({"probe": Probe})
DIALECTS = [Dialect.SER_0_9, Dialect.SER_2]


class Watched(Evaluator):
    """Notes which commands were run, and how each condition was answered."""

    def __init__(self, subject: Subject, message: Message) -> None:
        super().__init__(subject.tree, subject.dialect, message)
        self.ran: list[Call] = []
        self.answers: list[tuple[Condition, bool]] = []
        self.failed = False
        """A comparison could not be made: the walk leaves such requests out, for nobody serves them either."""

    def _command(self, call: Call) -> int:
        self.ran.append(call)
        return super()._command(call)

    def _holds(self, condition: Condition) -> bool | None:
        answer = super()._holds(condition)
        self.failed = self.failed or answer is None
        if answer is not None and not isinstance(condition, Call):
            self.answers.append((condition, answer))
        return answer

    def _compare(self, compare: Compare) -> bool | None:
        if isinstance(compare.left, Word) and compare.left.text == "myself":  # the resolver has turned it round
            compare = replace(compare, left=Word(compare.left.span, compare.operand))
        return super()._compare(compare)


def subject_of(text: str, dialect: Dialect) -> Subject:
    """The program as the lint sees it."""
    seen: list[Subject] = []

    def note(subject: Subject, report: Report) -> None:
        seen.append(subject)

    with patch("serpy.cfg.load.lint", note):
        load_script("made.cfg", text=text.encode(), dialect=dialect, catalogue=CATALOGUE)
    return seen[0]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.value)
def test_nothing_that_happens_is_left_out(dialect: Dialect) -> None:
    @settings(
        max_examples=300,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(st.binary(min_size=50, max_size=400))
    def check(data: bytes) -> None:
        choices = Choices(data)
        text = Writer(choices, dialect).write(Grower(choices, dialect).program())
        subject = subject_of(text, dialect)
        traffic = Traffic(subject)
        decisions = {id(one.node): one for one in traffic.decisions}
        if not traffic.is_whole:
            return
        for message in REQUESTS:
            watched = Watched(subject, message)
            try:
                watched.run(Route.REQUEST, "0")
            except TooLong:
                reject()
            if watched.failed:
                continue
            left_out = [node for node in watched.ran if not traffic.met(node)]
            assert not left_out, f"{left_out[0].span} is not met\n{text}"
            for node, answer in watched.answers:
                assert _can_be(decisions.get(id(node)), node, answer), f"{_place(node)} was {answer}\n{text}"

    check()


def _can_be(decision: Decision | None, node: Condition, answer: bool) -> bool:
    if decision is None:  # none is kept of blocks, of calls, and of values that are assigned
        return not isinstance(node, Compare | And | Or)
    return bool(decision.can_be_true if answer else decision.can_be_false)


def _place(node: Condition) -> str:
    return str(node.span)
