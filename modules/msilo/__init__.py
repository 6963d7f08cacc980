"""msilo: keeps messages for those who are offline, and delivers them when they register."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from ...db.api import Database, DatabaseError, OutcomeUnknown
from ...db.tables import Table
from ...db.url import BadUrl, parse_url
from ...module import Does, Hook, Kind, Module, Param, ParamError, Route, command, hook, need, timer, want
from ...script.call import Call
from ...sip.errors import BadHeader
from ...sip.message import Request
from ...sip.uri import BadUri, Uri, parse_uri
from . import outgoing
from .address import OwnerOf, aor_of, owner_rule
from .contacts import live_destinations, registered_contacts, sender_contact
from .deliver import LEASE, Postman
from .holder import holder_name, is_dead
from .intake import NotStored, Rules, take_in
from .letter import Letter
from .schema import Columns, Layout, SchemaMismatch, side_table, silo_table
from .side import SideSilo
from .store import Silo

if TYPE_CHECKING:
    from ...apis import Host, Registrar, Tm, Usrloc

LONGEST_NAME = 64
"""Characters of a table's name that every engine takes."""
ARRIVED = "msilo.arrived"
"""Where a call notes when its message came in, in Unix seconds."""


def _mode(text: str) -> int:
    if text not in ("0", "1", "2"):
        raise ValueError(
            f'{text!r} is no mode of m_store: "0" stores for the current Request-URI, "1" for the received one, '
            f'"2" for To'
        )
    return int(text)


def _next_hop(text: str) -> bytes | None:
    if not text:
        return None
    try:
        parse_uri(text.encode("utf-8", "surrogateescape"))
    except BadUri as error:
        raise ValueError(f"{text!r} is not a SIP URI ({error}); a next hop reads sip:proxy.example.com") from None
    return text.encode("utf-8", "surrogateescape")


MODE = Kind('"0", "1" or "2"', _mode)
NEXT_HOP = Kind("a SIP URI or an empty string", _next_hop)


