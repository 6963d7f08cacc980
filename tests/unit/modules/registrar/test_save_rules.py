"""What `save` keeps, and by which parameters (SER dialect 6.7, decisions D29 and D30)."""

from __future__ import annotations

import pytest

from serpy.dialect import Dialect
from serpy.module import ParamError
from serpy.modules.registrar import RECEIVED
from tests.unit.modules.registrar.desk import BOB, Answer, Desk
from tests.unit.modules.registrar.fakes import request_call, run

# CSeq (D29)


@pytest.mark.parametrize(
    ("call_id", "cseq", "status", "held"),
    [
        ("reg@lab", 6, "200 OK", 700),
        ("reg@lab", 5, "200 OK", 120),
        ("reg@lab", 4, "400 Bad Request", 120),
        ("other@lab", 1, "200 OK", 700),
    ],
)
def test_an_older_register_of_the_same_client_changes_nothing(call_id: str, cseq: int, status: str, held: int) -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}", cseq=5)
    answer = desk.save(f"Contact: {BOB};expires=700", call_id=call_id, cseq=cseq)
    assert (answer.status, desk.held()) == (status, f"{BOB};expires={held}")


def test_a_lower_cseq_is_refused_by_name() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}", cseq=5)
    answer = desk.save(f"Contact: {BOB};expires=0", cseq=4)
    assert answer == Answer(0, "400 Bad Request", f"{BOB};expires=120", "Invalid CSeq number")


@pytest.mark.parametrize(
    ("cseq", "status", "is_held"), [(4, "400 Bad Request", True), (5, "200 OK", True), (6, "200 OK", False)]
)
def test_a_star_is_ordered_by_cseq_as_well(cseq: int, status: str, is_held: bool) -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}", cseq=5)
    assert desk.save("Contact: *", "Expires: 0", cseq=cseq).status == status
    assert (desk.held() is not None) is is_held


def test_of_a_contact_named_twice_the_last_one_counts() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB};expires=100, {BOB};expires=200")
    assert desk.held() == f"{BOB};expires=200"


def test_contacts_that_differ_in_a_byte_are_different_bindings() -> None:
    desk = Desk()
    desk.save("Contact: <sip:bob@h>, <sip:BOB@h>, <sip:bob@h;x>")
    assert (desk.held() or "").count("expires=") == 3


def test_an_expired_binding_is_forgotten_with_its_cseq() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}", cseq=50)
    desk.host.clock.seconds += 121
    assert desk.save(f"Contact: {BOB}", cseq=1).contact == f"{BOB};expires=120"


# parameters


@pytest.mark.parametrize(
    ("params", "expires", "granted"),
    [
        ({"min_expires": 0}, "1", 1),
        ({"min_expires": 300}, "1", 300),
        ({"max_expires": 600}, "3600", 600),
        ({"max_expires": 600}, "99999999999", 600),
        ({"default_expires": 77}, "", 77),
    ],
)
def test_lives_are_bounded_silently(params: dict[str, int | str], expires: str, granted: int) -> None:
    headers = [f"Expires: {expires}"] if expires else []
    assert Desk(**params).save(f"Contact: {BOB}", *headers).contact == f"{BOB};expires={granted}"


def test_default_q_stands_for_a_missing_one() -> None:
    assert Desk(default_q=500).save(f"Contact: {BOB}").contact == f"{BOB};q=0.5;expires=120"


def test_too_many_contacts_are_refused_and_nothing_is_changed() -> None:
    desk = Desk(max_contacts=2, retry_after=30)
    desk.save("Contact: <sip:a@h>, <sip:b@h>")
    call = desk.call("Contact: <sip:a@h>;expires=500, <sip:c@h>")
    answer = desk.run(call)
    assert (answer.result, answer.status, answer.error) == (
        0,
        "503 Service Unavailable",
        "Too many registered contacts",
    )
    assert b"Retry-After: 30\r\n" in call.outbox[0].data
    assert desk.held() == "<sip:a@h>;expires=120, <sip:b@h>;expires=120"


@pytest.mark.parametrize(
    "contact", ["<sip:a@h>", "<sip:a@h>;expires=0, <sip:c@h>", "<sip:c@h>;expires=0", "<sip:b@h>;expires=500"]
)
def test_a_full_address_can_still_refresh_replace_and_remove(contact: str) -> None:
    desk = Desk(max_contacts=2)
    desk.save("Contact: <sip:a@h>, <sip:b@h>")
    assert desk.save(f"Contact: {contact}").status == "200 OK"


def test_no_client_goes_unanswered_because_an_address_has_more_contacts_than_a_datagram_lists() -> None:
    desk = Desk()
    answers = [desk.save(f"Contact: <sip:bob@10.0.0.7:{port}>") for port in range(1000, 2000)]
    assert (answers[0].status, answers[-1].status) == ("200 OK", "503 Service Unavailable")
    assert answers[-1].error == "Too many registered contacts"
    assert len(desk.held() or "") < 60_000
    assert desk.save("Contact: <sip:bob@10.0.0.7:1000>").status == "200 OK"
    assert desk.save("Contact: *", "Expires: 0").contact is None


def test_retry_after_is_for_server_errors_only() -> None:
    desk = Desk(retry_after=30)
    call = desk.call("Contact: foo")
    desk.run(call)
    assert b"Retry-After" not in call.outbox[0].data


def test_desc_time_order_brings_a_refreshed_contact_to_the_front() -> None:
    desk = Desk(desc_time_order=1)
    desk.save("Contact: <sip:a@h>, <sip:b@h>")
    desk.save("Contact: <sip:b@h>")
    assert desk.held() == "<sip:b@h>;expires=120, <sip:a@h>;expires=120"


