"""Counters, by name; a name appears with its first count."""

from __future__ import annotations

from collections import Counter


class Stats(Counter[str]):
    """What the server has done since it started: `stats["drop.bad_request"] += 1`."""
