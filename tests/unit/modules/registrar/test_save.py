"""What `save` reads and answers (SER dialect 6.7, BEHAVIOUR 3, decision D42)."""

from __future__ import annotations

import pytest

from tests.unit.modules.registrar.desk import BOB, Answer, Desk
from tests.unit.modules.registrar.fakes import request_call


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
