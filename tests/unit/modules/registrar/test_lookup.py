"""What `lookup` makes of a request (SER dialect 6.7, BEHAVIOUR 2, decision D42)."""

from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from serpy.module import Module
from serpy.modules.registrar import Registrar
from serpy.modules.sl import SlModule
from serpy.modules.usrloc import Contact, Usrloc
from serpy.script.call import Branch, Call
from serpy.sip.uri import parse_uri
from tests.unit.modules.registrar.fakes import FakeHost, FakeListener, load, message, request_call, run


def desk(host: FakeHost, **params: int | str) -> tuple[Registrar, Usrloc]:
    usrloc = load(Usrloc, host)
    bound: dict[str, Module] = {"usrloc": usrloc, "sl": load(SlModule, host)}
    return load(Registrar, host, bound, **params), usrloc


def bind(usrloc: Usrloc, *contacts: Contact, aor: str = "bob") -> None:
    for contact in contacts:
        usrloc.table("location").insert(aor, contact)


def contact(
    uri: bytes, q: int | None = None, received: bytes | None = None, *, seconds: int = 100, nat: bool = False
) -> Contact:
    return Contact(uri, int(FakeHost().clock.time()) + seconds, q, b"c", 1, received=received, nat=nat)


def looked_up(uri: str, *contacts: Contact, **params: int | str) -> tuple[int, Call]:
    host = FakeHost()
    registrar, usrloc = desk(host, **params)
    bind(usrloc, *contacts)
    call = request_call(host, message("MESSAGE", uri))
    return run(registrar, call, "lookup", "location"), call


@pytest.mark.parametrize(
    ("uri", "result"),
    [
        ("sip:bob@127.0.0.1", 1),
        ("sip:BOB@somewhere.else:5070;transport=tcp", 1),
        ("sips:bob@127.0.0.1", 1),
        ("sip:bob:secret@127.0.0.1", 1),
        ("sip:%62ob@127.0.0.1", 1),
        ("sip:bob;x=1@127.0.0.1", -3),
        ("sip:carol@127.0.0.1", -3),
        ("sip:127.0.0.1", -3),
        ("tel:bob", -1),
        ("urn:service:sos", -1),
    ],
)
def test_whom_a_request_uri_means(uri: str, result: int) -> None:
    assert looked_up(uri, contact(b"sip:bob@1.1.1.1"))[0] == result


def test_the_contact_replaces_the_request_uri_byte_for_byte() -> None:
    _, call = looked_up("sip:bob@h", contact(b"sip:Bob@1.1.1.1:7200;x=y?Subject=z", 500))
    assert (call.uri, call.q, call.branches, call.dst_uri) == (b"sip:Bob@1.1.1.1:7200;x=y?Subject=z", 500, [], None)


def test_further_contacts_become_branches_in_their_order() -> None:
    _, call = looked_up("sip:bob@h", contact(b"sip:c@1"), contact(b"sip:a@1", 900), contact(b"sip:b@1", 100))
    assert (call.uri, call.branches) == (b"sip:a@1", [Branch(b"sip:b@1", 100), Branch(b"sip:c@1", None)])


def test_append_branches_off_takes_the_first_alone() -> None:
    _, call = looked_up("sip:bob@h", contact(b"sip:a@1"), contact(b"sip:b@1"), append_branches=0)
    assert (call.uri, call.branches) == (b"sip:a@1", [])


def test_expired_contacts_are_not_used() -> None:
    result, call = looked_up("sip:bob@h", contact(b"sip:a@1", 900, seconds=0), contact(b"sip:b@1"))
    assert (result, call.uri, call.branches) == (1, b"sip:b@1", [])


def test_only_expired_contacts_are_nowhere_and_change_nothing() -> None:
    result, call = looked_up("sip:bob@h", contact(b"sip:a@1", seconds=-1))
    assert (result, call.uri) == (-5, b"sip:bob@h")


def test_at_most_max_branches_are_made_and_those_with_the_highest_q() -> None:
    late = contact(b"sip:late@1")
    contacts = [*(contact(b"sip:%d@1" % number) for number in range(20)), late]
    host = FakeHost()
    registrar, usrloc = desk(host)
    bind(usrloc, *contacts)
    late.q = 1000  # its place in the list stays, as after a second REGISTER
    call = request_call(host, message("MESSAGE", "sip:bob@h"))
    assert run(registrar, call, "lookup", "location") == 1
    assert [branch.uri for branch in call.branches] == [
        *(b"sip:%d@1" % number for number in range(1, 11)),
        b"sip:late@1",
    ]


