"""The pieces of a script onto the lines of a page: blanks, line ends and comments."""

from __future__ import annotations

import re
from enum import Enum, auto

from .frames import ITEMS, TOP, Kind, statement_indent
from .page import TAB, Page, column_of, reflowed
from .pieces import Piece
from .spacing import is_spaced

COMMENTS = frozenset({"COMMENT", "OPEN_COMMENT"})
_NO_CODE = COMMENTS | {"DIRECTIVE", "RAW"}
_COLON = re.compile(r"[ \t]*:[ \t]*")
_HOISTED = frozenset({"OPEN_BLOCK", "SEMICOLON", "COMMA"})
"""What goes before a comment that ends a line, so that it stays in that line."""


class Want(Enum):
    """Where a piece goes."""

    NEW = auto()
    """On a new line."""
    KEEP = auto()
    """On a new line where the author started one."""
    JOIN = auto()
    """On the same line, unless a comment has ended it."""


class Flow:
    """What is on the page, and what waits for its place.

    A comment waits for the piece of code behind it, which says how far to indent it.
    """

    def __init__(self, text: str, pieces: list[Piece]) -> None:
        self.text = text
        self.pieces = pieces
        self.page = Page()
        self.frame = TOP
        self.at = 0
        self.before: Piece | None = None
        """The last piece of code that was placed."""
        self.prefix = False
        """It was an operator before its operand."""
        self.ended = False
        """The line has ended: with a comment or a directive."""
        self.crossed = False
        """A directive stands between the last piece of code and the next."""
        self.after_route = False
        self.top_gap = True
        """The item at the top has no blanks around its equals sign."""
        self.comments: list[int] = []
        """The comments since the last piece of code, by their number."""
        self.dropped: set[int] = set()
        """Where the semicolons stood that are left out."""

    def place(self, piece: Piece, want: Want, indent: int, comments_at: int = -1) -> bool:
        """Put a piece of code on the page, with the comments before it; whether it starts a line."""
        inline, breaks = "", piece.breaks
        if self.comments and not (want is Want.JOIN and piece.type in _HOISTED and self.ends_line(self.comments[-1])):
            inline, before = self.flush(comments_at if comments_at >= 0 else indent)
            breaks += before
        if want is Want.NEW or self.ended or (want is Want.KEEP and breaks):
            closes = piece.type == "CLOSE_BLOCK"
            line = self.page.start(indent, blank=want is Want.NEW and not closes and (breaks > 1 or self.is_parted()))
            parts, new = line.parts, True
        else:
            parts, new = self.page.lines[-1].parts, False
            if inline:
                parts.append("" if self.before is not None and self.before.type == "OPEN" else " ")
            elif self.is_spaced(piece):
                parts.append(" ")
            elif self.frame.kind is Kind.UNKNOWN and self.before is not None:
                parts.append(self.text[self.before.end : piece.start])
        if inline:
            parts.append(inline if piece.type in ("COMMA", "SEMICOLON", "CLOSE") else f"{inline} ")
        parts.append(_COLON.sub(":", piece.text) if piece.type == "WORD" else piece.text)
        self.before = piece
        self.ended = self.crossed = self.after_route = False
        return new

    def is_spaced(self, piece: Piece) -> bool:
        before, kind = self.before, self.frame.kind
        if before is None or kind is Kind.UNKNOWN:
            return False
        return is_spaced(
            before,
            piece,
            prefix=self.prefix,
            top=self.top_gap and kind in ITEMS,
            socket=kind is Kind.SOCKET,
            empty=piece.type == "OPEN" and self.next_type() == "CLOSE",
        )

    def is_parted(self) -> bool:
        """Whether a blank line goes here because a route has just ended."""
        return self.after_route and self.frame.kind is Kind.TOP

    def flush(self, indent: int) -> tuple[str, int]:
        """Put the waiting comments on the page; those with code behind them in their line are given back instead, and
        how many lines ended before them."""
        group: list[Piece] = []
        waiting, self.comments = self.comments, []
        for at in waiting:
            group.append(self.pieces[at])
            if self.ends_line(at):
                self.comment(group, indent)
                group = []
        text = " ".join(reflowed(piece.text, indent) for piece in group)
        return text, sum(piece.breaks for piece in group)

    def comment(self, group: list[Piece], indent: int) -> None:
        """Put the comments of one line on the page: at the end of the last line, or on a line of their own."""
        first, lines = group[0], self.page.lines
        last = lines[-1] if lines else None
        text = " ".join(reflowed(piece.text, indent) for piece in group)
        column = column_of(self.text, first.start)
        before = self.text[self.text.rfind("\n", 0, first.start) + 1 : first.start]
        margin = " " if before.strip() else before
        if last is not None and first.breaks == 0 and not last.comment and last.kind in ("code", "opens", "include"):
            last.comment, last.column = text, column
        elif (
            last is not None
            and last.comment
            and first.breaks == 1
            and column == last.column
            and margin != TAB * indent
            and "\n" not in last.comment + text
        ):
            # it goes on with the comment above
            line = self.page.start(last.indent)
            line.comment, line.column = text, column
        else:
            line = self.page.start(indent, "comment", blank=first.breaks > 1 or self.is_parted())
            if text.startswith(("#!", "//!")):
                # such a comment may mean something at the start of a line, and only there
                line.indent = indent if margin else 0
                line.parts.append("" if line.indent else margin)
            line.parts.append(text)
            self.after_route = False
        self.ended = True

    def ends_line(self, at: int) -> bool:
        """Whether nothing but comments stands behind this comment in its line."""
        if self.pieces[at].text[0] == "#" or self.pieces[at].text.startswith("//"):
            return True
        while True:
            at += 1
            if at == len(self.pieces) or self.pieces[at].breaks:
                return True
            if self.pieces[at].start not in self.dropped:
                return False

    def raw(self, piece: Piece) -> None:
        self.flush_all(statement_indent(self.frame))
        text = piece.text.replace("\r\n", "\n").removeprefix("\n").removesuffix("\n")
        if text:
            self.page.start(0, "raw").parts.append(text)
        self.ended = self.crossed = True

    def flush_all(self, indent: int) -> None:
        """Put all waiting comments on the page, on lines of their own where there is no other place."""
        last = [self.pieces[at] for at in self.comments[-1:]]
        text, breaks = self.flush(indent)
        if text:
            self.comment([last[0]._replace(text=text, breaks=max(breaks, 1))], indent)

    # looking ahead

    def following(self) -> Piece | None:
        """The next piece of code."""
        at = self.at + 1
        while at < len(self.pieces) and self.pieces[at].type in _NO_CODE:
            at += 1
        return self.pieces[at] if at < len(self.pieces) else None

    def next_type(self) -> str:
        """The type of the next piece that is no comment; "" at the end."""
        at = self.at + 1
        while at < len(self.pieces) and self.pieces[at].type in COMMENTS:
            at += 1
        return self.pieces[at].type if at < len(self.pieces) else ""

    def starts_line(self, piece: Piece) -> bool:
        """Whether the author started a line with it, or with a comment before it."""
        return piece.breaks > 0 or self.ended or any(self.pieces[at].breaks for at in self.comments)
