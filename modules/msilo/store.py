"""The silo: messages in the database, and who is delivering them.

A row's `holder` tells who must see to it:

    ""              nobody: it waits for its owner's next registration
    "retry"         nobody has it; it failed for a passing reason, so a tick may try it again (D8)
    a process       it is being delivered, until `lease_until`; when that is over, a tick may try it again

`lease_until` is 0 while nobody has it, so that a registration can claim the row at once (D6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...db.api import Database
from .address import OwnerOf, complete
from .holder import NOBODY, RETRY
from .letter import Letter
from .schema import NO_DEFAULT, Layout
from .together import Together

if TYPE_CHECKING:
    from ...sip.uri import Uri

PAGE = 200
"""Rows that are looked at together where a whole table is gone through."""
MANY = 10_000
"""The most rows of one recipient that one pass looks at."""


class Waiting(NamedTuple):
    """A row that waits for a recipient."""

    mid: int
    tries: int


class Due(NamedTuple):
    """A row that a tick may try again."""

    mid: int
    owner: str
    tries: int
    holder: str


class Silo:
    """The messages in a table of our own, which holds the claims too. All methods raise `DatabaseError`.

    Args:
        layout: what the table offers.
        owner_of: the rule by which a recipient is found again (D10).
        claims: the table with the claims, where it is not the silo itself.
    """

    def __init__(self, database: Database, layout: Layout, owner_of: OwnerOf, claims: str = "") -> None:
        self.layout = layout
        self.table = layout.table
        self._owner_of = owner_of
        names = layout.columns
        mid = "mid" if claims else names.mid
        where = claims or layout.table

        self._insert_columns, self._pick = _insertion(layout, with_owner=not claims)
        self._insert = database.insert(self.table, self._insert_columns)
        self._address_columns = _address_columns(layout)
        self._read = database.select(
            self.table,
            (names.src, names.dst, names.inc_time, names.exp_time, names.ctype, names.body, *self._address_columns),
            ((names.mid, "="),),
        )
        # with the time, because some engines give the number of a deleted row to a new one
        self._delete = database.delete(self.table, ((names.mid, "="), (names.inc_time, "=")))
        self._expire = database.delete(self.table, ((names.exp_time, "<="),))
        self._page = database.select(
            self.table,
            (names.mid, names.dst, *self._address_columns),
            ((names.mid, ">"),),
            order=(names.mid,),
            limit=PAGE,
        )

        held = (("holder", ">"), ("lease_until", "<"))
        columns = (mid, "owner", "tries")
        self._waiting = database.select(where, columns, (("owner", "in"),), order=(mid,), limit=MANY)
        self._waiting_marked = database.select(
            where, columns, (("owner", "in"), ("holder", ">")), order=(mid,), limit=MANY
        )
        self._due = database.select(
            where, (mid, "owner", "tries", "holder"), (*held, (mid, ">")), order=(mid,), limit=PAGE
        )
        self._holders = database.select(where, (mid, "holder"), (("holder", ">"), (mid, ">")), order=(mid,), limit=PAGE)
        self._claim = database.update(where, ("holder", "lease_until"), ((mid, "="), ("lease_until", "<")))
        self._renew = database.update(where, ("lease_until",), ((mid, "="), ("holder", "=")))
        self._release = database.update(where, ("holder", "lease_until", "tries"), ((mid, "="), ("holder", "=")))
        self._free = database.update(where, ("holder", "lease_until"), ((mid, "="), ("holder", "=")))
        self._mark = database.update(where, ("holder",), ((mid, "in"), ("holder", "=")))
        self._set_owner = database.update(where, ("owner",), ((mid, "="),))
        self._owners = database.select(where, (mid, "owner"), ((mid, ">"), (mid, "<=")), order=(mid,))
        self._look_up = Together(self._waiting_of)

    def owner_of(self, uri: Uri) -> str:
        """The key of the recipient that a URI names (D10)."""
        return self._owner_of(uri)

    # -- keeping

    async def store(self, letter: Letter) -> None:
        """Return when the message is committed."""
        await self._insert(*self._pick(letter))

    async def read(self, waiting: Waiting) -> Letter | None:
        """The message; None when it is gone."""
        rows = await self._read(waiting.mid)
        return self._letter(waiting, rows[0]) if rows else None

    async def delete(self, letter: Letter) -> None:
        """Take a delivered message out for good."""
        await self._delete(letter.mid, letter.inc_time)

    async def expire(self, now: float) -> int:
        """Delete what is past its time; how many there were (R3)."""
        return await self._expire(int(now))

    # -- finding

    async def waiting(self, owner: str, *, marked: bool = False) -> list[Waiting]:
        """What waits for a recipient, oldest first; only what a tick may try again, when `marked`."""
        if marked:
            return (await self._waiting_of((owner,), marked=True))[owner]
        return await self._look_up(owner)

    async def due(self, now: float, after: int) -> list[Due]:
        """Rows behind `after` that a tick may try again, at most a page."""
        return [
            Due(mid, owner, tries or 0, holder) for mid, owner, tries, holder in await self._due("", int(now), after)
        ]

    async def index_all(self) -> None:
        """Bring the owner of every row up to date: the rule may have changed since it was written."""
        await self._index(0)

    # -- claiming

    async def claim(self, mid: int, holder: str, now: float, until: float) -> bool:
        """Take a row for delivery; False when somebody else has it."""
        return await self._claim(holder, int(until), mid, int(now)) == 1

    async def renew(self, mid: int, holder: str, until: float) -> bool:
        """Keep a row for longer; False when somebody else has taken it meanwhile."""
        return await self._renew(int(until), mid, holder) == 1

    async def release(self, mid: int, holder: str, mark: str, tries: int) -> None:
        """Give back a row that could not be delivered; `mark` is NOBODY or RETRY."""
        await self._release(mark, 0, tries, mid, holder)

    async def mark(self, mids: Sequence[int]) -> None:
        """Let a tick try these rows, unless somebody has them."""
        for first in range(0, len(mids), PAGE):
            await self._mark(RETRY, mids[first : first + PAGE], NOBODY)

    async def free_dead(self, is_dead: Callable[[str], bool]) -> int:
        """Free the claims of processes that have ended; how many."""
        freed = after = 0
        while rows := await self._holders("", after):
            after = rows[-1][0]
            for mid, holder in rows:
                if is_dead(holder):
                    freed += await self._free(RETRY, 0, mid, holder)
        return freed

    # -- inside

    async def _waiting_of(self, owners: Sequence[str], *, marked: bool = False) -> dict[str, list[Waiting]]:
        rows = await self._rows_of((*owners, ""), marked)
        unowned = next((mid for mid, whose, _tries in rows if not whose), None)
        if unowned is not None:
            # another program wrote these; the rows behind the first are looked at too, which does no harm
            await self._index(unowned - 1)
            rows = await self._rows_of(owners, marked)
        if len(rows) == MANY and len(owners) > 1:
            # what one recipient has must not hide what waits for another
            return {owner: (await self._waiting_of((owner,), marked=marked))[owner] for owner in owners}
        found: dict[str, list[Waiting]] = {owner: [] for owner in owners}
        for mid, whose, tries in rows:
            if whose in found:  # some collations take `Bob` for `bob`
                found[whose].append(Waiting(mid, tries or 0))
        return found

    async def _rows_of(self, owners: Sequence[str], marked: bool) -> list[tuple[Any, ...]]:
        return await (self._waiting_marked(owners, "") if marked else self._waiting(owners))

    def _letter(self, waiting: Waiting, row: Sequence[Any]) -> Letter:
        src, dst, inc_time, exp_time, ctype, body, *address = row
        return Letter(
            src=_text(src),
            dst=_text(dst),
            address=_text(address[0]) if self.layout.has_address else "",
            owner=self._owner(dst, address),
            inc_time=int(inc_time or 0),
            exp_time=int(exp_time or 0),
            ctype=_text(ctype) or "text/plain",
            body=body.encode("utf-8", "surrogateescape") if isinstance(body, str) else bytes(body or b""),
            mid=waiting.mid,
            tries=waiting.tries,
        )

    def _owner(self, dst: Any, address: Sequence[Any]) -> str:
        """Whose a row is by what it says itself; empty when that is nobody (R2)."""
        texts = list(map(_text, address))
        candidates = [texts.pop(0)] if self.layout.has_address else []
        if self.layout.has_user and all(texts):
            candidates.append(f"sip:{texts[0]}@{texts[1]}")
        for text in (*candidates, _text(dst)):
            uri = complete(text.encode("utf-8", "surrogateescape"))
            if uri is not None:
                return self._owner_of(uri)
        return ""

    async def _index(self, after: int) -> None:
        while rows := await self._page(after):
            last = rows[-1][0]
            known: dict[int, str] = dict(await self._owners(after, last))
            await self._correct({mid: self._owner(dst, address) for mid, dst, *address in rows}, known)
            if len(rows) < PAGE:
                return
            after = last

    async def _correct(self, owners: dict[int, str], known: dict[int, str]) -> None:
        """Note the owners of these rows where it is not yet known."""
        for mid, owner in owners.items():
            if known.get(mid) != (owner or UNKNOWN):
                await self._set_owner(owner or UNKNOWN, mid)


UNKNOWN = "<nobody>"
"""The owner of a row without any address, so that it is not looked at again; delivery compares with the row itself."""


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value or ""


def _address_columns(layout: Layout) -> tuple[str, ...]:
    names = layout.columns
    address = (names.address,) if layout.has_address else ()
    return (*address, names.user, names.host) if layout.has_user else address


def _insertion(layout: Layout, *, with_owner: bool) -> tuple[list[str], Callable[[Letter], list[Any]]]:
    """The columns that a new row fills, and their values for a message."""
    names = layout.columns
    attributes = {
        names.src: "src",
        names.dst: "dst",
        names.inc_time: "inc_time",
        names.exp_time: "exp_time",
        names.ctype: "ctype",
        names.body: "body",
    }
    if layout.has_address:
        attributes[names.address] = "address"
    if layout.has_user:
        attributes[names.user] = "user"
        attributes[names.host] = "host"
    if with_owner:
        attributes["owner"] = "owner"
    fields = list(attributes.values())
    empty = [name for name in NO_DEFAULT if name in layout.sizes]
    nothing = [""] * len(empty)
    return [*attributes, *empty], lambda letter: [*(getattr(letter, field) for field in fields), *nothing]
