from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serpy.sip.edit import Edits

TEXT = b"0123456789"


def test_changes_are_spliced_in_order_of_their_place() -> None:
    edits = Edits()
    assert edits.replace(8, 9, b"eight")
    assert edits.remove(2, 4)
    assert edits.insert(0, b"<")
    assert edits.apply(TEXT) == b"<014567eight9"


def test_insertions_at_one_place_keep_their_order() -> None:
    edits = Edits()
    for text in (b"a", b"b", b"c"):
        edits.insert(5, text)
    assert edits.apply(TEXT) == b"01234abc56789"


@pytest.mark.parametrize(
    ("start", "end", "taken"),
    [
        (3, 5, False),
        (4, 6, False),
        (5, 8, False),
        (2, 9, False),
        (5, 5, False),
        (3, 3, True),
        (7, 7, True),
        (7, 8, True),
    ],
)
def test_a_change_inside_an_earlier_one_is_refused(start: int, end: int, taken: bool) -> None:
    edits = Edits()
    edits.replace(3, 7, b"-")
    before = edits.apply(TEXT)
    assert edits.replace(start, end, b"x") is taken
    assert (edits.apply(TEXT) == before) is not taken


def test_an_insertion_is_not_taken_away_later() -> None:
    edits = Edits()
    edits.insert(5, b"x")
    assert not edits.remove(4, 6)
    assert edits.remove(5, 6)
    assert edits.apply(TEXT) == b"01234x6789"


def test_a_range_that_ends_before_it_begins_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no range"):
        Edits().replace(3, 2, b"")


def test_a_copy_grows_apart() -> None:
    edits = Edits()
    edits.insert(1, b"x")
    edits.copy().insert(1, b"y")
    assert edits.apply(TEXT) == b"0x123456789"


def test_edits_are_true_when_there_are_any() -> None:
    edits = Edits()
    assert not edits
    edits.append_header(b"A: b\r\n")
    assert edits


@pytest.mark.parametrize("data", [b"X\r\nA: b\r\n\r\nbody", b"\r\nX\r\nA: b\r\n\r\nbody\r\n\r\n"])
def test_headers_are_appended_at_the_end_of_the_headers(data: bytes) -> None:
    edits = Edits()
    edits.append_header(b"B: 1\r\n")
    edits.append_header(b"C: 2\r\n")
    edits.insert(data.index(b"body"), b"some")
    assert edits.apply(data) == data.replace(b"b\r\n\r\nbody", b"b\r\nB: 1\r\nC: 2\r\n\r\nsomebody")


def test_appended_headers_survive_a_change_across_the_end_of_the_headers() -> None:
    edits = Edits()
    edits.replace(7, 11, b"\r\nZ: z\r\n\r\n")
    edits.append_header(b"B: 1\r\n")
    assert edits.apply(b"X\r\nA: b\r\n\r\nbody") == b"X\r\nA: b\r\nB: 1\r\nZ: z\r\n\r\nbody"


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10), st.sampled_from([b"", b"x", b"yy"])), max_size=12))
def test_what_was_taken_is_what_is_applied(changes: list[tuple[int, int, bytes]]) -> None:
    edits = Edits()
    grown = removed = 0
    for start, end, text in changes:
        if edits.replace(min(start, end), max(start, end), text):
            grown += len(text)
            removed += abs(end - start)
    assert len(edits.apply(TEXT)) == len(TEXT) + grown - removed
    assert edits.growth(0) == grown - removed


def test_others_are_made_too_where_they_are_not_in_the_way() -> None:
    data = b"A\r\nB: 1\r\nC: 2\r\n\r\n"
    edits = Edits()
    edits.replace(3, 7, b"X: 9")
    edits.insert(9, b"Y: 8\r\n")
    edits.append_header(b"Z: 7\r\n")
    others = [(0, 1, b"a"), (3, 7, b"no"), (4, 5, b"no"), (9, 9, b"V: 6\r\n"), (12, 13, b"3")]
    assert edits.apply(data, others) == b"a\r\nX: 9\r\nY: 8\r\nV: 6\r\nC: 3\r\nZ: 7\r\n\r\n"
    assert edits.apply(data) == b"A\r\nX: 9\r\nY: 8\r\nC: 2\r\nZ: 7\r\n\r\n"
