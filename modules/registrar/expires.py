"""How long a binding is to live (RFC 3261 10.3 step 6, SER dialect 6.7, BEHAVIOUR 3.2)."""

from __future__ import annotations

from .refusal import EXPIRES_PARSE, Refused

LONGEST = 2**31 - 1
"""Larger numbers count as this one (decision D42): what every client can read back."""
UNREADABLE_PARAM = 3600
"""What a contact's `expires` parameter means that is not a number."""


def header_seconds(value: bytes | None, default: int) -> int:
    """What the Expires header asks for; the default when there is none or it is not a number.

    Raises:
        Refused: the header is there but empty.
    """
    if value is None:
        return default
    value = value.strip()
    if not value:
        raise Refused(EXPIRES_PARSE)
    seconds = delta_seconds(value)
    return default if seconds is None else seconds


def contact_seconds(value: bytes | None, header: int) -> int:
    """What a contact asks for: its own `expires` parameter before the header's."""
    if value is None:
        return header
    if len(value) > 1 and value[:1] == value[-1:] == b'"':
        value = value[1:-1]
    seconds = delta_seconds(value)
    return UNREADABLE_PARAM if seconds is None else seconds


def bounded(seconds: int, shortest: int, longest: int) -> int:
    """The time granted: raised and cut silently (decision D30); 0, which removes, stays; a bound of 0 is none."""
    if seconds == 0:
        return 0
    seconds = max(seconds, shortest)
    return min(seconds, longest) if longest else seconds


def delta_seconds(value: bytes) -> int | None:
    """The number, at most `LONGEST`; None when it is none."""
    if not value.isdigit():
        return None
    digits = value.lstrip(b"0")
    if len(digits) > 10:
        return LONGEST
    return min(int(digits or b"0"), LONGEST)
