"""Look-ups that are asked together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from serpy.db.api import DatabaseError, DatabaseUnavailable
from serpy.modules.msilo.together import MOST, Together


class Library:
    """Answers each key with itself in capitals, a turn of the loop later."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.failure: DatabaseError | None = None
        self.look_up = Together(self.ask)

    async def ask(self, keys: Sequence[str]) -> dict[str, str]:
        self.asked.append([*keys])
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return {key: key.upper() for key in keys}


def test_what_comes_meanwhile_is_asked_at_once_and_each_key_once() -> None:
    async def test() -> None:
        library = Library()
        assert await asyncio.gather(*map(library.look_up, "abcb")) == ["A", "B", "C", "B"]
        assert library.asked == [["a"], ["b", "c"]]
        assert await library.look_up("d") == "D"

    asyncio.run(test())


def test_a_long_queue_is_asked_in_parts() -> None:
    async def test() -> None:
        library = Library()
        keys = [str(number) for number in range(2 * MOST + 2)]
        assert await asyncio.gather(*map(library.look_up, keys)) == keys
        assert [len(asked) for asked in library.asked] == [1, MOST, MOST, 1]

    asyncio.run(test())


def test_a_failure_reaches_all_who_asked_and_the_next_ones_are_served() -> None:
    async def test() -> None:
        library = Library()
        library.failure = DatabaseUnavailable("away")
        outcomes = await asyncio.gather(*map(library.look_up, "abc"), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailable] * 3
        assert len({id(outcome) for outcome in outcomes}) == 3
        library.failure = None
        assert await library.look_up("a") == "A"

    asyncio.run(test())


@pytest.mark.parametrize("gone", [0, 1])
def test_who_gives_up_holds_up_nobody(gone: int) -> None:
    async def test() -> None:
        library = Library()
        tasks = [asyncio.ensure_future(library.look_up(key)) for key in "abc"]
        await asyncio.sleep(0)
        tasks[gone].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(outcomes.pop(gone), asyncio.CancelledError)
        assert outcomes == [key.upper() for place, key in enumerate("abc") if place != gone]
        assert await library.look_up("d") == "D"

    asyncio.run(test())
