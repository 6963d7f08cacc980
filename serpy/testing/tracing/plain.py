"""A trace as programs read it."""

from __future__ import annotations

from typing import Any

from .follow import Happening, Logged, Ran, Received, Sent, Trace
from .show import changes
from .steps import Step


def as_plain(trace: Trace) -> dict[str, Any]:
    """The trace in the types of JSON; `docs/tracing.md` describes it."""
    return {
        "script": _utf8(trace.script.path),
        "dialect": trace.script.dialect.value,
        "before": [_utf8(text) for text in trace.before],
        "events": [_happening(one) for one in trace.happenings],
        "waits": trace.waits or None,
    }


def _happening(one: Happening) -> dict[str, Any]:
    match one:
        case Received():
            source = f"{one.source[0]}:{one.source[1]}"
            return {"event": "received", "at": one.at, "from": one.peer, "address": source, "message": _value(one.data)}
        case Ran():
            run = one.run
            error = None if run.error is None else f"{type(run.error).__name__}: {run.error}"
            return {
                "event": "route",
                "at": one.at,
                "route": run.title,
                "result": None if run.result is None else int(run.result),
                "error": error,
                "steps": [_step(step) for step in one.steps],
            }
        case Sent() | Logged():
            return _note(one)


def _note(one: Sent | Logged) -> dict[str, Any]:
    if isinstance(one, Logged):
        return {"event": "log", "at": one.at, "level": one.level, "text": _utf8(one.text)}
    return {
        "event": "sent",
        "number": one.number,
        "at": one.at,
        "to": one.name,
        "address": f"{one.to[0]}:{one.to[1]}",
        "message": _value(one.data),
        "changes": None
        if one.base is None
        else [f"{mark} {_utf8(line)}" for mark, line in changes(one) if mark != " "],
    }


def _step(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {
        "file": _utf8(step.file),
        "line": step.line,
        "kind": step.kind,
        "depth": step.depth,
        "text": _utf8(step.text),
    }
    if step.kind == "if":
        found["outcome"] = step.outcome
    tests = [
        {
            "test": _utf8(tested.text),
            "outcome": tested.outcome,
            "values": {_utf8(name): _value(value) for name, value in tested.values},
        }
        for tested in step.tests
    ]
    more: dict[str, Any] = {
        "tests": tests,
        "values": {_utf8(name): _value(value) for name, value in step.values},
        "results": [{"of": name, "result": value} for name, value in step.results],
        "assigned": {_utf8(name): [_value(value) for value in values] for name, values, _ in step.assigned},
        "changes": [_utf8(change) for change in step.changes],
        "events": [_note(note) for note in step.notes],
    }
    return found | {key: value for key, value in more.items() if value}


def _value(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _utf8(text: str) -> str:
    """Without the half characters that stand for octets which are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
