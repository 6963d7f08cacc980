"""What the answer to a delivery means for the message and for the contact (D4, D6-D8)."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """How one attempt went."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """This message is not wanted; the next one may be. The row waits for the next registration."""
    UNWILLING = "unwilling"
    """This contact takes nothing from us: no more is sent to it until the next registration."""
    UNREACHABLE = "unreachable"
    """This contact cannot take anything now: no more is sent to it in this run, and a tick tries again (D8)."""


_UNREACHABLE = frozenset({408, 477, 478, 480, 481, 482, 486, 487, 491})
"""Silence (408), what could not be sent (477, 478), busy, away, and states of a moment; and 5xx, see below."""
_OF_THE_MESSAGE = frozenset({505, 513})
"""5xx that will not pass: the message itself is the reason."""


def judge(code: int) -> Verdict:
    """The meaning of a final answer."""
    if 200 <= code < 300:
        return Verdict.DELIVERED
    if code in _UNREACHABLE or (500 <= code < 600 and code not in _OF_THE_MESSAGE and code != 501):
        return Verdict.UNREACHABLE
    # 3xx: the phone wants its calls elsewhere, but R4 says its contact; 401 and 407: it wants a password from us
    if code < 400 or code in (401, 407):
        return Verdict.UNWILLING
    return Verdict.REFUSED
