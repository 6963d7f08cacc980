"""Undelivered messages that the embedded file still holds go to the configured database, each one once.

A row is copied and committed before it is deleted here. Before it is copied, its number is noted in the file: after a
crash in between, the rows that are noted and found in the target are only deleted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .api import Database, RowRefused
from .tables import Column, Table

BATCH = 100

MOVING = Table(
    "serpy_moving",
    1,
    (Column("table_name", "string", 64), Column("mid", "int")),
    primary=("table_name", "mid"),
)
"""In the embedded file: rows that may have been copied already."""

CLAIM_COLUMNS = frozenset({"owner", "holder", "lease_until", "tries"})
"""What msilo keeps beside a message (D9); it fills them in again where the target has no such columns."""


@dataclass(slots=True)
class Moved:
    """What was moved, and what the target refused."""

    count: int = 0
    refused: list[str] = field(default_factory=list)
    """Why rows stay where they are, one text for each."""


def holds_messages(table: Table) -> bool:
    """Whether the rows of a table are messages that wait (msilo's `silo`): numbered, with claims."""
    names = {column.name for column in table.columns}
    return names >= CLAIM_COLUMNS and any(column.auto for column in table.columns)


async def move_messages(source: Database, target: Database, table: Table) -> Moved:
    """Move the rows of a table; they keep their order and get new numbers.

    Raises:
        DatabaseError: the target went away; the next start goes on from there.
    """
    here = await source.columns(table.name)
    there = await target.columns(table.name)
    if here is None or there is None:
        return Moved()
    await source.create([MOVING])
    number = next(column.name for column in table.columns if column.auto)
    names = [column.name for column in table.columns if column.name in here and column.name != number]
    homeless = [name for name in names if name not in there and name not in CLAIM_COLUMNS]
    mover = _Mover(source, target, table.name, number, [name for name in names if name in there])
    await mover.finish_interrupted()
    return await mover.refuse(homeless) if homeless else await mover.move()


class _Mover:
    def __init__(self, source: Database, target: Database, table: str, number: str, names: Sequence[str]) -> None:
        self._table = table
        lasting = [name for name in names if name not in CLAIM_COLUMNS]
        self._lasting = [names.index(name) for name in lasting]
        self._lease = names.index("lease_until") if "lease_until" in names else None
        self._next = source.select(table, [number, *names], [(number, ">")], order=[number], limit=BATCH)
        self._by_number = source.select(table, [number, *names], [(number, "=")])
        self._delete = source.delete(table, [(number, "in")])
        self._noted = source.select(MOVING.name, ["mid"], [("table_name", "=")], order=["mid"])
        self._note = source.insert(MOVING.name, ["table_name", "mid"], ignore_duplicates=True)
        self._unnote = source.delete(MOVING.name, [("table_name", "="), ("mid", "in")])
        self._copy = target.insert(table, names)
        self._same = target.select(table, lasting[:1], [(name, "=") for name in lasting])

    async def finish_interrupted(self) -> None:
        """Delete the noted rows that the target has."""
        seen: Counter[tuple[Any, ...]] = Counter()
        for (mid,) in await self._noted(self._table):
            for _, *row in await self._by_number(mid):
                content = tuple(row[place] for place in self._lasting)
                seen[content] += 1
                # the same text twice within a second is two messages
                if len(await self._same(*content)) >= seen[content]:
                    await self._delete([mid])
            await self._unnote(self._table, [mid])

    async def move(self) -> Moved:
        moved = Moved()
        last = -1
        while rows := await self._next(last):
            mids = [mid for mid, *_ in rows]
            last = mids[-1]
            await asyncio.gather(*(self._note(self._table, mid) for mid in mids))
            copies = (self._copy(*self._without_lease(row)) for _, *row in rows)
            outcomes = await asyncio.gather(*copies, return_exceptions=True)
            copied = [mid for mid, outcome in zip(mids, outcomes, strict=True) if outcome is None]
            if copied:
                await self._delete(copied)
            moved.count += len(copied)
            moved.refused.extend(str(outcome) for outcome in outcomes if isinstance(outcome, RowRefused))
            for outcome in outcomes:
                # these stay noted: they may have been copied
                if isinstance(outcome, BaseException) and not isinstance(outcome, RowRefused):
                    raise outcome
            await self._unnote(self._table, mids)
        return moved

    async def refuse(self, homeless: Sequence[str]) -> Moved:
        """Leave all rows: the target has no place for what these columns hold."""
        moved = Moved()
        last = -1
        while rows := await self._next(last):
            last = rows[-1][0]
            moved.refused.extend(f"its table {self._table} lacks {', '.join(homeless)}" for _ in rows)
        return moved

    def _without_lease(self, row: list[Any]) -> list[Any]:
        if self._lease is not None:
            row[self._lease] = 0  # whoever held it is gone
        return row
