"""What an operator can ask of the location store, and its answers in plain values.

What cannot be done raises LookupError (no such table, user, contact) or ValueError (an argument that is none), with
the text that the operator reads.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from .store import NEVER, Bindings, Contact

if TYPE_CHECKING:
    from . import Usrloc

# What SER's own `ul_add` stores, so that scripts of operators see the same
ADDED_CALL_ID = b"The-Answer-To-The-Ultimate-Question-Of-Life-Universe-And-Everything"
ADDED_CSEQ = 42


def stats(usrloc: Usrloc) -> list[dict[str, Any]]:
    """Counts for each table."""
    now = usrloc.host.clock.time()
    answer = []
    for table in usrloc.tables_in_use:
        held = [contact for aor in table for contact in table.all(aor)]
        expired = sum(contact.expires <= now for contact in held)
        answer.append({"table": table.name, "users": len(table), "contacts": len(held) - expired, "expired": expired})
    return answer


def dump(usrloc: Usrloc) -> list[dict[str, Any]]:
    """Everything that is held, expired contacts included."""
    now = usrloc.host.clock.time()
    return [
        {"table": table.name, "aor": aor, "contacts": [_shown(contact, now) for contact in table.all(aor)]}
        for table in usrloc.tables_in_use
        for aor in table
    ]


def show_contacts(usrloc: Usrloc, table: str, aor: str) -> list[dict[str, Any]]:
    """The valid contacts of one address of record."""
    now = usrloc.host.clock.time()
    live = _table(usrloc, table).live(key(usrloc, aor), now)
    if not live:
        raise LookupError(f"Username {aor} in table {table} not found")
    return [_shown(contact, now) for contact in live]


def add_contact(usrloc: Usrloc, table: str, aor: str, contact: str, expires: int, q: float) -> str:
    """Insert or update one contact."""
    if not 0 <= q <= 1 and q != -1:
        raise ValueError(f"q is {q:g}: it must lie between 0 and 1, or be -1 for none")
    if expires < 0:
        raise ValueError(f"expires is {expires}: it must be 0 (for ever) or a number of seconds")
    if not contact or any(character <= " " or character in "<>\x7f" for character in contact):
        raise ValueError(f"{contact!r} is not a contact URI")
    now = usrloc.host.clock.time()
    bindings, owner, uri = _table(usrloc, table), key(usrloc, aor), contact.encode("utf-8", "surrogateescape")
    bindings.sweep_one(owner, now)
    until = int(now) + expires if expires else NEVER
    rank = None if q == -1 else round(q * 1000)
    known = _find(bindings, owner, uri)
    if known is None:
        bindings.insert(owner, Contact(uri, until, rank, ADDED_CALL_ID, ADDED_CSEQ, updated=now))
    else:
        known.expires, known.q, known.call_id, known.cseq = until, rank, ADDED_CALL_ID, ADDED_CSEQ
        known.updated = now
    return f"Added to table {table}"


def delete_contact(usrloc: Usrloc, table: str, aor: str, contact: str) -> str:
    """Remove one contact."""
    bindings, owner = _table(usrloc, table), key(usrloc, aor)
    if not bindings.all(owner):
        raise LookupError(f"Username {aor} in table {table} not found")
    known = _find(bindings, owner, contact.encode("utf-8", "surrogateescape"))
    if known is None:
        raise LookupError(f"Contact {contact} in table {table} not found")
    bindings.remove(owner, known)
    return f"Contact ({aor}, {contact}) deleted from table {table}"


def delete_aor(usrloc: Usrloc, table: str, aor: str) -> str:
    """Remove all contacts of one address of record."""
    if not _table(usrloc, table).clear(key(usrloc, aor)):
        raise LookupError(f"Username {aor} in table {table} not found")
    return f"user ({table}, {aor}) deleted"


def key(usrloc: Usrloc, aor: str) -> str:
    """The key of an address as an operator types it, with or without its domain."""
    user, at, domain = aor.removeprefix("sip:").lower().partition("@")
    if not usrloc.use_domain:
        return user
    if not at or not domain:
        raise ValueError(f"{aor!r} has no domain, and use_domain is 1")
    return f"{user}@{domain}"


def _table(usrloc: Usrloc, name: str) -> Bindings:
    for table in usrloc.tables_in_use:
        if table.name == name:
            return table
    known = ", ".join(table.name for table in usrloc.tables_in_use) or "none yet"
    raise LookupError(f"table ({name}) not found; tables in use: {known}")


def _find(bindings: Bindings, aor: str, uri: bytes) -> Contact | None:
    return next((contact for contact in bindings.all(aor) if contact.uri == uri), None)


def _shown(contact: Contact, now: float) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "contact": _text(contact.uri),
        "expires": max(int(contact.expires - int(now)), 0) if isfinite(contact.expires) else "never",
        "q": None if contact.q is None else contact.q / 1000,
        "call_id": _text(contact.call_id),
        "cseq": contact.cseq,
        "user_agent": _text(contact.user_agent),
    }
    if contact.received is not None:
        shown["received"] = _text(contact.received)
    if contact.listener is not None:
        shown["socket"] = f"{contact.listener.proto}:{contact.listener.host}:{contact.listener.port}"
    if contact.nat:
        shown["nat"] = True
    return shown


def _text(wire: bytes) -> str:
    return wire.decode("utf-8", "replace")
