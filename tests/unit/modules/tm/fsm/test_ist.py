"""RFC 3261 17.2.1, RFC 6026 7.1."""

from __future__ import annotations

import pytest

from serpy.modules.tm.fsm import (
    ACK,
    END,
    NEVER,
    NOTHING,
    RELEASE,
    REQUEST,
    SEND,
    TIMEOUT,
    TIMER,
    Settings,
    State,
    doubling,
)
from serpy.modules.tm.fsm.ist import InviteServer

SETTINGS = Settings(
    fr=32.0, fr_inv=120.0, linger=5.0, t2=4.0, waits=doubling(0.5, 4.0), invite_waits=doubling(0.5, 32.0)
)


def machine(reliable: bool = False) -> InviteServer:
    return InviteServer(SETTINGS, reliable)


def sends(one: InviteServer, until: float) -> list[float]:
    """When the machine sends, as long as it is given its timer."""
    moments = []
    while one.due <= until:
        now = one.due
        if one.event(TIMER, now) == SEND:
            moments.append(now)
    return moments


def test_a_copy_of_the_invite_gets_the_last_provisional_response() -> None:
    one = machine()
    assert one.event(100, 0.0) == SEND
    assert one.event(REQUEST, 0.5) == SEND
    assert one.due == NEVER


def test_a_refusal_is_repeated_with_doubling_intervals_up_to_t2_until_timer_h() -> None:
    one = machine()
    assert one.event(486, 0.0) == SEND
    assert sends(one, 31.9) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert one.event(TIMER, 32.0) == TIMEOUT
    assert one.state is State.CONFIRMED


def test_a_refusal_is_not_repeated_on_a_reliable_transport() -> None:
    one = machine(reliable=True)
    one.event(486, 0.0)
    assert one.due == 32.0


def test_the_ack_ends_the_repetition_of_a_refusal() -> None:
    one = machine()
    one.event(486, 0.0)
    assert one.event(ACK, 0.2) == NOTHING
    assert one.state is State.CONFIRMED
    assert one.due == 5.2
    assert one.event(TIMER, 5.2) == END


def test_further_acks_are_absorbed_in_confirmed() -> None:
    one = machine()
    one.event(486, 0.0)
    one.event(ACK, 0.2)
    assert one.event(ACK, 1.0) == NOTHING
    assert one.due == 5.2


@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_copy_of_a_refused_invite_gets_the_refusal_again(acknowledged: bool) -> None:
    one = machine()
    one.event(486, 0.0)
    if acknowledged:
        one.event(ACK, 0.2)
    assert one.event(REQUEST, 0.4) == SEND


def test_a_relayed_2xx_leads_to_accepted_where_copies_of_the_invite_are_absorbed() -> None:
    one = machine()
    assert one.event(200, 0.0) == SEND
    assert one.state is State.ACCEPTED
    assert one.event(REQUEST, 0.5) == NOTHING
    assert one.due == 5.0


def test_each_further_2xx_passes_in_accepted_and_nothing_else() -> None:
    one = machine()
    one.event(200, 0.0)
    assert one.event(200, 0.5) == SEND
    assert one.event(486, 0.6) == NOTHING
    assert one.event(180, 0.6) == NOTHING


def test_a_2xx_does_not_pass_after_a_refusal() -> None:
    one = machine()
    one.event(408, 0.0)
    assert one.event(200, 0.5) == NOTHING


@pytest.mark.parametrize("reliable", [False, True])
def test_a_2xx_of_our_own_is_repeated_on_any_transport_until_its_ack(reliable: bool) -> None:
    one = machine(reliable)
    one.answers_itself = True
    assert one.event(200, 0.0) == SEND
    assert sends(one, 4.0) == [0.5, 1.5, 3.5]
    one.event(ACK, 4.0)
    assert one.due == 9.0
    assert sends(one, 9.0) == []


def test_a_released_transaction_lingers_and_answers_copies_with_what_there_was() -> None:
    one = machine()
    one.event(100, 0.0)
    one.event(RELEASE, 1.0)
    assert one.due == 6.0
    assert one.event(REQUEST, 2.0) == SEND
    assert one.event(200, 2.0) == NOTHING
