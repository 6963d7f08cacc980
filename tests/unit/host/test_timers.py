"""The wheel: never early, at most one slot late, cheap to move, bounded work per turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from serpy.host.timers import BURST, Periodic, Wheel
from serpy.testing.loop import VirtualLoop


class Item:
    """Something on the wheel that notes when it fires."""

    def __init__(self, clock: VirtualClock) -> None:
        self.due: float | None = None
        self.queued: float | None = None
        self.fired: list[float] = []
        self.clock = clock

    def fire(self, now: float) -> None:
        self.due = None
        self.fired.append(self.clock.now())


class VirtualClock:
    zone = None

    def __init__(self, loop: VirtualLoop) -> None:
        self.now = loop.time
        self.time = loop.time


class Bench:
    def __init__(self) -> None:
        self.loop = VirtualLoop(1000.0)
        self.clock = VirtualClock(self.loop)
        self.failed: list[object] = []
        self.wheel = Wheel(self.clock, self.loop, self.failed.append)

    def item(self, due: float) -> Item:
        item = Item(self.clock)
        self.wheel.schedule(item, due)
        return item


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.loop.close()


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.5, 0.51, 1.0, 4.0, 32.0, 51.2, 52.0, 180.0, 90_000.3])
def test_nothing_fires_early_or_more_than_a_slot_late(bench: Bench, seconds: float) -> None:
    item = bench.item(1000.0 + seconds)
    bench.loop.run_for(seconds + 1)
    assert len(item.fired) == 1
    assert 1000.0 + seconds <= item.fired[0] < 1000.0 + seconds + 0.0501


def test_half_seconds_are_exact(bench: Bench) -> None:
    item = bench.item(1000.5)
    bench.loop.run_for(1)
    assert item.fired == [1000.5]


def test_what_is_due_already_fires_in_the_next_turns(bench: Bench) -> None:
    item = bench.item(999.0)
    bench.loop.run_for(0.1)
    assert len(item.fired) == 1


def test_an_item_moved_later_fires_at_the_later_time_only(bench: Bench) -> None:
    item = bench.item(1001.0)
    item.due = 1003.0
    bench.loop.run_for(10)
    assert item.fired == [1003.0]


def test_an_item_scheduled_earlier_fires_once_at_the_earlier_time(bench: Bench) -> None:
    item = bench.item(1030.0)
    bench.wheel.schedule(item, 1002.0)
    bench.loop.run_for(100)
    assert item.fired == [1002.0]


def test_a_cancelled_item_does_not_fire(bench: Bench) -> None:
    item = bench.item(1001.0)
    item.due = None
    bench.loop.run_for(10)
    assert item.fired == []
    assert item.queued is None


def test_an_item_cancelled_and_scheduled_again_fires_once(bench: Bench) -> None:
    item = bench.item(1001.0)
    item.due = None
    bench.wheel.schedule(item, 1001.5)
    bench.loop.run_for(10)
    assert item.fired == [1001.5]


def test_a_crowd_is_spread_over_several_turns_of_the_loop(bench: Bench) -> None:
    items = [bench.item(1001.0) for _ in range(3 * BURST)]
    between: list[int] = []

    def look() -> None:
        between.append(sum(len(item.fired) for item in items))
        if between[-1] < len(items):
            bench.loop.call_soon(look)

    bench.loop.call_at(1001.0, look)
    bench.loop.run_for(2)
    assert len([count for count in between if 0 < count < len(items)]) >= 2
    assert all(item.fired == [1001.0] for item in items)


def test_an_item_that_fails_is_reported_and_the_others_fire(bench: Bench) -> None:
    bad, good = bench.item(1001.0), bench.item(1001.0)
    bad.fire = lambda now: 1 / 0  # type: ignore[method-assign, assignment]
    bench.loop.run_for(2)
    assert bench.failed == [bad]
    assert good.fired == [1001.0]


def test_items_of_one_slot_fire_in_the_order_in_which_they_were_scheduled(bench: Bench) -> None:
    order: list[int] = []
    for number in range(5):
        item = bench.item(1001.0)
        item.fire = lambda now, number=number: order.append(number)  # type: ignore[method-assign, misc]
    bench.loop.run_for(2)
    assert order == [0, 1, 2, 3, 4]


def test_an_idle_wheel_does_not_wake_the_loop(bench: Bench) -> None:
    bench.item(1001.0)
    bench.loop.run_for(2)
    assert bench.wheel._handle is None


def test_a_closed_wheel_fires_nothing(bench: Bench) -> None:
    item = bench.item(1001.0)
    bench.wheel.close()
    bench.loop.run_for(2)
    assert item.fired == []


def test_a_periodic_timer_does_not_delay_one_that_comes_before_its_next_turn(bench: Bench) -> None:
    Periodic(bench.wheel, 20.0, lambda: None, 1000.0)
    between = bench.item(1030.0)
    bench.loop.run_for(60.0)
    assert between.fired == [1030.0]


def test_a_periodic_timer_keeps_its_plan(bench: Bench) -> None:
    fired: list[float] = []
    Periodic(bench.wheel, 30.0, lambda: fired.append(bench.loop.time()), 1000.0)
    bench.loop.run_for(100)
    assert fired == [1030.0, 1060.0, 1090.0]
