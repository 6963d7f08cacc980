"""A bounded number of connections, each with a task of its own that takes jobs in order.

A script's commands run without a current task, and drivers want one: so a statement hands its work to these tasks and
awaits a plain future. While the engine is known to be away, jobs fail at once and one task looks for its return.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .api import DatabaseUnavailable, OutcomeUnknown

if TYPE_CHECKING:
    from ..log import Log

FIRST_PROBE = 0.1
LAST_PROBE = 5.0
"""Seconds between two attempts to reach an engine that is away: doubled from the first to the last."""


class ConnectionLost(Exception):
    """The connection broke while a statement was under way."""


class Connection(Protocol):
    """What the pool needs to know of a connection."""

    def is_usable(self) -> bool:
        """False when the other side has closed it."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


C = TypeVar("C", bound=Connection)
T = TypeVar("T")


class _Job(Generic[C]):
    __slots__ = ("done", "repeatable", "run")

    def __init__(self, run: Callable[[C], Awaitable[Any]], repeatable: bool, done: asyncio.Future[Any]) -> None:
        self.run = run
        self.repeatable = repeatable
        self.done = done

    def succeed(self, answer: Any) -> None:
        if not self.done.done():  # cancelled meanwhile
            self.done.set_result(answer)

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Pool(Generic[C]):
    """The lanes of one database, and what is known of the engine behind them.

    Args:
        connect: opens one connection; raises DatabaseUnavailable.
    """

    def __init__(self, shown: str, connect: Callable[[], Awaitable[C]], log: Log) -> None:
        self.shown = shown
        self.loop = asyncio.get_running_loop()
        self.closed = False
        self._connect = connect
        self._log = log
        self._lanes: list[Lane[C]] = []
        self._spare: list[C] = []
        self._away: DatabaseUnavailable | None = None
        self._probe: asyncio.Task[None] | None = None

    def lane(self, size: int) -> Lane[C]:
        """A further queue of jobs with at most so many connections."""
        lane = Lane(self, size)
        self._lanes.append(lane)
        return lane

    def adopt(self, connection: C) -> None:
        """Take a connection that was opened to see whether it works."""
        self._spare.append(connection)

    async def connect(self) -> C:
        """A connection for a lane; a failure is one for all that wait.

        Raises:
            DatabaseUnavailable
        """
        while self._spare:
            spare = self._spare.pop()
            if spare.is_usable():
                return spare
            # it lay there for hours, and its server has hung up
            await spare.close()
        try:
            return await self._connect()
        except DatabaseUnavailable as error:
            self._went_away(error)
            raise

    def refusal(self) -> DatabaseUnavailable | None:
        """Why no job can be taken now; None when it can."""
        if self.closed:
            return DatabaseUnavailable(f"{self.shown} has been closed")
        return None if self._away is None else _again(self._away)

    def ping_idle(self) -> None:
        """Have every idle connection ask its engine for a sign of life."""
        for lane in self._lanes:
            lane.ping_idle()

    async def close(self, grace: float) -> None:
        """Let the jobs be done, for at most so many seconds, and close all connections."""
        self.closed = True
        tasks = [task for lane in self._lanes for task in lane.closing()]
        if self._probe is not None:
            self._probe.cancel()
            tasks.append(self._probe)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for lane in self._lanes:
            lane.fail_all(DatabaseUnavailable(f"{self.shown} has been closed"))
        while self._spare:
            await self._spare.pop().close()

    def _went_away(self, error: DatabaseUnavailable) -> None:
        for lane in self._lanes:
            lane.fail_all(error)
        if self._away is None and not self.closed:
            self._away = error
            self._log.error(f"{error} (trying again in the background)")
            self._probe = self.loop.create_task(self._look_for_it(), name=f"probe {self.shown}")

    async def _look_for_it(self) -> None:
        delay = FIRST_PROBE
        while self._away is not None:
            await asyncio.sleep(delay)
            delay = min(delay * 2, LAST_PROBE)
            try:
                self._spare.append(await self._connect())
            except DatabaseUnavailable as error:
                self._away = error
            else:
                self._away = None
                self._log.notice(f"{self.shown} is back")
        self._probe = None


class Lane(Generic[C]):
    """Jobs in the order in which they came, and the connections that carry them out, opened as they are needed."""

    def __init__(self, pool: Pool[C], size: int) -> None:
        self._pool = pool
        self._size = size
        self._jobs: deque[_Job[C]] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._workers: set[asyncio.Task[None]] = set()

    def submit(self, run: Callable[[C], Awaitable[T]], *, repeatable: bool = False) -> asyncio.Future[T]:
        """Run something with a connection.

        A repeatable job (it changes nothing) is run once more where its connection breaks; any other ends with
        OutcomeUnknown then.
        """
        done: asyncio.Future[Any] = self._pool.loop.create_future()
        refusal = self._pool.refusal()
        if refusal is not None:
            done.set_exception(refusal)
        else:
            self._jobs.append(_Job(run, repeatable, done))
            self._wake_one()
        return done

    def ping_idle(self) -> None:
        for _ in range(len(self._idle)):
            # nobody waits for the answer: a dead connection is found and dropped, that is all
            self.submit(lambda connection: connection.ping(), repeatable=True).add_done_callback(_seen)

    def fail_all(self, error: DatabaseUnavailable) -> None:
        """End every job that waits for a connection."""
        while self._jobs:
            self._jobs.popleft().fail(_again(error))

    def closing(self) -> set[asyncio.Task[None]]:
        """The tasks that have to end; idle ones are woken for it."""
        for waker in self._idle:
            if not waker.done():
                waker.set_result(None)
        return set(self._workers)

    def _wake_one(self) -> None:
        while self._idle:
            waker = self._idle.pop()
            if not waker.done():
                waker.set_result(None)
                return
        if len(self._workers) < self._size:
            worker = self._pool.loop.create_task(self._work(), name=f"database {self._pool.shown}")
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        connection: C | None = None
        try:
            while True:
                while not self._jobs:
                    if self._pool.closed:
                        return
                    waker: asyncio.Future[None] = self._pool.loop.create_future()
                    self._idle.append(waker)
                    await waker
                connection = await self._carry_out(self._jobs.popleft(), connection)
        finally:
            if connection is not None:
                await connection.close()

    async def _carry_out(self, job: _Job[C], connection: C | None) -> C | None:
        """Do one job; the connection for the next one, None where there is none any more."""
        for is_last_try in (not job.repeatable, True):
            if job.done.done():  # cancelled while it waited
                return connection
            if connection is not None and not connection.is_usable():
                await connection.close()
                connection = None
            try:
                if connection is None:
                    connection = await self._pool.connect()
                job.succeed(await job.run(connection))
                return connection
            except ConnectionLost as lost:
                if connection is not None:
                    await connection.close()
                    connection = None
                if is_last_try:
                    kind = DatabaseUnavailable if job.repeatable else OutcomeUnknown
                    job.fail(kind(f"{self._pool.shown}: {lost}"))
                    return None
            except asyncio.CancelledError:
                job.fail(OutcomeUnknown(f"{self._pool.shown}: the server stopped before the database answered"))
                raise
            except Exception as error:  # noqa: BLE001 - whoever awaits the job gets it
                job.fail(error)
                return connection
        return connection


def _again(error: DatabaseUnavailable) -> DatabaseUnavailable:
    # one exception for each: an exception that is raised in many places gathers their tracebacks
    return type(error)(*error.args)


def _seen(done: asyncio.Future[Any]) -> None:
    if not done.cancelled():
        done.exception()
