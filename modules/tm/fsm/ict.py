"""The INVITE client transaction, RFC 3261 17.1.1 and RFC 6026 7.2, with the proxy's timer C (RFC 3261 16.6 step 11).

             |INVITE is sent
             v
          Calling --- 1xx ---> Proceeding     timer A: the INVITE again, in Calling only
             |                     |          timer B ends Calling, timer C ends Proceeding
             +-- 300-699: ACK -----+---> Completed -- timer D --> Terminated
             |                     |     (late copies are acknowledged again)
             +-- 2xx --------------+---> Accepted -- timer M --> Terminated
                                         (each further 2xx is passed on)

A time-out, or ABANDON, does not end the machine at once: in Abandoned it still acknowledges the refusal that a CANCEL
brings about, passes a late 2xx on (RFC 3261 16.7 step 5), and cancels when the first provisional response comes
only now (RFC 3261 9.1: not before it).
"""

from __future__ import annotations

from . import (
    ABANDON,
    ACKNOWLEDGE,
    ACKNOWLEDGE_AND_PASS,
    CANCEL,
    CANCEL_SENT,
    END,
    FAILED_AND_END,
    NEVER,
    NOTHING,
    PASS,
    SEND,
    SEND_FAILED,
    TIMEOUT,
    TIMER,
    Effect,
    Settings,
    State,
)

CALLING, PROCEEDING, COMPLETED = State.CALLING, State.PROCEEDING, State.COMPLETED
ACCEPTED, ABANDONED, TERMINATED = State.ACCEPTED, State.ABANDONED, State.TERMINATED


class InviteClient:
    """One INVITE that goes out; to be made when it is sent for the first time."""

    __slots__ = ("_again", "_end", "_highest", "_latest", "_repeats", "due", "settings", "state")

    def __init__(self, settings: Settings, reliable: bool, now: float) -> None:
        self.settings = settings
        self.state = CALLING
        self._highest = 0
        """The highest provisional code so far."""
        self._repeats = 0
        self._latest = NEVER
        """Where timer C ends even if it is restarted."""
        self._end = now + settings.fr  # RFC 3261 17.1.1.2: timer B
        self._again = NEVER if reliable else now + settings.invite_waits[0]
        self.due = min(self._again, self._end)

    def event(self, event: int, now: float) -> tuple[Effect, ...]:
        """What is to be done after `event`."""
        if event >= 100:
            return self._response(event, now)
        active = self.state is CALLING or self.state is PROCEEDING
        if event == TIMER:
            return self._timer(now)
        if event == SEND_FAILED and active:
            self._wait_in(TERMINATED, NEVER)
            return FAILED_AND_END  # RFC 3261 17.1.4
        if event == CANCEL_SENT and active:
            # RFC 3261 9.1: without a final response within 64*T1 the INVITE counts as cancelled
            self._latest = now + self.settings.fr
            self._end = self.due = min(self._end, self._latest)
        elif event == ABANDON and active:
            self._wait_in(ABANDONED, now + self.settings.fr)
        return NOTHING

    def _response(self, code: int, now: float) -> tuple[Effect, ...]:
        state = self.state
        if state is CALLING or state is PROCEEDING:
            if code < 200:
                return self._provisional(code, now)
            # RFC 6026 7.2: timer M; RFC 3261 17.1.1.2: timer D
            self._wait_in(ACCEPTED if code < 300 else COMPLETED, now + self.settings.linger)
            return PASS if code < 300 else ACKNOWLEDGE_AND_PASS
        if state is COMPLETED:
            return ACKNOWLEDGE if code >= 300 else NOTHING
        if state is ACCEPTED:
            return PASS if 200 <= code < 300 else NOTHING
        if state is ABANDONED:
            if code < 200:
                return CANCEL
            self._wait_in(ACCEPTED if code < 300 else COMPLETED, now + self.settings.linger)
            return PASS if code < 300 else ACKNOWLEDGE
        return NOTHING

    def _provisional(self, code: int, now: float) -> tuple[Effect, ...]:
        # RFC 3261 16.7 step 2 restarts timer C from 101 on; in SER 100 counts too
        if self.state is CALLING or self.settings.restart_c or (code >= 180 and code > self._highest):
            self._end = min(now + self.settings.fr_inv, self._latest)
        self._highest = max(self._highest, code)
        self._wait_in(PROCEEDING, self._end)
        return PASS

    def _timer(self, now: float) -> tuple[Effect, ...]:
        if now < self.due:
            return NOTHING
        if self.state is not CALLING and self.state is not PROCEEDING:
            self._wait_in(TERMINATED, NEVER)
            return END
        if now >= self._end:
            self._wait_in(ABANDONED, now + self.settings.fr)
            return TIMEOUT
        # RFC 3261 17.1.1.2: A doubles
        self._repeats += 1
        waits = self.settings.invite_waits
        self._again = now + waits[min(self._repeats, len(waits) - 1)]
        self.due = min(self._again, self._end)
        return SEND

    def _wait_in(self, state: State, due: float) -> None:
        self.state, self.due, self._end = state, due, due
