"""What is open at a place of a script: the blocks, statements, conditions and parentheses around it.

A chain of frames never changes; it grows and shrinks by making new ones. So that both branches of an `#!ifdef` can
start from the same place, remembering one reference is enough.
"""

from __future__ import annotations

from enum import IntEnum, auto
from typing import NamedTuple


class Kind(IntEnum):
    """What is open."""

    TOP = auto()
    ITEM = auto()
    """A global parameter, a `loadmodule`, a `modparam`, a list of flags."""
    LIST = auto()
    """A parameter with any number of values: `listen`, `alias`."""
    UNKNOWN = auto()
    """What starts like no item: it is left as it is written."""
    HEAD = auto()
    """`route[name]`, up to its block."""
    BLOCK = auto()
    CASES = auto()
    """The block of a `switch`."""
    SOCKET = auto()
    """The block of `socket = { ... }`."""
    LABEL = auto()
    """`case ...:`."""
    STATEMENT = auto()
    """A statement that ends with a semicolon."""
    IF = auto()
    LOOP = auto()
    """`while`."""
    SWITCH = auto()
    CONDITION = auto()
    PARENTHESIS = auto()


class Phase(IntEnum):
    """How far an `if`, a `while` or a `switch` has come."""

    NONE = auto()
    CONDITION = auto()
    BODY = auto()
    """Its statement or block comes next."""
    THEN = auto()
    """An `if` is in its first statement or block; nothing more needs to be known of the others, or of an `else`."""
    DECIDING = auto()
    """An `else` may follow."""
    ELSE = auto()
    """The statement or block of its `else` comes next."""


class Frame(NamedTuple):
    """One of what is open, and what is open around it."""

    kind: Kind
    indent: int
    """Of the line that it started on: where its closing brace or its `else` goes."""
    inner: int
    """Of the lines inside of it; of its further lines, for what is no block."""
    parent: Frame | None
    phase: Phase = Phase.NONE
    hanging: bool = False
    """For a parenthesis: a line ends behind it."""


TOP = Frame(Kind.TOP, 0, 0, None)

ROOMS = frozenset({Kind.TOP, Kind.BLOCK, Kind.CASES, Kind.SOCKET})
"""What holds statements or items."""
ITEMS = frozenset({Kind.ITEM, Kind.LIST, Kind.UNKNOWN, Kind.HEAD})
BRANCHES = frozenset({Kind.IF, Kind.LOOP, Kind.SWITCH})
OPERANDS = frozenset({Kind.STATEMENT, Kind.CONDITION, Kind.PARENTHESIS, Kind.ITEM, Kind.LIST})
"""What has operands and operators."""


def statement_indent(frame: Frame) -> int:
    """Where a statement or comment goes that follows here."""
    deeper = frame.kind is Kind.CASES or frame.phase is Phase.BODY or frame.phase is Phase.ELSE
    return (frame.indent if frame.kind in BRANCHES and deeper else frame.inner) + deeper
