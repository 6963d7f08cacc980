"""RFC 3261 16.7 step 6, D27."""

from __future__ import annotations

import pytest

from serpy.modules.tm.picks import rank, upstream_code


@pytest.mark.parametrize(
    ("codes", "winner"),
    [
        ([486], 486),
        ([404, 302], 302),
        ([302, 603], 603),
        ([500, 404], 404),
        ([404, 401], 401),
        ([408, 407], 407),
        ([403, 415], 415),
        ([486, 484], 484),
        ([486, 408], 408),
        ([503, 500], 500),
        ([503, 580], 580),
        ([503, 404], 404),
        ([600, 603], 600),
        ([999, 500], 500),
    ],
)
def test_the_best_failure(codes: list[int], winner: int) -> None:
    assert min(codes, key=rank) == winner


def test_a_503_is_not_passed_to_the_caller() -> None:
    assert [upstream_code(code) for code in (503, 500, 404)] == [500, 500, 404]
