"""The silo over a table that SER made: the claims stand in a table beside it (D9)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...db.api import Database
from ...db.commit import MOST_ROWS
from .address import OwnerOf
from .letter import Letter
from .schema import Layout
from .store import PAGE, UNKNOWN, Silo, Waiting

MARGIN = 2 * MOST_ROWS
"""How far behind the newest known row new ones are looked for: numbers are given when a row is written and seen when
it is committed, so lower ones may show up later, as many as a server commits together."""


class SideSilo(Silo):
    """As `Silo`, with two tables; a row of the silo that has no row beside it yet is found at the next registration.

    The row beside is written after the message and deleted after it: what remains after a crash is either found again
    or leads to nothing. Whose a message is stands in the message itself and is compared before each delivery.
    """

    def __init__(self, database: Database, layout: Layout, owner_of: OwnerOf, claims: str) -> None:
        super().__init__(database, layout, owner_of, claims)
        self._newest = 0
        self._add = database.insert(claims, ("mid", "owner", "holder", "lease_until", "tries"), ignore_duplicates=True)
        self._drop = database.delete(claims, (("mid", "in"),))
        names = layout.columns
        self._expired = database.select(
            self.table, (names.mid,), ((names.exp_time, "<="),), order=(names.mid,), limit=PAGE
        )
        self._forget = database.delete(self.table, ((names.mid, "in"), (names.exp_time, "<=")))

    async def claim(self, mid: int, holder: str, now: float, until: float) -> bool:
        # the row beside may have been written anew by a server that had read the message just before it was deleted
        return await super().claim(mid, holder, now, until) and await self.read(Waiting(mid, 0)) is not None

    async def read(self, waiting: Waiting) -> Letter | None:
        letter = await super().read(waiting)
        if letter is None:
            await self._drop((waiting.mid,))
        return letter

    async def delete(self, letter: Letter) -> None:
        await super().delete(letter)
        await self._drop((letter.mid,))

    async def expire(self, now: float) -> int:
        count = 0
        while rows := await self._expired(int(now)):
            mids = [mid for (mid,) in rows]
            count += await self._forget(mids, int(now))
            await self._drop(mids)
        return count

    async def _waiting_of(self, owners: Sequence[str], *, marked: bool = False) -> dict[str, list[Waiting]]:
        await self._index(max(0, self._newest - MARGIN))
        return await super()._waiting_of(owners, marked=marked)

    async def _correct(self, owners: dict[int, str], known: dict[int, str]) -> None:
        missing = [mid for mid in owners if mid not in known]
        await asyncio.gather(*(self._add(mid, owners[mid] or UNKNOWN, "", 0, 0) for mid in missing))
        await super()._correct({mid: owner for mid, owner in owners.items() if mid in known}, known)
        for mid in known:
            if mid not in owners:
                # gone, or written since the page was read: `read` looks again, and drops the row beside it if so
                await self.read(Waiting(mid, 0))
        self._newest = max(self._newest, *owners)
