"""A trace as people read it: the script's lines on the left, what they saw on the right; then what was sent."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from ..flow.duration import shown as shown_time
from ..flow.messages import escaped
from ..flow.wire import Message
from .follow import Happening, Logged, Ran, Received, Sent, Trace
from .steps import Step, Tested

Segment = tuple[str, str]
"""A piece of a line, and its style: dim, bold, good, bad, change, warn, or "" for none."""
Lines = Iterator[list[Segment]]

CODE = 52
"""The widest column of code; longer lines reach into the notes' own, and their notes stand below."""
NARROW = 84
"""On a narrower terminal notes always stand below."""
LONGEST = 100
"""The most characters of a value."""
MOST_LINES = 40
"""The most lines of a body."""


def show(trace: Trace, width: int = 100) -> Lines:
    """The whole trace."""
    main, told = trace.script.path, _told(trace.happenings)
    for text in trace.before:
        yield [("before  ", "dim"), (_plain(text), "dim")]
    if trace.before:
        yield []
    sent: list[Sent] = []
    for one in trace.happenings:
        if isinstance(one, Logged) and one.text in told:
            continue
        yield from _happening(one, main, width, told)
        sent += [one] if isinstance(one, Sent) else []
        sent += [note for _, note in one.notes if isinstance(note, Sent)] if isinstance(one, Ran) else []
    if not any(isinstance(one, Ran) for one in trace.happenings):
        yield [("No route was run for it.", "warn")]
        yield []
    if trace.waits:
        yield [(trace.waits, "warn")]
        yield []
    if not sent:
        yield [("Nothing was sent.", "bold")]
    seen: dict[tuple[object, bytes], int] = {}
    for one in sent:
        if seen.setdefault((one.to, one.data), one.number) == one.number:
            yield from _message(one)


# -- what happened, in order -------------------------------------------------------------------------------------------


def _told(happenings: Sequence[Happening]) -> set[str]:
    """The log lines that say the same as an arrow: that a message came or went."""
    lines = set()
    for one in happenings:
        notes = [note for _, note in one.notes] if isinstance(one, Ran) else [one]
        for note in notes:
            if isinstance(note, Sent):
                lines.add(f"-> {Message.read(note.data).shown} to {note.to[0]}:{note.to[1]}")
                if note.name.startswith("itself"):
                    lines.add(f"{Message.read(note.data).shown} from {note.to[0]}:{note.to[1]}")
            elif isinstance(note, Received):
                lines.add(f"{Message.read(note.data).shown} from {note.source[0]}:{note.source[1]}")
    return lines


def _happening(one: Happening, main: str, width: int, told: set[str]) -> Lines:
    match one:
        case Received():
            place = f"{one.source[0]}:{one.source[1]}"
            first = Message.read(one.data).shown
            yield [(_plain(first), "bold"), (f"  from {one.peer} {place}{_at(one.at)}", "dim")]
            yield []
        case Sent():
            yield [_arrow(one)]
            yield []
        case Logged():
            yield [_log(one)]
            yield []
        case Ran():
            yield from _run(one, main, width, told)
            yield []


def _run(ran: Ran, main: str, width: int, told: set[str]) -> Lines:
    message = Message.read(ran.run.call.message.data)
    what = f"  for {_plain(message.shown)}" if message.is_reply else ""
    yield [(ran.run.title, "bold"), (f"  {_file(main)}{what}{_at(ran.at)}", "dim")]
    rows = [_row(step, before, main, told) for before, step in zip([None, *ran.steps], ran.steps, strict=False)]
    indent = min((len(code) - len(code.lstrip()) for _, codes, _ in rows for code in codes if code.strip()), default=0)
    rows = [(number, [code[indent:] for code in codes], notes) for number, codes, notes in rows]
    gutter = max((len(number) for number, _, _ in rows), default=1)
    longest = max((len(code) for _, codes, _ in rows for code in codes if len(code) <= CODE), default=0)
    for number, codes, notes in rows:
        yield from _beside(number.rjust(gutter), codes, notes, longest if width >= NARROW else -1)
    yield [(" " * gutter + " └ ", "dim"), _end(ran)]


def _beside(number: str, codes: Sequence[str], notes: Sequence[Sequence[Segment]], column: int) -> Lines:
    """A step: its code, and its notes beside it, or below where they do not fit."""
    left = [*notes]
    for place, code in enumerate(codes):
        line: list[Segment] = [(number if not place else " " * len(number), "dim"), (" │ ", "dim"), (code, "")]
        if left and len(code) <= column:
            line += [(" " * (column - len(code) + 3), ""), *left.pop(0)]
        yield line
    for note in left:
        pad = column + 3 if column >= 0 else 6
        yield [(" " * len(number), "dim"), (" │ ", "dim"), (" " * pad, ""), *note]


def _row(step: Step, before: Step | None, main: str, told: set[str]) -> tuple[str, list[str], list[list[Segment]]]:
    """(line, code, notes)."""
    name = "" if step.file == main else f"{os.path.basename(step.file)}:"
    deeper = "    " * step.depth
    # further statements of the same line stand alone
    is_same_line = before is not None and (before.file, before.line) == (step.file, step.line)
    code = [_indent(step.code[0]) + step.text] if is_same_line else step.code
    codes = [deeper + _plain(line.expandtabs(4)) for line in code]
    return f"{name}{step.line}", codes, [*_notes(step, told)]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())] + "    "


