"""A script as a tree. Every node knows its place; `resolve` fills in what names mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ..dialect import Dialect
from ..module import Argument, Command, Route
from .source import Span

# literals


@dataclass(slots=True, eq=False)
class Text:
    """A quoted string."""

    span: Span
    value: str


@dataclass(slots=True, eq=False)
class Number:
    """A number, or a word such as `yes` that stands for one."""

    span: Span
    value: int


@dataclass(slots=True, eq=False)
class Word:
    """What stands unquoted: a name, a host, `[proto:]host[:port]`, `uri:host`, `msg:len`, `$?`."""

    span: Span
    text: str


@dataclass(slots=True, eq=False)
class Network:
    """`address/mask`; the mask is a number of bits or an address."""

    span: Span
    address: str
    mask: str


Literal: TypeAlias = Text | Number | Word

# statements


@dataclass(slots=True, eq=False)
class Call:
    """A command with its arguments; a word alone is a command too, or an operand such as `method`."""

    span: Span
    name: str
    name_span: Span
    arguments: list[Literal]
    bare: bool = False
    """Without parentheses."""
    module: str = ""
    """The module whose command it is, once resolved."""
    command: Command | None = None
    values: list[tuple[Argument, Any]] = field(default_factory=list)
    """The arguments as the command takes them."""


@dataclass(slots=True, eq=False)
class RouteCall:
    """`route(name)`."""

    span: Span
    name: str
    name_span: Span
    defined: bool = False


@dataclass(slots=True, eq=False)
class End:
    """`drop`, `break`, `exit` or `return`, with the value that it gives (None: the word's own)."""

    span: Span
    word: str
    value: Literal | None


@dataclass(slots=True, eq=False)
class If:
    """`if`; its value is that of the branch that ran, or 1."""

    span: Span
    condition: Condition
    then: Block
    otherwise: Block | None


@dataclass(slots=True, eq=False)
class Block:
    """Statements in braces, or the single one after `if` or `else`."""

    span: Span
    statements: list[Statement]


Statement: TypeAlias = Call | RouteCall | End | If

# conditions


@dataclass(slots=True, eq=False)
class Or:
    span: Span
    parts: list[Condition]


@dataclass(slots=True, eq=False)
class And:
    span: Span
    parts: list[Condition]


@dataclass(slots=True, eq=False)
class Not:
    span: Span
    part: Condition


@dataclass(slots=True, eq=False)
class Compare:
    """`left operator right`; the left side is an operand's name, once resolved with `kind` and `value`."""

    span: Span
    left: Word | Call | RouteCall | Number
    operator: str
    right: Literal | Network
    operand: str = ""
    """The operand's name, `myself` always on the right."""
    value: Any = None
    """The right side in the operand's terms."""


@dataclass(slots=True, eq=False)
class StatementCondition:
    """A block or an `if` whose value is the condition."""

    span: Span
    body: Block


Condition: TypeAlias = Or | And | Not | Compare | StatementCondition | Call | RouteCall | Number | Word

# what stands at the top


@dataclass(slots=True, eq=False)
class Assignment:
    """`name = value`, a global parameter."""

    span: Span
    name: str
    name_span: Span
    values: list[Literal]


@dataclass(slots=True, eq=False)
class LoadModule:
    span: Span
    path: Text


@dataclass(slots=True, eq=False)
class ModParam:
    span: Span
    module: Text
    param: Text
    value: Literal


@dataclass(slots=True, eq=False)
class Flags:
    """Names for message flags: (name, number or None, place)."""

    span: Span
    flags: list[tuple[str, int | None, Span]]


@dataclass(slots=True, eq=False)
class RouteBlock:
    span: Span
    kind: Route
    name: str
    named: bool
    """Whether the block says its name; one that does not is called "0"."""
    head: Span
    """The word that opens it and its name."""
    body: Block


Item: TypeAlias = Assignment | LoadModule | ModParam | Flags | RouteBlock


class Choice(NamedTuple):
    """The dialect of a script, and how it was found, for people."""

    dialect: Dialect
    reason: str


@dataclass(slots=True, eq=False)
class Tree:
    """A whole script."""

    items: list[Item]
