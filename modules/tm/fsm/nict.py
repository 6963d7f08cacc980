"""The non-INVITE client transaction, RFC 3261 17.1.2.

             |request is sent
             v
          Trying --- 1xx ---> Proceeding      timer E: the request again; T1 doubling up to T2 in Trying,
             |                    |           every T2 in Proceeding; not on reliable transports
             +------- final ------+
                        v
                    Completed --- timer K ---> Terminated
          (late copies of the response are absorbed)

Timer F, or a transport that fails, ends it from Trying or Proceeding.
"""

from __future__ import annotations

from . import (
    END,
    FAILED_AND_END,
    NEVER,
    NOTHING,
    PASS,
    SEND,
    SEND_FAILED,
    TIMEOUT_AND_END,
    TIMER,
    Effect,
    Settings,
    State,
)

TRYING, PROCEEDING, COMPLETED, TERMINATED = State.TRYING, State.PROCEEDING, State.COMPLETED, State.TERMINATED


class NonInviteClient:
    """One non-INVITE request that goes out; to be made when it is sent for the first time."""

    __slots__ = ("_again", "_end", "_repeats", "due", "settings", "state")

    def __init__(self, settings: Settings, reliable: bool, now: float) -> None:
        self.settings = settings
        self.state = TRYING
        self._repeats = 0
        self._end = now + settings.fr  # RFC 3261 17.1.2.2: timer F
        self._again = NEVER if reliable else now + settings.waits[0]
        self.due = min(self._again, self._end)

    def event(self, event: int, now: float) -> tuple[Effect, ...]:
        """What is to be done after `event`."""
        active = self.state is TRYING or self.state is PROCEEDING
        if event >= 100:
            if not active:
                return NOTHING
            if event < 200:
                self.state = PROCEEDING
            else:
                self.state = COMPLETED
                self.due = now + self.settings.linger  # RFC 3261 17.1.2.2: timer K
            return PASS
        if event == TIMER:
            return self._timer(now, active)
        if event == SEND_FAILED and active:
            self._terminate()
            return FAILED_AND_END  # RFC 3261 17.1.4
        return NOTHING

    def _timer(self, now: float, active: bool) -> tuple[Effect, ...]:
        if now < self.due:
            return NOTHING
        if not active:
            self._terminate()
            return END
        if now >= self._end:
            self._terminate()
            return TIMEOUT_AND_END
        settings = self.settings
        self._repeats += 1
        # RFC 3261 17.1.2.2: in Proceeding E is reset with T2
        in_proceeding = self.state is PROCEEDING
        wait = settings.t2 if in_proceeding else settings.waits[min(self._repeats, len(settings.waits) - 1)]
        self._again = now + wait
        self.due = min(self._again, self._end)
        return SEND

    def _terminate(self) -> None:
        self.state, self.due = TERMINATED, NEVER
