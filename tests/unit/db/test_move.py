"""Moving messages, and a crash at each step of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from serpy.db.api import DatabaseError, OutcomeUnknown, RowRefused
from serpy.db.memory import MemoryDatabase
from serpy.db.move import MOVING, holds_messages, move_messages
from serpy.db.tables import Column, Table

CLAIMS = (
    Column("owner", "string", 255, default=""),
    Column("holder", "string", 64, default=""),
    Column("lease_until", "int", default=0),
    Column("tries", "int", default=0),
)
SILO = Table(
    "silo", 1, (Column("number", "int", auto=True), Column("r_uri", "string", 20), Column("body", "blob"), *CLAIMS),
    primary=("number",),
)  # fmt: skip


class Pair:
    """A file with these bodies, and an empty target."""

    def __init__(self, *bodies: bytes, target: Table = SILO) -> None:
        self.source, self.target = MemoryDatabase(), MemoryDatabase()
        asyncio.run(self.source.create([SILO, MOVING]))
        asyncio.run(self.target.create([target]))
        for body in bodies:
            self.source.run("INSERT INTO silo (r_uri, body) VALUES ('sip:bob', ?)", (body,))

    def move(self) -> Any:
        return asyncio.run(move_messages(self.source, self.target, SILO))

    def bodies(self, database: MemoryDatabase) -> list[bytes]:
        return [row["body"] for row in database.rows("silo")]


def test_rows_arrive_in_order_and_leave() -> None:
    pair = Pair(b"a", b"b", b"b")
    assert pair.move().count == 3
    assert pair.bodies(pair.target) == [b"a", b"b", b"b"]
    assert pair.bodies(pair.source) == []
    assert pair.source.rows("serpy_moving") == []


@pytest.mark.parametrize(("copied", "left"), [(0, 3), (1, 2), (2, 1), (3, 0)])
def test_after_a_crash_between_copying_and_deleting_nothing_is_doubled(copied: int, left: int) -> None:
    pair = Pair(b"a", b"a", b"c")
    for number in (1, 2, 3):
        pair.source.run("INSERT INTO serpy_moving VALUES ('silo', ?)", (number,))
    for body in [b"a", b"a", b"c"][:copied]:
        pair.target.run("INSERT INTO silo (r_uri, body) VALUES ('sip:bob', ?)", (body,))
    assert pair.move().count == left
    assert sorted(pair.bodies(pair.target)) == [b"a", b"a", b"c"]
    assert pair.bodies(pair.source) == []


def test_an_outcome_that_is_unknown_stops_the_move_and_the_next_start_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = Pair(b"a", b"b")
    run = pair.target.run

    def lost(text: str, values: Any = ()) -> Any:
        answer = run(text, values)
        if text.startswith("INSERT"):
            raise OutcomeUnknown("lost after the commit")
        return answer

    monkeypatch.setattr(pair.target, "run", lost)
    with pytest.raises(DatabaseError, match="lost"):
        pair.move()
    assert pair.bodies(pair.source) == [b"a", b"b"]
    monkeypatch.undo()
    pair.move()
    assert pair.bodies(pair.target) == [b"a", b"b"]
    assert pair.bodies(pair.source) == []


def test_a_row_that_the_target_refuses_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair(b"a", b"b")
    run = pair.target.run

    def refuse(text: str, values: Any = ()) -> Any:
        if text.startswith("INSERT") and b"a" in values:
            raise RowRefused("too long")
        return run(text, values)

    monkeypatch.setattr(pair.target, "run", refuse)
    moved = pair.move()
    assert (moved.count, moved.refused) == (1, ["too long"])
    assert pair.bodies(pair.source) == [b"a"]
    assert pair.source.rows("serpy_moving") == []


def test_a_table_that_ser_made_gets_the_messages_without_the_claims() -> None:
    pair = Pair(b"a", target=Table("silo", 1, SILO.columns[:3], primary=("number",)))
    assert pair.move().count == 1
    assert pair.target.rows("silo") == [{"number": 1, "r_uri": "sip:bob", "body": b"a"}]


def test_a_table_without_a_place_for_the_address_gets_nothing() -> None:
    pair = Pair(b"a", target=Table("silo", 1, (SILO.columns[0], SILO.columns[2]), primary=("number",)))
    assert pair.move().refused == ["its table silo lacks r_uri"]
    assert pair.bodies(pair.source) == [b"a"]


def test_only_numbered_tables_with_claims_hold_messages() -> None:
    assert holds_messages(SILO)
    assert not holds_messages(MOVING)
    assert not holds_messages(Table("serpy_silo", 1, (Column("mid", "int"), *CLAIMS), primary=("mid",)))
