"""RFC 3261 17.1.1, 16.6 step 11, 9.1; RFC 6026 7.2."""

from __future__ import annotations

import pytest

from serpy.modules.tm.fsm import (
    ABANDON,
    ACKNOWLEDGE,
    ACKNOWLEDGE_AND_PASS,
    CANCEL,
    CANCEL_SENT,
    END,
    FAILED_AND_END,
    NOTHING,
    PASS,
    SEND,
    SEND_FAILED,
    TIMEOUT,
    TIMER,
    Settings,
    State,
    doubling,
)
from serpy.modules.tm.fsm.ict import InviteClient

SETTINGS = Settings(
    fr=32.0, fr_inv=120.0, linger=5.0, t2=4.0, waits=doubling(0.5, 4.0), invite_waits=doubling(0.5, 32.0)
)


def machine(*, reliable: bool = False, settings: Settings = SETTINGS) -> InviteClient:
    return InviteClient(settings, reliable, 0.0)


def sends(one: InviteClient, until: float) -> list[float]:
    moments = []
    while one.due <= until:
        now = one.due
        if one.event(TIMER, now) == SEND:
            moments.append(now)
    return moments


def test_the_invite_is_repeated_with_intervals_that_double_without_limit() -> None:
    assert sends(machine(), 31.9) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


def test_nothing_is_repeated_on_a_reliable_transport() -> None:
    assert machine(reliable=True).due == 32.0


def test_timer_b_ends_the_waiting_for_a_first_response() -> None:
    one = machine()
    sends(one, 31.9)
    assert one.event(TIMER, 32.0) == TIMEOUT
    assert one.state is State.ABANDONED


def test_a_provisional_response_stops_the_repetition_and_starts_timer_c() -> None:
    one = machine()
    assert one.event(100, 0.3) == PASS
    assert one.due == 120.3


def test_each_provisional_response_restarts_timer_c() -> None:
    one = machine()
    one.event(100, 0.0)
    one.event(100, 60.0)
    assert one.due == 180.0


@pytest.mark.parametrize(("code", "restarts"), [(100, False), (180, False), (181, True), (183, True)])
def test_timer_c_can_be_restarted_by_higher_codes_only(code: int, restarts: bool) -> None:
    one = machine(settings=SETTINGS._replace(restart_c=False))
    one.event(180, 0.0)
    one.event(code, 60.0)
    assert one.due == (180.0 if restarts else 120.0)


def test_timer_c_runs_out() -> None:
    one = machine()
    one.event(180, 0.0)
    assert one.event(TIMER, 120.0) == TIMEOUT


def test_a_refusal_is_acknowledged_and_passed_and_its_copies_only_acknowledged() -> None:
    one = machine()
    assert one.event(486, 1.0) == ACKNOWLEDGE_AND_PASS
    assert one.event(486, 1.5) == ACKNOWLEDGE
    assert one.due == 6.0
    assert one.event(TIMER, 6.0) == END


def test_each_2xx_is_passed_and_not_acknowledged() -> None:
    one = machine()
    assert one.event(200, 1.0) == PASS
    assert one.event(200, 1.5) == PASS
    assert one.event(486, 1.6) == NOTHING
    assert one.due == 6.0


def test_a_transport_that_fails_ends_it() -> None:
    one = machine()
    assert one.event(SEND_FAILED, 0.5) == FAILED_AND_END
    assert one.state is State.TERMINATED


def test_after_a_cancel_the_final_response_may_take_64_t1() -> None:
    one = machine()
    one.event(180, 0.0)
    assert one.event(CANCEL_SENT, 10.0) == NOTHING
    assert one.event(TIMER, 42.0) == TIMEOUT


def test_a_provisional_response_that_crosses_the_cancel_gives_no_more_time() -> None:
    one = machine()
    one.event(180, 0.0)
    one.event(CANCEL_SENT, 10.0)
    assert one.event(183, 10.1) == PASS
    assert one.event(TIMER, 42.0) == TIMEOUT


def test_the_refusal_that_a_cancel_brings_after_a_time_out_is_acknowledged() -> None:
    one = machine()
    one.event(180, 0.0)
    one.event(TIMER, 120.0)
    assert one.event(487, 120.1) == ACKNOWLEDGE
    assert one.event(487, 120.6) == ACKNOWLEDGE


def test_a_2xx_after_a_time_out_is_passed() -> None:
    one = machine()
    one.event(180, 0.0)
    one.event(TIMER, 120.0)
    assert one.event(200, 120.1) == PASS


def test_an_abandoned_invite_is_cancelled_by_its_first_provisional_response() -> None:
    one = machine()
    assert one.event(ABANDON, 1.0) == NOTHING
    assert sends(one, 20.0) == []
    assert one.event(180, 20.0) == CANCEL


def test_an_abandoned_invite_ends_when_nothing_comes() -> None:
    one = machine()
    one.event(ABANDON, 1.0)
    assert one.event(TIMER, 33.0) == END
    assert one.state is State.TERMINATED
