"""The timer wheel: slots of 50 ms that hold the items themselves.

One pending entry for each item. An item that is moved later keeps its entry and is put back when that is reached; one
that is cancelled (`due` is None) is dropped then. So moving and cancelling cost nothing, and a transaction may move
its deadline with every message. Nothing fires early; an item fires up to one slot late.

With `loop.call_later` for each transaction instead, timers alone would cost 14 to 18 us per transaction; this costs
less than 1 (performance notes, section 5).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from math import ceil, floor

from ..apis import Timed
from ..clock import Clock

RATE = 20
"""Slots per second. Times are multiplied by it: half seconds and the like stay exact."""
SLOTS = 1024
"""The ring's length, 51 s: what lies further off waits in the last slot and is then put back."""
BURST = 128
"""The most items looked at in one turn of the loop, so that a crowd that expires together delays no message."""


class Wheel:
    """The timers of one server.

    Args:
        failed: called with an item whose `fire` raised, while the exception is being handled.
    """

    def __init__(self, clock: Clock, loop: asyncio.AbstractEventLoop, failed: Callable[[Timed], None]) -> None:
        self._clock = clock
        self._loop = loop
        self._failed = failed
        self._ring: list[list[Timed]] = [[] for _ in range(SLOTS)]
        self._tick = floor(clock.now() * RATE)
        """The last slot whose time has come."""
        self._waiting = 0
        """Entries in the ring."""
        self._armed = 0
        """The slot for which the loop will wake us; 0: none."""
        self._handle: asyncio.TimerHandle | None = None
        self._ready: deque[tuple[int, list[Timed]]] = deque()
        """Slots whose time has come, each list with its first item at the end."""
        self._turn: asyncio.Handle | None = None
        self._open = True

    def schedule(self, item: Timed, due: float) -> None:
        """Set `item.due`, and make sure that it is looked at in time."""
        item.due = due
        tick = ceil(due * RATE)
        queued = item.queued
        if queued is None or queued > tick:
            self._put(item, tick)

    def close(self) -> None:
        """Fire nothing any more."""
        self._open = False
        for handle in (self._handle, self._turn):
            if handle is not None:
                handle.cancel()
        for _, slot in self._ready:
            slot.clear()  # it may be the one that is being looked at
        self._ready.clear()

    def _put(self, item: Timed, tick: int) -> None:
        if not self._waiting and not self._ready:
            # nothing moved the wheel while it was empty
            self._tick = max(self._tick, floor(self._clock.now() * RATE))
        last = self._tick
        if tick <= last:
            tick = last + 1
        elif tick >= last + SLOTS:
            tick = last + SLOTS - 1
        # an entry that this one overtakes stays behind, and is known by its slot not being `queued`
        item.queued = tick
        self._ring[tick % SLOTS].append(item)
        self._waiting += 1
        if tick < self._armed or not self._armed:
            self._arm(tick)

    def _arm(self, tick: int) -> None:
        if not self._open:
            return
        if self._handle is not None:
            self._handle.cancel()
        self._armed = tick
        self._handle = self._loop.call_later(max(0.0, tick / RATE - self._clock.now()), self._wake)

    def _wake(self) -> None:
        now = self._clock.now()
        reached, armed = floor(now * RATE), self._armed
        self._armed, self._handle = 0, None
        if reached < armed:  # the loop woke us a trifle early
            self._arm(armed)
            return
        # the slots before the armed one are empty
        for tick in range(armed, min(reached, self._tick + SLOTS) + 1):
            slot = self._ring[tick % SLOTS]
            if slot:
                self._ring[tick % SLOTS] = []
                self._waiting -= len(slot)
                slot.reverse()
                self._ready.append((tick, slot))
        self._tick = max(self._tick, reached)
        if self._waiting:
            # before anything fires: an item that schedules itself again must not hide an entry that comes earlier
            self._arm(self._next())
        if self._turn is None:
            self._fire_some()

    def _next(self) -> int:
        ring, tick = self._ring, self._tick + 1
        while not ring[tick % SLOTS]:
            tick += 1
        return tick

    def _fire_some(self) -> None:
        self._turn = None
        now = self._clock.now()
        left = BURST
        while self._ready and left:
            tick, slot = self._ready[0]
            while slot and left:
                left -= 1
                item = slot.pop()
                if item.queued != tick:
                    continue  # overtaken by an earlier entry
                item.queued = None
                due = item.due
                if due is None:
                    continue
                if due > now:
                    self._put(item, ceil(due * RATE))
                    continue
                try:
                    item.fire(now)
                except Exception:  # noqa: BLE001 - reported there
                    self._failed(item)
            if not slot and self._ready:
                self._ready.popleft()
        if self._ready and self._open:
            self._turn = self._loop.call_soon(self._fire_some)


class Periodic:
    """A module's `@timer`: calls `work` every `seconds`, the first time one period after the start."""

    __slots__ = ("due", "queued", "seconds", "wheel", "work")

    def __init__(self, wheel: Wheel, seconds: float, work: Callable[[], None], now: float) -> None:
        self.due: float | None = None
        self.queued: float | None = None
        self.wheel = wheel
        self.seconds = seconds
        self.work = work
        wheel.schedule(self, now + seconds)

    def fire(self, now: float) -> None:
        due = now if self.due is None else self.due
        # by the plan, not by the moment, so that it does not drift; but a machine that slept catches up once only
        self.wheel.schedule(self, max(due + self.seconds, now + self.seconds / 2))
        self.work()
