"""The INVITE server transaction, RFC 3261 17.2.1 and RFC 6026 7.1.

                |INVITE
                v
            Proceeding ---- 2xx ----> Accepted -- timer L --> Terminated
                |                      (copies of the INVITE are absorbed; each further 2xx goes out)
             300-699
                v
            Completed  -- ACK or timer H --> Confirmed -- timer I --> Terminated
          (timer G: the response again and again)

Two additions of SER's tm. A 2xx that the script gave itself is retransmitted until its ACK comes, which RFC 3261
13.3.1.4 leaves to the user agent: `answers_itself`. And after timer H the transaction still lingers, so that a
late copy of the INVITE is not taken for a new one.
"""

from __future__ import annotations

from . import ACK, END, NEVER, NOTHING, RELEASE, REQUEST, SEND, TIMEOUT, TIMER, Effect, Settings, State

PROCEEDING, COMPLETED, CONFIRMED = State.PROCEEDING, State.COMPLETED, State.CONFIRMED
ACCEPTED, TERMINATED = State.ACCEPTED, State.TERMINATED


class InviteServer:
    """One INVITE that came in.

    Args:
        reliable: the transport delivers for sure, so responses from 300 on need not be repeated.
    """

    __slots__ = ("_again", "_end", "_repeats", "answers_itself", "due", "reliable", "settings", "state")

    def __init__(self, settings: Settings, reliable: bool) -> None:
        self.settings = settings
        self.reliable = reliable
        self.state = PROCEEDING
        self.answers_itself = False
        """The 2xx that comes next is the script's own."""
        self.due = NEVER
        self._again = NEVER
        self._end = NEVER
        self._repeats = 0

    def event(self, event: int, now: float) -> tuple[Effect, ...]:
        """What is to be done after `event`."""
        if event >= 100:
            return self._respond(event, now)
        state = self.state
        if event == TIMER:
            return self._timer(now)
        if event == REQUEST:
            # RFC 6026 7.1: absorbed in Accepted. In Confirmed RFC 3261 is silent; SER answers again
            return SEND if state in (PROCEEDING, COMPLETED, CONFIRMED) else NOTHING
        if event == ACK and (state is COMPLETED or (state is ACCEPTED and self._again < NEVER)):
            self._linger(CONFIRMED if state is COMPLETED else ACCEPTED, now)
        elif event == RELEASE and state is PROCEEDING:
            self._linger(CONFIRMED, now)
        return NOTHING

    def _respond(self, code: int, now: float) -> tuple[Effect, ...]:
        if self.state is ACCEPTED:
            # RFC 6026 7.1: a 2xx is passed on in Accepted, anything else is not
            return SEND if 200 <= code < 300 and not self.answers_itself else NOTHING
        if self.state is not PROCEEDING:
            return NOTHING
        if code < 200:
            return SEND
        if code < 300 and not self.answers_itself:
            self._linger(ACCEPTED, now)  # RFC 6026 7.1: timer L
            return SEND
        self.state = ACCEPTED if code < 300 else COMPLETED
        self._end = now + self.settings.fr  # RFC 3261 17.2.1: timer H
        if not self.reliable or code < 300:  # RFC 3261 17.2.1: timer G; 13.3.1.4: a 2xx on any transport
            self._again = now + self.settings.waits[0]
        self.due = min(self._again, self._end)
        return SEND

    def _timer(self, now: float) -> tuple[Effect, ...]:
        if now < self.due:
            return NOTHING
        if self._end == NEVER:
            self.state, self.due = TERMINATED, NEVER
            return END
        if now >= self._end:
            self._linger(CONFIRMED, now)
            return TIMEOUT
        # RFC 3261 17.2.1: G doubles up to T2
        self._repeats += 1
        waits = self.settings.waits
        self._again = now + waits[min(self._repeats, len(waits) - 1)]
        self.due = min(self._again, self._end)
        return SEND

    def _linger(self, state: State, now: float) -> None:
        self.state = state
        self._again = self._end = NEVER
        self.due = now + self.settings.linger  # RFC 3261 17.2.1: timer I