def test_branches_that_are_there_already_count() -> None:
    host = FakeHost()
    host.core.max_branches = 3
    registrar, usrloc = desk(host)
    bind(usrloc, *(contact(b"sip:%d@1" % number) for number in range(5)))
    call = request_call(host, message("MESSAGE", "sip:bob@h"))
    call.branches.append(Branch(b"sip:mine@1"))
    run(registrar, call, "lookup", "location")
    assert [branch.uri for branch in call.branches] == [b"sip:mine@1", b"sip:1@1"]


def test_the_address_a_register_came_from_is_the_next_hop() -> None:
    _, call = looked_up(
        "sip:bob@h", contact(b"sip:a@1", 900, b"sip:9.9.9.9:1"), contact(b"sip:b@1", None, b"sip:8.8.8.8:1")
    )
    assert (call.uri, call.dst_uri, call.branches[0].dst_uri) == (b"sip:a@1", b"sip:9.9.9.9:1", b"sip:8.8.8.8:1")


def test_received_to_uri_puts_it_into_the_uri_instead() -> None:
    _, call = looked_up("sip:bob@h", contact(b"sip:a@1", None, b"sip:9.9.9.9:1"), received_to_uri=1)
    assert (call.uri, call.dst_uri) == (b'sip:a@1;received="sip:9.9.9.9:1"', None)


def test_requests_leave_from_where_the_register_came_in() -> None:
    host = FakeHost(listeners=[FakeListener(), FakeListener(port=5070)])
    registrar, usrloc = desk(host)
    one = contact(b"sip:a@1")
    one.listener = host.listeners[1]
    bind(usrloc, one)
    call = request_call(host, message("MESSAGE", "sip:bob@h"))
    run(registrar, call, "lookup_contacts", "location")
    assert call.send_socket is host.listeners[1]


@pytest.mark.parametrize(
    ("params", "flags"),
    [({}, 1 << 4), ({"nat_flag": 6}, 1 << 6), ({"load_nat_flag": 7}, 1 << 7), ({"nat_flag": -1}, 0)],
)
def test_a_contact_behind_nat_sets_the_flag(params: dict[str, int | str], flags: int) -> None:
    _, call = looked_up("sip:bob@h", contact(b"sip:a@1", 900), contact(b"sip:b@1", nat=True), **params)
    assert call.flags == flags


@pytest.mark.parametrize(("uri", "expected"), [("sip:bob@h", True), ("sip:carol@h", False), ("urn:x", False)])
def test_registered_only_asks(uri: str, expected: bool) -> None:
    host = FakeHost()
    registrar, usrloc = desk(host)
    bind(usrloc, contact(b"sip:a@1"))
    call = request_call(host, message("MESSAGE", uri))
    assert run(registrar, call, "registered", "location") is expected
    assert call.uri == uri.encode()


@pytest.mark.parametrize("command", ["lookup", "registered"])
def test_an_address_can_be_named(command: str) -> None:
    host = FakeHost()
    registrar, usrloc = desk(host)
    bind(usrloc, contact(b"sip:a@1"), aor="carol")
    call = request_call(host, message("MESSAGE", "sip:bob@h"))
    assert run(registrar, call, command, "location", "sip:Carol@anywhere") == 1


@pytest.mark.parametrize("text", ["bob", "tel:+1", "sip:", "sip:host"])
def test_an_address_that_names_no_user_is_refused_at_load(text: str) -> None:
    host = FakeHost()
    with pytest.raises(ValueError, match=r"no SIP URI|names no user"):
        run(desk(host)[0], request_call(host, message()), "lookup", "location", text)


@pytest.mark.parametrize(("dialect", "expected"), [(Dialect.SER_0_9, False), (Dialect.SER_2, True)])
def test_in_a_register_ser_2_asks_for_the_user_of_to(dialect: Dialect, expected: bool) -> None:
    host = FakeHost(dialect)
    registrar, usrloc = desk(host)
    bind(usrloc, contact(b"sip:a@1"))
    call = request_call(host, message("REGISTER", "sip:127.0.0.1"))
    assert run(registrar, call, "registered", "location") is expected


def test_tables_are_apart() -> None:
    host = FakeHost()
    registrar, usrloc = desk(host)
    bind(usrloc, contact(b"sip:a@1"))
    assert run(registrar, request_call(host, message("MESSAGE", "sip:bob@h")), "lookup", "aliases") == -3


def test_the_rule_for_addresses_is_offered_to_other_modules() -> None:
    registrar, _ = desk(FakeHost(), use_domain=1)
    assert registrar.aor(parse_uri(b"sips:%42ob:pw@Here.ORG:5061;x")) == "bob@here.org"


def test_octets_that_are_no_utf_8_make_a_key_as_well() -> None:
    registrar, _ = desk(FakeHost())
    assert registrar.aor(parse_uri(b"sip:%FFx@h")).encode("utf-8", "surrogateescape") == b"\xffx"
