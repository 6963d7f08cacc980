"""A script in its canonical layout (docs/formatting.md).

The pieces of one file are read once, in order. Nothing is expanded and nothing is included, so that branches of
`#!ifdef` are laid out too where they are switched off. A stack of frames says which statement, condition or block a
piece belongs to; that decides whether it starts a line and how far to indent. Any text is laid out somehow; `serpy fmt`
offers only scripts that parse.
"""

from __future__ import annotations

from typing import NamedTuple

from ..cfg.lexemes import Flavour
from .flow import COMMENTS, Flow, Want
from .frames import ITEMS, OPERANDS, ROOMS, TOP, Frame, Kind, Phase, statement_indent
from .pieces import BRANCHING, Piece, directive_text, pieces_of
from .spacing import CALLS

_ITEM_STARTS = frozenset(
    {"PARAM", "CUSTOM", "SETTING", "LOADMODULE", "MODPARAM", "FLAGS", "AVPFLAGS", "ROUTE", "EVENT_ROUTE"}
)
_ENDS_ALL = frozenset({"SEMICOLON", "CLOSE_BLOCK", "CASE", "DEFAULT"})
_LISTS = frozenset({"listen", "alias", "domain"})
_STATEMENT_STARTS = frozenset({"IF", "WHILE", "SWITCH", "END", "ROUTE", "CASE", "DEFAULT"})
_MAY_START_ON_A_NEW_LINE = frozenset({"ID", "PARAM", "VARIABLE", "ATTRIBUTE", "OPEN_BLOCK"})
_ENDS_OPERAND = frozenset(
    {"NUMBER", "STRING", "ID", "WORD", "NETWORK", "VARIABLE", "ATTRIBUTE", "SELECT", "CLOSE", "CLOSE_INDEX", "PARAM"}
)
_BREAK_BEFORE = frozenset({"AND", "OR", "OPERATOR", "MINUS", "SLASH", "STAR"})
_GOES_ON = _BREAK_BEFORE | {"EQUALS", "COLON", "COMMA", "OPEN_INDEX", "CLOSE", "CLOSE_INDEX"}
"""What continues a condition behind an operand."""
_BREAK_AFTER = _BREAK_BEFORE | {"OPEN", "COMMA", "EQUALS", "FLAGS", "AVPFLAGS"}
_ITEM_GOES_ON = frozenset(
    {"EQUALS", "COMMA", "COLON", "LOADMODULE", "MODPARAM", "SETTING", "CUSTOM", "PARAM", "MINUS", "FLAGS", "AVPFLAGS"}
)
_COMPOUND = {"IF": Kind.IF, "WHILE": Kind.LOOP, "SWITCH": Kind.SWITCH}
_DESCRIPTIONS = frozenset({"desc", "descr", "description"})


class _State(NamedTuple):
    frame: Frame
    operand: bool
    prefix: bool
    before: Piece | None


def layout(text: str, flavour: Flavour) -> str:
    """The script in its canonical layout."""
    return lay_out(text, pieces_of(text, flavour))


def lay_out(text: str, pieces: list[Piece]) -> str:
    """The script of these pieces in its canonical layout."""
    return _Layout(text, pieces).run()


