"""What a REGISTER asks for, read and checked before anything is changed."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from ...sip.contact import STAR, Contact, Star, StarAmongOthers, parse_contacts
from ...sip.errors import BadHeader
from ...sip.message import Request
from ...sip.params import split_params
from .expires import bounded, contact_seconds, header_seconds
from .q import parse_q
from .refusal import (
    CONTACT_PARSE,
    INVALID_CSEQ,
    INVALID_Q,
    MESSAGE_PARSE,
    NO_CALL_ID,
    NO_CSEQ,
    NO_TO,
    STAR_CONTACTS,
    STAR_EXPIRES,
    Refused,
)

# A contact is opaque to the registrar (BEHAVIOUR 3.6), but it becomes a Request-URI and stands in brackets in
# replies: a blank or a line break inside would make another message of it.
_UNFIT = re.compile(rb"[\x00-\x20\x7f<>]")
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")


class Asked(NamedTuple):
    """One contact of the request."""

    uri: bytes
    seconds: int
    """0 removes the binding."""
    q: int | None
    received: bytes | None


class Registration(NamedTuple):
    """A REGISTER whose headers can be used."""

    to_uri: bytes
    call_id: bytes
    cseq: int
    expires: int
    """What the Expires header asks for, or the default; not yet bounded."""
    contacts: list[Contact] | Literal[Star.STAR] | None
    """None without a Contact header: the bindings are asked for."""


def read_registration(request: Request, default_expires: int) -> Registration:
    """The request's parts, in the order in which SER looks for them.

    Raises:
        Refused: something is missing or cannot be read.
    """
    try:
        to, call_id = request.to, request.call_id
    except BadHeader:
        raise Refused(MESSAGE_PARSE) from None
    if to is None:
        raise Refused(NO_TO)
    if call_id is None:
        raise Refused(NO_CALL_ID)
    try:
        cseq = request.cseq
    except BadHeader:
        raise Refused(INVALID_CSEQ) from None
    if cseq is None:
        raise Refused(NO_CSEQ)
    expires = header_seconds(request.header(b"expires"), default_expires)
    return Registration(to.uri, call_id, cseq.number, expires, _contacts(request, expires))


def _contacts(request: Request, expires: int) -> list[Contact] | Literal[Star.STAR] | None:
    values = request.values(b"contact")
    if not values:
        return None
    try:
        contacts = parse_contacts(values)
    except StarAmongOthers:
        raise Refused(STAR_CONTACTS if expires == 0 else STAR_EXPIRES) from None
    except BadHeader:
        raise Refused(CONTACT_PARSE) from None
    if contacts is STAR:
        # RFC 3261 10.3 step 6; SER looks at the expiry before it looks for further contacts
        if expires != 0:
            raise Refused(STAR_EXPIRES)
        return STAR
    if not contacts or not all(map(_is_sound, contacts)):
        raise Refused(CONTACT_PARSE)
    return contacts


def _is_sound(contact: Contact) -> bool:
    if _UNFIT.search(contact.uri) or not _SCHEME.match(contact.uri):
        return False
    if not contact.params:
        return True
    for piece in split_params(contact.params):
        name, equals, value = piece.partition(b"=")
        if not name.strip() or (equals and not value.strip()):
            return False
    return True


def read_contact(
    contact: Contact, expires: int, *, shortest: int, longest: int, default_q: int | None, received_param: bytes
) -> Asked:
    """What one contact asks for.

    Raises:
        Refused: its q is none.
    """
    if not contact.params:
        return Asked(contact.uri, bounded(expires, shortest, longest), default_q, None)
    params: dict[bytes, bytes] = {}
    for piece in split_params(contact.params):
        name, _, value = piece.partition(b"=")
        params.setdefault(name.strip().lower(), value.strip())
    q = default_q
    text = params.get(b"q")
    if text is not None:
        q = parse_q(text)
        if q is None:
            raise Refused(INVALID_Q)
    seconds = bounded(contact_seconds(params.get(b"expires"), expires), shortest, longest)
    return Asked(contact.uri, seconds, q, _received(params.get(received_param)))


def _received(value: bytes | None) -> bytes | None:
    """The URI in a contact's `received` parameter; one that cannot be a URI counts as absent."""
    if not value:
        return None
    if len(value) > 1 and value[:1] == value[-1:] == b'"':
        value = value[1:-1]
    return None if _UNFIT.search(value) or b'"' in value or not _SCHEME.match(value) else value