@pytest.mark.parametrize(
    ("params", "aor"),
    [
        ({"use_domain": 1}, "bob@sip.here.org"),
        ({"use_domain": 1, "realm_prefix": "SIP."}, "bob@here.org"),
        ({"case_sensitive": 1}, "Bob"),
        ({"use_domain": 1, "case_sensitive": 1}, "Bob@sip.here.org"),
    ],
)
def test_how_the_address_of_record_is_formed(params: dict[str, int | str], aor: str) -> None:
    desk = Desk(**params)
    desk.save(f"Contact: {BOB}", to="<sip:Bob@SIP.Here.org>")
    assert list(desk.usrloc.table("location")) == [aor]


@pytest.mark.parametrize(("here", "there"), [({"use_domain": 1}, {}), ({}, {"use_domain": 1})])
def test_use_domain_holds_in_both_modules_wherever_it_is_set(here: dict[str, int | str], there: dict[str, int]) -> None:
    desk = Desk(Dialect.SER_0_9, there, **here)
    assert (desk.registrar.use_domain, desk.usrloc.use_domain) == (1, 1)


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"use_domain": 1}, "use_domain"),
        ({"default_expires": -1}, "default_expires"),
        ({"default_q": 1001}, "default_q"),
        ({"nat_flag": 32}, "nat_flag"),
        ({"max_contacts": -2}, "max_contacts"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_refused(params: dict[str, int | str], name: str) -> None:
    with pytest.raises(ParamError) as error:
        Desk(Dialect.SER_0_9, {"use_domain": 0}, **params)
    assert error.value.param == name


def test_attributes_that_have_no_effect_yet_are_warned_of() -> None:
    assert [warning.param for warning in Desk(aor_attr="$x").registrar.warnings] == ["aor_attr"]


# what is noted of the source


def test_the_received_parameter_is_kept_and_shown() -> None:
    desk = Desk()
    desk.save(f'Contact: {BOB};received="sip:1.2.3.4:5"')
    assert desk.held() == f'{BOB};expires=120;received="sip:1.2.3.4:5"'


@pytest.mark.parametrize("value", ['"x y"', '""', "nothing", '"sip:a>b"'])
def test_a_received_parameter_that_is_no_uri_is_ignored(value: str) -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB};received={value}")
    assert desk.held() == f"{BOB};expires=120"


def test_the_name_of_the_received_parameter_can_be_set() -> None:
    desk = Desk(received_param="rcv")
    desk.save(f'Contact: {BOB};rcv="sip:1.2.3.4:5"')
    assert desk.held() == f'{BOB};expires=120;rcv="sip:1.2.3.4:5"'


def test_what_another_module_noted_of_the_source_is_kept() -> None:
    desk = Desk()
    call = desk.call(f"Contact: {BOB}")
    call.values[RECEIVED] = b"sip:9.9.9.9:1024"
    desk.run(call)
    assert desk.usrloc.live("bob")[0].received == b"sip:9.9.9.9:1024"


@pytest.mark.parametrize(
    ("dialect", "flags", "received"),
    [
        (Dialect.SER_2, 1 << 4, b"sip:10.0.0.7:7200;dstip=127.0.0.1;dstport=5060"),
        (Dialect.SER_2, 0, None),
        (Dialect.SER_0_9, 1 << 4, None),
    ],
)
def test_ser_2_notes_the_source_of_clients_behind_nat(dialect: Dialect, flags: int, received: bytes | None) -> None:
    desk = Desk(dialect)
    call = desk.call(f"Contact: {BOB}")
    call.flags = flags
    desk.run(call)
    binding = desk.usrloc.live("bob")[0]
    assert (binding.received, binding.nat) == (received, bool(flags))


def test_listener_user_agent_and_time_are_noted() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}", "User-Agent: labUA/1")
    binding = desk.usrloc.live("bob")[0]
    assert (binding.listener, binding.user_agent) == (desk.host.listeners[0], b"labUA/1")
    assert binding.updated == int(desk.host.clock.time())


# the other commands


@pytest.mark.parametrize("command", ["save", "save_contacts", "save_memory"])
def test_these_answer(command: str) -> None:
    assert Desk().save(f"Contact: {BOB}", command=command).status == "200 OK"


@pytest.mark.parametrize("command", ["save_noreply", "save_contacts_noreply", "save_mem_nr"])
def test_these_keep_the_binding_without_an_answer(command: str) -> None:
    desk = Desk()
    assert desk.save(f"Contact: {BOB}", command=command) == Answer(1, "", None, None)
    assert desk.held() == f"{BOB};expires=120"


@pytest.mark.parametrize(("dialect", "result"), [(Dialect.SER_0_9, 0), (Dialect.SER_2, -2)])
def test_an_error_without_an_answer(dialect: Dialect, result: int) -> None:
    assert Desk(dialect).save("Contact: foo", command="save_noreply") == Answer(result, "", None, None)


def test_an_ack_is_not_answered_but_told_to_the_script() -> None:
    desk = Desk()
    data = desk.call(f"Contact: {BOB}").message.data.replace(b"REGISTER sip:", b"ACK sip:")
    assert desk.run(request_call(desk.host, data)) == Answer(-1, "", None, None)


@pytest.mark.parametrize(
    ("to", "address", "result", "is_held"),
    [
        ("<sip:bob@h>", [], 1, False),
        ("<sip:carol@h>", [], -2, True),
        ("<sip:carol@h>", ["sip:bob@x"], 1, False),
        ("<tel:+1>", [], -1, True),
    ],
)
def test_unregister_removes_all_bindings(to: str, address: list[str], result: int, is_held: bool) -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}, <sip:b@h>")
    assert run(desk.registrar, desk.call(to=to), "unregister", "location", *address) == result
    assert (desk.held() is not None) is is_held
