"""The module's functions and parameters, with a tm, a usrloc and a database that the test controls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serpy.apis import Answer, Host, Listener
from serpy.db.api import DatabaseError, DatabaseUnavailable, OutcomeUnknown, RowRefused
from serpy.db.memory import MemoryDatabase
from serpy.ids import CountedIds
from serpy.log import Log
from serpy.module import Module, ParamError, Route
from serpy.modules.msilo import ARRIVED, Msilo
from serpy.script.call import Call
from serpy.sip.message import Request
from serpy.sip.parse import parse_message
from serpy.stats import Stats

LISTENER = cast(Listener, SimpleNamespace(proto="udp", host="127.0.0.1", port=5060))
NOW = 5000.0


class Bench:
    """A msilo whose surroundings note what it does."""

    def __init__(self, **params: Any) -> None:
        self.database = MemoryDatabase()
        self.now = NOW
        self.sent: list[tuple[bytes, dict[str, Any]]] = []
        self.performed: list[Call] = []
        self.live: list[Any] = []
        self.log_lines: list[str] = []
        self.code = 200
        clock = SimpleNamespace(zone=None, now=lambda: self.now, time=lambda: self.now)
        self.host = SimpleNamespace(
            clock=clock,
            ids=CountedIds(),
            log=Log(4),
            stats=Stats(),
            spawn=lambda work, name: asyncio.get_running_loop().create_task(work),
            perform=self.performed.append,
            database=self._open,
            is_myself=lambda host, port: False,
        )
        cast(Any, self.host.log).write = lambda level, text, call=None: self.log_lines.append(text)
        self.msilo = Msilo(cast(Host, self.host))
        self.msilo.values.update(params)
        tm, usrloc = SimpleNamespace(request=self._request), SimpleNamespace(live=lambda owner: self.live)
        self.msilo.bound.update({"tm": cast(Module, tm), "usrloc": cast(Module, usrloc), "registrar_module": None})

    async def _open(self, url: str, tables: Any) -> MemoryDatabase:
        if await self.database.columns(self.msilo.db_table) is None:
            await self.database.create(tables)
        return self.database

    def _request(self, method: bytes, uri: bytes, **arguments: Any) -> asyncio.Future[Answer]:
        self.sent.append((uri, arguments))
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        future.set_result(Answer(self.code))
        return future

    async def started(self) -> Bench:
        self.msilo.prepare()
        await self.msilo.start()
        return self

    async def settle(self) -> None:
        for _ in range(100):
            await asyncio.sleep(0)

    def call(self, method: str = "MESSAGE", uri: str = "sip:bob@h", body: bytes = b"Hello", *lines: str) -> Call:
        head = [f"{method} {uri} SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1", "Call-ID: c1"]
        head += ["From: <sip:alice@h>;tag=1", f"To: <{uri}>", *lines]
        message = parse_message("\r\n".join([*head, "", ""]).encode() + body, ("10.0.0.1", 5060), LISTENER)
        assert isinstance(message, Request)
        return Call(cast(Host, self.host), message)

    def message(self, *lines: str) -> Call:
        return self.call("MESSAGE", "sip:bob@h", b"Hello", "Content-Type: text/plain", *lines)

    def register(self, *lines: str) -> Call:
        return self.call("REGISTER", "sip:bob@h", b"", *lines)

    def binding(self, updated: float, uri: bytes = b"sip:bob@10.0.0.2") -> None:
        self.live.append(SimpleNamespace(uri=uri, listener=None, received=None, updated=updated))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def argument(name: str, place: int, text: str) -> Any:
    (declared,) = Msilo.commands[name]
    return declared.arguments[place].kind.convert(text)


# -- the declaration


def test_the_functions_take_what_the_readme_says() -> None:
    (store,), (dump,) = Msilo.commands["m_store"], Msilo.commands["m_dump"]
    assert (store.arity, store.routes) == ((0, 2), Route.REQUEST | Route.FAILURE)
    assert (dump.arity, dump.routes) == ((0, 1), Route.REQUEST)


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("db_url", "mysql://root@localhost/msilo"),
        ("db_table", "silo"),
        ("registrar", ""),
        ("expire_time", 259200),
        ("check_time", 30),
        ("clean_period", 5),
        ("use_contact", 1),
    ],
)
def test_r7_to_r13_the_parameters_have_their_defaults(name: str, default: int | str) -> None:
    assert Msilo.params[name].default == default


@pytest.mark.parametrize("text", ["0", "1", "2"])
def test_r14_a_mode_is_one_of_three(text: str) -> None:
    assert argument("m_store", 0, text) == int(text)


@pytest.mark.parametrize("text", ["3", "", "x", "00"])
def test_another_mode_is_an_error_at_load(text: str) -> None:
    with pytest.raises(ValueError, match="no mode of m_store"):
        argument("m_store", 0, text)


def test_a_next_hop_is_empty_or_a_sip_uri() -> None:
    assert argument("m_dump", 0, "") is None
    assert argument("m_dump", 0, "sip:proxy@h") == b"sip:proxy@h"
    with pytest.raises(ValueError, match="not a SIP URI"):
        argument("m_store", 1, "proxy")


@pytest.mark.parametrize(
    "params",
    [{"registrar": "registrar"}, {"registrar": "tel:1"}, {"expire_time": 0}, {"check_time": -1}, {"clean_period": -1}],
)
def test_a_parameter_that_cannot_be_used_is_an_error(params: dict[str, Any]) -> None:
    with pytest.raises(ParamError) as caught:
        Bench(**params).msilo.prepare()
    assert caught.value.param in params


@pytest.mark.parametrize("name", ["check_time", "clean_period"])
def test_a_period_of_nothing_is_warned_of(name: str) -> None:
    msilo = Bench(**{name: 0}).msilo
    msilo.prepare()
    assert [warning.param for warning in msilo.warnings] == [name]


# -- m_store


def test_r2_what_is_stored_is_in_the_table_when_it_says_so() -> None:
    async def story(bench: Bench) -> None:
        assert await bench.msilo.store(bench.message(), 0)
        (row,) = bench.database.rows("silo")
        assert (row["src_addr"], row["dst_addr"], row["r_uri"]) == ("sip:alice@h", "sip:bob@h", "sip:bob@h")
        assert (row["inc_time"], row["exp_time"]) == (5000, 5000 + 259200)
        assert (row["ctype"], row["body"], row["owner"]) == ("text/plain", b"Hello", "bob")

    run(_on(story))


async def _on(story: Any, **params: Any) -> None:
    await story(await Bench(**params).started())


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (DatabaseUnavailable("away"), "not stored: away"),
        (RowRefused("too long"), "not stored: too long"),
        (OutcomeUnknown("lost"), "unknown"),
    ],
)
def test_when_the_database_fails_it_is_false_and_nobody_is_told(failure: DatabaseError, says: str) -> None:
    async def story(bench: Bench) -> None:
        bench.database.failure = failure
        assert not await bench.msilo.store(bench.message(), 0)
        assert says in bench.log_lines[-1]
        assert bench.sent == []

    run(_on(story, registrar="sip:registrar@h"))


def test_r9_the_sender_is_told_at_the_contact() -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message("Contact: <sip:alice@10.0.0.1:7100>"), 0, b"sip:proxy@h")
        ((uri, sent),) = bench.sent
        assert (uri, sent["to"], sent["from_"]) == (b"sip:alice@10.0.0.1:7100", b"sip:alice@h", b"sip:registrar@h")
        assert sent["headers"] == (b"Content-Type: text/plain",)
        assert sent["body"].startswith(b"User [sip:bob@h] is offline. ")
        assert sent["next_hop"] == b"sip:proxy@h"

    run(_on(story, registrar="sip:registrar@h"))


@pytest.mark.parametrize(("params", "lines"), [({"use_contact": 0}, ["Contact: <sip:alice@10.0.0.1>"]), ({}, [])])
def test_r13_without_a_contact_the_notice_goes_to_from(params: dict[str, Any], lines: list[str]) -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message(*lines), 0)
        assert [uri for uri, _sent in bench.sent] == [b"sip:alice@h"]

    run(_on(story, registrar="sip:registrar@h", **params))


def test_without_a_registrar_nobody_is_told() -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message("Contact: <sip:alice@10.0.0.1>"), 0)
        assert bench.sent == []

    run(_on(story))


def test_d41_who_has_registered_since_is_served_at_once() -> None:
    async def story(bench: Bench) -> None:
        bench.binding(updated=NOW)
        await bench.msilo.store(bench.message(), 0)
        await bench.settle()
        assert [uri for uri, _sent in bench.sent] == [b"sip:bob@10.0.0.2"]
        assert bench.database.rows("silo") == []

    run(_on(story))


def test_d41_the_binding_that_has_just_refused_is_not_asked_again() -> None:
    async def story(bench: Bench) -> None:
        bench.binding(updated=NOW - 1)
        call = bench.message()
        bench.msilo.note_arrival(call)
        await bench.msilo.store(call, 1)
        await bench.settle()
        assert bench.sent == []

    run(_on(story))


def test_d41_counts_from_the_arrival_of_the_request() -> None:
    async def story(bench: Bench) -> None:
        bench.binding(updated=NOW - 8, uri=b"sip:bob@old")
        bench.binding(updated=NOW - 2, uri=b"sip:bob@new")
        call = bench.message()
        call.values[ARRIVED] = NOW - 5
        await bench.msilo.store(call, 1)
        await bench.settle()
        assert [uri for uri, _sent in bench.sent] == [b"sip:bob@new"]

    run(_on(story))


# -- m_dump


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["Contact: <sip:bob@10.0.0.2>"], True),
        (["Contact: <sip:bob@10.0.0.2>", "Expires: 0"], False),
        (["Contact: *", "Expires: 0"], False),
        (['Contact: "Bob <sip:bob@10.0.0.2>'], False),
        ([], False),
    ],
)
def test_d20_only_a_registration_is_served(lines: list[str], answer: bool) -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message(), 0)
        assert await bench.msilo.dump(bench.register(*lines)) is answer
        await bench.settle()
        assert len(bench.sent) == answer

    run(_on(story))


def test_another_method_is_not_served() -> None:
    async def story(bench: Bench) -> None:
        assert not await bench.msilo.dump(bench.call("OPTIONS", "sip:bob@h", b"", "Contact: <sip:bob@1>"))

    run(_on(story))


def test_r15_it_is_true_when_nothing_waits() -> None:
    async def story(bench: Bench) -> None:
        assert await bench.msilo.dump(bench.register("Contact: <sip:bob@10.0.0.2>"))

    run(_on(story))


def test_the_queued_reply_goes_out_before_any_delivery() -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message(), 0)
        call = bench.register("Contact: <sip:bob@10.0.0.2>")
        await bench.msilo.dump(call)
        assert bench.performed == [call]
        assert bench.sent == []

    run(_on(story))


def test_while_the_database_is_away_it_is_false_and_made_up_for_later() -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message(), 0)
        bench.binding(updated=NOW - 1)
        bench.database.failure = DatabaseUnavailable("away")
        assert not await bench.msilo.dump(bench.register("Contact: <sip:bob@10.0.0.2>"))
        await bench.msilo.check()
        bench.database.failure = None
        await bench.msilo.check()
        await bench.settle()
        assert bench.database.rows("silo") == []

    run(_on(story))


def test_a_flood_of_registers_during_a_delivery_lists_what_waits_once_more() -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message(), 0)
        looks: list[str] = []
        waiting = bench.msilo.silo.waiting

        async def counted(owner: str, *, marked: bool = False) -> Any:
            looks.append(owner)
            return await waiting(owner, marked=marked)

        bench.msilo.silo.waiting = counted  # type: ignore[method-assign]
        for _ in range(100):
            assert await bench.msilo.dump(bench.register("Contact: <sip:bob@10.0.0.2>"))
        await bench.settle()
        assert len(looks) == 2
        assert len(bench.sent) == 1

    run(_on(story))


def test_the_log_says_until_when_a_message_is_kept_as_people_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()

    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message("Expires: 60"), 0)
        assert "msilo: message stored for sip:bob@h, until 1970-01-01 02:24:20+01:00" in bench.log_lines

    run(_on(story))
    monkeypatch.undo()
    time.tzset()


# -- the life of the module


def test_r12_every_clean_period_what_is_past_its_time_is_deleted() -> None:
    async def story(bench: Bench) -> None:
        await bench.msilo.store(bench.message("Expires: 10"), 0)
        bench.now += 10
        await bench.msilo.check()
        assert len(bench.database.rows("silo")) == 1
        await bench.msilo.check()
        assert bench.database.rows("silo") == []

    run(_on(story, clean_period=2))


def test_a_table_that_ser_made_is_used_with_a_table_beside_it() -> None:
    async def story() -> None:
        bench = Bench()
        bench.database.run(
            "CREATE TABLE silo (mid INTEGER PRIMARY KEY, src_addr VARCHAR(255), dst_addr VARCHAR(255), "
            "username VARCHAR(64) NOT NULL, domain VARCHAR(128) NOT NULL, inc_time INTEGER, exp_time INTEGER, "
            "ctype VARCHAR(32), body BLOB)"
        )
        await bench.started()
        assert any("ALTER TABLE silo MODIFY ctype" in line for line in bench.log_lines)
        assert await bench.msilo.store(bench.message(), 0)
        assert await bench.msilo.dump(bench.register("Contact: <sip:bob@10.0.0.2>"))
        await bench.settle()
        assert len(bench.sent) == 1
        assert bench.database.rows("silo") == bench.database.rows("serpy_silo") == []

    run(story())


def test_the_table_of_ser_2_is_refused_at_start_with_the_reason() -> None:
    async def story() -> None:
        bench = Bench()
        bench.database.run(
            "CREATE TABLE silo (mid INTEGER, from_hdr TEXT, to_hdr TEXT, ruri TEXT, uid TEXT, body BLOB)"
        )
        with pytest.raises(DatabaseError, match=r"columns of SER 2\.0"):
            await bench.started()
        await bench.msilo.stop()

    run(story())
