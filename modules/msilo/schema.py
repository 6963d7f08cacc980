"""The tables of the silo: ours, those that SER made, and the side table for what the latter lack (decision D9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...db.tables import Column, Index, Table

CLAIM_COLUMNS = ("owner", "holder", "lease_until", "tries")
"""What serpy keeps beside SER's columns: whom a row belongs to, and who is delivering it until when."""

NO_DEFAULT = ("extra_hdrs",)
"""Columns of Kamailio's table that must be filled and have no default."""

TEXT = 255
"""Characters of a URI or a content type."""


class SchemaMismatch(ValueError):
    """A table cannot be used; the text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns, as the `sc_*` parameters of the script set them."""

    mid: str = "mid"
    src: str = "src_addr"
    dst: str = "dst_addr"
    address: str = "r_uri"
    user: str = "username"
    host: str = "domain"
    inc_time: str = "inc_time"
    exp_time: str = "exp_time"
    ctype: str = "ctype"
    body: str = "body"


def silo_table(name: str, columns: Columns) -> Table:
    """The table as serpy creates it: SER 0.8's columns and those of the claims."""
    return Table(
        name,
        version=1,
        columns=(
            Column(columns.mid, "int", auto=True),
            Column(columns.src, "string", TEXT, default=""),
            Column(columns.dst, "string", TEXT, default=""),
            Column(columns.address, "string", TEXT, default=""),
            Column(columns.inc_time, "int", default=0),
            Column(columns.exp_time, "int", default=0),
            Column(columns.ctype, "string", TEXT, default="text/plain"),
            Column(columns.body, "blob"),
            *_claim_columns(),
        ),
        primary=(columns.mid,),
        indexes=(Index(("owner",)), Index(("holder",)), Index((columns.exp_time,))),
    )


def side_table(silo: str) -> Table:
    """The claims for a table that SER made: `serpy_silo` beside `silo`."""
    return Table(
        f"serpy_{silo}",
        version=1,
        columns=(Column("mid", "int"), *_claim_columns()),
        primary=("mid",),
        indexes=(Index(("owner",)), Index(("holder",))),
    )


def _claim_columns() -> tuple[Column, ...]:
    # with defaults, so that another program can go on writing rows without knowing these columns
    return (
        Column("owner", "string", TEXT, default=""),
        Column("holder", "string", 64, default=""),
        Column("lease_until", "int", default=0),
        Column("tries", "int", default=0),
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """What a table that is there offers."""

    table: str
    columns: Columns
    sizes: Mapping[str, int | None]
    """Each column with the most characters or octets that it takes (None: no bound)."""

    @property
    def has_claims(self) -> bool:
        """True for a table of our own: no side table is needed."""
        return all(name in self.sizes for name in CLAIM_COLUMNS)

    @property
    def has_address(self) -> bool:
        return self.columns.address in self.sizes

    @property
    def has_user(self) -> bool:
        """True for the tables of SER 0.9 and Kamailio, which keep the address in two columns."""
        return self.columns.user in self.sizes and self.columns.host in self.sizes

    def limit(self, column: str) -> int | None:
        """The most characters or octets of a column; None when it has no bound (or is not there)."""
        return self.sizes.get(column)

    def check(self) -> None:
        """Make sure that messages can be kept here.

        Raises:
            SchemaMismatch
        """
        if "from_hdr" in self.sizes and "uid" in self.sizes:
            raise SchemaMismatch(
                f"the table {self.table} has the columns of SER 2.0 (from_hdr, to_hdr, ruri, uid), which serpy does not"
                f' know. Choose another name, as in modparam("msilo", "db_table", "silo_serpy"), and create that table'
                f" with `serpy db create`."
            )
        names = self.columns
        wanted = (names.mid, names.src, names.dst, names.inc_time, names.exp_time, names.ctype, names.body)
        missing = [name for name in wanted if name not in self.sizes]
        if not self.has_address and not self.has_user:
            missing.append(f"{names.address} (or {names.user} and {names.host})")
        if missing:
            raise SchemaMismatch(
                f"the table {self.table} lacks {', '.join(missing)}. If its columns have other names, set them with"
                f' modparam("msilo", "sc_...", "..."); else choose another db_table and run `serpy db create`.'
            )

    def widening(self, column: str, size: int = TEXT) -> str:
        """The statement that lets a column take so many characters, or any body."""
        return f"ALTER TABLE {_quoted(self.table)} {self._change(column, size)};"

    def _change(self, column: str, size: int) -> str:
        if column == self.columns.body:
            return f"MODIFY {_quoted(column)} LONGBLOB NOT NULL"
        default = "text/plain" if column == self.columns.ctype else ""
        return f"MODIFY {_quoted(column)} VARCHAR({size}) NOT NULL DEFAULT '{default}'"

    def advice(self) -> str | None:
        """What is too narrow for some messages and how to widen it, in one sentence; None when nothing is."""
        names = self.columns
        # 16 bits cannot hold every body that fits a datagram together with what comes before it
        wanted = {names.src: TEXT, names.dst: TEXT, names.address: TEXT, names.ctype: TEXT, names.body: 65536}
        narrow = {
            name: have for name, least in wanted.items() if (have := self.sizes.get(name)) is not None and have < least
        }
        if not narrow:
            return None
        found = ", ".join(f"{name} ({have})" for name, have in narrow.items())
        changes = ", ".join(self._change(name, TEXT) for name in narrow)
        return (
            f"the table {self.table} is narrow: {found}. Messages that do not fit are not stored. "
            f"To widen it: ALTER TABLE {_quoted(self.table)} {changes};"
        )


def _quoted(name: str) -> str:
    """A name as it stands in a statement that a person copies."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else "`" + name.replace("`", "``") + "`"
