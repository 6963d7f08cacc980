"""The non-INVITE server transaction, RFC 3261 17.2.2.

             |request
             v
          Trying --- 1xx ---> Proceeding      a copy of the request: absorbed in Trying, answered again
             |                    |           by the last response afterwards
             +------- final ------+
                        v
                    Completed --- timer J ---> Terminated

RELEASE, for a script that ended without a final response (SER: the transaction is "put on wait"), leads to Completed
as well; what is answered again there is the last provisional response, if there was one.
"""

from __future__ import annotations

from . import END, NEVER, NOTHING, RELEASE, REQUEST, SEND, TIMER, Effect, Settings, State

TRYING, PROCEEDING, COMPLETED, TERMINATED = State.TRYING, State.PROCEEDING, State.COMPLETED, State.TERMINATED


class NonInviteServer:
    """One non-INVITE request that came in."""

    __slots__ = ("due", "settings", "state")

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = TRYING
        self.due = NEVER

    def event(self, event: int, now: float) -> tuple[Effect, ...]:
        """What is to be done after `event`."""
        state = self.state
        if event >= 100:
            if state is not TRYING and state is not PROCEEDING:
                return NOTHING  # RFC 3261 17.2.2: other final responses are discarded
            if event < 200:
                self.state = PROCEEDING
            else:
                self._complete(now)
            return SEND
        if event == REQUEST:
            # RFC 3261 17.2.2: in Trying a copy is discarded
            return SEND if state is PROCEEDING or state is COMPLETED else NOTHING
        if event == RELEASE and (state is TRYING or state is PROCEEDING):
            self._complete(now)
        elif event == TIMER and now >= self.due:
            self.state, self.due = TERMINATED, NEVER
            return END
        return NOTHING

    def _complete(self, now: float) -> None:
        self.state = COMPLETED
        self.due = now + self.settings.linger  # RFC 3261 17.2.2: timer J
