"""The four transaction machines of RFC 3261 section 17, as amended by RFC 6026: no sockets, no clock, no asyncio.

A machine is told what happened by `event(event, now)` and answers what is to be done, in order. An event is a status
code (100 and above: a response from the network for a client, from the transaction's user for a server) or one of
the numbers below it that are named here. `due` is when the machine wants `TIMER`, infinite for never. What is sent,
and to whom, only the owner of the machine knows: a machine says `SEND` and means its request, or its last response.

Where a machine lingers at its end only so that late copies find it, the RFC's timers D, I, J, K, L and M are all one
value here, `Settings.linger`: SER's `wt_timer`. What comes later than that is forwarded by the stateless core.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

TIMER: Final = 0
"""`due` has come."""
REQUEST: Final = 1
"""Server: the request came again."""
ACK: Final = 2
"""Server: the ACK for its final response came."""
RELEASE: Final = 3
"""Server: there will be no final response; only absorb what comes again, for a while."""
SEND_FAILED: Final = 4
"""Client: the transport refused the request."""
CANCEL_SENT: Final = 5
"""INVITE client: a CANCEL is on its way."""
ABANDON: Final = 6
"""INVITE client: the user has found another end for this transaction and awaits nothing of it."""

NEVER: Final = float("inf")


class Effect(Enum):
    """What the owner of a machine has to do."""

    SEND = "send the request, or the last response, once more"
    PASS = "take notice of this response"
    ACK = "acknowledge this response, hop by hop"
    CANCEL = "cancel: the first sign of life came after the user lost interest"
    TIMEOUT = "no answer came in time"
    FAILED = "the transport failed"
    END = "the machine has ended"


class State(Enum):
    """The states of RFC 3261 figures 5 to 8 and RFC 6026; ABANDONED is ours (see `ict`)."""

    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    ABANDONED = "abandoned"
    TERMINATED = "terminated"


# plain names: looking up a member of an Enum costs as much as the rest of an event
NOTHING: Final[tuple[Effect, ...]] = ()
SEND: Final = (Effect.SEND,)
PASS: Final = (Effect.PASS,)
ACKNOWLEDGE: Final = (Effect.ACK,)
ACKNOWLEDGE_AND_PASS: Final = (Effect.ACK, Effect.PASS)
CANCEL: Final = (Effect.CANCEL,)
TIMEOUT: Final = (Effect.TIMEOUT,)
TIMEOUT_AND_END: Final = (Effect.TIMEOUT, Effect.END)
FAILED_AND_END: Final = (Effect.FAILED, Effect.END)
END: Final = (Effect.END,)


class Settings(NamedTuple):
    """The times of one transaction, in seconds."""

    fr: float
    """Timers B, F and H: how long a final response, or the ACK, may take (`fr_timer`, 64*T1)."""
    fr_inv: float
    """Timer C: how long an INVITE may ring."""
    linger: float
    """How long an ended transaction still recognises late copies (`wt_timer`)."""
    t2: float
    waits: tuple[float, ...]
    """The intervals between retransmissions of requests and responses (timers E and G); the last one repeats."""
    invite_waits: tuple[float, ...]
    """The same for INVITE requests (timer A)."""
    restart_c: bool = True
    """Whether each provisional response restarts timer C, or only the first and those of a higher code from 180 on."""


def doubling(t1: float, limit: float) -> tuple[float, ...]:
    """Intervals that begin with T1 and double up to a limit."""
    waits = [t1]
    while waits[-1] < limit:
        waits.append(min(waits[-1] * 2, limit))
    return tuple(waits)
