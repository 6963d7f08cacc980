"""The header lines that a registrar's reply has of its own."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from ...sip.reply import format_q
from ..usrloc import Contact
from .expires import LONGEST


def contact_line(contacts: Iterable[Contact], now: int, received_param: bytes) -> bytes | None:
    """`Contact: <uri>;q=0.5;expires=100, ...` over these bindings in this order; None when there are none."""
    values = [_value(contact, now, received_param) for contact in contacts]
    return b"Contact: %b\r\n" % b", ".join(values) if values else None


def _value(contact: Contact, now: int, received_param: bytes) -> bytes:
    q = b"" if contact.q is None else b";q=" + format_q(contact.q)
    left = int(contact.expires) - now if isfinite(contact.expires) else LONGEST
    value = b"<%b>%b;expires=%d" % (contact.uri, q, left)
    if contact.received is not None:
        value += b';%b="%b"' % (received_param, contact.received)
    return value


def error_line(text: str) -> bytes:
    """`P-Registrar-Error` with the reason for people."""
    return b"P-Registrar-Error: %b\r\n" % text.encode()
