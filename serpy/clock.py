"""Time, as it comes in from outside."""

from __future__ import annotations

import time
from datetime import tzinfo
from typing import Protocol


class Clock(Protocol):
    """What the server knows of time; a test gives one that stands still."""

    @property
    def zone(self) -> tzinfo | None:
        """Where the people are for whom times are written; None: where this machine is."""
        ...

    def now(self) -> float:
        """Monotonic seconds, for timers."""
        ...

    def time(self) -> float:
        """Seconds since the Unix epoch, for what is stored or shown."""
        ...


class SystemClock:
    """The machine's clock."""

    zone: tzinfo | None = None
    now = staticmethod(time.monotonic)
    time = staticmethod(time.time)
