"""RFC 3261 17.2.2."""

from __future__ import annotations

from serpy.modules.tm.fsm import END, NEVER, NOTHING, RELEASE, REQUEST, SEND, TIMER, Settings, State, doubling
from serpy.modules.tm.fsm.nist import NonInviteServer

SETTINGS = Settings(
    fr=32.0, fr_inv=120.0, linger=5.0, t2=4.0, waits=doubling(0.5, 4.0), invite_waits=doubling(0.5, 32.0)
)


def test_a_copy_is_discarded_while_there_is_no_response() -> None:
    machine = NonInviteServer(SETTINGS)
    assert machine.event(REQUEST, 0.5) == NOTHING
    assert machine.due == NEVER


def test_a_provisional_response_is_sent_and_repeated_for_a_copy() -> None:
    machine = NonInviteServer(SETTINGS)
    assert machine.event(180, 0.1) == SEND
    assert machine.state is State.PROCEEDING
    assert machine.event(REQUEST, 0.5) == SEND


def test_a_final_response_is_repeated_for_each_copy_until_timer_j() -> None:
    machine = NonInviteServer(SETTINGS)
    assert machine.event(404, 1.0) == SEND
    assert machine.event(REQUEST, 5.9) == SEND
    assert machine.due == 6.0
    assert machine.event(TIMER, 6.0) == END
    assert machine.state is State.TERMINATED
    assert machine.event(REQUEST, 6.1) == NOTHING


def test_a_second_final_response_is_discarded() -> None:
    machine = NonInviteServer(SETTINGS)
    machine.event(200, 0.1)
    assert machine.event(404, 0.2) == NOTHING
    assert machine.event(180, 0.2) == NOTHING


def test_a_timer_that_comes_early_changes_nothing() -> None:
    machine = NonInviteServer(SETTINGS)
    machine.event(200, 0.0)
    assert machine.event(TIMER, 4.9) == NOTHING
    assert machine.state is State.COMPLETED


def test_a_released_transaction_lingers_without_a_final_response() -> None:
    machine = NonInviteServer(SETTINGS)
    assert machine.event(RELEASE, 1.0) == NOTHING
    assert machine.due == 6.0
    assert machine.event(200, 2.0) == NOTHING
