"""Group commit: rows that wait for the same INSERT are committed together.

The first row goes at once; those that come while it is under way gather and go together as the next batch, so nobody
waits for a timer. A batch that the engine refuses is halved until the bad row fails alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from .api import DatabaseError, DatabaseUnavailable, OutcomeUnknown, RowRefused

R = TypeVar("R")

MOST_ROWS = 200
MOST_OCTETS = 512 * 1024
"""Of one batch; a single larger row goes alone."""


class _Waiting(NamedTuple, Generic[R]):
    row: R
    size: int
    done: asyncio.Future[None]


class GroupCommit(Generic[R]):
    """The rows that wait for one INSERT statement.

    Args:
        commit: store and commit these rows, all or none; raises RowRefused, DatabaseUnavailable or OutcomeUnknown.
        most_rows: asked once, before the first batch: how many rows may go together.
    """

    def __init__(
        self, commit: Callable[[Sequence[R]], Awaitable[None]], most_rows: Callable[[], Awaitable[int]] | None = None
    ) -> None:
        self._commit = commit
        self._ask_most_rows = most_rows
        self._most_rows: int | None = None if most_rows else MOST_ROWS
        self._queue: deque[_Waiting[R]] = deque()
        self._batch: list[_Waiting[R]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()

    def add(self, row: R, size: int) -> asyncio.Future[None]:
        """Queue a row of about so many octets; the future ends when it is committed."""
        done: asyncio.Future[None] = self._loop.create_future()
        if self._closed:
            done.set_exception(DatabaseUnavailable("the database has been closed"))
            return done
        self._queue.append(_Waiting(row, size, done))
        if self._task is None:
            self._task = self._loop.create_task(self._run(), name="group commit")
        return done

    async def close(self, grace: float) -> None:
        """Let what waits be committed, for at most so many seconds."""
        self._closed = True
        if self._task is not None:
            await asyncio.wait([self._task], timeout=grace)
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._queue:
                if self._most_rows is None:
                    await self._learn_most_rows()
                self._batch = self._next_batch()
                if self._batch:
                    await self._store(self._batch)
        finally:
            self._task = None
            # only where this task was cancelled or met a fault of our own is anything left here
            _fail([*self._batch], OutcomeUnknown("the server stopped while the row was being stored"))
            _fail([*self._queue], DatabaseUnavailable("the server stopped before the row was stored"))
            self._batch.clear()
            self._queue.clear()

    async def _learn_most_rows(self) -> None:
        assert self._ask_most_rows is not None
        try:
            self._most_rows = await self._ask_most_rows()
        except DatabaseError as error:
            _fail([*self._queue], error)
            self._queue.clear()

    def _next_batch(self) -> list[_Waiting[R]]:
        batch: list[_Waiting[R]] = []
        octets = 0
        while self._queue and len(batch) < (self._most_rows or 1):
            if self._queue[0].done.done():  # its command was cancelled: not stored, as nobody will say so
                self._queue.popleft()
                continue
            octets += self._queue[0].size
            if batch and octets > MOST_OCTETS:
                break
            batch.append(self._queue.popleft())
        return batch

    async def _store(self, batch: Sequence[_Waiting[R]]) -> None:
        try:
            await self._commit([waiting.row for waiting in batch])
        except RowRefused as refusal:
            if len(batch) == 1:
                _fail(batch, refusal)
            else:
                middle = len(batch) // 2
                await self._store(batch[:middle])
                await self._store(batch[middle:])
        except DatabaseError as error:
            # never a second INSERT: after OutcomeUnknown the rows may be there (D40)
            _fail(batch, error)
        else:
            for waiting in batch:
                if not waiting.done.done():
                    waiting.done.set_result(None)


def _fail(rows: Sequence[_Waiting[R]], error: DatabaseError) -> None:
    for waiting in rows:
        if not waiting.done.done():
            # one exception for each: an exception that is raised in many places gathers their tracebacks
            waiting.done.set_exception(type(error)(*error.args))
