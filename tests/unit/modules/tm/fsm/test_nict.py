"""RFC 3261 17.1.2."""

from __future__ import annotations

from serpy.modules.tm.fsm import (
    END,
    FAILED_AND_END,
    NOTHING,
    PASS,
    SEND,
    SEND_FAILED,
    TIMEOUT_AND_END,
    TIMER,
    Settings,
    State,
    doubling,
)
from serpy.modules.tm.fsm.nict import NonInviteClient

SETTINGS = Settings(
    fr=32.0, fr_inv=120.0, linger=5.0, t2=4.0, waits=doubling(0.5, 4.0), invite_waits=doubling(0.5, 32.0)
)


def machine(reliable: bool = False) -> NonInviteClient:
    return NonInviteClient(SETTINGS, reliable, 0.0)


def sends(one: NonInviteClient, until: float) -> list[float]:
    moments = []
    while one.due <= until:
        now = one.due
        if one.event(TIMER, now) == SEND:
            moments.append(now)
    return moments


def test_the_request_is_repeated_with_doubling_intervals_up_to_t2() -> None:
    assert sends(machine(), 20.0) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5]


def test_nothing_is_repeated_on_a_reliable_transport() -> None:
    assert machine(reliable=True).due == 32.0


def test_timer_f_ends_it() -> None:
    one = machine()
    sends(one, 31.9)
    assert one.event(TIMER, 32.0) == TIMEOUT_AND_END
    assert one.state is State.TERMINATED


def test_after_a_provisional_response_the_interval_is_t2_and_timer_f_goes_on() -> None:
    one = machine()
    assert one.event(180, 0.1) == PASS
    assert sends(one, 10.0) == [0.5, 4.5, 8.5]
    assert one.event(TIMER, 32.0) == TIMEOUT_AND_END


def test_a_final_response_ends_the_repetition_and_its_copies_are_absorbed() -> None:
    one = machine()
    assert one.event(404, 0.2) == PASS
    assert one.event(404, 0.3) == NOTHING
    assert one.event(200, 0.3) == NOTHING
    assert one.due == 5.2
    assert one.event(TIMER, 5.2) == END


def test_a_transport_that_fails_ends_it() -> None:
    one = machine()
    assert one.event(SEND_FAILED, 0.5) == FAILED_AND_END
    assert one.event(200, 0.6) == NOTHING


def test_a_transport_that_fails_after_the_response_is_no_matter() -> None:
    one = machine()
    one.event(200, 0.1)
    assert one.event(SEND_FAILED, 0.5) == NOTHING
    assert one.state is State.COMPLETED
