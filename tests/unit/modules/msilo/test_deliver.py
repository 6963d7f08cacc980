"""Runs: what is sent when, and what becomes of the row (R4, R11, D3-D8, D14)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serpy.apis import Answer, Binding, Host, Tm
from serpy.db.api import DatabaseUnavailable
from serpy.db.memory import MemoryDatabase
from serpy.log import Log
from serpy.modules.msilo.address import owner_rule
from serpy.modules.msilo.contacts import Destination
from serpy.modules.msilo.deliver import LEASE, REFUSALS, Postman
from serpy.modules.msilo.letter import Letter
from serpy.modules.msilo.schema import Columns, Layout, silo_table
from serpy.modules.msilo.store import Silo
from serpy.stats import Stats

PHONE = Destination(b"sip:bob@10.0.0.1")
TABLET = Destination(b"sip:bob@10.0.0.2")
US = "machine:1:us"


class Clock:
    """Time that a test moves."""

    zone = None

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    def time(self) -> float:
        return self.at


@dataclass
class Phones:
    """A tm whose answers come from a test: `codes[uri]` or the next of `script`; a request without one waits."""

    codes: dict[bytes, int] = field(default_factory=dict)
    script: list[int] = field(default_factory=list)
    sent: list[tuple[bytes, bytes]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[asyncio.Future[Answer]] = field(default_factory=list)

    def request(self, method: bytes, uri: bytes, **arguments: Any) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.sent.append((uri, arguments["body"].rpartition(b" ")[2]))
        self.asked.append(arguments)
        code = self.script.pop(0) if self.script else self.codes.get(uri)
        if code is None:
            self.waiting.append(future)
        else:
            future.set_result(Answer(code))
        return future


class Scene:
    """A postman with a silo in memory, phones, bindings and a clock."""

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.clock = Clock()
        self.phones = Phones()
        self.bindings: list[Binding] = []
        self.host = SimpleNamespace(
            clock=self.clock, log=Log(-3), stats=Stats(), spawn=self._spawn, is_myself=self._is_here
        )
        self.work: set[asyncio.Task[None]] = set()

    @staticmethod
    def _is_here(host: bytes, port: int) -> bool:
        return (host, port) == (b"h", 5060)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.work.add(task)
        return task

    async def open(self, *bodies: bytes) -> Postman:
        await self.database.create([silo_table("silo", Columns())])
        layout = Layout("silo", Columns(), await self.database.columns("silo") or {})
        self.silo = Silo(self.database, layout, owner_rule(None))
        for body in bodies:
            await self.store(body)
        usrloc = SimpleNamespace(live=lambda owner: self.bindings if owner == "bob" else [])
        return Postman(cast(Host, self.host), cast(Tm, self.phones), usrloc, self.silo, holder=US, check_time=30.0)

    async def store(self, body: bytes, expires: int = 5000) -> None:
        await self.silo.store(Letter("sip:alice@h", "sip:bob@h", "sip:bob@h", "bob", 900, expires, "text/plain", body))

    async def settle(self) -> None:
        for _ in range(200):
            await asyncio.sleep(0)

    def register(self, *destinations: Destination) -> None:
        self.bindings = [
            cast(Binding, SimpleNamespace(uri=one.uri, listener=None, received=None, updated=self.clock.at))
            for one in destinations
        ]

    @property
    def rows(self) -> list[tuple[bytes, str, int]]:
        return [(row["body"], row["holder"], row["tries"]) for row in self.database.rows("silo")]

    @contextmanager
    def database_away(self) -> Iterator[None]:
        self.database.failure = DatabaseUnavailable("away")
        yield
        self.database.failure = None


Story = Callable[[Scene], Coroutine[Any, Any, None]]


def story(tell: Story) -> Callable[[], None]:
    """Run an async test with a scene of its own."""

    def test() -> None:
        asyncio.run(tell(Scene()))

    test.__name__, test.__doc__ = tell.__name__, tell.__doc__
    return test


@story
async def test_all_that_waits_is_sent_in_order_and_deleted(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2", b"3")
    scene.phones.codes[PHONE.uri] = 200
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"1"), (PHONE.uri, b"2"), (PHONE.uri, b"3")]
    assert scene.rows == []
    assert postman.runs == {}


@story
async def test_the_next_is_sent_when_the_one_before_is_answered(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert len(scene.phones.sent) == 1
    scene.phones.waiting[0].set_result(Answer(200))
    await scene.settle()
    assert len(scene.phones.sent) == 2


@story
async def test_each_row_is_claimed_before_it_is_sent(scene: Scene) -> None:
    postman = await scene.open(b"1")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    row = scene.database.rows("silo")[0]
    assert (row["holder"], row["lease_until"]) == (US, 1000 + LEASE)


@story
async def test_what_somebody_else_holds_is_left_alone(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.phones.codes[PHONE.uri] = 200
    await scene.silo.claim(1, "another", 1000, 1060)
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"2")]


@story
async def test_a_lease_that_ran_out_is_delivered_at_a_tick(scene: Scene) -> None:
    postman = await scene.open(b"1")
    scene.phones.codes[PHONE.uri] = 200
    scene.register(PHONE)
    await scene.silo.claim(1, "another", 1000, 1060)
    scene.clock.at = 1060
    await postman.tick()
    await scene.settle()
    assert scene.phones.sent == []
    scene.clock.at = 1090
    await postman.tick()
    await scene.settle()
    assert scene.rows == []


@story
async def test_what_is_past_its_time_is_never_sent(scene: Scene) -> None:
    postman = await scene.open()
    await scene.store(b"old", expires=1000)
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.sent == []


@story
async def test_a_failed_contact_is_followed_by_the_next(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.phones.codes = {PHONE.uri: 408, TABLET.uri: 200}
    postman.start("bob", [PHONE, TABLET], None)
    await scene.settle()
    # the silent one costs its time-out once
    assert scene.phones.sent == [(PHONE.uri, b"1"), (TABLET.uri, b"1"), (TABLET.uri, b"2")]
    assert scene.rows == []


@story
async def test_a_silent_phone_stops_the_run_and_the_rest_waits_for_the_tick(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.phones.codes[PHONE.uri] = 408
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"1")]
    assert scene.rows == [(b"1", "retry", 1), (b"2", "retry", 0)]


@story
async def test_the_tick_tries_again_while_a_binding_lives(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.phones.script = [486]
    postman.start("bob", [PHONE], None)
    await scene.settle()
    scene.phones.codes[PHONE.uri] = 200
    scene.clock.at += 30
    await postman.tick()
    await scene.settle()
    assert len(scene.phones.sent) == 1
    scene.register(PHONE)
    await postman.tick()
    await scene.settle()
    assert scene.rows == []


@story
async def test_ticks_leave_growing_pauses(scene: Scene) -> None:
    postman = await scene.open(b"1")
    scene.phones.codes[PHONE.uri] = 480
    scene.register(PHONE)
    postman.start("bob", [PHONE], None)
    await scene.settle()
    tried = []
    for tick in range(1, 20):
        scene.clock.at += 30
        before = len(scene.phones.sent)
        await postman.tick()
        await scene.settle()
        if len(scene.phones.sent) > before:
            tried.append(tick)
    assert tried == [1, 2, 5, 12]


@story
async def test_a_refusal_blocks_nothing_and_is_not_repeated_by_ticks(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.phones.script = [415, 200]
    scene.register(PHONE)
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"1"), (PHONE.uri, b"2")]
    assert scene.rows == [(b"1", "", 1)]
    scene.clock.at += 3000
    await postman.tick()
    await scene.settle()
    assert len(scene.phones.sent) == 2


@story
async def test_a_refused_message_is_tried_at_the_next_registration(scene: Scene) -> None:
    postman = await scene.open(b"1")
    scene.phones.script = [415, 200]
    for _ in range(2):
        postman.start("bob", [PHONE], None)
        await scene.settle()
    assert scene.rows == []


@story
async def test_a_row_that_failed_often_comes_last(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.phones.script = [500, 500, 500, 200]
    for _ in range(4):
        postman.start("bob", [PHONE], None)
        await scene.settle()
    assert scene.phones.sent[3:] == [(PHONE.uri, b"2"), (PHONE.uri, b"1")]


@story
async def test_a_phone_that_refuses_everything_is_left_in_peace(scene: Scene) -> None:
    postman = await scene.open(*(b"%d" % number for number in range(REFUSALS + 5)))
    scene.phones.codes[PHONE.uri] = 405
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert len(scene.phones.sent) == REFUSALS


@story
async def test_a_password_wanted_ends_the_run_until_the_next_registration(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.phones.codes[PHONE.uri] = 407
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"1")]
    assert scene.rows == [(b"1", "", 1), (b"2", "", 0)]


@story
async def test_a_second_registration_duplicates_nothing_and_makes_a_second_pass(scene: Scene) -> None:
    postman = await scene.open(b"1")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    await scene.store(b"2")
    postman.start("bob", [TABLET], None)
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"1")]
    scene.phones.codes[TABLET.uri] = 200
    scene.phones.waiting[0].set_result(Answer(200))
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"1"), (TABLET.uri, b"2")]
    assert scene.rows == []


@story
async def test_a_phone_that_registers_while_it_is_waited_for_gets_a_second_chance(scene: Scene) -> None:
    postman = await scene.open(b"1")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    postman.start("bob", [PHONE], None)
    scene.phones.codes[PHONE.uri] = 200
    scene.phones.waiting[0].set_result(Answer(408))
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"1"), (PHONE.uri, b"1")]
    assert scene.rows == []


@story
async def test_a_silent_phone_that_registers_often_costs_two_time_outs_at_most(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2", b"3")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    postman.start("bob", [PHONE], None)
    for place in range(2):
        scene.phones.waiting[place].set_result(Answer(408))
        await scene.settle()
    assert len(scene.phones.sent) == 2
    assert postman.runs == {}


@story
async def test_nothing_goes_to_a_contact_that_has_unregistered(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.register(PHONE)
    postman.start("bob", [PHONE], None)
    await scene.settle()
    scene.register()
    scene.phones.waiting[0].set_result(Answer(200))
    await scene.settle()
    assert len(scene.phones.sent) == 1
    assert scene.rows == [(b"2", "", 0)]


@story
async def test_a_delete_that_fails_is_made_up_for_and_nothing_is_sent_twice(scene: Scene) -> None:
    postman = await scene.open(b"1")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    with scene.database_away():
        scene.phones.waiting[0].set_result(Answer(200))
        await scene.settle()
    assert len(scene.rows) == 1
    scene.clock.at += 1000
    scene.phones.codes[PHONE.uri] = 200
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert len(scene.phones.sent) == 1
    await postman.tick()
    assert scene.rows == []
    assert postman.undeleted == {}


@story
async def test_a_registration_that_the_database_missed_is_served_at_a_tick(scene: Scene) -> None:
    postman = await scene.open(b"1")
    scene.phones.codes[PHONE.uri] = 200
    scene.register(PHONE)
    with scene.database_away():
        postman.start("bob", [PHONE], None)
        await scene.settle()
        with pytest.raises(DatabaseUnavailable):
            await postman.tick()
    await postman.tick()
    await scene.settle()
    assert scene.rows == []


@story
async def test_a_claim_is_kept_as_long_as_an_answer_is_waited_for(scene: Scene) -> None:
    postman = await scene.open(b"1")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    scene.clock.at += 50
    await postman.renew()
    assert scene.database.rows("silo")[0]["lease_until"] == 1050 + LEASE


@story
async def test_stopping_gives_back_what_is_in_hand(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    postman.start("bob", [PHONE], None)
    await scene.settle()
    await postman.stop()
    assert scene.rows == [(b"1", "retry", 0), (b"2", "", 0)]
    assert not scene.phones.waiting[0].cancelled()
    postman.start("bob", [PHONE], None)
    assert postman.runs == {}


@story
async def test_a_delivery_bears_the_addresses_and_the_next_hop(scene: Scene) -> None:
    postman = await scene.open(b"1")
    postman.start("bob", [PHONE], b"sip:proxy@h")
    await scene.settle()
    (asked,) = scene.phones.asked
    assert (asked["to"], asked["from_"], asked["next_hop"]) == (b"sip:bob@h", b"sip:alice@h", b"sip:proxy@h")


@story
async def test_a_phone_behind_a_nat_is_sent_to_where_it_registered_from(scene: Scene) -> None:
    postman = await scene.open(b"1")
    nat = cast(Binding, SimpleNamespace(uri=PHONE.uri, listener=None, received=b"sip:1.2.3.4:999", updated=0.0))
    scene.bindings = [nat]
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.asked[0]["next_hop"] == b"sip:1.2.3.4:999"


@story
async def test_who_registers_the_own_address_as_contact_gets_no_message_twice_dated(scene: Scene) -> None:
    postman = await scene.open(b"1")
    postman.start("bob", [Destination(b"sip:BOB@h;x=y")], None)
    await scene.settle()
    assert scene.phones.sent == []
    scene.phones.codes[b"sip:carol@h"] = 200  # somebody else's address is a wish to be obeyed
    postman.start("bob", [Destination(b"sip:bob@h"), Destination(b"sip:carol@h")], None)
    await scene.settle()
    assert scene.phones.sent == [(b"sip:carol@h", b"1")]


@story
async def test_a_row_with_an_impossible_time_blocks_nobody(scene: Scene) -> None:
    postman = await scene.open(b"1", b"2")
    scene.database.run("UPDATE silo SET inc_time = 1000000000000000, exp_time = 2000000000000000 WHERE mid = 1")
    scene.phones.codes[PHONE.uri] = 200
    postman.start("bob", [PHONE], None)
    await scene.settle()
    assert scene.phones.sent == [(PHONE.uri, b"2")]
    assert postman.in_hand == {}


@story
async def test_a_row_at_which_we_fail_is_free_again(scene: Scene) -> None:
    postman = await scene.open(b"1")
    scene.phones.request = lambda *_arguments, **_named: 1 / 0  # type: ignore[method-assign,assignment]
    postman.start("bob", [PHONE], None)
    await scene.settle()
    (work,) = scene.work
    assert isinstance(work.exception(), ZeroDivisionError)
    assert postman.in_hand == {}
    assert scene.rows == [(b"1", "", 1)]
