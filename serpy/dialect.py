"""The dialects of routing scripts; a value carried with the script, not four languages."""

from __future__ import annotations

from enum import Enum


class Dialect(Enum):
    """What the same words mean (SER dialect 9.5, decision D32)."""

    SER_0_8 = "ser-0.8"
    SER_0_9 = "ser-0.9"
    SER_2 = "ser-2"
    KAMAILIO = "kamailio"

    @property
    def is_classic(self) -> bool:
        """SER 0.8 and 0.9: `drop` and `break` leave the current route, and times of tm are in seconds."""
        return self in (Dialect.SER_0_8, Dialect.SER_0_9)

    @property
    def is_ser(self) -> bool:
        """Any SER: times of tm are in seconds here (decision D1)."""
        return self is not Dialect.KAMAILIO
