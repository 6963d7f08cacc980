"""What `save` answers and keeps (SER dialect 6.7, BEHAVIOUR 3, decisions D29, D30 and D42)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from serpy.dialect import Dialect
from serpy.module import ParamError
from serpy.modules.registrar import RECEIVED, Registrar
from serpy.modules.sl import SlModule
from serpy.modules.usrloc import Usrloc
from serpy.script.call import Call
from tests.unit.modules.registrar.fakes import FakeHost, load, request_call, run


@dataclass
class Answer:
    result: int
    status: str
    contact: str | None
    error: str | None


class Desk:
    """A registrar with its store, and a client that counts its CSeq."""

    def __init__(
        self, dialect: Dialect = Dialect.SER_0_9, usrloc: dict[str, int] | None = None, /, **params: int | str
    ):
        self.host = FakeHost(dialect)
        self.usrloc = load(Usrloc, self.host, None, **(usrloc or {}))
        bound = {"usrloc": self.usrloc, "sl": load(SlModule, self.host)}
        self.registrar = load(Registrar, self.host, bound, **{"default_expires": 120, **params})
        self.cseq = 0

    def call(self, *headers: str, to: str = "<sip:bob@127.0.0.1>", call_id: str = "reg@lab", cseq: int = 0) -> Call:
        self.cseq = cseq or self.cseq + 1
        lines = [
            "REGISTER sip:127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 10.0.0.7:7200;branch=z9hG4bK{self.cseq}",
            "From: <sip:bob@127.0.0.1>;tag=r",
            f"To: {to}",
            f"Call-ID: {call_id}",
            f"CSeq: {self.cseq} REGISTER",
            *headers,
        ]
        return request_call(self.host, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def save(self, *headers: str, command: str = "save", **named: object) -> Answer:
        return self.run(self.call(*headers, **named), command)  # type: ignore[arg-type]

    def run(self, call: Call, command: str = "save") -> Answer:
        result = run(self.registrar, call, command, "location")
        if not call.outbox:
            return Answer(result, "", None, None)
        lines = call.outbox[0].data.decode("latin-1").split("\r\n")
        found = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        return Answer(result, lines[0].removeprefix("SIP/2.0 "), found.get("Contact"), found.get("P-Registrar-Error"))

    def held(self, aor: str = "bob") -> str | None:
        """The bindings as a fetching REGISTER shows them."""
        return self.save(to=f"<sip:{aor}@127.0.0.1>", call_id="fetch@lab").contact


BOB = "<sip:bob@127.0.0.1:7200>"


@pytest.mark.parametrize(
    ("headers", "contact"),
    [
        ([f"Contact: {BOB}", "Expires: 3600"], f"{BOB};expires=3600"),
        ([f"Contact: {BOB};expires=600"], f"{BOB};expires=600"),
        ([f"Contact: {BOB}"], f"{BOB};expires=120"),
        ([f"Contact: {BOB};expires=60", "Expires: 3600"], f"{BOB};expires=60"),
        ([f"m: {BOB}"], f"{BOB};expires=120"),
        ([f"Contact: {BOB}", "Expires: 2"], f"{BOB};expires=60"),
        ([f"Contact: {BOB};expires=59"], f"{BOB};expires=60"),
        ([f"Contact: {BOB};expires=abc", "Expires: 100"], f"{BOB};expires=3600"),
        ([f"Contact: {BOB};expires=-5", "Expires: 100"], f"{BOB};expires=3600"),
        ([f'Contact: {BOB};expires="70"'], f"{BOB};expires=70"),
        ([f"Contact: {BOB}", "Expires: abc"], f"{BOB};expires=120"),
        ([f"Contact: {BOB}", "Expires: -5"], f"{BOB};expires=120"),
        ([f"Contact: {BOB}", "Expires: 60;x=y"], f"{BOB};expires=120"),
        ([f"Contact: {BOB}", "Expires: Mon, 23 Nov 2026 10:00:00 GMT"], f"{BOB};expires=120"),
        ([f"Contact: {BOB}", "Expires: 99999999999"], f"{BOB};expires=2147483647"),
        ([f"Contact: {BOB}", "Expires: 4294967296"], f"{BOB};expires=2147483647"),
        ([f"Contact: {BOB}", "Expires: 2147483648"], f"{BOB};expires=2147483647"),
        ([f"Contact: {BOB};expires={'9' * 5000}"], f"{BOB};expires=2147483647"),
        ([f"Contact: {BOB}", "Expires: 10", "Expires: 20"], f"{BOB};expires=60"),
        ([f"Contact: {BOB}", "Expires: 0"], None),
        ([f"Contact: {BOB};expires=0", "Expires: 100"], None),
        (["Contact: <sip:nobody@127.0.0.1:9>;expires=0"], None),
        ([], None),
        (["Contact: *", "Expires: 0"], None),
    ],
)
def test_expires_as_ser_reads_it(headers: list[str], contact: str | None) -> None:
    assert Desk().save(*headers) == Answer(1, "200 OK", contact, None)


@pytest.mark.parametrize(
    ("q", "shown"),
    [
        ("0.5", "0.5"),
        ("1", "1"),
        ("1.0", "1"),
        ("1.000", "1"),
        ("0", "0"),
        ("0.0", "0"),
        ("0.123", "0.123"),
        ("0.1234", "0.123"),
        ("0.070", "0.07"),
        (".5", "0.5"),
        ("0.", "0"),
    ],
)
def test_q_is_kept_to_three_decimals_and_shown_short(q: str, shown: str) -> None:
    assert Desk().save(f"Contact: {BOB};q={q}").contact == f"{BOB};q={shown};expires=120"


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("<sip:>", "<sip:>"),
        ("<http://x.y/>", "<http://x.y/>"),
        ("<tel:+123>", "<tel:+123>"),
        ("<sip:bob@127.0.0.1:99999>", "<sip:bob@127.0.0.1:99999>"),
        ("<sip:bob@>", "<sip:bob@>"),
        ("sip:bob@h", "<sip:bob@h>"),
        (
            '"Bob; , <x>" <sip:bob@h;transport=udp>;+sip.instance="<urn:uuid:1>";methods="INVITE"',
            "<sip:bob@h;transport=udp>",
        ),
        (f"<sip:{'a' * 300}@h>", f"<sip:{'a' * 300}@h>"),
    ],
)
def test_a_contact_is_an_opaque_uri(contact: str, shown: str) -> None:
    assert Desk().save(f"Contact: {contact}").contact == f"{shown};expires=120"


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        (["Contact: <sip:bob@127.0.0.1:7200"], "Contact parse error"),
        (["Contact: foo"], "Contact parse error"),
        (['Contact: "x'], "Contact parse error"),
        (["Contact: ,"], "Contact parse error"),
        (["Contact:"], "Contact parse error"),
        ([f"Contact: {BOB};expires="], "Contact parse error"),
        ([f"Contact: {BOB};q="], "Contact parse error"),
        ([f"Contact: {BOB};;;"], "Contact parse error"),
        (["Contact: <sip:a b@h>"], "Contact parse error"),
        (["Contact: <sip:bob@h\r\n ;x=y>"], "Contact parse error"),
        (["Contact: *, <sip:x@h>", "Expires: 0"], "* used in contact and more than 1 contact"),
        (["Contact: *, *", "Expires: 5"], "* used in contact and expires is not zero"),
        ([f"Contact: {BOB}", "Expires: "], "Expires parse error"),
        (["Contact: *", "Expires: 100"], "* used in contact and expires is not zero"),
        (["Contact: *"], "* used in contact and expires is not zero"),
        (["Contact: *", f"Contact: {BOB}", "Expires: 0"], "* used in contact and more than 1 contact"),
        ([f"Contact: {BOB}", "Contact: *", "Expires: 0"], "* used in contact and more than 1 contact"),
        ([f"Contact: {BOB};q=1.5"], "Invalid q param in contact"),
        ([f"Contact: {BOB};q=abc"], "Invalid q param in contact"),
        ([f"Contact: {BOB};q=-0.5"], "Invalid q param in contact"),
        ([f"Contact: {BOB};q=1.001"], "Invalid q param in contact"),
        ([f"Contact: {BOB};q=."], "Invalid q param in contact"),
    ],
)
def test_a_bad_register_is_answered_400_with_the_reason_and_ends_the_script(headers: list[str], error: str) -> None:
    assert Desk().save(*headers) == Answer(0, "400 Bad Request", None, error)


@pytest.mark.parametrize(
    ("line", "replacement", "error"),
    [
        ("To: <sip:bob@127.0.0.1>\r\n", "", "To header not found"),
        ("Call-ID: reg@lab\r\n", "", "Call-ID header not found"),
        ("CSeq: 1 REGISTER\r\n", "", "CSeq header not found"),
        ("CSeq: 1 REGISTER\r\n", "CSeq: abc REGISTER\r\n", "Invalid CSeq number"),
        ("To: <sip:bob@127.0.0.1>\r\n", "To: <sip:bob@127.0.0.1\r\n", "Message parse error"),
        ("To: <sip:bob@127.0.0.1>\r\n", "To: <tel:+123>\r\n", "Error while parsing AOR"),
        ("To: <sip:bob@127.0.0.1>\r\n", "To: <http://x>\r\n", "Error while parsing AOR"),
    ],
)
def test_what_every_register_needs(line: str, replacement: str, error: str) -> None:
    desk = Desk()
    data = desk.call(f"Contact: {BOB}").message.data.decode()
    answer = desk.run(request_call(desk.host, data.replace(line, replacement).encode()))
    assert answer == Answer(0, "400 Bad Request", None, error)


def test_from_may_be_missing() -> None:
    desk = Desk()
    data = desk.call(f"Contact: {BOB}").message.data
    call = request_call(desk.host, data.replace(b"From: <sip:bob@127.0.0.1>;tag=r\r\n", b""))
    assert desk.run(call).status == "200 OK"


def test_a_too_long_address_is_a_server_error() -> None:
    answer = Desk().save(f"Contact: {BOB}", to=f"<sip:{'a' * 257}@h>")
    assert answer == Answer(0, "500 Server Internal Error", None, "Address Of Record too long")


@pytest.mark.parametrize(
    ("to", "aor"),
    [
        ("<sip:x@other.org>", "x"),
        ("<sip:127.0.0.1>", ""),
        ('"X Y" <sip:X5@127.0.0.1:5060;user=phone>;p=v', "x5"),
        ("sip:CASE@127.0.0.1", "case"),
        ("<sip:%62ob2@127.0.0.1>", "bob2"),
        ("<sip:bob:secret@127.0.0.1>", "bob"),
    ],
)
def test_the_address_of_record_is_the_user_of_to(to: str, aor: str) -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}", to=to)
    assert list(desk.usrloc.table("location")) == [aor]


def test_bindings_are_listed_best_first_in_one_header() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}", "Expires: 900")
    desk.save(
        'Contact: <sip:bob@h:1>;q=0.5;expires=100, "Bob" <sip:bob@h:2;transport=udp>;q=0.9;expires=200',
        "Contact: <sip:bob@h:3>",
        "Contact: sip:bob@h:4;expires=50;q=0.1",
        "Expires: 500",
    )
    assert desk.held() == (
        "<sip:bob@h:2;transport=udp>;q=0.9;expires=200, <sip:bob@h:1>;q=0.5;expires=100,"
        " <sip:bob@h:4>;q=0.1;expires=60, <sip:bob@127.0.0.1:7200>;expires=900, <sip:bob@h:3>;expires=500"
    )


def test_the_seconds_left_count_down_and_then_the_binding_is_gone() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB};expires=60")
    desk.host.clock.seconds += 1.3
    assert desk.held() == f"{BOB};expires=59"
    desk.host.clock.seconds += 58.7
    assert desk.held() is None


def test_bindings_are_listed_with_an_invalid_q() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}")
    answer = desk.save("Contact: <sip:x@h>;q=2")
    assert answer == Answer(0, "400 Bad Request", f"{BOB};expires=120", "Invalid q param in contact")


def test_a_bad_contact_leaves_all_as_it_was() -> None:
    desk = Desk()
    desk.save(f"Contact: {BOB}")
    desk.save(f"Contact: {BOB};expires=0, <sip:new@h>", "Contact: <sip:x@h>;q=2")
    assert desk.held() == f"{BOB};expires=120"


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
