"""Where a delivery goes: the contacts of a REGISTER, or the live bindings of its recipient (R4, D4, D20)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sip.contact import Contact, parse_contacts
from ...sip.errors import BadHeader
from ...sip.message import Request
from ...sip.uri import BadUri, parse_uri

if TYPE_CHECKING:
    from ...apis import Binding, Listener


@dataclass(frozen=True, slots=True)
class Destination:
    """One place to which a message can be delivered."""

    uri: bytes
    listener: Listener | None = None
    """The listener on which its REGISTER came in, from which its phone expects to be reached."""
    received: bytes | None = None
    """The URI of the address that it registered from, where a NAT makes that differ."""


def registered_contacts(request: Request) -> list[Destination]:
    """The contacts that this REGISTER sets or refreshes, the highest q first; empty when it only removes or asks (D20).

    Raises:
        BadHeader: Contact cannot be read.
    """
    found = parse_contacts(request.values(b"contact"))
    if not isinstance(found, list) or not found:
        return []  # `*` only ever removes
    expires = request.expires
    lasting = [contact for contact in found if _lasts(contact, expires)]
    if len(lasting) > 1:
        # a stable sort: of equals the first one written; without q is lowest, as in the registrar's own list
        lasting.sort(key=lambda contact: thousandths(contact.q), reverse=True)
    return [Destination(contact.uri, request.listener) for contact in lasting]


def live_destinations(bindings: Iterable[Binding]) -> list[Destination]:
    """The places behind bindings, in their order."""
    return [Destination(binding.uri, binding.listener, binding.received) for binding in bindings]


def sender_contact(request: Request) -> bytes | None:
    """The sender's Contact if it is a SIP URI; of several the last, as SER takes it (R13, BEHAVIOUR 4.6)."""
    try:
        found = parse_contacts(request.values(b"contact"))
        if not isinstance(found, list) or not found:
            return None
        uri = parse_uri(found[-1].uri)
    except (BadHeader, BadUri):
        return None
    return uri.text if uri.scheme == b"sip" and uri.host else None


def thousandths(q: bytes | None) -> int:
    """A q value as 0 to 1000; -1 for none or nonsense."""
    if not q:
        return -1
    try:
        return round(min(max(float(q), 0.0), 1.0) * 1000)
    except ValueError:
        return -1


def _lasts(contact: Contact, expires_header: bytes | None) -> bool:
    """Whether the contact stays registered: only a zero removes it; what is missing or unreadable takes a default."""
    for value in (contact.expires, expires_header):
        if value is not None:
            digits = value.strip().strip(b'"')
            return not digits.isdigit() or digits.strip(b"0") != b""
    return True
