"""Comments of a script that silence warnings: `# serpy: allow CODE, CODE`, in the line or alone above it.

Where all of a script is known (`judge`), those that silence nothing are warned of: they hide what is coming.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from ..dialect import Dialect
from .diagnostics import Diagnostic, suggest
from .nodes import Tree
from .report import Report
from .source import Source, Span

USELESS = "useless-allow"
_LATER = frozenset({"odd-value", "password-readable", USELESS})
"""Codes of warnings that come when modules take their parameters, that depend on the mode of the file (it is another in
an editor, in CI and on the server), or that come from here: what allows them may have its use."""

_MARK = re.compile(r"(?:^[ \t]*(?:#+|//+|/?\*+)?|#|//)[ \t]*serpy:[ \t]*([^\n]*)", re.MULTILINE)
_ALLOW = re.compile(r"allow\b[ \t:]*((?:[\w-]+(?:[ \t]*,[ \t]*)?)*)", re.ASCII)
_CODE = re.compile(r"[\w-]+", re.ASCII)


class Named(NamedTuple):
    """One code in such a comment."""

    code: str
    span: Span
    line: int
    """The line in which warnings are silenced."""


@dataclass(slots=True)
class Allowed:
    """What the comments of one file allow."""

    named: list[Named] = field(default_factory=list)
    places: set[tuple[str, int]] = field(default_factory=set)
    """The same: codes and lines."""
    unclear: list[Span] = field(default_factory=list)
    """Comments addressed to serpy that say something else."""

    def add(self, codes: Iterable[tuple[str, Span]], line: int) -> None:
        for code, span in codes:
            self.named.append(Named(code, span, line))
            self.places.add((code, line))


_known: WeakKeyDictionary[Source, dict[Dialect | None, Allowed]] = WeakKeyDictionary()


def not_allowed(diagnostics: Iterable[Diagnostic], dialect: Dialect | None) -> list[Diagnostic]:
    """The findings without the warnings that a comment allows. Errors cannot be silenced."""
    return [
        one
        for one in diagnostics
        if one.severity == "error" or (one.code, one.span.line) not in allowed_in(one.span.source, dialect).places
    ]


def judge(tree: Tree, main: Source, report: Report) -> None:
    """Warn of comments that silence nothing, in all files of a script; all other stages have reported by now."""
    files = dict.fromkeys(item.span.source for item in tree.items)
    if main.path not in {source.path for source in files}:
        files[main] = None
    judged = [(source, allowed_in(source, report.dialect)) for source in files]
    if not any(allowed.named or allowed.unclear for _, allowed in judged):
        return
    lines: dict[tuple[Source, str], set[int]] = {}
    for one in report.diagnostics:
        lines.setdefault((one.span.source, one.code), set()).add(one.span.line)
    for source, allowed in judged:
        for span in allowed.unclear:
            report.warning(USELESS, span, "this comment is addressed to serpy, but it allows nothing", _HOW)
        useless = [
            one for one in allowed.named if one.code not in _LATER and one.line not in lines.get((source, one.code), ())
        ]
        for named in useless[:_JUDGED]:
            report.warning(USELESS, named.span, *_useless(named, lines.get((source, named.code), ())))


_HOW = "write `serpy: allow CODE`, with the word that stands in brackets behind `warning`"
_JUDGED = 50
"""Nobody reads more of them, and each may want a suggestion."""


def _useless(named: Named, elsewhere: Collection[int]) -> tuple[str, str]:
    from ..report.codes import catalogue

    codes = catalogue()
    code = codes.get(named.code)
    if code is None:
        near = suggest(named.code, codes)
        return f"there is no finding {named.code}", f"did you mean {near}?" if near else "`serpy explain` lists them"
    if "warning" not in code.severities:
        return f"{named.code} is an error, and errors cannot be allowed", "remove this comment"
    if elsewhere:
        nearest = min(elsewhere, key=lambda line: (abs(line - named.line), line))
        return (
            f"this allows {named.code} in line {named.line}, where there is none",
            f"the nearest is in line {nearest}: put the comment there, or alone on the line above",
        )
    return f"this allows {named.code}, but there is none here", "remove the comment"


def allowed_in(source: Source, dialect: Dialect | None) -> Allowed:
    """What the comments of a file say. Strings are not looked into."""
    by_dialect = _known.setdefault(source, {})
    if dialect not in by_dialect:
        by_dialect[dialect] = _read(source, dialect)
    return by_dialect[dialect]


def _read(source: Source, dialect: Dialect | None) -> Allowed:
    allowed = Allowed()
    text = source.text
    if "serpy:" not in text:
        return allowed
    from .lexemes import flavour_of, scan  # a script that was read before, and allows nothing, does without them

    waiting: list[tuple[str, Span]] = []
    """What stands alone on its line, until the code that it is about."""
    code_end = -1
    for lexeme in scan(text, flavour_of(dialect, text)):
        if lexeme.type not in ("COMMENT", "OPEN_COMMENT"):
            if waiting:
                allowed.add(waiting, source.span(lexeme.start, lexeme.start).line)
                waiting.clear()
            code_end = lexeme.end
        elif codes := _codes(source, lexeme.start, lexeme.end, allowed):
            if code_end >= 0 and text.find("\n", code_end, lexeme.start) < 0:
                allowed.add(codes, source.span(lexeme.start, lexeme.start).line)
            else:
                waiting.extend(codes)
    for code, span in waiting:  # behind all code
        allowed.add([(code, span)], span.line)
    return allowed


def _codes(source: Source, start: int, end: int, allowed: Allowed) -> list[tuple[str, Span]]:
    """The codes that one comment names; what is unclear in it is noted."""
    codes: list[tuple[str, Span]] = []
    for mark in _MARK.finditer(source.text[start:end]):
        said = _ALLOW.match(mark[1])
        at = start + mark.start(1)
        if said is None or not said[1]:
            words = mark[1].removesuffix("*/").rstrip()
            allowed.unclear.append(source.span(start + mark[0].index("serpy:") + mark.start(), at + len(words)))
            continue
        for word in _CODE.finditer(said[1]):
            begin = at + said.start(1) + word.start()
            codes.append((word[0], source.span(begin, begin + len(word[0]))))
    return codes
