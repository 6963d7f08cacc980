"""The module around the store: parameters, tables, the sweep and what operators ask."""

from __future__ import annotations

import pytest

from serpy.module import ParamError, every_seconds
from serpy.modules.usrloc import Contact, Usrloc
from tests.unit.modules.registrar.fakes import FakeHost, load


def bound(usrloc: Usrloc, table: str, aor: str, uri: bytes, *, q: int | None = None, seconds: int = 100) -> None:
    expires = int(usrloc.host.clock.time()) + seconds
    usrloc.table(table).insert(aor, Contact(uri, expires, q, b"call", 7))


@pytest.mark.parametrize("mode", [1, 2, 3, 4, -1])
def test_a_mode_with_a_database_is_refused_with_a_next_step(mode: int) -> None:
    with pytest.raises(ParamError, match="not supported yet") as error:
        load(Usrloc, FakeHost(), db_mode=mode)
    assert (error.value.param, "set db_mode to 0" in error.value.hint) == ("db_mode", True)


@pytest.mark.parametrize(
    "name",
    [
        "db_mode",
        "timer_interval",
        "db_url",
        "use_domain",
        "desc_time_order",
        "user_column",
        "domain_column",
        "contact_column",
        "expires_column",
        "q_column",
        "callid_column",
        "cseq_column",
        "method_column",
        "flags_column",
        "replicate_column",
        "state_column",
        "user_agent_column",
        "received_column",
        "uid_column",
        "instance_column",
        "aor_column",
        "reg_avp_column",
        "reg_avp_flag",
        "db_skip_delete",
    ],
)
def test_every_parameter_of_ser_is_known(name: str) -> None:
    assert name in Usrloc.params


def test_live_looks_into_every_table_and_answers_the_best_first() -> None:
    usrloc = load(Usrloc, FakeHost())
    bound(usrloc, "location", "bob", b"sip:a@1", q=100)
    bound(usrloc, "aliases", "bob", b"sip:b@1", q=900)
    bound(usrloc, "aliases", "bob", b"sip:c@1", seconds=-1)
    assert [one.uri for one in usrloc.live("bob")] == [b"sip:b@1", b"sip:a@1"]
    assert list(usrloc.live("carol")) == []


def test_the_sweep_runs_each_timer_interval_and_counts() -> None:
    host = FakeHost()
    usrloc = load(Usrloc, host, timer_interval=20)
    bound(usrloc, "location", "bob", b"sip:a@1", seconds=30)
    host.clock.seconds += 31
    usrloc.sweep()
    assert [every_seconds(usrloc, timer) for timer in Usrloc.timers] == [20]
    assert (len(usrloc.table("location")), host.stats["usrloc.expired"]) == (0, 1)


def test_stats_tell_valid_from_expired_contacts() -> None:
    usrloc = load(Usrloc, FakeHost())
    bound(usrloc, "location", "bob", b"sip:a@1")
    bound(usrloc, "location", "carol", b"sip:b@1", seconds=-5)
    assert usrloc.show_stats() == [{"table": "location", "users": 2, "contacts": 1, "expired": 1}]


def test_dump_shows_what_is_held() -> None:
    usrloc = load(Usrloc, FakeHost())
    bound(usrloc, "location", "bob", b"sip:a@1", q=500)
    (record,) = usrloc.dump()
    assert (record["table"], record["aor"]) == ("location", "bob")
    assert record["contacts"] == [
        {"contact": "sip:a@1", "expires": 100, "q": 0.5, "call_id": "call", "cseq": 7, "user_agent": ""}
    ]


def test_an_operator_binds_a_contact_for_ever_or_for_a_time() -> None:
    usrloc = load(Usrloc, FakeHost())
    usrloc.table("location")
    assert usrloc.add_contact("location", "Bob@any.where", "sip:a@1", 0) == "Added to table location"
    usrloc.add_contact("location", "bob", "sip:b@1", 60, 0.5)
    shown = usrloc.show_contacts("location", "bob")
    assert [(one["contact"], one["expires"], one["q"]) for one in shown] == [
        ("sip:b@1", 60, 0.5),
        ("sip:a@1", "never", None),
    ]


def test_adding_a_known_contact_updates_it() -> None:
    usrloc = load(Usrloc, FakeHost())
    bound(usrloc, "location", "bob", b"sip:a@1")
    usrloc.add_contact("location", "bob", "sip:a@1", 500)
    assert [one["expires"] for one in usrloc.show_contacts("location", "bob")] == [500]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nowhere", "bob", "sip:a@1", 60), "table (nowhere) not found"),
        (("location", "bob", "sip:a b@1", 60), "is not a contact URI"),
        (("location", "bob", "", 60), "is not a contact URI"),
        (("location", "bob", "sip:a@1", -1), "expires is -1"),
        (("location", "bob", "sip:a@1", 60, 1.5), "q is 1.5"),
    ],
)
def test_a_contact_that_cannot_be_added_is_refused_with_the_reason(
    arguments: tuple[str, str, str, int], text: str
) -> None:
    usrloc = load(Usrloc, FakeHost())
    usrloc.table("location")
    with pytest.raises((LookupError, ValueError)) as error:
        usrloc.add_contact(*arguments)
    assert text in str(error.value)


def test_an_operator_removes_a_contact_or_a_user() -> None:
    usrloc = load(Usrloc, FakeHost())
    for uri in (b"sip:a@1", b"sip:b@1"):
        bound(usrloc, "location", "bob", uri)
    usrloc.delete_contact("location", "bob", "sip:a@1")
    assert [one["contact"] for one in usrloc.show_contacts("location", "bob")] == ["sip:b@1"]
    usrloc.delete_uid("location", "bob")
    with pytest.raises(LookupError, match="Username bob in table location not found"):
        usrloc.show_contacts("location", "bob")


@pytest.mark.parametrize(("aor", "contact"), [("carol", "sip:a@1"), ("bob", "sip:x@1")])
def test_what_is_not_there_cannot_be_removed(aor: str, contact: str) -> None:
    usrloc = load(Usrloc, FakeHost())
    bound(usrloc, "location", "bob", b"sip:a@1")
    with pytest.raises(LookupError, match="not found"):
        usrloc.delete_contact("location", aor, contact)


def test_with_use_domain_an_operator_must_name_the_domain() -> None:
    usrloc = load(Usrloc, FakeHost(), use_domain=1)
    bound(usrloc, "location", "bob@here.org", b"sip:a@1")
    assert len(usrloc.show_contacts("location", "sip:Bob@Here.org")) == 1
    with pytest.raises(ValueError, match="has no domain"):
        usrloc.show_contacts("location", "bob")
