"""Database passwords that everybody on the machine can read."""

from __future__ import annotations

import os
import re
import stat

from ..nodes import Assignment, ModParam, Text
from ..report import Report
from ..source import Source, Span
from .subject import Subject

_PASSWORD = re.compile(r"[A-Za-z][\w+.-]*://[^\s:@/]*:[^\s@/]+@")


def warn(subject: Subject, report: Report) -> None:
    """Warn once of each file with a password in it that others may read."""
    told: set[Source] = set()
    for span in _places(subject):
        if span.source in told or not _is_open(span.source.path):
            continue
        told.add(span.source)
        report.warning(
            "password-readable",
            span,
            "there is a database password here, and everybody on this machine can read this file",
            "any local user or service that is broken into gets the whole database with it; "
            f"run chmod o-r {os.path.basename(span.source.path)}",
        )


def _places(subject: Subject) -> list[Span]:
    return [
        value.span
        for item in subject.tree.items
        if isinstance(item, Assignment | ModParam)
        for value in (item.values if isinstance(item, Assignment) else [item.value])
        if isinstance(value, Text) and _PASSWORD.match(value.value)
    ]


def _is_open(path: str) -> bool:
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # text that came from elsewhere
        return False
    return stat.S_ISREG(found.st_mode) and bool(found.st_mode & stat.S_IROTH)
