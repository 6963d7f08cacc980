from __future__ import annotations

import pytest

from serpy.sip.lines import first_line, head_bounds, unfold


@pytest.mark.parametrize(
    ("data", "bounds"),
    [
        (b"A\r\nB: c\r\n\r\nbody", (9, 11)),
        (b"A\nB: c\n\nbody", (7, 8)),
        (b"A\r\nB: c\n\nx\r\n\r\n", (8, 9)),
        (b"A\nB: c\n\r\nx\n\n", (7, 9)),
        (b"A\r\nB: c\r\n", (-1, -1)),
        (b"", (-1, -1)),
    ],
)
def test_the_first_empty_line_ends_the_headers(data: bytes, bounds: tuple[int, int]) -> None:
    assert head_bounds(data, 0) == bounds


def test_leading_line_ends_do_not_count() -> None:
    assert first_line(b"\r\n\n\r\nA") == 5
    assert first_line(b"\r\n") == 2


def test_a_fold_becomes_one_blank() -> None:
    assert unfold(b"a\r\n \t b\n c") == b"a b c"
