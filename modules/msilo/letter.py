"""A message that waits for its recipient."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it lies in the silo; URIs are bare (no display names, tags or brackets)."""

    src: str
    """The URI from From."""
    dst: str
    """The URI from To."""
    address: str
    """The address of record for which it is kept (R2); empty in rows of SER 0.9."""
    owner: str
    """The key of the recipient (D10); empty when none can be formed."""
    inc_time: int
    """Unix seconds at which it came in."""
    exp_time: int
    """Unix seconds from which on it is not delivered any more (D14)."""
    ctype: str
    """The content type with its parameters (D11)."""
    body: bytes
    mid: int = 0
    """Its number in the table; 0 before it is stored."""
    tries: int = 0
    """How many attempts to deliver it have failed."""
    user: str = ""
    """The two parts of the address for the tables of SER 0.9, which keep them apart."""
    host: str = ""
