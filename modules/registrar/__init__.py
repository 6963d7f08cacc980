"""The registrar: `save` takes REGISTER requests into the location store, `lookup` finds where a user is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...apis import Sl
from ...dialect import Dialect
from ...module import Does, Module, Param, ParamError, Route, command, need
from ...script.call import Branch, Call
from ...sip.contact import STAR
from ...sip.errors import BadHeader, BadUri
from ...sip.message import Request
from ...sip.uri import Uri, parse_uri
from ..usrloc import Bindings, Contact, Usrloc
from .answer import contact_line, error_line
from .aor import MAX_LENGTH, Address, AorRule
from .bind import Origin, bind, unbind_all
from .refusal import AOR_PARSE, AOR_TOO_LONG, Refusal, Refused
from .request import Registration, read_contact, read_registration

RECEIVED = "registrar.received"
"""Under this key of `call.values` nathelper leaves the URI of the address that a REGISTER came from."""

ANSWERED, REFUSED, UNSENT = 1, 0, -1
BAD_URI, NOT_FOUND, ALL_EXPIRED = -1, -3, -5

_ATTRIBUTES = ("reply_code_attr", "reply_reason_attr", "contact_attr", "aor_attr")


class Registrar(Module):
    """Registrations by RFC 3261 section 10, with SER's answers."""

    name = "registrar"

    usrloc: Usrloc = need("usrloc")
    sl: Sl = need("sl")

    default_expires = Param(3600, unit="s", doc="The life of a binding whose REGISTER names none.")
    min_expires = Param(60, unit="s", doc="Shorter lives are silently raised to this; 0: no bound.")
    max_expires = Param(0, unit="s", doc="Longer lives are silently cut to this; 0: no bound.")
    default_q = Param(-1, unit="1/1000", doc="The q of a contact that names none; -1: it stays without one.")
    append_branches = Param(1, doc="Whether `lookup` appends further contacts as branches, or takes the first alone.")
    case_sensitive = Param(0, doc="Whether the case of the user part tells users apart.")
    use_domain = Param(0, doc="Whether an address of record is user@domain (1) or the user alone (0); see usrloc.")
    realm_prefix = Param("", doc="With use_domain: taken off the front of the domain.")
    desc_time_order = Param(0, doc="1: a contact that registers again comes before the others (SER 0.8).")
    max_contacts = Param(0, doc="The most contacts of one address of record; more are answered 503; 0: no bound.")
    retry_after = Param(0, unit="s", doc="The Retry-After of 5xx answers; 0: none.")
    received_param = Param("received", doc="The contact parameter with the address that a REGISTER came from.")
    received_avp = Param(42, doc="The attribute in which SER's nathelper left that address; serpy's notes it itself.")
    received_to_uri = Param(0, doc="1: `lookup` puts that address into the URI as a parameter (SER 2).")
    nat_flag = Param(4, doc="The message flag of clients behind NAT: read by `save`, set by `lookup`.")
    save_nat_flag = Param(-1, doc="In place of nat_flag for `save` (SER 2).")
    load_nat_flag = Param(-1, doc="In place of nat_flag for `lookup` (SER 2).")
    reply_code_attr = Param("$code", doc="The attribute with the answer's code after save_noreply (SER 2).")
    reply_reason_attr = Param("$reason", doc="The attribute with the answer's reason after save_noreply (SER 2).")
    contact_attr = Param("$contact", doc="The attribute with the contacts after save_noreply (SER 2).")
    aor_attr = Param("$aor", doc="The attribute with the address of record after save_noreply (SER 2).")

    def prepare(self) -> None:
        self._agree_on_domain()
        for name in ("default_expires", "min_expires", "max_expires", "max_contacts", "retry_after"):
            if self.params[name].__get__(self, type(self)) < 0:
                raise ParamError(name, f"{name} is below 0", "0 is the least")
        if not -1 <= self.default_q <= 1000:
            raise ParamError("default_q", f"default_q is {self.default_q}", "write thousandths from 0 to 1000, or -1")
        for name in ("nat_flag", "save_nat_flag", "load_nat_flag"):
            if not -1 <= self.params[name].__get__(self, type(self)) <= 31:
                raise ParamError(name, f"{name} is no message flag", "write a number from 0 to 31")
        for name in _ATTRIBUTES:
            if name in self.values:
                self.warnings.append(ParamError(name, "attributes are not supported yet: it has no effect"))
        self._aor_rule = AorRule(bool(self.use_domain), bool(self.case_sensitive), self.realm_prefix.lower().encode())
        self._received_param = self.received_param.lower().encode()
        self._save_flag = self.nat_flag if self.save_nat_flag < 0 else self.save_nat_flag
        self._load_flag = self.nat_flag if self.load_nat_flag < 0 else self.load_nat_flag
        # what each message needs, read once
        self._default_expires = self.default_expires
        self._asked_by: dict[str, Any] = {
            "shortest": self.min_expires,
            "longest": self.max_expires,
            "default_q": None if self.default_q < 0 else self.default_q,
            "received_param": self._received_param,
        }
        self._bound_by: dict[str, Any] = {
            "max_contacts": self.max_contacts,
            "update_moves": bool(self.desc_time_order),
        }
        self._appends = bool(self.append_branches)
        self._notes_source = self.host.dialect is Dialect.SER_2

    def _agree_on_domain(self) -> None:
        here, there = self.values.get("use_domain"), self.usrloc.values.get("use_domain")
        if here is not None and there is not None and bool(here) != bool(there):
            raise ParamError(
                "use_domain",
                f"use_domain is {here} here and {there} in usrloc",
                "set both to the same value, or one of them only",
            )
        self.use_domain = self.usrloc.use_domain = int(bool(here or there))

    def aor(self, uri: Uri) -> str:
        """The address of record of a URI as `save` and `lookup` form it."""
        return self._aor_rule.key(uri)

    # registration

    @command("save", "save_contacts", routes=Route.REQUEST | Route.FAILURE, does=Does.SAVES | Does.REPLIES)
    def save(self, call: Call, table: str) -> int:
        """Take the REGISTER into the table and answer it: 1; 0, which ends the script, when it was refused."""
        return self._save(call, table, answers=True)

    @command("save_memory", routes=Route.REQUEST | Route.FAILURE, does=Does.SAVES | Does.REPLIES)
    def save_memory(self, call: Call, table: str) -> int:
        """As `save`, but not written to the database."""
        return self._save(call, table, answers=True)

    @command("save_noreply", "save_contacts_noreply", routes=Route.REQUEST | Route.FAILURE, does=Does.SAVES)
    def save_noreply(self, call: Call, table: str) -> int:
        """As `save`, but without an answer; 0 on an error (SER 2: -2)."""
        return self._save(call, table, answers=False)

    @command("save_mem_nr", routes=Route.REQUEST | Route.FAILURE, does=Does.SAVES)
    def save_mem_nr(self, call: Call, table: str) -> int:
        """As `save_noreply`, but not written to the database."""
        return self._save(call, table, answers=False)

    def _save(self, call: Call, table: str, *, answers: bool) -> int:
        request = call.request
        bindings = self.usrloc.table(table)
        now = int(self.host.clock.time())
        aor: str | None = None
        try:
            registration = read_registration(request, self._default_expires)
            aor = self._registered_aor(registration.to_uri)
            bindings.sweep_one(aor, now)
            self._change(call, bindings, aor, registration, now)
        except Refused as refused:
            return self._refuse(call, refused.refusal, bindings.all(aor) if aor is not None else (), now, answers)
        self.host.stats["registrar.accepted"] += 1
        if not answers:
            return ANSWERED
        line = contact_line(bindings.all(aor), now, self._received_param)
        return ANSWERED if self.sl.reply(call, 200, "OK", (line,) if line else ()) else UNSENT

    def _registered_aor(self, to_uri: bytes) -> str:
        try:
            uri = parse_uri(to_uri)
        except BadUri:
            raise Refused(AOR_PARSE) from None
        if uri.scheme == b"tel":  # RFC 3261 10.2: the address of record must be a SIP or SIPS URI
            raise Refused(AOR_PARSE)
        aor = self._aor_rule.key(uri)
        if len(aor) > MAX_LENGTH:
            raise Refused(AOR_TOO_LONG)
        return aor

    def _change(self, call: Call, bindings: Bindings, aor: str, registration: Registration, now: int) -> None:
        contacts = registration.contacts
        if contacts is None:
            return
        if contacts is STAR:
            unbind_all(bindings, aor, registration)
            return
        asked = [read_contact(contact, registration.expires, **self._asked_by) for contact in contacts]
        bind(bindings, aor, registration, asked, self._origin(call), now, **self._bound_by)

    def _origin(self, call: Call) -> Origin:
        request = call.request
        nat = self._save_flag >= 0 and call.flags >> self._save_flag & 1 == 1
        received: bytes | None = call.values.get(RECEIVED)
        if received is None and nat and self._notes_source:
            received = _source_uri(request)
        user_agent = (request.header(b"user-agent") or b"Unknown")[:128]
        return Origin(request.listener, user_agent, received, nat, self.host.clock.time())

    def _refuse(self, call: Call, refusal: Refusal, held: Sequence[Contact], now: int, answers: bool) -> int:
        self.host.stats["registrar.refused"] += 1
        if self.host.log.info_on:
            self.host.log.info(f"REGISTER refused: {refusal.code} {refusal.reason} ({refusal.text})", call)
        if not answers:
            return REFUSED if self.host.dialect.is_classic else -2
        lines = []
        bound = contact_line(held, now, self._received_param)
        if bound:
            lines.append(bound)
        lines.append(error_line(refusal.text))
        if refusal.code >= 500 and self.retry_after:
            lines.append(b"Retry-After: %d\r\n" % self.retry_after)
        return REFUSED if self.sl.reply(call, refusal.code, refusal.reason, lines) else UNSENT

    # location

    @command(
        "lookup", "lookup_contacts", routes=Route.REQUEST | Route.FAILURE, does=Does.FINDS_USER | Does.CHANGES_FLAGS
    )
    def lookup(self, call: Call, table: str, address: Address = None) -> int:
        """Rewrite the Request-URI to where its user (or that of `address`) is: 1; -1, -3 or -5 when nowhere."""
        try:
            aor = self._asked_aor(call, address)
        except (BadUri, BadHeader):
            return BAD_URI
        bindings = self.usrloc.table(table)
        contacts = bindings.live(aor, self.host.clock.time())
        if not contacts:
            return ALL_EXPIRED if bindings.all(aor) else NOT_FOUND
        first = contacts[0]
        self._retarget(call, first)
        nat = first.nat
        if len(contacts) > 1 and self._appends:
            room = max(self.host.core.max_branches - 1 - len(call.branches), 0)
            for contact in _best(contacts[1:], room):
                uri, dst_uri = self._destination(contact)
                call.branches.append(Branch(uri, contact.q, dst_uri, contact.listener))
                nat = nat or contact.nat
            if len(contacts) - 1 > room:
                self.host.log.warning(
                    f"lookup({table!r}): {aor} has {len(contacts)} contacts, {room + 1} of them get the request;"
                    " raise max_branches to reach more",
                    call,
                )
        if nat and self._load_flag >= 0:
            call.flags |= 1 << self._load_flag
        return 1

    def _retarget(self, call: Call, contact: Contact) -> None:
        uri, dst_uri = self._destination(contact)
        call.uri = uri
        call.q = contact.q
        if dst_uri is not None:
            call.dst_uri = dst_uri
        if contact.listener is not None:
            call.send_socket = contact.listener

    def _destination(self, contact: Contact) -> tuple[bytes, bytes | None]:
        if contact.received is not None and self.received_to_uri:
            return b'%b;received="%b"' % (contact.uri, contact.received), None
        return contact.uri, contact.received

    @command("registered", routes=Route.REQUEST | Route.FAILURE)
    def registered(self, call: Call, table: str, address: Address = None) -> bool:
        """Whether the user of the Request-URI (or of `address`) has a valid binding; changes nothing."""
        try:
            aor = self._asked_aor(call, address)
        except (BadUri, BadHeader):
            return False
        return bool(self.usrloc.table(table).live(aor, self.host.clock.time()))

    @command("unregister", routes=Route.ANY)
    def unregister(self, call: Call, table: str, address: Address = None) -> int:
        """Remove all bindings of `address`, or of To in a REGISTER, or of the Request-URI: 1; -2 when it has none."""
        try:
            to_it = address is None and call.request.method == b"REGISTER"
            aor = self._to_aor(call.request) if to_it else self._asked_aor(call, address)
        except (BadUri, BadHeader):
            return BAD_URI
        bindings = self.usrloc.table(table)
        was_live = bool(bindings.live(aor, self.host.clock.time()))
        bindings.clear(aor)
        return 1 if was_live else -2

    def _asked_aor(self, call: Call, address: Uri | None) -> str:
        """The key that a location command means.

        Raises:
            BadUri, BadHeader: there is none.
        """
        if address is not None:
            return self._aor_rule.key(address)
        if not self.host.dialect.is_classic and call.request.method == b"REGISTER":
            return self._to_aor(call.request)
        return self._sip_aor(call.uri)

    def _to_aor(self, request: Request) -> str:
        to = request.to
        if to is None:
            raise BadHeader(b"to", "there is none")
        return self._sip_aor(to.uri)

    def _sip_aor(self, text: bytes) -> str:
        uri = parse_uri(text)
        if uri.scheme == b"tel":
            raise BadUri(text, "only SIP and SIPS URIs have bindings")
        return self._aor_rule.key(uri)


def _best(contacts: Sequence[Contact], room: int) -> Sequence[Contact]:
    """The contacts that fit into `room`: those with the highest q, in their own order (decision D42)."""
    if len(contacts) <= room:
        return contacts
    ranked = sorted(range(len(contacts)), key=lambda at: _rank(contacts[at]), reverse=True)
    return [contacts[at] for at in sorted(ranked[:room])]


def _rank(contact: Contact) -> int:
    return -1 if contact.q is None else contact.q


def _source_uri(request: Request) -> bytes:
    """The URI that leads back to where the request came from, as SER 2 spells it."""
    host, port = request.source
    listener = request.listener
    transport = b"" if listener.proto == "udp" else b";transport=" + listener.proto.upper().encode()
    source = b"[%b]" % host.encode() if ":" in host else host.encode()
    return b"sip:%b:%d%b;dstip=%b;dstport=%d" % (source, port, transport, listener.host.encode(), listener.port)
