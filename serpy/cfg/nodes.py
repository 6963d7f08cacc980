"""A script as a tree. Every node knows its place; `resolve` fills in what names mean."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeAlias

from ..dialect import Dialect
from ..module import Argument as Declared
from ..module import Command, Route
from .source import Span


class Node:
    """What all nodes are: they show their fields (one method for all of them: making one each costs every start)."""

    __slots__ = ()

    span: Span

    def __repr__(self) -> str:
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))  # type: ignore[arg-type] # its classes are
        return f"{type(self).__name__}({shown})"


# literals


@dataclass(slots=True, eq=False, repr=False)
class Text(Node):
    """A quoted string."""

    span: Span
    value: str


@dataclass(slots=True, eq=False, repr=False)
class Number(Node):
    """A number, or a word such as `yes` that stands for one."""

    span: Span
    value: int


@dataclass(slots=True, eq=False, repr=False)
class Word(Node):
    """What stands unquoted: a name, a host, `[proto:]host[:port]`, `uri:host`, `msg:len`, `$?`."""

    span: Span
    text: str


@dataclass(slots=True, eq=False, repr=False)
class Network(Node):
    """`address/mask`; the mask is a number of bits or an address."""

    span: Span
    address: str
    mask: str

    @property
    def text(self) -> str:
        """As it is written, without blanks."""
        return f"{self.address}/{self.mask}"


Literal: TypeAlias = Text | Number | Word

# what only SER 2 has


@dataclass(slots=True, eq=False, repr=False)
class Attribute(Node):
    """`$name`, `$f.name`, `$name[2]`, `$name[]`, `%name`: values that belong to the message (SER dialect 2.6)."""

    span: Span
    text: str
    """As it is written."""
    track: str
    """The class in front of the dot (`f`, `t`, `fr`, ..., `g`); "" without one."""
    name: str
    index: int | None
    """`[n]`: counted from 1, or from the end when negative; None without."""
    all_values: bool
    """`[]`."""
    meaning: Any = None
    """The Reference that it is, once resolved."""


@dataclass(slots=True, eq=False, repr=False)
class Select(Node):
    """`@from.uri.user`, `@msg["Subject"]`, `@via[1].host`: a part of the message (SER dialect 2.7)."""

    span: Span
    text: str
    parts: list[str | int]
    """Names, and what stands in brackets: a number, or the name of a header. Names are without the @."""
    meaning: Any = None
    """What reads it, once resolved."""


# what only Kamailio has


@dataclass(slots=True, eq=False, repr=False)
class Variable(Node):
    """`$ru`, `$var(x)`, `$(ru{s.len})`: a pseudo-variable, with all its transformations."""

    span: Span
    text: str
    name: str
    """`ru`, `var`, ...: what the manuals list it under."""


@dataclass(slots=True, eq=False, repr=False)
class Operation(Node):
    """`left operator right` with an operator that is not a comparison: arithmetic, bits, `ieq` and the like."""

    span: Span
    left: Expression
    operator: str
    operator_span: Span
    right: Expression


@dataclass(slots=True, eq=False, repr=False)
class Prefixed(Node):
    """An operator before its operand: `-`, `~`, `defined`, `(int)`, `(str)`."""

    span: Span
    operator: str
    operand: Expression


# statements


@dataclass(slots=True, eq=False, repr=False)
class Call(Node):
    """A command with its arguments; a word alone is a command too, or an operand such as `method`."""

    span: Span
    name: str
    name_span: Span
    arguments: list[Argument]
    bare: bool = False
    """Without parentheses."""
    module: str = ""
    """The module whose command it is, once resolved."""
    command: Command | None = None
    values: list[tuple[Declared, Any]] = field(default_factory=list)
    """The arguments as the command takes them."""


@dataclass(slots=True, eq=False, repr=False)
class RouteCall(Node):
    """`route(name)`."""

    span: Span
    name: str
    name_span: Span
    expression: Expression | None = None
    """In Kamailio the name may be made when the script runs; `name` is "" then."""
    defined: bool = False


@dataclass(slots=True, eq=False, repr=False)
class End(Node):
    """`drop`, `break`, `exit` or `return`, with the value that it gives (None: the word's own)."""

    span: Span
    word: str
    value: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Assign(Node):
    """`$name = value`, a statement whose own value is that of what it assigns (SER dialect 2.6)."""

    span: Span
    target: Attribute | Variable
    value: Expression
    truth: bool = False
    """The value stood in parentheses: 0 or 1 is assigned."""


@dataclass(slots=True, eq=False, repr=False)
class While(Node):
    """`while`; only Kamailio has it."""

    span: Span
    condition: Condition
    body: Block


@dataclass(slots=True, eq=False, repr=False)
class Case(Node):
    """One `case` of a switch; `value` is None for `default`."""

    span: Span
    value: Literal | None
    is_regex: bool
    body: Block


@dataclass(slots=True, eq=False, repr=False)
class Switch(Node):
    """`switch`; only Kamailio has it."""

    span: Span
    subject: Expression
    cases: list[Case]


@dataclass(slots=True, eq=False, repr=False)
class If(Node):
    """`if`; its value is that of the branch that ran, or 1."""

    span: Span
    condition: Condition
    then: Block
    otherwise: Block | None


@dataclass(slots=True, eq=False, repr=False)
class Block(Node):
    """Statements in braces, or the single one after `if` or `else`."""

    span: Span
    statements: list[Statement]


Statement: TypeAlias = Call | RouteCall | End | Assign | If | While | Switch

# conditions


@dataclass(slots=True, eq=False, repr=False)
class Or(Node):
    span: Span
    parts: list[Condition]


@dataclass(slots=True, eq=False, repr=False)
class And(Node):
    span: Span
    parts: list[Condition]


@dataclass(slots=True, eq=False, repr=False)
class Not(Node):
    span: Span
    part: Condition


@dataclass(slots=True, eq=False, repr=False)
class Compare(Node):
    """`left operator right`; the left side is an operand's name, once resolved with `kind` and `value`."""

    span: Span
    left: Expression
    operator: str
    """`==`, `!=`, `=~`, `<`, `<=`, `>`, `>=`; for attributes also `&` and `|`, the bit test of SER 2."""
    right: Expression
    operand: str = ""
    """The operand's name, `myself` always on the right."""
    value: Any = None
    """The right side in the operand's terms."""


@dataclass(slots=True, eq=False, repr=False)
class StatementCondition(Node):
    """A block or an `if` whose value is the condition."""

    span: Span
    body: Block


Value: TypeAlias = Literal | Network | Attribute | Select | Variable
"""What has a value without being run; a network only on the right of a comparison, which is looked at later."""
Condition: TypeAlias = (
    Or | And | Not | Compare | StatementCondition | Assign | Call | RouteCall | Value | Operation | Prefixed
)
"""All that may stand as a condition. An assignment may in Kamailio only, in parentheses."""
Expression: TypeAlias = Condition
"""All that may be compared, assigned or returned. A word alone in a place for values is a Word, not a Call."""
Argument: TypeAlias = Condition
"""SER takes literals, and attributes and selects in some places; Kamailio takes expressions."""

# what stands at the top


@dataclass(slots=True, eq=False, repr=False)
class Assignment(Node):
    """`name = value`, a global parameter."""

    span: Span
    name: str
    name_span: Span
    values: list[Literal]
    options: list[tuple[str, Span, Literal]] = field(default_factory=list)
    """Kamailio's `listen=... advertise A name N`, and the lines of `socket={...}`."""


@dataclass(slots=True, eq=False, repr=False)
class Custom(Node):
    """`group.name = value desc "text"`: a setting of the script's own, in Kamailio; also `kemi.x`, `coreparam[x]`."""

    span: Span
    name: str
    name_span: Span
    value: Literal
    description: Text | None


@dataclass(slots=True, eq=False, repr=False)
class LoadModule(Node):
    span: Span
    path: Text
    form: str = "loadmodule"
    """Or `loadmodulex`."""


@dataclass(slots=True, eq=False, repr=False)
class ModParam(Node):
    span: Span
    module: Text
    param: Text
    value: Literal | Variable
    form: str = "modparam"
    """Or `modparamx`."""


@dataclass(slots=True, eq=False, repr=False)
class AvpFlags(Node):
    """Names for the flags of attributes, in SER 2: (name, place)."""

    span: Span
    flags: list[tuple[str, Span]]


@dataclass(slots=True, eq=False, repr=False)
class Flags(Node):
    """Names for message flags: (name, number or None, place)."""

    span: Span
    flags: list[tuple[str, int | None, Span]]


@dataclass(slots=True, eq=False, repr=False)
class RouteBlock(Node):
    span: Span
    kind: Route
    name: str
    named: bool
    """Whether the block says its name; one that does not is called "0"."""
    head: Span
    """The word that opens it and its name."""
    body: Block
    keyword: str = ""
    """The word that opens it, where it is not the one of its kind: `request_route`, `reply_route`."""


@dataclass(slots=True, eq=False, repr=False)
class EventRoute(Node):
    """`event_route[name] { ... }`; only Kamailio has it."""

    span: Span
    name: str
    head: Span
    body: Block


Item: TypeAlias = Assignment | Custom | LoadModule | ModParam | Flags | AvpFlags | RouteBlock | EventRoute


class Choice(NamedTuple):
    """The dialect of a script, and how it was found, for people."""

    dialect: Dialect
    reason: str


@dataclass(slots=True, eq=False, repr=False)
class Tree(Node):
    """A whole script, with what it includes."""

    items: list[Item]
