"""Findings as one JSON object, for programs. The shape is described in docs/checking.md; `version` changes with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

from .. import __version__
from ..cfg.diagnostics import Diagnostic
from ..cfg.source import Span
from . import lines
from .findings import Checked, included_from
from .shown import one_line

SHAPE = 1


def write(checked: Sequence[Checked], stream: TextIO) -> None:
    """The object, on lines of its own."""
    whole = as_object(checked)
    lines.write(whole, whole["findings"], stream)


def as_object(checked: Sequence[Checked]) -> dict[str, Any]:
    """The scripts, the findings of all of them, and the counts."""
    return {
        "version": SHAPE,
        "serpy": __version__,
        "files": [
            {
                "path": one_line(script.path),
                "dialect": script.dialect or None,
                "dialect_reason": one_line(script.dialect_reason) or None,
                "modules": list(script.modules),
                "whole": script.is_whole,
                "errors": script.errors,
                "warnings": script.warnings,
            }
            for script in checked
        ],
        "findings": [_finding(script, one) for script in checked for one in script.findings],
        "counts": {
            "files": len(checked),
            "errors": sum(script.errors for script in checked),
            "warnings": sum(script.warnings for script in checked),
        },
    }


def _finding(script: Checked, one: Diagnostic) -> dict[str, Any]:
    return {
        "script": one_line(script.path),
        "severity": one.severity,
        "code": one.code,
        "message": one_line(one.message),
        "hint": one_line(one.hint) or None,
        **_place(one.span),
        "labels": [{"text": one_line(label.text), **_place(label.span)} for label in one.labels],
        "included_from": [
            {"path": one_line(place.source.path), "line": place.line} for place in included_from(one.span.source)
        ],
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "path": one_line(span.source.path),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
