"""The preference of a contact, in thousandths (RFC 3261 25.1 qvalue)."""

from __future__ import annotations

import re

_Q = re.compile(rb"0?(?:\.([0-9]*))?\Z|1(?:\.0*)?\Z")


def parse_q(text: bytes) -> int | None:
    """Read a qvalue, cut after three decimals; None when it is none. `.5` is accepted, as in SER."""
    found = _Q.match(text)
    if found is None or text in (b"", b"."):
        return None
    if text[:1] == b"1":
        return 1000
    return int((found[1] or b"")[:3].ljust(3, b"0"))
