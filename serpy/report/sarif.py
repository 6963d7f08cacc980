"""Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from .. import __version__
from ..cfg.diagnostics import Diagnostic
from ..cfg.source import Span
from . import lines
from .codes import Code, catalogue
from .findings import Checked
from .shown import one_line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(checked: Sequence[Checked], stream: TextIO) -> None:
    """The log, with one run."""
    whole = as_object(checked)
    lines.write(whole, whole["runs"][0]["results"], stream)


def as_object(checked: Sequence[Checked]) -> dict[str, Any]:
    """The log. Its rules are the codes that were found, with the texts of `serpy explain`."""
    findings = [one for script in checked for one in script.findings]
    codes = {code: number for number, code in enumerate(dict.fromkeys(one.code for one in findings))}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "serpy",
                        "semanticVersion": __version__,
                        "rules": [_rule(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": True}],
                "artifacts": [{"location": _artifact(script.path)} for script in checked],
                "results": [_result(one, codes[one.code]) for one in findings],
            }
        ],
    }


def _rule(word: str) -> dict[str, Any]:
    code: Code | None = catalogue().get(word)
    if code is None:  # a code of a third party's module
        return {"id": word}
    return {
        "id": word,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {"text": code.as_text(), "markdown": code.as_markdown()},
        "defaultConfiguration": {"level": code.severities[0]},
        "properties": {"tags": [code.group]},
    }


def _result(one: Diagnostic, rule: int) -> dict[str, Any]:
    text = one_line(one.message)
    hint = one_line(one.hint)
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": one.severity,
        "message": {"text": f"{text}\nhelp: {hint}" if hint else text},
        "locations": [_location(one.span)],
    }
    if one.labels:
        result["relatedLocations"] = [
            {"id": number, **_location(label.span), "message": {"text": one_line(label.text)}}
            for number, label in enumerate(one.labels, 1)
        ]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(span.source.path),
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    }


def _artifact(path: str) -> dict[str, str]:
    """A relative path stays one, so that the host finds the file in the repository."""
    if Path(path).is_absolute():
        return {"uri": "file://" + quote(path, errors="replace")}
    return {"uri": quote(Path(path).as_posix(), errors="replace")}