class _Layout(Flow):
    """Finds the statements."""

    def __init__(self, text: str, pieces: list[Piece]) -> None:
        super().__init__(text, pieces)
        self.operand = False
        """An operand has just ended, so that an operator or an end can follow."""
        self.forks: list[tuple[_State, _State | None]] = []
        """For each open `#!ifdef`: how all was there, and at the end of its first branch."""

    def run(self) -> str:
        for at, piece in enumerate(self.pieces):
            self.at = at
            if piece.type in COMMENTS:
                self.comments.append(at)
            elif piece.type == "DIRECTIVE":
                self.directive(piece)
            elif piece.type == "RAW":
                self.raw(piece)
            else:
                self.settle(piece)
                self.code(piece)
        self.flush_all(self.resting_indent())
        return self.page.text()

    # which statement a piece belongs to

    def settle(self, piece: Piece) -> None:
        """Close what ends before this piece."""
        kind = piece.type
        while True:
            frame = self.frame
            match frame.kind:
                case Kind.PARENTHESIS | Kind.LABEL:
                    if kind not in _ENDS_ALL:
                        return
                    self.frame = _parent(frame)
                case Kind.CONDITION:
                    broken = kind == "SEMICOLON" or kind == "CLOSE_BLOCK"
                    if not broken and (not self.operand or self.goes_on(piece)):
                        return
                    self.frame = _parent(frame)._replace(phase=Phase.BODY)
                case Kind.STATEMENT:
                    starts = kind in _STATEMENT_STARTS or (kind in _MAY_START_ON_A_NEW_LINE and self.starts_line(piece))
                    if kind != "ELSE" and kind != "CLOSE_BLOCK" and not (self.operand and starts):
                        return
                    self.frame = _parent(frame)
                    self.complete()
                case Kind.IF if frame.phase is Phase.DECIDING:
                    if kind == "ELSE" or (kind == "SEMICOLON" and self.next_type() == "ELSE"):
                        return
                    self.frame = _parent(frame)
                    self.complete()
                case Kind.IF | Kind.LOOP | Kind.SWITCH if kind == "CLOSE_BLOCK":
                    self.frame = _parent(frame)
                case Kind.ITEM | Kind.LIST | Kind.UNKNOWN if self.item_ends(piece):
                    self.frame = _parent(frame)
                case _:
                    return

    def goes_on(self, piece: Piece) -> bool:
        """Whether a condition whose operand has just ended goes on with this piece."""
        kind, before = piece.type, self.before
        if kind in _GOES_ON:
            return True
        if before is None or self.crossed:
            return False
        return (kind == "OPEN" and before.type in CALLS) or (kind == "STRING" and before.type == "STRING")

    def item_ends(self, piece: Piece) -> bool:
        kind, frame = piece.type, self.frame
        if kind in _ITEM_STARTS:
            return True
        if frame.kind is Kind.LIST or not self.starts_line(piece):
            return False
        if frame.kind is Kind.UNKNOWN:
            return True
        before = self.before
        goes_on = kind in ("STRING", "COMMA", "COLON", "EQUALS", "SEMICOLON", "OPEN_BLOCK") or (
            piece.text in _DESCRIPTIONS and before is not None and before.type != "EQUALS"
        )
        return not goes_on and before is not None and before.type not in _ITEM_GOES_ON

    def resting_indent(self) -> int:
        """Where comments go that have no code behind them."""
        item_ended = self.frame.kind in ITEMS and self.before is not None and self.before.type not in _ITEM_GOES_ON
        return 0 if item_ended else statement_indent(self.frame)

    def complete(self) -> None:
        """A statement or block has ended."""
        frame = self.frame
        if frame.phase is Phase.THEN:
            self.frame = frame._replace(phase=Phase.DECIDING)
        elif frame.kind in OPERANDS:
            self.operand = True

    # where a piece goes

    def code(self, piece: Piece) -> None:
        kind, frame = piece.type, self.frame
        if kind == "OPEN_BLOCK":
            self.open_block(piece)
        elif kind == "CLOSE_BLOCK":
            self.close_block(piece)
        elif kind == "SEMICOLON":
            self.semicolon(piece)
        elif kind == "ELSE" and frame.kind is not Kind.TOP:
            self.otherwise(piece)
        elif frame.kind is Kind.TOP:
            self.item(piece)
        elif frame.kind is Kind.SOCKET and kind == "PARAM":
            self.place(piece, Want.NEW, frame.inner)
        elif frame.kind is Kind.CASES and (kind == "CASE" or kind == "DEFAULT"):
            self.label(piece)
        elif frame.kind is Kind.BLOCK or frame.kind is Kind.CASES:
            indent = statement_indent(frame)
            self.statement(piece, Want.NEW, indent, indent)
        elif frame.phase is Phase.BODY or frame.phase is Phase.ELSE:
            self.body(piece)
        else:
            self.within(piece)

    def item(self, piece: Piece) -> None:
        kind = piece.type
        if kind not in _ITEM_STARTS:
            self.unknown(piece)
            return
        self.place(piece, Want.NEW, 0)
        self.operand = False
        if kind == "ROUTE" or kind == "EVENT_ROUTE":
            self.page.part_routes()
            self.frame = Frame(Kind.HEAD, 0, 1, self.frame)
        else:
            self.top_gap = kind != "CUSTOM" and piece.text != "socket"
            self.frame = Frame(Kind.LIST if piece.text in _LISTS else Kind.ITEM, 0, 1, self.frame)

    def unknown(self, piece: Piece) -> None:
        """What starts like no item: perhaps a name that `#!define` gave, perhaps no code at all."""
        self.place(piece, Want.NEW, 0)
        if piece.breaks:
            self.page.lines[-1].parts.insert(0, self.text[self.text.rfind("\n", 0, piece.start) + 1 : piece.start])
        self.frame = Frame(Kind.UNKNOWN, 0, 0, self.frame)

    def label(self, piece: Piece) -> None:
        """`case` or `default`."""
        around = self.frame
        self.place(piece, Want.NEW, around.inner)
        self.frame = Frame(Kind.LABEL, around.inner, around.inner + 1, around)
        self.operand = False

    def statement(self, piece: Piece, want: Want, indent: int, own: int) -> None:
        """The first piece of a statement; `indent`: where it goes on a line of its own, `own`: else."""
        around = self.frame
        if self.place(piece, want, indent):
            own = indent
        compound = _COMPOUND.get(piece.type)
        if compound is None:
            self.frame = Frame(Kind.STATEMENT, own, own + 1, around)
            self.follow(piece)
        else:
            self.compound(compound, own, around)

    def compound(self, kind: Kind, indent: int, around: Frame) -> None:
        """An `if`, a `while` or a `switch` has started: its condition follows."""
        own = Frame(kind, indent, statement_indent(around), around, Phase.CONDITION)
        # two deeper, so that a condition of several lines does not look like the statements that follow it
        self.frame = Frame(Kind.CONDITION, indent, indent + 2, own)
        self.operand = self.prefix = False

    def body(self, piece: Piece) -> None:
        """The statement of an `if`, `else` or `while` that has no braces."""
        frame = self.frame
        self.frame = _running(frame)
        joined = frame.phase is Phase.ELSE and piece.type == "IF"
        self.statement(piece, Want.JOIN if joined else Want.KEEP, frame.indent + 1, frame.indent)

    def within(self, piece: Piece) -> None:
        """A further piece of a statement, a condition, an item or a label."""
        kind, frame = piece.type, self.frame
        if frame.kind is Kind.UNKNOWN:
            self.place(piece, Want.JOIN, 0)
            return
        if kind == "CLOSE" and frame.kind is Kind.PARENTHESIS:
            if frame.hanging:
                self.place(piece, Want.KEEP, frame.indent)
            else:
                self.place(piece, Want.JOIN, frame.inner)
            self.frame = _parent(frame)
            self.operand = True
            self.prefix = False
            return
        self.place(piece, Want.KEEP if self.may_break(piece) else Want.JOIN, frame.inner)
        if kind == "OPEN" and frame.kind in OPERANDS:
            line, following = self.page.lines[-1], self.following()
            hanging = (
                following is not None and following.type != "CLOSE" and "\n" in self.text[piece.end : following.start]
            )
            self.frame = Frame(
                Kind.PARENTHESIS, line.indent, line.indent + 1 if hanging else frame.inner, frame, hanging=hanging
            )
        elif kind == "COLON" and frame.kind is Kind.LABEL:
            self.frame = _parent(frame)
        elif kind in _COMPOUND and not self.operand and frame.kind in OPERANDS:
            self.compound(_COMPOUND[kind], self.page.lines[-1].indent, frame)
            return
        self.follow(piece)

    def follow(self, piece: Piece) -> None:
        """Whether an operand has ended with this piece."""
        kind = piece.type
        self.prefix = not self.operand and kind in ("MINUS", "TILDE", "SLASH")
        self.operand = kind in _ENDS_OPERAND or (kind == "STAR" and not self.operand)

    def may_break(self, piece: Piece) -> bool:
        """Whether a line of the author's may start with this piece of a statement."""
        before, kind = self.before, piece.type
        if before is None or self.prefix or kind in ("COMMA", "CLOSE", "CLOSE_INDEX", "COLON"):
            return False
        if kind == "OPEN" and before.type in CALLS:
            return False
        if before.type in _BREAK_AFTER or (kind in _BREAK_BEFORE and self.operand):
            return True
        if kind == "STRING" and before.type == "STRING":
            return True
        return self.frame.kind is Kind.LIST or piece.text in _DESCRIPTIONS

    def open_block(self, piece: Piece) -> None:
        frame = self.frame
        if frame.phase is Phase.BODY or frame.phase is Phase.ELSE:
            self.place(piece, Want.JOIN, frame.indent)
            kind = Kind.CASES if frame.kind is Kind.SWITCH else Kind.BLOCK
            self.frame = Frame(kind, frame.indent, frame.indent + 1, _running(frame))
        elif frame.kind is Kind.HEAD:
            self.place(piece, Want.JOIN, 0)
            self.frame = Frame(Kind.BLOCK, 0, 1, _parent(frame))
        elif frame.kind in (Kind.ITEM, Kind.LIST):
            self.place(piece, Want.JOIN, 0)
            self.frame = Frame(Kind.SOCKET, 0, 1, _parent(frame))
        elif frame.kind in OPERANDS:
            self.place(piece, Want.KEEP, frame.inner)
            indent = self.page.lines[-1].indent
            self.frame = Frame(Kind.BLOCK, indent, indent + 1, frame)
        else:
            indent = statement_indent(frame)
            self.place(piece, Want.NEW, indent)
            self.frame = Frame(Kind.BLOCK, indent, indent + 1, frame)
        self.page.lines[-1].kind = "opens"
        self.operand = self.prefix = False

    def close_block(self, piece: Piece) -> None:
        frame = self.frame
        if frame.kind not in ROOMS or frame.parent is None:
            self.place(piece, Want.NEW, 0)
            self.frame = TOP
            return
        self.place(piece, Want.NEW, frame.indent, statement_indent(frame))
        self.operand = self.prefix = False
        self.frame = frame.parent
        self.after_route = frame.kind is Kind.BLOCK and self.frame.kind is Kind.TOP
        self.complete()

    def semicolon(self, piece: Piece) -> None:
        frame = self.frame
        if frame.kind in ROOMS and frame.kind is not Kind.SOCKET:
            if self.is_redundant():
                self.dropped.add(piece.start)
            else:
                self.place(piece, Want.NEW, statement_indent(frame))
            return
        self.place(piece, Want.JOIN, frame.inner)
        self.operand = self.prefix = False
        if frame.phase is Phase.BODY or frame.phase is Phase.ELSE:
            self.frame = _running(frame)
        elif frame.kind is Kind.STATEMENT or frame.kind in ITEMS:
            self.frame = _parent(frame)
        else:
            return
        self.complete()

    def is_redundant(self) -> bool:
        """Whether the empty statement here says nothing: behind a block or a statement, or before one."""
        before, following = self.before, self.next_type()
        if before is None or self.crossed or following == "ELSE":
            return False
        if before.type == "CLOSE_BLOCK" or before.type == "SEMICOLON":
            return True
        # a block needs a statement, even an empty one
        return self.frame.kind is Kind.BLOCK and following not in ("CLOSE_BLOCK", "DIRECTIVE", "RAW", "")

    def otherwise(self, piece: Piece) -> None:
        frame, before = self.frame, self.before
        if frame.phase is not Phase.DECIDING:
            self.place(piece, Want.NEW, statement_indent(frame))
            return
        cuddled = before is not None and before.type == "CLOSE_BLOCK" and not self.comments and not self.ended
        self.place(piece, Want.JOIN if cuddled else Want.NEW, frame.indent)
        self.frame = frame._replace(phase=Phase.ELSE)
        self.operand = self.prefix = False

    # directives

    def directive(self, piece: Piece) -> None:
        """A line for the preprocessor."""
        text = directive_text(piece)
        frame = self.frame
        indent = self.resting_indent()
        self.flush_all(indent)
        kind = "directive"
        if text[1:2] != "!":
            kind = "include"
            if frame.kind in ITEMS and frame.kind is not Kind.HEAD:
                self.frame = _parent(frame)
                indent = 0
        elif BRANCHING.match(text):
            kind = "branch" if text.startswith("if", 2) else "other"
        blank = piece.breaks > 1 or (kind != "other" and self.is_parted())
        self.page.start(indent if kind == "include" else 0, kind, blank=blank).parts.append(text)
        self.ended = self.crossed = True
        self.after_route = self.after_route and text.startswith("endif", 2)
        if kind == "branch":
            self.forks.append((self.state(), None))
        elif kind == "other" and self.forks:
            self.turn(text.startswith("endif", 2))

    def state(self) -> _State:
        return _State(self.frame, self.operand, self.prefix, self.before)

    def turn(self, endif: bool) -> None:
        """`#!else` goes on where its `#!ifdef` stood; behind `#!endif` all is as the first branch left it."""
        start, end = self.forks.pop()
        if not endif:
            self.forks.append((start, end or self.state()))
            end = start
        if end is not None:
            self.frame, self.operand, self.prefix, self.before = end


def _running(frame: Frame) -> Frame:
    """What is open while the statement or block of an `if`, `else`, `while` or `switch` is.

    Only an `if` is of interest when it has ended. For the others that is whatever is around them: so a chain of
    `else if` is one frame deep, however long it is.
    """
    return frame._replace(phase=Phase.THEN) if frame.phase is Phase.BODY and frame.kind is Kind.IF else _parent(frame)


def _parent(frame: Frame) -> Frame:
    return frame.parent or TOP
