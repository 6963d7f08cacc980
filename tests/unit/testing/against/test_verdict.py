"""Two sides of a flow beside each other, and how long a wait may last."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.testing.against.differs import Known, read_differs
from serpy.testing.against.play import SLACK, cut_of
from serpy.testing.against.rehearsal import Turn
from serpy.testing.against.seen import Seen
from serpy.testing.against.verdict import sides, unified
from serpy.testing.flow.document import Block
from serpy.testing.flow.steps import Pass, Send, Step

WAIT = Pass(3, "wait", 60.0)


def send(line: int) -> Send:
    return Send(line, "alice", "request", "BYE", "sip:b", 0, "", (), (), None, None)


def turn(step: Step, *lines: str, lasts: float = 0.0) -> Turn:
    return Turn(Block("typed", step.line, (f"step {step.line}",)), (), step, list(lines), 0, 0, lasts)


def diff(turns: list[Turn], played: list[list[str]], *known: str) -> list[str]:
    seen = Seen({})
    rows = sides(turns, seen, played, seen, Known([read_differs(1, one) for one in known]))
    return [line for line in unified(rows, Path("x"), "ser").split("\n")[2:] if line[:1] in ("+", "-")]


def test_what_falls_into_the_wait_behind_a_step_is_the_same() -> None:
    turns = [turn(send(1), "< bob BYE sip:b"), turn(WAIT, "< alice 200 OK")]
    assert diff(turns, [[], ["< bob BYE sip:b", "< alice 200 OK"]]) == []


def test_what_falls_into_another_step_is_not() -> None:
    turns = [turn(send(1), "< bob BYE sip:b"), turn(send(2))]
    assert diff(turns, [[], ["< bob BYE sip:b"]]) == ["-< bob BYE sip:b", "+< bob BYE sip:b"]


def test_only_what_was_played_is_compared() -> None:
    assert diff([turn(send(1), "< bob BYE sip:b"), turn(send(2), "< bob ACK sip:b")], [["< bob BYE sip:b"]]) == []


def test_the_first_line_of_a_known_message_stands_for_all_of_it() -> None:
    turns = [turn(send(1), "< bob BYE sip:b", "  Subject: x", "", "  body")]
    assert diff(turns, [[]]) == ["-< bob BYE sip:b", "-  Subject: x", "-", "-  body"]
    assert diff(turns, [[]], "ser - < bob BYE <*> because so it is") == []


def test_a_known_header_is_taken_out_and_nothing_else() -> None:
    turns = [turn(send(1), "< bob BYE sip:b", "  A: 1", "  B: 1")]
    played = [["< bob BYE sip:b", "  A: 2", "  B: 2"]]
    assert diff(turns, played, "ser A: 1 => A: 2 because so it is") == ["-  B: 1", "+  B: 2"]


def test_a_diff_shows_the_steps_around_it_and_leaves_out_the_rest() -> None:
    rows = [*[(" ", f"far {number}") for number in range(9)], ("-", "old"), ("+", ""), *[(" ", "")] * 9, ("+", "new")]
    assert unified(rows, Path("x.flow"), "ser").split("\n") == [
        "--- x.flow (serpy)",
        "+++ x.flow (ser)",
        "@@ -6,9 +6,9 @@",
        *(f" far {number}" for number in range(5, 9)),
        "-old",
        "+",
        *[""] * 4,
        "@@ -16,4 +16,5 @@",
        *[""] * 4,
        "+new",
    ]
    assert unified(rows[:9], Path("x.flow"), "ser") == ""


@pytest.mark.parametrize(
    ("seconds", "lasts", "behind", "cut"),
    [
        (4.0, 0.0, True, 4.0),
        (60.0, 3.0, True, 3.0 + SLACK),
        (60.0, 0.0, False, SLACK),
        (60.0, 0.0, True, None),
        (60.0, 10.0, False, None),
    ],
)
def test_a_long_wait_is_cut_where_that_means_the_same(
    seconds: float, lasts: float, behind: bool, cut: float | None
) -> None:
    turns = [turn(WAIT, lasts=lasts), *([turn(send(9))] if behind else [])]
    assert cut_of(turns, 0, seconds, 5.0) == cut
