"""Where users are: the bindings behind `save` and `lookup`, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...module import Module, Param, ParamError, rpc, timer
from . import control
from .store import NEVER, Bindings, Contact

__all__ = ["NEVER", "Bindings", "Contact", "Usrloc"]


class Usrloc(Module):
    """The store of bindings. Scripts reach it through registrar's `save` and `lookup`."""

    name = "usrloc"

    db_mode = Param(0, doc="Where bindings are kept: 0 is memory only, the one mode that exists yet.")
    timer_interval = Param(60, unit="s", doc="How often expired bindings are dropped from memory.")
    db_url = Param("", doc="The database behind db_mode 1 and 2; not opened in db_mode 0.")
    use_domain = Param(0, doc="Whether an address of record is user@domain (1) or the user alone (0).")
    desc_time_order = Param(0, doc="1: the newest contact comes first, whatever its q; 0: by q, then the oldest.")

    user_column = Param("username", doc="Name of the column with the user.")
    domain_column = Param("domain", doc="Name of the column with the domain.")
    contact_column = Param("contact", doc="Name of the column with the contact URI.")
    expires_column = Param("expires", doc="Name of the column with the time of expiry.")
    q_column = Param("q", doc="Name of the column with q.")
    callid_column = Param("callid", doc="Name of the column with the Call-ID.")
    cseq_column = Param("cseq", doc="Name of the column with the CSeq number.")
    method_column = Param("method", doc="Name of the column with the methods.")
    flags_column = Param("flags", doc="Name of the column with the flags.")
    replicate_column = Param("replicate", doc="Name of the column with the replication mark (SER 0.8).")
    state_column = Param("state", doc="Name of the column with the state (SER 0.8).")
    user_agent_column = Param("user_agent", doc="Name of the column with the User-Agent.")
    received_column = Param("received", doc="Name of the column with the address a REGISTER came from.")
    uid_column = Param("uid", doc="Name of the column with the uid (SER 2).")
    aor_column = Param("aor", doc="Name of the column with the address of record (SER 2).")
    instance_column = Param("instance", doc="Name of the column with +sip.instance (SER 2).")
    reg_avp_column = Param("avp", doc="Name of the column with the attributes of a contact (SER 2).")
    reg_avp_flag = Param("", doc="The flag of attributes that are kept with a contact (SER 2).")
    db_skip_delete = Param(0, doc="Whether expired rows stay in the database (SER 2).")

    def prepare(self) -> None:
        if self.db_mode != 0:
            raise ParamError(
                "db_mode",
                f"db_mode {self.db_mode} keeps bindings in a database, which is not supported yet",
                "set db_mode to 0; bindings then live in memory, and clients register again after a restart",
            )
        self._tables: dict[str, Bindings] = {}
        self._newest_first = bool(self.desc_time_order)

    def table(self, name: str) -> Bindings:
        """The table of this name, made when it is first asked for."""
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = Bindings(name, newest_first=self._newest_first)
        return table

    @property
    def tables_in_use(self) -> Sequence[Bindings]:
        """All tables, in the order of their first use."""
        return tuple(self._tables.values())

    def live(self, aor: str) -> Sequence[Contact]:
        """The valid bindings of an address of record over all tables, best first."""
        now = self.host.clock.time()
        found = [live for table in self._tables.values() if (live := table.live(aor, now))]
        if len(found) < 2:
            return found[0] if found else ()
        return sorted(
            (one for live in found for one in live), key=lambda one: -1 if one.q is None else one.q, reverse=True
        )

    @timer(every="timer_interval")
    def sweep(self) -> None:
        """Drop expired bindings from memory; they were invisible already."""
        now = self.host.clock.time()
        dropped = sum(table.sweep(now) for table in self._tables.values())
        if dropped:
            self.host.stats["usrloc.expired"] += dropped

    @rpc("usrloc.stats")
    def show_stats(self) -> list[dict[str, Any]]:
        """For each table: addresses of record, contacts, and contacts expired but not yet swept."""
        return control.stats(self)

    @rpc("usrloc.dump")
    def dump(self) -> list[dict[str, Any]]:
        """Every binding of every table."""
        return control.dump(self)

    @rpc("usrloc.flush")
    def flush(self) -> str:
        """Write what waits for the database: nothing does in db_mode 0."""
        return "nothing to write: db_mode is 0"

    @rpc("usrloc.show_contacts")
    def show_contacts(self, table: str, aor: str) -> list[dict[str, Any]]:
        """The valid bindings of one address of record."""
        return control.show_contacts(self, table, aor)

    @rpc("usrloc.add_contact")
    def add_contact(self, table: str, aor: str, contact: str, expires: int, q: float = -1) -> str:
        """Bind a contact for `expires` seconds; 0 is for ever."""
        return control.add_contact(self, table, aor, contact, expires, q)

    @rpc("usrloc.delete_contact")
    def delete_contact(self, table: str, aor: str, contact: str) -> str:
        """Remove one binding."""
        return control.delete_contact(self, table, aor, contact)

    @rpc("usrloc.delete_uid")
    def delete_uid(self, table: str, aor: str) -> str:
        """Remove all bindings of an address of record."""
        return control.delete_aor(self, table, aor)
