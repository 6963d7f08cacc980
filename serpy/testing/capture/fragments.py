"""IP datagrams put together from their fragments (RFC 791 3.2, RFC 8200 4.5)."""

from __future__ import annotations

from dataclasses import dataclass, field

PATIENCE = 60.0
"""Seconds for which fragments wait for each other (RFC 8200 4.5)."""
LARGEST = 65535
MOST_PENDING = 4096
"""Datagrams of which some fragments are awaited; the oldest gives way."""

Key = tuple[bytes, bytes, int, int]
"""Source, destination, protocol, identification."""


@dataclass(slots=True)
class _Pieces:
    began: float
    pieces: dict[int, bytes] = field(default_factory=dict)
    """Where each begins -> its octets."""
    length: int = -1
    """Of the whole; -1 until the last piece is there."""


@dataclass(slots=True)
class Fragments:
    """Collects fragments of many datagrams."""

    _pending: dict[Key, _Pieces] = field(default_factory=dict)

    @property
    def unfinished(self) -> int:
        """Datagrams that lack a piece."""
        return len(self._pending)

    def add(self, key: Key, at: float, offset: int, is_last: bool, data: bytes) -> bytes | None:
        """Take a fragment; the whole payload when this was the missing one."""
        known = self._pending.get(key)
        if known is None or at - known.began > PATIENCE:
            while len(self._pending) >= MOST_PENDING:
                del self._pending[next(iter(self._pending))]
            known = self._pending[key] = _Pieces(at)
        if offset + len(data) > LARGEST:
            return None
        known.pieces[offset] = data
        if is_last:
            known.length = offset + len(data)
        whole = _whole(known)
        if whole is not None:
            del self._pending[key]
        return whole


def _whole(known: _Pieces) -> bytes | None:
    if known.length < 0 or sum(map(len, known.pieces.values())) < known.length:
        return None
    whole = bytearray()
    for offset in sorted(known.pieces):
        if offset > len(whole):
            return None
        whole[offset:] = known.pieces[offset]
    return bytes(whole[: known.length])
