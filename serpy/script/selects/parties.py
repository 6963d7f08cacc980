"""The selects of headers that are addresses: From, To, Contact and Record-Route."""

from __future__ import annotations

from ...module import Module, select
from ...sip.contact import Contact, parse_contacts
from ...sip.errors import BadHeader
from ...sip.nameaddr import NameAddr, parse_nameaddr
from ...sip.params import split_list
from ..call import Call
from .names import lower


class PartySelects(Module):
    """`@from`, `@to`, `@contact`, `@record_route` and their parts; of several values the first."""

    # From and To

    @select("from", "f")
    def from_(self, call: Call) -> bytes | None:
        """The From header's value."""
        return call.message.header(b"from")

    @select("from.uri", "f.uri", uri=True)
    def from_uri(self, call: Call) -> bytes:
        return _present(call.message.from_, b"from").uri

    @select("from.tag", "f.tag")
    def from_tag(self, call: Call) -> bytes:
        return _present(call.message.from_, b"from").tag or b""

    @select("from.name", "f.name")
    def from_name(self, call: Call) -> bytes:
        return _present(call.message.from_, b"from").display

    @select("from.params.*", "f.params.*")
    def from_param(self, call: Call, name: str) -> bytes | None:
        return _present(call.message.from_, b"from").param(lower(name))

    @select("to", "t")
    def to(self, call: Call) -> bytes | None:
        """The To header's value."""
        return call.message.header(b"to")

    @select("to.uri", "t.uri", uri=True)
    def to_uri(self, call: Call) -> bytes:
        return _present(call.message.to, b"to").uri

    @select("to.tag", "t.tag")
    def to_tag(self, call: Call) -> bytes:
        return _present(call.message.to, b"to").tag or b""

    @select("to.name", "t.name")
    def to_name(self, call: Call) -> bytes:
        return _present(call.message.to, b"to").display

    @select("to.params.*", "t.params.*")
    def to_param(self, call: Call, name: str) -> bytes | None:
        return _present(call.message.to, b"to").param(lower(name))

    # Contact: the first one

    @select("contact", "m")
    def contact(self, call: Call) -> bytes | None:
        """The first Contact header's value."""
        return call.message.header(b"contact")

    @select("contact.uri", "m.uri", uri=True)
    def contact_uri(self, call: Call) -> bytes | None:
        contact = _contact(call)
        return None if contact is None else contact.uri

    @select("contact.name", "m.name")
    def contact_name(self, call: Call) -> bytes | None:
        contact = _contact(call)
        return None if contact is None else contact.display

    @select("contact.params.*", "m.params.*")
    def contact_param(self, call: Call, name: str) -> bytes | None:
        contact = _contact(call)
        return None if contact is None else contact.param(lower(name))

    @select("contact.q", "m.q")
    def contact_q(self, call: Call) -> bytes | None:
        return self.contact_param(call, "q")

    @select("contact.expires", "m.expires")
    def contact_expires(self, call: Call) -> bytes | None:
        return self.contact_param(call, "expires")

    @select("contact.method", "m.method")
    def contact_method(self, call: Call) -> bytes | None:
        return self.contact_param(call, "method")

    @select("contact.methods", "m.methods")
    def contact_methods(self, call: Call) -> bytes | None:
        return self.contact_param(call, "methods")

    @select("contact.received", "m.received")
    def contact_received(self, call: Call) -> bytes | None:
        return self.contact_param(call, "received")

    @select("contact.instance", "m.instance")
    def contact_instance(self, call: Call) -> bytes | None:
        return self.contact_param(call, "+sip.instance")

    # Record-Route: the first one

    @select("record_route", "rr")
    def record_route(self, call: Call) -> bytes | None:
        """The first Record-Route header's value."""
        return call.message.header(b"record-route")

    @select("record_route.uri", "rr.uri", uri=True)
    def record_route_uri(self, call: Call) -> bytes:
        return _record_route(call).uri

    @select("record_route.name", "rr.name")
    def record_route_name(self, call: Call) -> bytes:
        return _record_route(call).display

    @select("record_route.params.*", "rr.params.*")
    def record_route_param(self, call: Call, name: str) -> bytes | None:
        return _record_route(call).param(lower(name))


def _present(address: NameAddr | None, header: bytes) -> NameAddr:
    if address is None:
        raise BadHeader(header, "there is none")
    return address


def _contact(call: Call) -> Contact | None:
    """The first contact; None for `*`.

    Raises:
        BadHeader: there is no Contact, or it cannot be read.
    """
    value = call.message.header(b"contact")
    if value is None:
        raise BadHeader(b"contact", "there is none")
    contacts = parse_contacts([value])
    return contacts[0] if isinstance(contacts, list) and contacts else None


def _record_route(call: Call) -> NameAddr:
    value = call.message.header(b"record-route")
    routes = split_list(value) if value is not None else []
    if not routes:
        raise BadHeader(b"record-route", "there is none")
    return parse_nameaddr(routes[0], b"record-route")
