"""The findings of scripts, put in order for whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..cfg.diagnostics import Diagnostic
from ..cfg.source import Source, Span


@dataclass(frozen=True, slots=True)
class Checked:
    """One script and what was found in it."""

    path: str
    findings: list[Diagnostic]
    dialect: str = ""
    dialect_reason: str = ""
    """How the dialect was found, for people."""
    modules: tuple[str, ...] = ()
    is_whole: bool = False
    """The check came to its end; with errors it stops at the stage that found them."""

    @property
    def errors(self) -> int:
        return sum(one.severity == "error" for one in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings as a reader meets their places, what is included where it is included; each once."""
    once: dict[tuple[object, ...], Diagnostic] = {}
    for one in findings:
        span = one.span
        once.setdefault((one.code, one.message, span.source.path, *span[1:]), one)
    return sorted(once.values(), key=lambda one: _reading_place(one.span))


def included_from(source: Source) -> Iterator[Span]:
    """The places that led to a file, the nearest first; none for the script itself."""
    seen: set[int] = set()
    while (place := source.included_from) is not None and id(source) not in seen:
        seen.add(id(source))
        yield place
        source = place.source


def alike(findings: Sequence[Diagnostic]) -> list[list[Diagnostic]]:
    """Findings that say the same, together; in the order of their first ones."""
    groups: dict[tuple[str, str, str], list[Diagnostic]] = {}
    for one in findings:
        groups.setdefault((one.severity, one.code, one.message), []).append(one)
    return list(groups.values())


def counted(errors: int, warnings: int) -> str:
    """`1 error, 2 warnings`; what there is none of is left out."""
    return ", ".join(count(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _reading_place(span: Span) -> list[tuple[int, int]]:
    way = [(place.line, place.column) for place in included_from(span.source)]
    return [*reversed(way), (span.line, span.column)]