def _notes(step: Step, told: set[str]) -> Iterator[list[Segment]]:
    if step.kind == "if":
        yield from _decision(step)
    else:
        for name, value in step.values:
            yield [(f"{name} is {value_text(value)}", "")]
        for tested in step.tests:
            yield [(_test(tested), "")]
        for name, value in step.results:
            if not (value is True or value == 1 or value is None):
                word = f"{name} " if len(step.results) > 1 else ""
                yield [(word + result_text(value), "warn")]
        for name, values, result in step.assigned:
            text = ", ".join(map(value_text, values)) if result >= 0 else "stays as it was: there is no value"
            yield [(f"{name} = {text}" if result >= 0 else f"{name} {text}", "change")]
    for change in step.changes:
        yield [(_plain(change), "change")]
    for note in step.notes:
        if not (isinstance(note, Logged) and note.text in told):
            yield [_arrow(note) if isinstance(note, Sent) else _log(note)]


def _decision(step: Step) -> Iterator[list[Segment]]:
    outcome = {True: "true", False: "false", None: "ends the route here"}[step.outcome]
    if not step.is_decided:
        outcome = "not decided yet"
    end = (f"→ {outcome}", "good" if step.outcome else "warn")
    if len(step.tests) == 1 and not (step.values or step.results):
        seen = "; ".join(_seen(name, value) for name, value in step.tests[0].values)
        yield [(f"{seen} ", ""), end] if seen else [end]
        return
    for name, value in [*step.values, *step.results]:
        yield [(_seen(name, value), "")]
    for tested in step.tests:
        yield [(_test(tested), "")]
    yield [end]


def _test(tested: Tested) -> str:
    told = {True: "true", False: "false", None: "neither true nor false"}[tested.outcome]
    seen = "; ".join(_seen(name, value) for name, value in tested.values)
    return f"{_plain(tested.text)}: {told}" + (f"  ({seen})" if seen else "")


def _seen(name: str, value: object) -> str:
    return f"{name} {result_text(value)}" if _is_result(name, value) else f"{name} = {value_text(value)}"


def _is_result(name: str, value: object) -> bool:
    """Whether this is what a command or route gave, not what an operand is."""
    return isinstance(value, bool) or (isinstance(value, int) and name not in _NUMBERS and name[:1] not in ("$", "@"))


_NUMBERS = ("src_port", "dst_port", "msg:len", "snd_port", "to_port")


def result_text(value: object) -> str:
    """A command's result in words: true, false, `false (-3)`."""
    if isinstance(value, bool) or value is None:
        return "false" if value is False else "true"
    if value in (1, -1):
        return "true" if value == 1 else "false"
    if value == 0:
        return "0: ends the route"
    return f"false ({value})" if isinstance(value, int) and value < 0 else f"true ({value})"


def value_text(value: object) -> str:
    """A value: text in quotes where it holds a blank or nothing."""
    if value is None:
        return "nothing"
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    if len(text) > LONGEST:
        text = text[: LONGEST - 3] + "..."
    return f'"{escaped(text)}"' if not text or " " in text or not text.isprintable() else text


def _arrow(sent: Sent) -> Segment:
    message = Message.read(sent.data)
    return f"⇒ {sent.number}: {_plain(message.shown)} to {sent.name}{_at(sent.at)}", "good"


def _log(logged: Logged) -> Segment:
    tone = "warn" if logged.level in ("WARNING", "ERROR", "CRITICAL", "ALERT") else "dim"
    first, *more = logged.text.split("\n")
    return f"log {logged.level}: {_plain(first)}" + (" ..." if more else ""), tone


def _end(ran: Ran) -> Segment:
    run = ran.run
    if run.error is not None:
        return f"failed: {type(run.error).__name__}: {_plain(str(run.error))}", "bad"
    if run.result is None:
        return "has not ended yet", "warn"
    return f"ended with {int(run.result)}", "dim"


# -- what was sent -----------------------------------------------------------------------------------------------------


def _message(sent: Sent) -> Lines:
    message = Message.read(sent.data)
    place = f"{sent.to[0]}:{sent.to[1]}"
    name = "" if sent.name == place else f"{sent.name} "
    yield [(f"⇒ {sent.number}: {_plain(message.shown)}", "bold"), (f"  to {name}{place}{_at(sent.at)}", "dim")]
    for mark, line in changes(sent):
        style = {"+": "good", "-": "bad"}.get(mark, "dim" if sent.base else "")
        yield [(f"  {mark} {_plain(line)}".rstrip(), style)]
    yield []


def changes(sent: Sent) -> Iterator[tuple[str, str]]:
    """The message's lines: `+` and `-` against what came in, where it was sent on; a blank for all others."""
    after = _lines(sent.data)
    if sent.base is None:
        yield from ((" ", line) for line in after)
        return
    before = _lines(sent.base)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            yield from ((" ", line) for line in before[start:end])
        else:
            yield from (("-", line) for line in before[start:end])
            yield from (("+", line) for line in after[new_start:new_end])


def _lines(data: bytes) -> list[str]:
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    if body:
        of_body = body.decode("utf-8", "surrogateescape").removesuffix("\r\n").split("\r\n")
        more = len(of_body) - MOST_LINES
        lines += ["", *of_body[:MOST_LINES], *([f"... ({more} lines more)"] if more > 0 else [])]
    return lines


# -- words -------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return text if text.isprintable() else escaped(text)


def _file(path: str) -> str:
    near = os.path.relpath(path)
    return path if near.startswith(os.pardir) else near


def _at(at: float) -> str:
    return f"  ({shown_time(at)})" if at else ""
