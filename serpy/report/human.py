"""Findings for a person at a terminal, or in a log: what, where with the lines and marks, and the next step."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TextIO

from ..cfg.diagnostics import Diagnostic
from ..cfg.source import Span
from .excerpt import Mark, excerpt, mark
from .findings import Checked, alike, count, counted, included_from
from .paint import Paint
from .shown import one_line

_ROOM = 120
"""Columns for a line of the script where there is no terminal."""
_NARROWEST = 40
_SHOWN = 100
_LISTED = 8
"""So many further places of the same finding are listed."""


def render(diagnostic: Diagnostic, *, color: bool, columns: int = 0) -> str:
    """One finding: its head, the excerpts of each file that it is about, the next step.

    Args:
        columns: the width of the terminal; 0 for what is none, where long sentences stay on one line.
    """
    return _block([diagnostic], color, columns)


def render_all(findings: Sequence[Diagnostic], *, color: bool, columns: int = 0) -> list[str]:
    """The findings; what would be said in the same words again is listed with the first, and nobody reads thousands."""
    groups = alike(findings)
    texts = [_block(group, color, columns) for group in groups[:_SHOWN]]
    if rest := sum(map(len, groups[_SHOWN:])):
        texts.append(f"... and {count(rest, 'more finding')}: serpy check --format short lists them all")
    return texts


def more(findings: Sequence[Diagnostic]) -> str:
    """Where one can read more about the first of these findings, errors before warnings."""
    first = min(findings, key=lambda one: one.severity)
    return f"More about a word in brackets: serpy explain {first.code}"


def write(checked: Sequence[Checked], stream: TextIO, *, color: bool, columns: int = 0, quiet: bool = False) -> None:
    """All findings of these scripts, and the counts; `quiet`: nothing about scripts in which nothing was found."""
    for script in checked:
        for text in render_all(script.findings, color=color, columns=columns):
            print(text, end="\n\n", file=stream)
        if script.is_whole and not quiet:
            how = f"{script.dialect}: {script.dialect_reason}; {count(len(script.modules), 'module')}"
            print(f"{one_line(script.path)}: ok ({one_line(how)})", file=stream)
    found = [one for script in checked for one in script.findings]
    if not found:
        return
    total = counted(sum(script.errors for script in checked), sum(script.warnings for script in checked))
    touched = sum(bool(script.findings) for script in checked)
    where = f" in {touched} of {len(checked)} scripts" if len(checked) > 1 else ""
    print(f"{Paint(color).bold(total + where)}\n{more(found)}", file=stream)


def _block(group: Sequence[Diagnostic], color: bool, columns: int) -> str:
    first = group[0]
    paint = Paint(color, first.severity)
    files: dict[str, tuple[Span, list[Mark]]] = {}
    for span, text, is_main in [(first.span, "", True), *((label.span, label.text, False) for label in first.labels)]:
        files.setdefault(span.source.path, (span, []))[1].append(mark(span, text, is_main))
    gutter = len(str(max(one.line for _, marks in files.values() for one in marks)))
    room = max(_NARROWEST, columns - gutter - 3) if columns else _ROOM
    head = f"{first.severity}[{first.code}]"
    message = _folded(": " + one_line(first.message), len(head), 4, columns)
    parts = [f"{paint.main(head)}{paint.bold(message)}"]
    for place, marks in files.values():
        parts.append(f"{' ' * gutter}{paint.dim('-->')} {_place(place)}")
        if place.source.text:
            parts.append(f"{' ' * gutter} {paint.dim('|')}")
            parts.extend(excerpt(place.source, marks, room, gutter, paint))
    parts.extend(_notes(group, gutter, columns, paint))
    return "\n".join(parts)


def _notes(group: Sequence[Diagnostic], gutter: int, columns: int, paint: Paint) -> Iterator[str]:
    lead = f"{' ' * gutter} {paint.dim('=')} "
    if hint := one_line(group[0].hint):
        yield f"{lead}{paint.next_step('help:')}{_folded(' ' + hint, gutter + 8, gutter + 9, columns)}"
    if others := group[1:]:
        home = group[0].span.source.path
        places = [
            f"{one.span.line}:{one.span.column}" if one.span.source.path == home else one_line(str(one.span))
            for one in others[:_LISTED]
        ]
        rest = f" and at {count(len(others) - _LISTED, 'more place')}" if len(others) > _LISTED else ""
        told = f"the same at {', '.join(places)}{rest}"
        yield f"{lead}{_folded(told, gutter + 3, gutter + 3, columns)}"


def _folded(text: str, at: int, indent: int, columns: int) -> str:
    """The text that begins in column `at`, its further lines indented, so that the terminal need not break it."""
    if not columns or at + len(text) <= columns:
        return text
    width = max(_NARROWEST, columns)
    lines = textwrap.wrap(
        text.strip(), width, initial_indent=" " * at, subsequent_indent=" " * indent, break_on_hyphens=False
    )
    lead = text[: len(text) - len(text.lstrip())]
    return lead + "\n".join(lines)[at:]


def _place(span: Span) -> str:
    way = ", ".join(f"{place.source.path}:{place.line}" for place in included_from(span.source))
    return one_line(f"{span} (included from {way})" if way else str(span))
