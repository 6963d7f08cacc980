"""The times of a capture, rounded to what a person would type, so that the order of events stays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

AT_ONCE = 0.05
"""Seconds that are no wait."""
EARLY = 0.02
"""How much too late a real server's timer may fire."""


def rounded(at: float, events: Sequence[float]) -> float:
    """A time to the tenth of a second, or finer where it would change places with an event.

    Args:
        events: when the server sent something, in order.
    """
    for digits in (1, 2, 3):
        time = round(at, digits)
        if _keeps_order(at, time, events):
            return time
    return round(at, 3)


def _keeps_order(at: float, time: float, events: Sequence[float]) -> bool:
    if time < at:
        first = bisect_right(events, time + EARLY)
        return first == bisect_left(events, at) or first >= len(events) or events[first] >= at
    first = bisect_right(events, at)
    return first >= len(events) or events[first] - EARLY / 2 > time or time == at
