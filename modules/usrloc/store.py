"""Bindings in memory: tables, addresses of record, contacts.

The contacts of an address of record are a tuple that is replaced, never changed, so that whoever walks over one is
not disturbed by a registration in between. What is in a contact is changed in place: its position does not depend on
it (SER dialect 6.6: the position is not recomputed when q changes).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...apis import Listener

NEVER = inf
"""`expires` of a permanent binding."""


@dataclass(slots=True)
class Contact:
    """One binding. It is valid while `expires` lies in the future."""

    uri: bytes
    """As the client wrote it: the identity of the binding within its address of record."""
    expires: float
    """Unix seconds, whole ones as in SER, or `NEVER`."""
    q: int | None
    """In thousandths; None when the client gave none, which ranks below 0."""
    call_id: bytes
    cseq: int
    received: bytes | None = None
    listener: Listener | None = None
    user_agent: bytes = b""
    nat: bool = False
    """Registered with the NAT flag set; `lookup` sets it again."""
    updated: float = 0.0
    """Unix seconds of the last change."""


class Bindings:
    """One table, such as `location`."""

    __slots__ = ("_newest_first", "_records", "name")

    def __init__(self, name: str, *, newest_first: bool = False) -> None:
        self.name = name
        self._newest_first = newest_first
        self._records: dict[str, tuple[Contact, ...]] = {}

    def __len__(self) -> int:
        """How many addresses of record it holds, those with expired contacts included."""
        return len(self._records)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._records))

    def all(self, aor: str) -> Sequence[Contact]:
        """Every contact that is held, expired ones included."""
        return self._records.get(aor, ())

    def live(self, aor: str, now: float) -> Sequence[Contact]:
        """The valid contacts, best first: by q, then the oldest first (or the newest first, by desc_time_order)."""
        contacts = self._records.get(aor)
        if contacts is None:
            return ()
        for contact in contacts:
            if contact.expires <= now:
                return tuple(one for one in contacts if one.expires > now)
        return contacts

    def insert(self, aor: str, contact: Contact) -> None:
        """Add a contact at its place."""
        contacts = self._records.get(aor, ())
        at = 0
        if not self._newest_first:
            rank = _rank(contact)
            at = next((place for place, one in enumerate(contacts) if _rank(one) < rank), len(contacts))
        self._records[aor] = (*contacts[:at], contact, *contacts[at:])

    def move_first(self, aor: str, contact: Contact) -> None:
        """Put a contact that is there before all others."""
        self._keep(aor, (contact, *(one for one in self._records.get(aor, ()) if one is not contact)))

    def remove(self, aor: str, contact: Contact) -> None:
        """Take one contact out, and the record when it was the last."""
        self._keep(aor, tuple(one for one in self._records.get(aor, ()) if one is not contact))

    def clear(self, aor: str) -> bool:
        """Take all contacts of an address of record out; False when there was none."""
        return self._records.pop(aor, None) is not None

    def sweep(self, now: float) -> int:
        """Drop what has expired; how many contacts that was."""
        dropped = 0
        for aor, contacts in tuple(self._records.items()):
            kept = tuple(one for one in contacts if one.expires > now)
            if len(kept) != len(contacts):
                dropped += len(contacts) - len(kept)
                self._keep(aor, kept)
        return dropped

    def sweep_one(self, aor: str, now: float) -> None:
        """Drop what has expired of one address of record: it is to be written to."""
        contacts = self._records.get(aor)
        if contacts is not None:
            live = self.live(aor, now)
            if live is not contacts:
                self._keep(aor, tuple(live))

    def _keep(self, aor: str, contacts: tuple[Contact, ...]) -> None:
        if contacts:
            self._records[aor] = contacts
        else:
            self._records.pop(aor, None)


def _rank(contact: Contact) -> int:
    return -1 if contact.q is None else contact.q
