"""`-k`: which flows are meant."""

from __future__ import annotations

import pytest

from serpy.testing.runner.select import WrongExpression, expression

TEXT = "tests/flows/msilo/store-1.flow A message waits until Bob (42) is back"


@pytest.mark.parametrize(
    "text",
    [
        "store",
        "BOB",
        "store and bob",
        "nobody or bob",
        "not nobody",
        "not not bob",
        "nobody and nothing or bob",
        "bob or nobody and nothing",
        "not (nobody or nothing)",
        "not nobody and bob",
        "msilo/store-1.flow",
        '"until bob"',
        "'(42)' and ( waits )",
        "android or bob",
    ],
)
def test_it_fits(text: str) -> None:
    assert expression(text)(TEXT)


@pytest.mark.parametrize(
    "text",
    ["nobody", "not bob", "store and nobody", "not (bob or nobody)", "(bob or nobody) and nothing", '"bob until"'],
)
def test_it_does_not_fit(text: str) -> None:
    assert not expression(text)(TEXT)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "wants a word"),
        ("bob alice", "'alice' comes unexpectedly"),
        ("bob and", "a word is missing"),
        ("and bob", "a word is missing"),
        ("not", "a word is missing"),
        ("(bob", "a bracket is not closed"),
        ("bob)", "comes unexpectedly"),
        ('"bob', "a quote is not closed"),
        ("(" * 5000, "nested more than"),
    ],
)
def test_what_says_nothing_is_refused(text: str, told: str) -> None:
    with pytest.raises(WrongExpression, match=told):
        expression(text)
