"""Texts for the log that are never printed."""

from __future__ import annotations

from ...dialect import Dialect
from ...script.core import Core
from ..diagnostics import Label
from ..nodes import Call, Number
from ..report import Report
from .subject import Subject

_DEFAULT_LEVEL = 4
"""Of `log("text")` (SER dialect 8, row 30)."""


def warn(subject: Subject, report: Report) -> None:
    """Warn once of the `log` commands above the script's level."""
    if subject.dialect is Dialect.KAMAILIO:  # its `log` has other levels
        return
    given = [one for one in subject.settings.values if one.module == Core.name and one.param.name == "debug"]
    debug = int(given[-1].value) if given else 0 if subject.dialect is Dialect.SER_2 else Core.debug.default
    silent = [
        (node, level)
        for node in subject.everywhere()
        if isinstance(node, Call) and node.name == "log" and (level := _level(node)) is not None and level > debug
    ]
    if not silent:
        return
    (first, level), *others = silent
    more = f", and {len(others)} more like it" if others else ""
    why = f"it has level {level}" if len(first.arguments) == 2 else f"log without a level has level {_DEFAULT_LEVEL}"
    report.warning(
        "silent-log",
        first.span,
        f"this text is never printed{more}: {why}, and debug is {debug}" + ("" if given else " where it is not set"),
        f"write log({min(debug, 1)}, ...) for what must be seen, or debug={level}",
        *([Label(given[-1].span, "set here")] if given else []),
    )


def _level(call: Call) -> int | None:
    if len(call.arguments) == 1:
        return _DEFAULT_LEVEL
    level = call.arguments[0] if call.arguments else None
    return level.value if isinstance(level, Number) else None
