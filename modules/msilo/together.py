"""Questions that come while one is being answered are asked together next.

A database answers a question about a hundred recipients in little more time than one about a single one, and most
registrations find nothing. The first question goes at once; nobody waits for a timer. It is group commit's sister
(`db/commit.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 200
"""Keys that are asked for together."""


class Together(Generic[T]):
    """One question, asked for one key; several at once when they pile up.

    Args:
        ask: the answers for these keys, one for each of them.
    """

    def __init__(self, ask: Callable[[Sequence[str]], Awaitable[Mapping[str, T]]]) -> None:
        self._ask = ask
        self._queue: list[tuple[str, asyncio.Future[T]]] = []
        self._busy = False
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, key: str) -> T:
        if self._busy:
            answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._queue.append((key, answer))
            return await answer
        self._busy = True
        try:
            return (await self._ask([key]))[key]
        finally:
            if self._queue:
                self._task = asyncio.get_running_loop().create_task(self._answer_all(), name="msilo look-up")
            else:
                self._busy = False

    async def _answer_all(self) -> None:
        batch: list[tuple[str, asyncio.Future[T]]] = []
        try:
            while self._queue:
                batch, self._queue = self._queue[:MOST], self._queue[MOST:]
                await self._answer(batch)
        finally:
            # only where this task was cancelled is anybody left here
            for _key, answer in (*batch, *self._queue):
                answer.cancel()
            self._queue.clear()
            self._busy, self._task = False, None

    async def _answer(self, batch: Sequence[tuple[str, asyncio.Future[T]]]) -> None:
        try:
            found = await self._ask(list(dict.fromkeys(key for key, _answer in batch)))
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            for _key, answer in batch:
                if not answer.done():
                    # one exception for each: an exception that is raised in many places gathers their tracebacks
                    answer.set_exception(type(error)(*error.args))
            return
        for key, answer in batch:
            if not answer.done():
                answer.set_result(found[key])
