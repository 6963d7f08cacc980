"""Whatever a script gives to a command of the core is taken, or refused with a reason."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serpy.module import Kind
from serpy.script import kinds
from serpy.script.kinds import is_ip, plain_ip
from serpy.script.regex import LINE_REGEX, REGEX, Pattern

KINDS = [value for value in vars(kinds).values() if isinstance(value, Kind)]
# characters that mean something here, and any others
TEXTS = st.text(
    st.one_of(st.sampled_from("0189.:[]{}()*+?|^$\\-,ab/dptu\udc80"), st.characters(codec="utf-8")), max_size=40
)


@pytest.mark.parametrize("kind", [*KINDS, REGEX, LINE_REGEX], ids=lambda kind: kind.name)
@given(text=TEXTS)
@example(text="9" * 5000)
@example(text="0" * 5000 + ".0.0.1")
@example(text="\u0661\u0662")
@example(text="1e400")
@example(text="nan")
@example(text="[" * 3000)
@example(text="(" * 3000)
def test_an_argument_is_taken_or_refused_with_a_reason(kind: Kind[Any], text: str) -> None:
    reason = "taken"
    try:
        kind.convert(text)
    except ValueError as error:
        reason = str(error)
    assert reason


@given(TEXTS, st.binary(max_size=60), st.booleans(), st.booleans())
def test_any_expression_searches_any_text(text: str, data: bytes, lines: bool, ignore_case: bool) -> None:
    try:
        pattern = Pattern(text, lines=lines, ignore_case=ignore_case)
    except ValueError:
        return
    places = [match.span() for match in pattern.finditer(data)]
    assert places == sorted(set(places))
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    first = pattern.search(data)
    assert (first is None) == (not places)
    assert first is None or first.span() == places[0]


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4))
def test_octets_are_decimal_or_octal(octets: list[int]) -> None:
    plain = ".".join(map(str, octets))
    assert plain_ip(plain) == plain
    assert plain_ip(".".join(f"0{octet:o}" for octet in octets)) == plain
    assert not is_ip(f"{plain}.1")
