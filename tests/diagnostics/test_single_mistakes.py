"""Scripts with one word or sign left out, doubled or exchanged with the next: nearly always one finding says what is
wrong, in its place, and by a code of its own.

Each ninth damage is tried; `python -m tests.diagnostics.test_single_mistakes` tries all and shows those that fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from serpy.cfg import cache
from serpy.cfg.diagnostics import Diagnostic
from serpy.cfg.lexemes import SER, scan
from serpy.cfg.source import Source
from serpy.cli.check import check

ROOT = Path(__file__).parents[2]
SCRIPTS = [ROOT / "examples" / "msilo.cfg", *sorted((Path(__file__).parent / "damaged").glob("*.cfg"))]
_STEP = 9


class Damage(NamedTuple):
    """One mistake."""

    what: str
    text: str
    lines: frozenset[int]
    """Where a finding is right: in its line, or in the one with code before it."""


def damages(text: str) -> Iterator[Damage]:
    """The script with each word or sign left out, doubled, and exchanged with the next one."""
    source = Source("x.cfg", text.encode())
    lexemes = [lexeme for lexeme in scan(text, SER) if lexeme.type != "COMMENT"]
    line = 0
    for number, (_, start, end) in enumerate(lexemes):
        before, line = line, source.span(start, end).line
        if line == before:
            before = next((known for known in _lines_above(source, lexemes, number) if known < line), line)
        right = frozenset((line, before))
        word = text[start:end]
        yield Damage(f"without {word}", f"{text[:start]} {text[end:]}", right)
        yield Damage(f"twice {word}", f"{text[:end]} {word} {text[end:]}", right)
        if number + 1 < len(lexemes):
            _, begin, stop = lexemes[number + 1]
            other = text[begin:stop]
            if other != word:
                swapped = f"{text[:start]} {other} {text[end:begin]} {word} {text[stop:]}"
                yield Damage(f"{other} before {word}", swapped, right | {source.span(begin, stop).line})


def _lines_above(source: Source, lexemes: list, number: int) -> Iterator[int]:  # type: ignore[type-arg] # as scan gives
    return (source.span(start, end).line for _, start, end in reversed(lexemes[:number]))


def errors(text: str) -> list[Diagnostic]:
    return [finding for finding in check("x.cfg", text=text.encode()).findings if finding.severity == "error"]


def failures(script: Path, step: int) -> tuple[int, dict[str, list[str]]]:
    """How many damaged scripts were found wrong (the others are right scripts, too), and in which ways of those the
    findings are not as they should be."""
    found, bad = 0, dict[str, list[str]](number=[], line=[], code=[])
    for damage in list(damages(script.read_text()))[::step]:
        findings = errors(damage.text)
        if not findings:
            continue
        found += 1
        shown = f"{script.name}:{min(damage.lines)}: {damage.what}: " + "; ".join(
            f"{finding.span.line}:{finding.span.column} {finding.message}" for finding in findings[:3]
        )
        if len(findings) > 1:
            bad["number"].append(shown)
        if findings[0].span.line not in damage.lines:
            bad["line"].append(shown)
        if any(finding.code == "syntax" for finding in findings):
            bad["code"].append(shown)
    return found, bad


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_whole_script_is_right(script: Path) -> None:
    assert errors(script.read_text()) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_one_mistake_is_one_finding_in_its_place(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "store", lambda name, key, value: None)  # none of these is read again
    found, bad = failures(script, _STEP)
    assert found >= 60
    for way, shown in bad.items():
        assert len(shown) <= 0.03 * found, (way, shown)


if __name__ == "__main__":
    for each in SCRIPTS:
        count, wrong = failures(each, 1)
        rates = ", ".join(f"{way} {100 * (count - len(shown)) / count:.1f} %" for way, shown in wrong.items())
        print(f"{each.name}: {count} found wrong; right are {rates}")
        for shown in sorted({line for lines in wrong.values() for line in lines}):
            print(f"  {shown}")
