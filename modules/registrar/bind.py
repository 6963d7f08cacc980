"""Carrying out a registration on the bindings of one address of record: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..usrloc import Bindings, Contact
from .refusal import INVALID_CSEQ, TOO_MANY, Refused
from .request import Asked, Registration

if TYPE_CHECKING:
    from ...apis import Listener


LARGEST_LIST = 60_000
"""Octets of all contacts of one address in an answer: a datagram has 65,507, and the client must get the answer."""


class Origin(NamedTuple):
    """What is noted of where a REGISTER came from."""

    listener: Listener
    user_agent: bytes
    received: bytes | None
    """The URI that leads back to its source, where a contact names none itself."""
    nat: bool
    time: float
    """When it came, in Unix seconds and their fractions."""


def bind(
    bindings: Bindings,
    aor: str,
    registration: Registration,
    asked: Sequence[Asked],
    origin: Origin,
    now: int,
    *,
    max_contacts: int,
    update_moves: bool,
) -> None:
    """Insert, update and remove the contacts asked for.

    A contact that this very request, or one with the same Call-ID and CSeq, has already changed is left as it is
    (decision D29). `bindings` must hold no expired contact of this address.

    Raises:
        Refused: a lower CSeq, too many contacts, or more than an answer can list; nothing is changed.
    """
    held = {contact.uri: contact for contact in bindings.all(aor)}
    fresh: dict[bytes, Asked] = {}  # of a contact named twice the last one counts
    for one in asked:
        known = held.get(one.uri)
        if known is None or is_newer(registration, known):
            fresh[one.uri] = one
    if max_contacts:
        _check_count(held, fresh, max_contacts)
    _check_size(held, fresh)
    for uri, one in fresh.items():
        known = held.get(uri)
        if one.seconds == 0:
            if known is not None:
                bindings.remove(aor, known)
        elif known is None:
            bindings.insert(aor, _fill(Contact(uri, 0, None, b"", 0), one, registration, origin, now))
        else:
            _fill(known, one, registration, origin, now)
            if update_moves:
                bindings.move_first(aor, known)


def unbind_all(bindings: Bindings, aor: str, registration: Registration) -> None:
    """Remove every contact: `Contact: *` (RFC 3261 10.3 step 6).

    Raises:
        Refused: a contact came from a later request of the same client; nothing is changed.
    """
    for contact in [one for one in bindings.all(aor) if is_newer(registration, one)]:
        bindings.remove(aor, contact)


def is_newer(registration: Registration, contact: Contact) -> bool:
    """Whether the request may change the contact: RFC 3261 10.3 step 7 orders by CSeq within one Call-ID.

    Raises:
        Refused: the request is older than what made the contact.
    """
    if contact.call_id != registration.call_id:
        return True
    if registration.cseq < contact.cseq:
        raise Refused(INVALID_CSEQ)
    return registration.cseq > contact.cseq


def _check_count(held: dict[bytes, Contact], fresh: dict[bytes, Asked], max_contacts: int) -> None:
    added = sum(one.seconds > 0 and uri not in held for uri, one in fresh.items())
    removed = sum(one.seconds == 0 and uri in held for uri, one in fresh.items())
    if added and len(held) + added - removed > max_contacts:
        raise Refused(TOO_MANY)


def _check_size(held: dict[bytes, Contact], fresh: dict[bytes, Asked]) -> None:
    if len(fresh) == 1 and held.keys() <= fresh.keys():
        return  # the usual REGISTER: its one contact came in a datagram, so it fits one
    kept: dict[bytes, Contact | Asked] = {**held, **{uri: one for uri, one in fresh.items() if one.seconds}}
    size = sum(map(_octets, kept.values()))
    # who is over it can still remove contacts, and refresh them
    if size > LARGEST_LIST and size > sum(map(_octets, held.values())):
        raise Refused(TOO_MANY)


def _octets(contact: Contact | Asked) -> int:
    """About what a contact takes in the Contact header of an answer."""
    return len(contact.uri) + len(contact.received or b"") + 96


def _fill(contact: Contact, asked: Asked, registration: Registration, origin: Origin, now: int) -> Contact:
    contact.expires = now + asked.seconds
    contact.q = asked.q
    contact.call_id = registration.call_id
    contact.cseq = registration.cseq
    contact.received = asked.received or origin.received
    contact.listener = origin.listener
    contact.user_agent = origin.user_agent
    contact.nat = origin.nat
    contact.updated = origin.time
    return contact
