"""A row of octets read as choices, so that one Hypothesis `binary()` makes a whole program, cheaply.

When the octets run out every choice is the first one. Who lists the plainest alternative first therefore gets programs
that end, and Hypothesis, which makes octets fewer and smaller, finds the smallest program that shows a fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Answers to the questions that arise while a program is made."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def spent(self) -> bool:
        """Whether the octets have run out."""
        return self._at >= len(self._data)

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1; limit is 256 at most."""
        if self.spent:
            return 0
        self._at += 1
        return self._data[self._at - 1] % limit

    def pick(self, of: Sequence[T]) -> T:
        """One of these; the first when the octets have run out."""
        return of[self.below(len(of))]

    def weighted(self, of: Sequence[tuple[int, T]]) -> T:
        """One of these, each as often as its weight says."""
        at = self.below(sum(weight for weight, _ in of))
        for weight, value in of:
            if at < weight:
                return value
            at -= weight
        raise AssertionError("a number below the sum of the weights lies in one of them")

    def chance(self, percent: int) -> bool:
        """True as often as `percent` says; False when the octets have run out."""
        return self.below(100) >= 100 - percent
