"""`show: routes`: the way of a message through the script, on one line for each run of a route.

    = route  route > if@53 true > save > if@70 false > m_dump

A command stands with its result where that is not plain true; the way through a route that was called stands in
parentheses; `...` is where the route waits for something, or goes on after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...cfg.nodes import Call, End, If, Number, RouteCall
from ...cfg.tracer import Run, Site, Tracer, What
from ...script.attributes import Value
from ...sip.message import Response
from .document import INDENT
from .messages import escaped
from .record import Recorder

WIDTH = 100
"""Longer lines are folded."""
LONGEST = 40
"""The most characters of a value that was assigned."""


class RouteLines:
    """Records a line for each run, at the place where it began: the way first, then what came of it."""

    def __init__(self, recorder: Recorder, now: Callable[[], float]) -> None:
        self._recorder = recorder
        self._shown: dict[int, _Shown] = {}
        self.tracer = Tracer(self._begin, self._end, now=now)
        self._now = now

    def pause(self) -> None:
        """A step is over: what still runs is shown as far as it came."""
        for run in self.tracer.open:
            shown = self._shown[id(run)]
            steps = list(way(run, self.tracer.sites))
            if shown.lines is not None or len(steps) > shown.steps:
                self._show(run, [*steps[shown.steps :], "..."])
                shown.lines, shown.steps = None, len(steps)

    def _begin(self, run: Run) -> None:
        lines = self._recorder.lines
        self._shown[id(run)] = _Shown(lines, len(lines), run.began, 0)

    def _end(self, run: Run) -> None:
        steps = list(way(run, self.tracer.sites))
        shown = self._shown[id(run)]
        self._show(run, steps[shown.steps :])
        del self._shown[id(run)]

    def _show(self, run: Run, new: Sequence[str]) -> None:
        shown = self._shown[id(run)]
        if shown.steps:
            new = [f"{head(run)} ...", *new]
        text = fold("route", new)
        recorder = self._recorder
        if shown.lines is not recorder.lines:  # it goes on in a later step
            recorder.told(text, self._now())
            return
        lines = recorder.told_at(shown.place, text, shown.began)
        is_later = False
        for other in self._shown.values():  # in the order in which they began
            if other is shown:
                is_later = True
            elif other.lines is recorder.lines and (
                other.place > shown.place or (is_later and other.place == shown.place)
            ):
                other.place += lines


@dataclass(slots=True)
class _Shown:
    """What is shown of a run that has not ended."""

    lines: list[str] | None
    """Those of the step in which it began; None when they are written."""
    place: int
    """Where its line belongs among them."""
    began: float
    steps: int


def head(run: Run) -> str:
    """The route's name; of one that runs on a reply with its code."""
    message = run.call.message
    return f"{run.title} {message.code}" if isinstance(message, Response) else run.title


def way(run: Run, sites: Sequence[Site]) -> Iterator[str]:
    """The steps of a run; `(` and `)` around those of a called route."""
    yield head(run)
    inside = 0
    for number, value in run.events[1:]:
        site = sites[number]
        node = site.node
        match site.what:
            case What.ROUTE:
                inside += 1
                yield node.title
                yield "("
            case What.DECISION if isinstance(node, If) and value is not None:
                yield f"if@{_place(site)} {'true' if value else 'false'}"
            case What.RESULT if isinstance(node, RouteCall):
                if node.defined:
                    inside -= 1
                    yield f"){result(value)}"
                else:
                    yield f"route({node.name}) is not there"
            case What.RESULT if isinstance(node, Call):
                yield f"{node.name}{result(value)}"
            case What.ASSIGNED:
                done, values = value
                shown = ", ".join(map(shown_value, values)) or "nothing"
                yield f"{node.target.text} = {shown}" if done >= 0 else f"{node.target.text} not assigned"
            case What.STATEMENT if isinstance(node, End):
                yield f"{node.word} {node.value.value}" if isinstance(node.value, Number) else node.word
    if run.error is not None:
        yield f"failed by {type(run.error).__name__}"
    if run.error is not None or run.result is not None:
        yield from [")"] * inside


def result(value: object) -> str:
    """What to say of a command's result behind its name: nothing when it is plain true."""
    if value is True or value == 1 or value is None:
        return ""
    if value is False or value == -1:
        return " false"
    return f" false ({value})" if isinstance(value, int) and value < 0 else f" {value}"


def shown_value(value: Value | str | None) -> str:
    """A value of the script, short: numbers bare, text in quotes."""
    if value is None:
        return "nothing"
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
    return f'"{escaped(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")}"'


def fold(word: str, steps: Sequence[str]) -> str:
    """`word  a > b ( c > d ) > e`, on as many lines as it takes; further ones begin with `>`."""
    lines, line, opened = [], f"{word} ", True
    width = WIDTH - 2
    for position, step in enumerate(steps):
        if step == "(" or step.startswith(")"):
            piece, opened = f" {step}", step == "("
        else:
            piece, opened = f" {step}" if opened or not position else f" > {step}", False
        if len(line) + len(piece) > width and piece.startswith(" > "):
            lines.append(line)
            line, width = piece[1:], WIDTH - len(INDENT)
        else:
            line += piece
    return "\n".join([*lines, line])


def _place(site: Site) -> str:
    """The line; with the file's name when that is an included one."""
    source = site.span.source
    if source.included_from is None:
        return str(site.span.line)
    return f"{Path(source.path).name}:{site.span.line}"
