"""Times as a flow file writes them: `500ms`, `4s`, `1h30m`."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")


def duration(text: str) -> float:
    """The seconds that such a text means.

    Raises:
        ValueError: it is none.
    """
    total, at = 0.0, 0
    while found := _PART.match(text, at):
        total += float(found[1]) * _UNITS[found[2]]
        at = found.end()
    if not at or at != len(text):
        raise ValueError(f"{text!r} is no time")
    return round(total, 6)


def shown(seconds: float) -> str:
    """`4.5s`: in seconds, to the millisecond."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
