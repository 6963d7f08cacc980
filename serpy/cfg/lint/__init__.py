"""What can be run, but is hardly meant, and what strangers could do with it: the warnings of the checker.

Each file looks for one thing. Those that must know which requests come to a place share one walk (`walk.py`) over all
paths; `facts.py` says what is known of a request there. A warning is given only where a real request would show it.
"""

from __future__ import annotations

from ..report import Report
from . import (
    attributes,
    decided,
    ends,
    guessed,
    idle,
    kinds,
    passwords,
    ranges,
    replies,
    security,
    silent_log,
    twice,
    uncalled,
)
from .subject import Subject
from .traffic import Traffic


def lint(subject: Subject, report: Report) -> None:
    """Report the warnings about a script that was read and resolved."""
    for one in (ends, uncalled, kinds, twice, idle, silent_log, passwords, attributes, guessed, ranges):
        one.warn(subject, report)
    traffic = Traffic(subject)
    decided.warn(subject, traffic, report)
    replies.warn(subject, traffic, report)
    security.warn(subject, traffic, report)


__all__ = ["Subject", "lint"]
