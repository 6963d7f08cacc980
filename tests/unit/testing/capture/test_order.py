"""Causes and effects that overlap in a capture."""

from __future__ import annotations

import pytest

from serpy.testing.capture.order import by_cause
from serpy.testing.capture.times import rounded
from tests.unit.testing.capture.captures import ALICE, BOB, SERVER
from tests.unit.testing.capture.test_peers import MESSAGE, _sent


def test_what_the_server_sends_stands_behind_its_cause() -> None:
    one = _sent(ALICE, SERVER, MESSAGE, "1", at=0)
    two = _sent(BOB, SERVER, MESSAGE, "2", at=0.001)
    first = _sent(SERVER, ALICE, "SIP/2.0 202 Accepted", "1", at=0.002)
    second = _sent(SERVER, BOB, "SIP/2.0 202 Accepted", "2", at=0.003)
    assert by_cause([one, two, first, second], [SERVER]) == [one, first, two, second]


def test_what_comes_later_stays_there() -> None:
    one = _sent(ALICE, SERVER, MESSAGE, "1", at=0)
    two = _sent(BOB, SERVER, MESSAGE, "2", at=1)
    late = _sent(SERVER, ALICE, "SIP/2.0 202 Accepted", "1", at=1.001)
    assert by_cause([one, two, late], [SERVER]) == [one, two, late]


@pytest.mark.parametrize(
    ("at", "events", "time"),
    [
        (1.04, [], 1.0),
        (1.234, [], 1.2),
        (0.52, [0.503], 0.5),
        (0.46, [0.503], 0.46),
        (0.545, [0.54], 0.55),
        (3.0, [3.0], 3.0),
    ],
)
def test_times_are_rounded_where_nothing_changes_places(at: float, events: list[float], time: float) -> None:
    assert rounded(at, events) == pytest.approx(time)
