"""The lines of a formatted script, and how comments stand at their ends."""

from __future__ import annotations

from collections.abc import Iterator

TAB = "\t"
GAP = "  "
"""Between a line and the comment at its end."""


class Line:
    """One line (or several, where a string or a comment spans them)."""

    __slots__ = ("blank", "column", "comment", "indent", "kind", "parts")

    def __init__(self, indent: int, kind: str, blank: bool) -> None:
        self.indent = indent
        self.kind = kind
        """`code`, `opens` (it ends with a brace that opens a block), `comment`, `branch` (`#!ifdef`), `other` (`#!else`
        and `#!endif`), `directive` or `raw`."""
        self.blank = blank
        """A blank line goes before it."""
        self.parts: list[str] = []
        self.comment = ""
        """What stands at its end."""
        self.column = 0
        """Where that comment stood in the source."""


class Page:
    """The lines made so far; the last one may still grow."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def start(self, indent: int, kind: str = "code", *, blank: bool = False) -> Line:
        """A new line; `blank`: with a blank line before it, unless it is the first of the script or of a block."""
        if not self.lines or self.lines[-1].kind == "opens":
            blank = False
        line = Line(indent, kind, blank)
        self.lines.append(line)
        return line

    def part_routes(self) -> None:
        """A blank line before the last line, or before the comments and `#!ifdef`s that belong to it."""
        at = len(self.lines) - 1
        while at and not self.lines[at].blank and self.lines[at - 1].kind in ("comment", "branch"):
            at -= 1
        if at and self.lines[at - 1].kind != "other":
            self.lines[at].blank = True

    def text(self) -> str:
        """The whole script; it ends with a line's end, unless it is empty."""
        out: list[str] = []
        for run in _runs(self.lines):
            width = max(len("".join(line.parts)) for line in run) if len(run) > 1 else 0
            for line in run:
                if line.blank:
                    out.append("\n")
                text = TAB * line.indent + "".join(line.parts)
                if line.comment:
                    pad = max(0, width - (len(text) - line.indent))
                    text = f"{text}{' ' * pad}{GAP}{line.comment}"
                out.append(f"{text}\n")
        return "".join(out)


def _runs(lines: list[Line]) -> Iterator[list[Line]]:
    """The lines in runs: neighbours whose comments stood one under the other are in one."""
    run: list[Line] = []
    for line in lines:
        if run and not (_may_align(line) and _may_align(run[-1]) and _same_column(line, run[-1])):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _may_align(line: Line) -> bool:
    return bool(line.comment) and "\n" not in line.comment and not any("\n" in part for part in line.parts)


def _same_column(line: Line, before: Line) -> bool:
    # how wide a tab is shown is the reader's choice, so only lines of the same indentation can be aligned
    return not line.blank and line.indent == before.indent and line.column == before.column


def column_of(text: str, at: int) -> int:
    """How far right a place stands, with tab stops at every 8."""
    return len(text[text.rfind("\n", 0, at) + 1 : at].expandtabs(8))


def reflowed(comment: str, indent: int) -> str:
    """A comment on lines of its own: blanks at line ends go; where each line starts with a star, they stay in line."""
    if "\n" not in comment:
        return comment.rstrip()
    first, *rest = (line.rstrip() for line in comment.split("\n"))
    if all(line.lstrip().startswith("*") for line in rest):
        rest = [f"{TAB * indent} {line.lstrip()}" for line in rest]
    return "\n".join([first, *rest])
