"""Single small changes of a script, each of which a good set of tests notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serpy.cfg.front import read_script
from serpy.cfg.nodes import (
    Assignment,
    Block,
    Call,
    Compare,
    Condition,
    End,
    If,
    LoadModule,
    ModParam,
    Not,
    Number,
    RouteBlock,
    Text,
)
from serpy.cfg.report import Report
from serpy.cfg.source import Source, Span

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "=~": "!="}
_OTHER = {"yes": "no", "no": "yes", "on": "off", "off": "on"}
SHOWN = 48
"""The most characters of the script in a mutant's name."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """The script with one change."""

    name: str
    """`91: "MESSAGE" -> "MESSAGEx"`."""
    text: str


def mutants(path: Path) -> list[Mutant]:
    """All mutants of a script, in the order of its lines; the same ones each time."""
    source = Source.read(path)
    tree = read_script(source, None, Report()).tree
    made: dict[str, Mutant] = {}
    for change in sorted(_of_items(tree.items), key=lambda one: (one.start, one.what)):
        text = source.text[: change.start] + change.text + source.text[change.end :]
        name = f"{source.text.count(chr(10), 0, change.start) + 1}: {change.what}"
        while name in made:  # twice the same word in one line
            name += " (again)"
        made[name] = Mutant(name, text)
    return list(made.values())


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    text: str
    what: str


def _of_items(items: Sequence[object]) -> Iterator[_Change]:
    for item in items:
        match item:
            case Assignment():
                yield _removed(item.span)
                for value in item.values:
                    yield from _of_value(value)
            case LoadModule():
                yield _removed(item.span)
            case ModParam():
                yield _removed(item.span)
                yield from _of_value(item.value)
            case RouteBlock():
                yield from _of_block(item.body)


def _of_block(block: Block) -> Iterator[_Change]:
    for statement in block.statements:
        yield _removed(statement.span)
        match statement:
            case If():
                yield from _of_condition(statement.condition)
                yield from _of_block(statement.then)
                negated = f"!({_text(statement.condition.span)})"
                if not isinstance(statement.condition, Not | Compare):
                    yield _change(statement.condition.span, negated)
                if statement.otherwise is not None:
                    yield from _of_block(statement.otherwise)
                    yield _swapped(statement.then.span, statement.otherwise.span)
            case Call():
                yield from _of_call(statement)
            case End():
                pass


def _of_condition(condition: Condition) -> Iterator[_Change]:
    match condition:
        case Not(part=part):
            yield _change(condition.span, _text(part.span))
            yield from _of_condition(part)
        case Compare():
            start, end = _ends(condition.left.span)[1], _ends(condition.right.span)[0]
            was = condition.span.source.text[start:end]
            now = was.replace(condition.operator, OPPOSITE[condition.operator])
            yield _Change(start, end, now, f"{was.strip()} -> {now.strip()}")
            yield from _of_value(condition.right)
        case Call():
            yield from _of_call(condition)


def _of_call(call: Call) -> Iterator[_Change]:
    for argument in call.arguments:
        yield from _of_value(argument)


def _of_value(value: object) -> Iterator[_Change]:
    match value:
        case Text(value=text) if text.isdecimal():
            yield _change(value.span, f'"{int(text) + 1}"')
        case Text():
            yield _change(value.span, f'{_text(value.span)[:-1]}x"')
        case Number(value=number):
            written = _text(value.span)
            yield _change(value.span, _OTHER.get(written, str(number + 1)))


def _change(span: Span, text: str) -> _Change:
    start, end = _ends(span)
    return _Change(start, end, text, f"{_short(_text(span))} -> {_short(text)}")


def _removed(span: Span) -> _Change:
    start, end = _ends(span)
    return _Change(start, end, "", f"without {_short(_text(span))}")


def _swapped(then: Span, otherwise: Span) -> _Change:
    start, end = _ends(then)[0], _ends(otherwise)[1]
    between = then.source.text[_ends(then)[1] : _ends(otherwise)[0]]
    return _Change(start, end, _text(otherwise) + between + _text(then), f"else and {_short(_text(then))} swapped")


def _text(span: Span) -> str:
    start, end = _ends(span)
    return span.source.text[start:end]


def _ends(span: Span) -> tuple[int, int]:
    return span.source.offset(span.line, span.column), span.source.offset(span.end_line, span.end_column)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 18]}...{text[-15:]}"
