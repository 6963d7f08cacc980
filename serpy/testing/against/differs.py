"""Known differences, as the flow tells them: `differs: kamailio < alice 100 <*> because it answers at once`.

A `+` before the pattern means a line that only the other server has, a `-` one that only serpy has; `THIS => THAT`
a line of serpy's and the one that stands for it in the same message; ` in < <*> ACK <*>` limits it to such messages.
In the head it holds for the whole flow; as a comment (`# differs: ...`) for the step that it stands at; as a comment
of the other server's script for every flow that uses this script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..flow.compare import Names
from ..flow.document import Block, FlowError
from ..flow.head import Head
from .others import Script

_SHAPE = re.compile(r"(\S+)\s+(?:([+-]) )?(.+?)(?: in ([<~=] .+?))?\s+because\s+(\S.*)")
_COMMENT = re.compile(r"#\s*differs:\s*(.*)")
_FORM = "write `differs: kamailio < alice 100 <*> because ...`"


@dataclass(slots=True)
class Differs:
    """One known difference."""

    line: int
    server: str
    side: str
    """`+`: only the other server has the line; `-`: only serpy; "": either."""
    pattern: str
    within: str
    """The title of the message that the line belongs to; "": any."""
    reason: str
    uses: int = 0

    def uncovered(self, title: str, ours: Sequence[str], theirs: Sequence[str]) -> tuple[list[str], list[str]]:
        """The lines of a message that only one side has, without those that this tells of."""
        left, right = list(ours), list(theirs)
        if self.within and not _fits(self.within, title, self.line):
            return left, right
        this, arrow, that = self.pattern.partition(" => ")
        if arrow:
            old = next((line for line in left if _fits(this, line.strip(), self.line)), None)
            new = next((line for line in right if _fits(that, line.strip(), self.line)), None)
            if old is not None and new is not None:
                left.remove(old)
                right.remove(new)
        else:
            if self.side != "+":
                left = [line for line in left if not _fits(self.pattern, line.strip(), self.line)]
            if self.side != "-":
                right = [line for line in right if not _fits(self.pattern, line.strip(), self.line)]
        self.uses += len(left) < len(ours) or len(right) < len(theirs)
        return left, right

    def __str__(self) -> str:
        side, within = f"{self.side} " if self.side else "", f" in {self.within}" if self.within else ""
        return f"{side}{self.pattern}{within}"


@dataclass(slots=True)
class Known:
    """The known differences of one flow from one server."""

    head: list[Differs] = field(default_factory=list)
    steps: dict[int, list[Differs]] = field(default_factory=dict)
    """By the line of the step's block; 0 before the first."""
    script: list[Differs] = field(default_factory=list)

    def uncovered(
        self, step: int, title: str, ours: Sequence[str], theirs: Sequence[str]
    ) -> tuple[list[str], list[str]]:
        """The lines of a message that only one side has, without those that are told of."""
        left, right = list(ours), list(theirs)
        for one in (*self.steps.get(step, ()), *self.head, *self.script):
            if left or right:
                left, right = one.uncovered(title, left, right)
        return left, right

    def of_flow(self) -> Iterator[Differs]:
        """Those that the flow itself tells."""
        yield from self.head
        for some in self.steps.values():
            yield from some

    def used(self) -> Iterator[Differs]:
        yield from (one for one in (*self.of_flow(), *self.script) if one.uses)


def read_known(head: Head, blocks: Sequence[Block], server: str, script: Script | None = None) -> Known:
    """What a flow, and the script that the server will run, tell about this server.

    Raises:
        FlowError
    """
    known = Known()
    if script is not None:
        for number, text in enumerate(script.text.decode("utf-8", "surrogateescape").splitlines(), 1):
            if found := _COMMENT.match(text):
                try:
                    one = read_differs(number, found[1])
                except FlowError as error:
                    raise FlowError(1, f"{script.origin}:{number}: {error.message}", error.hint) from None
                known.script += [one] if one.server == server else []
    for line, text in head.differs:
        one = read_differs(line, text)
        if one.server == server:
            known.head.append(one)
    step = 0
    for block in blocks:
        if block.kind == "typed":
            step = block.line
        elif block.kind == "gap" and (found := _COMMENT.match(block.title)):
            one = read_differs(block.line, found[1])
            if one.server == server:
                known.steps.setdefault(step, []).append(one)
    return known


def read_differs(line: int, text: str) -> Differs:
    """One known difference.

    Raises:
        FlowError
    """
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        what = "gives no reason" if "because" not in text else "names no server and line"
        raise FlowError(line, f"`differs` {what}", _FORM)
    return Differs(line, found[1], found[2] or "", found[3], found[4] or "", found[5])


def _fits(pattern: str, text: str, line: int) -> bool:
    return Names().fits(pattern, text, line)
