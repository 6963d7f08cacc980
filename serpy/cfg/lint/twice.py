"""Parameters that are set more than once, where the last one wins."""

from __future__ import annotations

from ...script.core import Core
from ..diagnostics import Label
from ..report import Report
from ..settings import Setting
from .subject import Subject


def warn(subject: Subject, report: Report) -> None:
    """Warn of each value that a later one replaces; expressions for several modules count for each."""
    first: dict[tuple[str, str], Setting] = {}
    told: set[tuple[int, int, int]] = set()
    for setting in subject.settings.values:
        key = setting.module, setting.param.name
        known = first.setdefault(key, setting)
        if known is setting or setting.param.accumulates:
            continue
        first[key] = setting
        place = (id(setting.span.source), setting.span.line, setting.span.column)
        if place in told:
            continue
        told.add(place)
        name = setting.param.name if setting.module == Core.name else f"{setting.param.name} of {setting.module}"
        report.warning(
            "set-twice",
            setting.span,
            f"{name} is set twice: this value is the one that counts",
            "remove one of them",
            Label(known.span, "set here first"),
        )
