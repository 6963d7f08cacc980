"""Messages and claims in the database (D8-D10, D14), in a table of our own and in those that SER made."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from serpy.db.commit import MOST_ROWS
from serpy.db.memory import MemoryDatabase
from serpy.modules.msilo.address import owner_rule
from serpy.modules.msilo.letter import Letter
from serpy.modules.msilo.schema import Columns, Layout, side_table, silo_table
from serpy.modules.msilo.side import SideSilo
from serpy.modules.msilo.store import Silo, Waiting

SER_0_8 = """CREATE TABLE silo (mid INTEGER PRIMARY KEY, src_addr VARCHAR(255) NOT NULL, dst_addr VARCHAR(255) NOT NULL,
    r_uri VARCHAR(255) NOT NULL, inc_time INTEGER NOT NULL, exp_time INTEGER NOT NULL,
    ctype VARCHAR(32) NOT NULL DEFAULT 'text/plain', body BLOB NOT NULL)"""
SER_0_9 = """CREATE TABLE silo (mid INTEGER PRIMARY KEY, src_addr VARCHAR(255) NOT NULL, dst_addr VARCHAR(255) NOT NULL,
    r_uri VARCHAR(255) NOT NULL DEFAULT '', username VARCHAR(64) NOT NULL, domain VARCHAR(128) NOT NULL,
    inc_time INTEGER NOT NULL, exp_time INTEGER NOT NULL, ctype VARCHAR(32) NOT NULL DEFAULT 'text/plain',
    body BLOB NOT NULL)"""

LETTER = Letter(
    src="sip:alice@example.com",
    dst="sip:bob@example.com",
    address="sip:bob@example.com",
    owner="bob",
    inc_time=1000,
    exp_time=5000,
    ctype="text/plain; charset=utf-8",
    body=b"Hello\0'\xff",
    user="bob",
    host="example.com",
)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def open_silo(kind: str, database: MemoryDatabase) -> Silo:
    """The silo over a table of this kind, as `Msilo.start` opens it."""
    if kind == "own":
        run(database.create([silo_table("silo", Columns())]))
    else:
        database.run(SER_0_8 if kind == "0.8" else SER_0_9)
    layout = Layout("silo", Columns(), run(database.columns("silo")) or {})
    layout.check()
    if kind == "own":
        return Silo(database, layout, owner_rule(None))
    run(database.create([side_table("silo")]))
    return SideSilo(database, layout, owner_rule(None), "serpy_silo")


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture(params=["own", "0.8", "0.9"])
def silo(request: pytest.FixtureRequest, database: MemoryDatabase) -> Silo:
    return open_silo(request.param, database)


def claims(database: MemoryDatabase, silo: Silo) -> list[dict[str, Any]]:
    return database.rows("serpy_silo" if isinstance(silo, SideSilo) else "silo")


def test_what_is_stored_is_read_back_byte_for_byte(silo: Silo) -> None:
    run(silo.store(LETTER))
    found = run(silo.waiting("bob"))
    assert found == [Waiting(1, 0)]
    read = run(silo.read(found[0]))
    assert replace(read, mid=0, user="bob", host="example.com") == LETTER


def test_messages_wait_for_their_owner_alone_and_oldest_first(silo: Silo) -> None:
    for body, user in ((b"1", "bob"), (b"2", "eve"), (b"3", "bob")):
        run(silo.store(replace(LETTER, body=body, owner=user, address=f"sip:{user}@h", user=user)))
    assert [row.mid for row in run(silo.waiting("bob"))] == [1, 3]
    assert [row.mid for row in run(silo.waiting("eve"))] == [2]


def test_a_row_is_claimed_by_one_only_until_its_lease_is_over(silo: Silo) -> None:
    run(silo.store(LETTER))
    run(silo.waiting("bob"))
    assert run(silo.claim(1, "one", now=100, until=160))
    assert not run(silo.claim(1, "other", now=160, until=220))
    assert run(silo.claim(1, "other", now=161, until=221))
    assert not run(silo.renew(1, "one", until=300))
    assert run(silo.renew(1, "other", until=300))


def test_a_released_row_is_free_at_once_and_counts_its_tries(silo: Silo, database: MemoryDatabase) -> None:
    run(silo.store(LETTER))
    run(silo.waiting("bob"))
    run(silo.claim(1, "one", now=100, until=160))
    run(silo.release(1, "one", "", 1))
    assert run(silo.waiting("bob")) == [Waiting(1, 1)]
    assert run(silo.claim(1, "other", now=100, until=160))


def test_only_marked_rows_and_those_of_the_dead_are_due_at_a_tick(silo: Silo) -> None:
    for _ in range(4):
        run(silo.store(LETTER))
    run(silo.waiting("bob"))
    run(silo.claim(1, "one", now=100, until=160))
    run(silo.mark([2, 1]))
    run(silo.claim(3, "one", now=100, until=220))
    assert [row.mid for row in run(silo.due(161, after=0))] == [1, 2]
    assert [row.mid for row in run(silo.due(161, after=1))] == [2]
    assert [row.mid for row in run(silo.waiting("bob", marked=True))] == [1, 2, 3]


def test_the_claims_of_the_dead_are_freed_at_once(silo: Silo) -> None:
    for _ in range(2):
        run(silo.store(LETTER))
    run(silo.waiting("bob"))
    run(silo.claim(1, "dead", now=100, until=160))
    run(silo.claim(2, "living", now=100, until=160))
    assert run(silo.free_dead(lambda holder: holder == "dead")) == 1
    assert run(silo.claim(1, "one", now=101, until=161))
    assert not run(silo.claim(2, "one", now=101, until=161))


def test_a_delivered_message_leaves_nothing_behind(silo: Silo, database: MemoryDatabase) -> None:
    run(silo.store(LETTER))
    run(silo.delete(run(silo.read(run(silo.waiting("bob"))[0]))))
    assert database.rows("silo") == []
    assert claims(database, silo) == []


def test_a_number_that_was_given_again_is_another_message(silo: Silo, database: MemoryDatabase) -> None:
    run(silo.store(LETTER))
    run(silo.waiting("bob"))
    run(silo.delete(replace(LETTER, mid=1, inc_time=999)))
    assert len(database.rows("silo")) == 1


def test_what_is_past_its_time_is_deleted(silo: Silo, database: MemoryDatabase) -> None:
    for expires in (4000, 5000, 6000):
        run(silo.store(replace(LETTER, exp_time=expires)))
    run(silo.waiting("bob"))
    assert run(silo.expire(5000.5)) == 2
    assert [row["exp_time"] for row in database.rows("silo")] == [6000]
    assert len(claims(database, silo)) == 1


@pytest.mark.parametrize("kind", ["own", "0.8", "0.9"])
def test_what_another_program_writes_is_found_at_the_next_look(kind: str, database: MemoryDatabase) -> None:
    silo = open_silo(kind, database)
    run(silo.index_all())
    run(silo.store(LETTER))
    address = ("r_uri", "sip:bob@example.com")
    extra = {"username": "bob", "domain": "example.com"} if kind == "0.9" else dict([address])
    columns = {"src_addr": "sip:a@h", "dst_addr": "sip:other@h", "inc_time": 1, "exp_time": 9, "body": b"x"} | extra
    database.run(f"INSERT INTO silo ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})", [*columns.values()])
    found = run(silo.waiting("bob"))
    assert [row.mid for row in found] == [1, 2]
    assert run(silo.read(found[1])).owner == "bob"


def test_rows_that_ser_wrote_before_are_given_their_owners_at_start(database: MemoryDatabase) -> None:
    silo = open_silo("0.9", database)
    database.run(
        "INSERT INTO silo (src_addr, dst_addr, username, domain, inc_time, exp_time, body) VALUES "
        "('sip:a@h', 'sip:BOB@127.0.0.1', 'BOB', '127.0.0.1', 1, 9, x'41'), ('sip:a@h', 'sip:h', '', '', 1, 9, x'42')"
    )
    run(silo.index_all())
    assert [row["owner"] for row in database.rows("serpy_silo")] == ["bob", "<nobody>"]


@pytest.mark.parametrize("kind", ["own", "0.9"])
def test_when_the_rule_has_changed_the_owners_are_corrected(kind: str, database: MemoryDatabase) -> None:
    silo = open_silo(kind, database)
    run(silo.store(LETTER))
    run(silo.index_all())
    silo._owner_of = lambda uri: f"{(uri.user or b'').decode()}@{uri.host.decode()}"
    run(silo.index_all())
    assert [row.mid for row in run(silo.waiting("bob@example.com"))] == [1]
    assert run(silo.waiting("bob")) == []


def test_a_table_longer_than_a_page_is_gone_through_to_its_end(silo: Silo) -> None:
    async def fill() -> None:
        for _ in range(450):
            await silo.store(LETTER)

    run(fill())
    run(silo.index_all())
    assert len(run(silo.waiting("bob"))) == 450


def test_the_row_beside_a_message_that_ser_deleted_goes_too(database: MemoryDatabase) -> None:
    silo = open_silo("0.8", database)
    run(silo.store(LETTER))
    (row,) = run(silo.waiting("bob"))
    database.run("DELETE FROM silo")
    assert run(silo.read(row)) is None
    assert database.rows("serpy_silo") == []


def test_a_message_that_another_server_has_just_delivered_is_not_claimed(database: MemoryDatabase) -> None:
    silo = open_silo("0.9", database)
    run(silo.store(LETTER))
    run(silo.waiting("bob"))
    # the other server deletes the message and the row beside it, which a third one writes anew from what it had read
    database.run("DELETE FROM silo")
    assert not run(silo.claim(1, "us", now=100, until=160))
    assert database.rows("serpy_silo") == []


def test_rows_that_are_seen_after_later_ones_are_found_though_a_batch_is_long(database: MemoryDatabase) -> None:
    silo = open_silo("0.8", database)
    database.run(_ROW, (1 + MOST_ROWS,))
    assert len(run(silo.waiting("bob"))) == 1
    database.run(_ROW, (1,))  # of a batch that was numbered before, and committed after
    assert [row.mid for row in run(silo.waiting("bob"))] == [1, 1 + MOST_ROWS]


_ROW = (
    "INSERT INTO silo (mid, src_addr, dst_addr, r_uri, inc_time, exp_time, body)"
    " VALUES (?, 'sip:a@h', 'sip:bob@h', 'sip:bob@h', 1, 9, x'41')"
)


def test_a_table_of_kamailio_takes_messages(database: MemoryDatabase) -> None:
    database.run(SER_0_9.replace("body BLOB", "extra_hdrs TEXT NOT NULL, body BLOB"))
    run(database.create([side_table("silo")]))
    layout = Layout("silo", Columns(), run(database.columns("silo")) or {})
    run(SideSilo(database, layout, owner_rule(None), "serpy_silo").store(LETTER))
    assert [row["extra_hdrs"] for row in database.rows("silo")] == [""]


def test_a_recipient_with_very_many_messages_hides_nobody_elses(
    database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serpy.modules.msilo.store.MANY", 3)
    silo = open_silo("own", database)
    for user in ("bob", "bob", "bob", "bob", "eve"):
        run(silo.store(replace(LETTER, owner=user)))
    found = run(silo._waiting_of(("bob", "eve")))
    assert ([row.mid for row in found["bob"]], [row.mid for row in found["eve"]]) == ([1, 2, 3], [5])
