"""A flow file as text: its head, its blocks, and what may be wrong with their shape.

What was typed is kept byte for byte; what the blocks mean is read elsewhere (`head.py`, `steps.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

INDENT = "  "
RECORDED = ("<", "~", "=")
"""How a line begins that the server's side wrote."""


class FlowError(Exception):
    """Something that keeps a flow from being run, with its place in the file and the next step."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(line, message, hint)
        self.line = line
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message + (f" ({self.hint})" if self.hint else "")


class Unmet(FlowError):
    """The flow ran, and what it says did not come true."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`key: value` of the head."""

    line: int
    key: str
    value: str
    """What stands on the key's own line."""
    more: tuple[str, ...] = ()
    """The indented lines behind it, without the indent."""

    def values(self) -> Iterator[tuple[int, str]]:
        """The value's lines that are not empty, each with its number."""
        for number, text in enumerate((self.value, *self.more), self.line):
            if text.strip():
                yield number, text.strip()


@dataclass(frozen=True, slots=True)
class Block:
    """One line at column 1 and what belongs to it."""

    kind: Literal["typed", "recorded", "gap"]
    """A gap is a comment or an empty line between blocks."""
    line: int
    lines: tuple[str, ...]
    """As they stand in the file."""

    @property
    def title(self) -> str:
        return self.lines[0]

    @property
    def content(self) -> list[str]:
        """The lines below the title, without the indent."""
        return [line[len(INDENT) :] for line in self.lines[1:]]


@dataclass(frozen=True, slots=True)
class Document:
    """A flow file, taken apart."""

    head: tuple[Entry, ...]
    head_lines: tuple[str, ...]
    """The head as it stands in the file, without the empty line behind it."""
    blocks: tuple[Block, ...]

    @property
    def is_recorded(self) -> bool:
        """Whether anything was ever recorded into it."""
        return any(block.kind == "recorded" for block in self.blocks)


def read_document(text: str) -> Document:
    """Take a flow file apart.

    Raises:
        FlowError: a line is neither a head line nor a block, nor belongs to one.
    """
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    entries, after = _head(lines)
    return Document(tuple(entries), tuple(lines[:after]), tuple(_blocks(lines, after)))


def write_document(document: Document) -> str:
    """The file's text: what `read_document` was given."""
    lines = [*document.head_lines, *(line for block in document.blocks for line in block.lines)]
    return "".join(f"{line}\n" for line in lines)


def _head(lines: Sequence[str]) -> tuple[list[Entry], int]:
    entries: list[Entry] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("#"):
            at += 1
            continue
        if not line.strip():
            break
        if line[0] in " \t":
            raise FlowError(at + 1, "an indented line that belongs to no key", "a key stands at column 1: `title: ...`")
        key, colon, value = line.partition(":")
        if not colon or " " in key.strip():
            raise FlowError(
                at + 1,
                f"{line.strip()[:60]!r} is no line of the head",
                "a head line is `key: value`; an empty line ends the head",
            )
        end = at + 1
        if key.strip() in ("script", "kamailio-script"):  # it may stand here itself, with empty lines in it
            end = _content_end(lines, end)
        while end < len(lines) and lines[end].startswith(INDENT) and lines[end].strip():
            end += 1
        more = tuple(text[len(INDENT) :] for text in lines[at + 1 : end])
        entries.append(Entry(at + 1, key.strip(), value.strip(), more))
        at = end
    return entries, at


def _blocks(lines: Sequence[str], at: int) -> Iterator[Block]:
    while at < len(lines):
        line = lines[at]
        if not line.strip() or line.startswith("#"):
            yield Block("gap", at + 1, (line,))
            at += 1
            continue
        if line[0] in " \t":
            if not line.startswith(INDENT):
                raise FlowError(at + 1, "indented by something else than two blanks", "indent it by two blanks")
            raise FlowError(at + 1, "an indented line that belongs to no block", "put it directly below its block")
        end = _content_end(lines, at + 1)
        kind: Literal["typed", "recorded"] = "recorded" if line.startswith(RECORDED) else "typed"
        yield Block(kind, at + 1, tuple(lines[at:end]))
        at = end


def _content_end(lines: Sequence[str], at: int) -> int:
    """Behind the last indented line; empty lines count when an indented one follows."""
    end = at
    while at < len(lines):
        if lines[at].startswith(INDENT) and lines[at].strip():
            end = at + 1
        elif lines[at].strip():
            break
        at += 1
    return end
