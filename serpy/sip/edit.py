"""Pending changes to a message: recorded while the script runs, applied in one splice when it is sent.

SER calls them lumps. Offsets are those of the received bytes, which never change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from .lines import first_line, head_bounds


class Edits:
    """Changes to one message's bytes."""

    __slots__ = ("_appended", "_changes", "_count")

    def __init__(self) -> None:
        # (start, end, order, text), sorted and never overlapping; start == end is an insertion
        self._changes: list[tuple[int, int, int, bytes]] = []
        self._appended: list[bytes] = []
        self._count = 0

    def insert(self, at: int, text: bytes) -> bool:
        """Put text before the byte at `at`, behind what was inserted there earlier; False inside what was replaced."""
        return self.replace(at, at, text)

    def remove(self, start: int, end: int) -> bool:
        """Leave out these bytes; False when that overlaps an earlier change."""
        return self.replace(start, end, b"")

    def replace(self, start: int, end: int, text: bytes) -> bool:
        """Put text in place of these bytes; False when that overlaps an earlier change, which then stands.

        Raises:
            ValueError: a range that ends before it begins.
        """
        if not 0 <= start <= end:
            raise ValueError(f"no range of bytes: {start} to {end}")
        changes = self._changes
        change = (start, end, self._count, text)
        at = bisect_right(changes, change)
        # Sorted and free of overlaps, so that only the neighbours can be in conflict.
        if at and changes[at - 1][1] > start:
            return False
        if at < len(changes) and changes[at][0] < end:
            return False
        changes.insert(at, change)
        self._count += 1
        return True

    def append_header(self, text: bytes) -> None:
        """Put whole header lines at the end of the header block, behind those appended earlier."""
        self._appended.append(text)

    def copy(self) -> Edits:
        """Edits that can grow apart from these."""
        twin = Edits()
        twin._changes = self._changes.copy()
        twin._appended = self._appended.copy()
        twin._count = self._count
        return twin

    def __bool__(self) -> bool:
        return bool(self._changes or self._appended)

    def __iter__(self) -> Iterator[tuple[int, int, bytes]]:
        """The changes in order of their place, without the appended headers."""
        return ((start, end, text) for start, end, _, text in self._changes)

    def growth(self, at: int) -> int:
        """By how many bytes the message grows from offset `at` on."""
        return sum(len(text) - (end - start) for start, end, _, text in self._changes if start >= at)

    def touches(self, at: int) -> bool:
        """Whether anything at or behind offset `at` changes."""
        return bool(self._changes) and self._changes[-1][0] >= at

    def apply(self, data: bytes, others: Sequence[tuple[int, int, bytes]] = ()) -> bytes:
        """The message with all changes made, and with those `others` (start, end, text) that overlap none of them.

        An insertion among the others goes behind what is inserted at the same place.
        """
        changes = self._changes
        if self._appended:
            changes = self._with_appended(data)
        if others:
            changes = changes.copy()
            order = self._count + 1  # behind what was appended
            for start, end, text in others:
                changes.append((start, end, order, text))
                order += 1
            changes.sort()
        pieces: list[bytes] = []
        position = 0
        for start, end, _, text in changes:
            if start < position:
                return self._apply_apart(data, others)
            pieces += (data[position:start], text)
            position = end
        pieces.append(data[position:])
        return b"".join(pieces)

    def _apply_apart(self, data: bytes, others: Sequence[tuple[int, int, bytes]]) -> bytes:
        """As `apply`, where some of the others are in the way."""
        edits = self.copy()
        for start, end, text in others:
            edits.replace(start, end, text)
        return edits.apply(data)

    def _with_appended(self, data: bytes) -> list[tuple[int, int, int, bytes]]:
        """The changes and the appended headers as one more, at the end of the headers."""
        at, _ = head_bounds(data, first_line(data))
        text = b"".join(self._appended)
        across = next((start for start, end, _, _ in self._changes if start < at < end), None)
        if across is not None:
            # a change that takes the end of the headers away: what is appended goes before it, on lines of its own
            at = across
            if data[at - 1 : at] != b"\n":
                text = b"\r\n" + text.removesuffix(b"\r\n")
        edits = self.copy()
        edits.insert(at, text)
        return edits._changes