class Msilo(Module):
    """Keeps messages for those who are offline (`m_store`), and delivers them when they register (`m_dump`)."""

    name = "msilo"

    db_url = Param("mysql://root@localhost/msilo", doc="The database that keeps the messages.")
    db_table = Param("silo", doc="The table that keeps the messages.")
    registrar = Param(
        "",
        doc="The address from which senders are told that their message waits; unset: they are not told. Messages "
        "from or to it are never stored.",
    )
    expire_time = Param(259200, unit="s", doc="How long a message is kept at most.")
    check_time = Param(30, unit="s", doc="How often unfinished deliveries are seen to.")
    clean_period = Param(5, unit="checks", doc="After how many checks messages past their time are deleted.")
    use_contact = Param(1, doc="1: a notice goes to the sender's Contact; 0: to the address in From.")

    sc_mid = Param("mid", doc="Name of the column with the number of a message.")
    sc_from = Param("src_addr", doc="Name of the column with the URI from From.")
    sc_to = Param("dst_addr", doc="Name of the column with the URI from To.")
    sc_ruri = Param("r_uri", doc="Name of the column with the address of record.")
    sc_uri_user = Param("username", doc="Name of the column with the user of the address (tables of SER 0.9).")
    sc_uri_host = Param("domain", doc="Name of the column with the domain of the address (tables of SER 0.9).")
    sc_body = Param("body", doc="Name of the column with the body.")
    sc_ctype = Param("ctype", doc="Name of the column with the content type.")
    sc_exp_time = Param("exp_time", doc="Name of the column with the time until which a message is kept.")
    sc_inc_time = Param("inc_time", doc="Name of the column with the time at which a message came in.")

    tm: Tm = need("tm")
    registrar_module: Registrar | None = want("registrar")
    usrloc: Usrloc | None = want("usrloc")

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.silo: Silo
        self.postman: Postman
        self._rules: Rules
        self._owner_of: OwnerOf
        self._registrar: Uri | None = None
        self._checks = 0
        self._started = False

    # -- what scripts call

    @command("m_store", routes=Route.REQUEST | Route.FAILURE, does=Does.STORES)
    async def store(
        self, call: Call, mode: Annotated[int, MODE] = 0, next_hop: Annotated[bytes | None, NEXT_HOP] = None
    ) -> bool:
        """Keep the message for its recipient, and tell the sender; true when it is committed to the database.

        `mode` says which URI is the recipient's address: "0" the current Request-URI, else the received one, else To;
        "1" the received one, else To; "2" To. `next_hop` is the proxy for what is sent on this occasion.
        """
        request = call.request
        arrived: float = call.values.get(ARRIVED) or self.host.clock.time()
        try:
            letter = take_in(call, mode, self._rules, self.host.clock.time())
        except NotStored as reason:
            return self._not_stored(call, str(reason))
        try:
            await self.silo.store(letter)
        except OutcomeUnknown as error:
            # D40: no second INSERT, or it might be there twice
            return self._not_stored(call, f"whether it was is unknown, the sender is told that it was not: {error}")
        except DatabaseError as error:
            return self._not_stored(call, str(error))
        self.host.stats["msilo.stored"] += 1
        if self.host.log.info_on:
            until = self._local(letter.exp_time)
            self.host.log.info(f"msilo: message stored for {letter.address}, until {until}", call)
        self._tell_sender(request, letter, next_hop)
        self._deliver_if_registered_since(call, letter, arrived, next_hop)
        return True

    @command("m_dump", routes=Route.REQUEST)
    async def dump(self, call: Call, next_hop: Annotated[bytes | None, NEXT_HOP] = None) -> bool:
        """Deliver what is kept for the user of this REGISTER to the contacts it names, in the background.

        True also when nothing is kept; false for a request that registers nothing and when the database is away.
        """
        request = call.request
        try:
            destinations = registered_contacts(request) if request.method == b"REGISTER" else []
            to = request.to
            owner = self._owner_of(parse_uri(to.uri)) if destinations and to is not None else ""
        except (BadHeader, BadUri) as error:
            self.host.log.notice(f"msilo: nothing is delivered: the REGISTER cannot be read: {error}", call)
            return False
        if not destinations:
            self.host.log.debug("msilo: nothing is delivered: the request registers no contact", call)
            return False
        if not owner:
            return True  # To names no user, so nothing can be kept for it
        self.postman.next_hop = next_hop
        # before anything of ours, the reply that the script has queued
        self.host.perform(call)
        if owner in self.postman.runs:
            # it looks again when it is through; a flood of REGISTERs must not list a long queue each time
            self.postman.start(owner, destinations, next_hop)
            return True
        try:
            waiting = await self.silo.waiting(owner)
        except DatabaseError as error:
            self.postman.owe(owner)
            self.host.log.error(f"msilo: nothing is delivered to {owner} until the database answers: {error}", call)
            return False
        if waiting:
            self.host.log.info(f"msilo: messages waiting for {owner}: {len(waiting)}", call)
            self.postman.start(owner, destinations, next_hop, listed=waiting)
        return True

    # -- what the server calls

    @hook(Hook.BEFORE_SCRIPT)
    def note_arrival(self, call: Call) -> bool:
        """Note when a message came in, for D41."""
        call.values[ARRIVED] = self.host.clock.time()
        return True

    @timer(every="check_time")
    async def check(self) -> None:
        """Finish what failed before (R11, D8), and delete what is past its time (R12)."""
        self._checks += 1
        try:
            await self.postman.tick()
            if self.clean_period and self._checks % self.clean_period == 0:
                expired = await self.silo.expire(self.host.clock.time())
                if expired:
                    self.host.stats["msilo.expired"] += expired
                    self.host.log.info(f"msilo: messages deleted, past their time: {expired}")
        except DatabaseError as error:
            self.host.log.warning(f"msilo: the check is put off until the next one: {error}")

    @timer(every=LEASE / 3)
    async def renew(self) -> None:
        """Keep the claims on what is being delivered."""
        try:
            await self.postman.renew()
        except DatabaseError as error:
            self.host.log.warning(f"msilo: claims on messages could not be renewed: {error}")

    def prepare(self) -> None:
        for name, least in (("expire_time", 1), ("check_time", 0), ("clean_period", 0)):
            value: int = self.params[name].__get__(self, type(self))
            if value < least:
                raise ParamError(name, f"{name} is {value}", f"it must be {least} or more")
        for name in ("check_time", "clean_period"):
            if self.params[name].__get__(self, type(self)) == 0:
                effect = "interrupted deliveries are not resumed" if name == "check_time" else "nothing is ever deleted"
                self.warnings.append(ParamError(name, f"{name} is 0: {effect}", "a usual value is the default"))
        try:
            url = parse_url(self.db_url)
        except BadUrl as error:
            raise ParamError("db_url", str(error)) from None
        if url.engine not in ("mysql", "sqlite"):
            told = f"{url.scheme}:// databases are not supported yet"
            self.warnings.append(ParamError("db_url", told, "use mysql:// or sqlite://, or start with --db embedded"))
        if not 0 < len(self.db_table) <= LONGEST_NAME:
            what = f"a table cannot be named {self.db_table!r}"
            raise ParamError("db_table", what, f"a name has 1 to {LONGEST_NAME} characters; the usual one is silo")
        if self.registrar:
            hint = "it reads sip:registrar@example.com"
            try:
                self._registrar = parse_uri(self.registrar.encode("utf-8", "surrogateescape"))
            except BadUri as error:
                raise ParamError("registrar", f"{self.registrar!r} is not a SIP URI: {error}", hint) from None
            if not self._registrar.host:
                raise ParamError("registrar", f"{self.registrar!r} names no host", hint)

    def tables(self) -> Sequence[tuple[str, Table]]:
        return ((self.db_url, silo_table(self.db_table, self._columns())),)

    async def start(self) -> None:
        """Open the silo.

        Raises:
            DatabaseError: the database or its table cannot be used; the text is for people.
        """
        self._owner_of = owner_rule(self.registrar_module)
        database = await self.host.database(self.db_url, [table for _url, table in self.tables()])
        layout = await self._layout(database)
        holder = holder_name(self.host.ids.token(), self.host.ids.process)
        if layout.has_claims:
            self.silo = Silo(database, layout, self._owner_of)
        else:
            side = side_table(self.db_table)
            if await database.create([side]):
                self.host.log.notice(f"msilo: {self.db_table} was made by SER; {side.name} was created beside it")
            self.silo = SideSilo(database, layout, self._owner_of, side.name)
        freed = await self.silo.free_dead(lambda other: is_dead(other, holder))
        if freed:
            self.host.log.notice(
                f"msilo: deliveries that were interrupted when the server ended, to be resumed: {freed}"
            )
        if layout.has_claims:
            # what is written here has its owner; only if the rule has changed is there anything to correct
            self.host.spawn(self._reindex(), "msilo index")
        else:
            await self.silo.index_all()
        self._rules = Rules(self._registrar, self.expire_time, self._owner_of, layout)
        self.postman = Postman(
            self.host, self.tm, self.usrloc, self.silo, holder=holder, check_time=float(self.check_time)
        )
        self._started = True

    async def stop(self) -> None:
        if not self._started:
            return
        try:
            await self.postman.stop()
        except DatabaseError as error:
            self.host.log.error(
                f"msilo: {len(self.postman.undeleted)} delivered messages could not be deleted and will be delivered "
                f"again: {error}"
            )

    # -- inside

    async def _reindex(self) -> None:
        try:
            await self.silo.index_all()
        except DatabaseError as error:
            self.host.log.warning(f"msilo: whose the stored messages are could not be checked: {error}")

    def _columns(self) -> Columns:
        return Columns(
            mid=self.sc_mid,
            src=self.sc_from,
            dst=self.sc_to,
            address=self.sc_ruri,
            user=self.sc_uri_user,
            host=self.sc_uri_host,
            inc_time=self.sc_inc_time,
            exp_time=self.sc_exp_time,
            ctype=self.sc_ctype,
            body=self.sc_body,
        )

    async def _layout(self, database: Database) -> Layout:
        layout = Layout(self.db_table, self._columns(), await database.columns(self.db_table) or {})
        try:
            layout.check()
        except SchemaMismatch as error:
            raise DatabaseError(f"{database.shown}: {error}") from error
        if advice := layout.advice():
            self.host.log.warning(f"msilo: {advice}")
        return layout

    def _not_stored(self, call: Call, reason: str) -> bool:
        self.host.stats["msilo.not_stored"] += 1
        self.host.log.notice(f"msilo: message not stored: {reason}", call)
        return False

    def _tell_sender(self, request: Request, letter: Letter, next_hop: bytes | None) -> None:
        """Send the notice (R9, R13, D19); how it ends is of no consequence."""
        if self._registrar is None:
            return
        sender = letter.src.encode()
        self.tm.request(
            b"MESSAGE",
            (sender_contact(request) if self.use_contact else None) or sender,
            to=sender,
            from_=self.registrar.encode("utf-8", "surrogateescape"),
            headers=(b"Content-Type: text/plain",),
            body=outgoing.notice(letter.address),
            next_hop=next_hop,
            listener=request.listener,
        )

    def _deliver_if_registered_since(self, call: Call, letter: Letter, arrived: float, next_hop: bytes | None) -> None:
        """D41: somebody who registered while the message was on its way to the table need not wait an hour.

        Only bindings that are newer than the message count: in a failure route the others are those that have just
        refused it, and there a tie is no reason to ask again.
        """
        if self.usrloc is None:
            return
        # elsewhere `lookup` has just found nobody, so a tie, or a registrar that notes whole seconds, is no danger
        least = math.nextafter(arrived, math.inf) if call.kind is Route.FAILURE else math.floor(arrived)
        newer = [binding for binding in self.usrloc.live(aor_of(letter.owner)) if binding.updated >= least]
        self.postman.start(letter.owner, live_destinations(newer), next_hop or self.postman.next_hop)

    def _local(self, seconds: int) -> str:
        """A time for people: `2026-11-28 05:23:04+01:00`."""
        zone = self.host.clock.zone
        return datetime.fromtimestamp(seconds, zone).astimezone(zone).isoformat(" ", "seconds")
