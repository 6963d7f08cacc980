"""The example with real bytes in virtual time: R1-R16 and the decisions, as clients see them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serpy.db.memory import MemoryDatabases
from serpy.testing.lab import EPOCH, Lab
from serpy.testing.network import Datagram

EXAMPLE = Path(__file__).parents[4] / "examples" / "msilo.cfg"
ALICE = ("10.0.0.1", 7100)
BOB = ("10.0.0.2", 7200)
BOB_CONTACT = "<sip:bob@10.0.0.2:7200>"


class Users:
    """What the two users' phones send, with a Via, a Call-ID and a CSeq of its own each."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.count = 0

    def _send(self, source: tuple[str, int], start: str, lines: list[str], body: bytes = b"") -> list[Datagram]:
        self.count += 1
        head = [start, f"Via: SIP/2.0/UDP {source[0]}:{source[1]};branch=z9hG4bKt{self.count}"]
        head += [*lines, f"Content-Length: {len(body)}", "", ""]
        self.lab.send("\r\n".join(head).encode() + body, source=source)
        return self.lab.take()

    def message(self, body: bytes = b"Hello", *more: str, to: str = "sip:bob@127.0.0.1") -> list[Datagram]:
        """Alice writes to Bob."""
        lines = [f"From: <sip:alice@127.0.0.1>;tag=a{self.count}", f"To: <{to}>", f"Call-ID: m{self.count}@t"]
        lines += ["CSeq: 1 MESSAGE", "Max-Forwards: 70", "Contact: <sip:alice@10.0.0.1:7100>", *more]
        if not any(line.startswith("Content-Type") for line in more):
            lines.append("Content-Type: text/plain")
        return self._send(ALICE, f"MESSAGE {to} SIP/2.0", lines, body)

    def register(self, *contacts: str, user: str = "bob@127.0.0.1", expires: str = "600") -> list[Datagram]:
        """Bob registers."""
        lines = [f"From: <sip:{user}>;tag=r", f"To: <sip:{user}>", "Call-ID: reg@t", f"CSeq: {self.count} REGISTER"]
        lines += [f"Contact: {contact}" for contact in contacts or (BOB_CONTACT,)]
        return self._send(BOB, "REGISTER sip:127.0.0.1 SIP/2.0", [*lines, f"Expires: {expires}"])

    def answer(self, request: Datagram, code: int = 200) -> list[Datagram]:
        """The one to whom this request was sent answers it."""
        lines = [line for line in head_of(request).split("\r\n") if re.match(r"(?i)(via|from|call-id|cseq):", line)]
        lines += [header(request, "To", whole=True) + ";tag=b"]
        data = "\r\n".join([f"SIP/2.0 {code} Answer", *lines, "Content-Length: 0", "", ""])
        self.lab.send(data.encode(), source=request.to)
        return self.lab.take()


def head_of(datagram: Datagram) -> str:
    return datagram.data.partition(b"\r\n\r\n")[0].decode()


def body_of(datagram: Datagram) -> bytes:
    return datagram.data.partition(b"\r\n\r\n")[2]


def header(datagram: Datagram, name: str, *, whole: bool = False) -> str:
    line = next(line for line in head_of(datagram).split("\r\n") if line.lower().startswith(name.lower() + ":"))
    return line if whole else line.partition(":")[2].strip()


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(EXAMPLE) as lab:
        yield lab


@pytest.fixture
def users(lab: Lab) -> Users:
    return Users(lab)


def status(sent: list[Datagram]) -> list[bytes]:
    """The first lines of what went out."""
    return [datagram.data.partition(b"\r\n")[0] for datagram in sent]


def requests(sent: list[Datagram]) -> list[Datagram]:
    return [datagram for datagram in sent if not datagram.data.startswith(b"SIP/2.0")]


def deliveries(sent: list[Datagram], to: tuple[str, int] = BOB) -> list[Datagram]:
    return [datagram for datagram in requests(sent) if datagram.to == to]


def test_r1_r4_r11_stored_while_offline_and_delivered_at_the_registration(lab: Lab, users: Users) -> None:
    assert status(users.message())[-1] == b"SIP/2.0 202 Accepted"
    ok, delivery = users.register()
    assert ok.data.startswith(b"SIP/2.0 200 OK")
    assert delivery.to == BOB
    assert delivery.data.startswith(b"MESSAGE sip:bob@10.0.0.2:7200 SIP/2.0\r\n")
    assert body_of(delivery) == f"[Offline message - {time.asctime(time.gmtime(EPOCH))}] Hello".encode()
    assert len(lab.rows("silo")) == 1
    users.answer(delivery)
    lab.advance(30)
    assert lab.rows("silo") == []


def test_r2_the_row_holds_what_the_readme_lists(lab: Lab, users: Users) -> None:
    users.message()
    (row,) = lab.rows("silo")
    assert {name: row[name] for name in ("src_addr", "dst_addr", "r_uri", "inc_time", "exp_time", "ctype", "body")} == {
        "src_addr": "sip:alice@127.0.0.1",
        "dst_addr": "sip:bob@127.0.0.1",
        "r_uri": "sip:bob@127.0.0.1",
        "inc_time": int(EPOCH),
        "exp_time": int(EPOCH) + 259200,
        "ctype": "text/plain",
        "body": b"Hello",
    }


def test_r3_r12_past_its_time_a_message_is_not_delivered_and_then_deleted(lab: Lab, users: Users) -> None:
    users.message(b"Hello", "Expires: 20")
    lab.advance(21)
    assert deliveries(users.register()) == []
    assert len(lab.rows("silo")) == 1
    lab.advance(130)
    assert lab.rows("silo") == []


@pytest.mark.parametrize("code", [302, 404, 415, 486, 500, 603])
def test_r5_a_message_that_the_phone_refuses_is_stored(lab: Lab, users: Users, code: int) -> None:
    users.register()
    (relayed,) = users.message()
    sent = users.answer(relayed, code)
    assert status(sent)[-1] == b"SIP/2.0 202 Accepted"
    assert [row["r_uri"] for row in lab.rows("silo")] == ["sip:bob@127.0.0.1"]
    # D41, D8: not at once to the phone that has just refused it, nor at any tick
    lab.advance(110)
    assert deliveries(lab.take()) == []
    assert len(deliveries(users.register())) == 1


def test_r5_a_message_for_a_silent_phone_is_stored_after_fr_timer(lab: Lab, users: Users) -> None:
    users.register()
    users.message()
    lab.advance(9)
    assert lab.rows("silo") == []
    lab.advance(2)
    assert b"SIP/2.0 202 Accepted" in status(lab.take())
    assert len(lab.rows("silo")) == 1


def test_r9_r13_d19_the_sender_is_told_at_the_contact(lab: Lab, users: Users) -> None:
    notice, accepted = users.message()
    assert notice.to == ALICE
    assert notice.data.startswith(b"MESSAGE sip:alice@10.0.0.1:7100 SIP/2.0\r\n")
    assert header(notice, "To") == "<sip:alice@127.0.0.1>"
    assert header(notice, "From").startswith("<sip:registrar@mydomain.com>;tag=")
    assert header(notice, "Content-Type") == "text/plain"
    assert header(notice, "Max-Forwards") == "70"
    assert b"Contact" not in notice.data
    assert body_of(notice) == (
        b"User [sip:bob@127.0.0.1] is offline. The message will be delivered when user goes online."
    )
    assert accepted.data.startswith(b"SIP/2.0 202 Accepted")


def test_r9_d18_what_is_addressed_to_the_registrar_is_not_stored() -> None:
    with Lab(EXAMPLE, modparams={"msilo.registrar": "sip:registrar@127.0.0.1"}) as lab:
        assert status(Users(lab).message(to="sip:registrar@127.0.0.1")) == [b"SIP/2.0 503 Service Unavailable"]
        assert lab.rows("silo") == []


def test_r10_expire_time_bounds_the_time_that_is_asked_for() -> None:
    with Lab(EXAMPLE, modparams={"msilo.expire_time": 100}) as lab:
        users = Users(lab)
        users.message(b"1", "Expires: 50")
        users.message(b"2", "Expires: 500")
        assert [row["exp_time"] - int(EPOCH) for row in lab.rows("silo")] == [50, 100]


def test_r12_the_readme_sets_clean_period_by_a_string() -> None:
    with Lab(EXAMPLE, modparams={"msilo.clean_period": "3", "msilo.check_time": 10}) as lab:
        Users(lab).message(b"Hello", "Expires: 1")
        lab.advance(29)
        assert len(lab.rows("silo")) == 1
        lab.advance(2)
        assert lab.rows("silo") == []


SCRIPT = """
loadmodule "sl.so"
loadmodule "mysql.so"
loadmodule "msilo.so"
loadmodule "tm.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
listen=127.0.0.1
modparam("msilo", "registrar", "sip:registrar@mydomain.com")
route {
    if (method=="REGISTER") { save("location"); m_dump("sip:10.0.0.9:5070"); break; };
    rewriteuri("sip:carol@127.0.0.1");
    t_newtran();
    if (m_store("%s", "sip:10.0.0.8")) { t_reply("202", "Accepted"); } else { t_reply("503", "No"); };
}
"""


@pytest.mark.parametrize(
    ("mode", "address"), [("0", "sip:carol@127.0.0.1"), ("1", "sip:bob@127.0.0.1"), ("2", "sip:bob@127.0.0.1")]
)
def test_r14_the_mode_chooses_the_address_and_the_next_hop_is_where_the_notice_goes(mode: str, address: str) -> None:
    with Lab(SCRIPT % mode) as lab:
        notice, _accepted = Users(lab).message()
        assert [row["r_uri"] for row in lab.rows("silo")] == [address]
        assert notice.to == ("10.0.0.8", 5060)
        assert notice.data.startswith(b"MESSAGE sip:alice@10.0.0.1:7100 SIP/2.0")


def test_r15_deliveries_go_by_the_next_hop_to_the_contact() -> None:
    with Lab(SCRIPT % "1") as lab:
        users = Users(lab)
        users.message()
        delivery = users.register()[-1]
        assert delivery.to == ("10.0.0.9", 5070)
        assert delivery.data.startswith(b"MESSAGE sip:bob@10.0.0.2:7200 SIP/2.0")


@pytest.mark.parametrize(
    ("contacts", "expires"),
    [((BOB_CONTACT,), "0"), (("*",), "0"), ((BOB_CONTACT + ";expires=0",), "600")],
)
def test_d20_an_unregistration_brings_nothing(lab: Lab, users: Users, contacts: tuple[str, ...], expires: str) -> None:
    users.message()
    assert status(users.register(*contacts, expires=expires)) == [b"SIP/2.0 200 OK"]
    lab.advance(60)
    assert deliveries(lab.take()) == []


def test_d3_to_and_from_are_as_stored(lab: Lab, users: Users) -> None:
    users.message(to="sip:bob@localhost")
    delivery = users.register()[-1]
    assert header(delivery, "To") == "<sip:bob@localhost>"
    assert header(delivery, "From").startswith("<sip:alice@127.0.0.1>;tag=")
    assert requests(users.answer(delivery, 415)) == []
    assert len(lab.rows("silo")) == 1


def test_d4_the_highest_q_gets_it_and_the_next_one_if_that_fails(lab: Lab, users: Users) -> None:
    users.message()
    first = users.register("<sip:bob@10.0.0.3>;q=0.1", "<sip:bob@10.0.0.2:7200>;q=0.9")[-1]
    assert first.to == BOB
    (second,) = users.answer(first, 480)
    assert second.to == ("10.0.0.3", 5060)
    assert users.answer(second) == []
    assert lab.rows("silo") == []


def test_d6_what_failed_is_free_at_once_for_the_next_registration(lab: Lab, users: Users) -> None:
    users.message()
    users.answer(users.register()[-1], 486)
    delivery = users.register()[-1]
    users.answer(delivery)
    assert lab.rows("silo") == []


def test_d7_oldest_first_and_a_silent_phone_costs_one_time_out(lab: Lab, users: Users) -> None:
    for body in (b"1", b"2", b"3"):
        users.message(body)
    first = users.register()[-1]
    (second,) = users.answer(first)
    assert (body_of(first)[-1:], body_of(second)[-1:]) == (b"1", b"2")
    lab.advance(15)
    assert {body_of(sent) for sent in deliveries(lab.take())} == {body_of(second)}
    lab.advance(20)
    (again,) = {sent.data for sent in deliveries(lab.take())}
    assert again.endswith(b"2")


def test_d8_a_tick_delivers_what_failed_for_a_passing_reason_and_what_was_behind_it(lab: Lab, users: Users) -> None:
    users.message(b"1")
    users.message(b"2")
    users.answer(users.register()[-1], 480)
    lab.advance(30.2)
    (first,) = deliveries(lab.take())
    (second,) = users.answer(first)
    users.answer(second)
    assert lab.rows("silo") == []


def test_d8_two_registrations_at_once_bring_one_delivery(lab: Lab, users: Users) -> None:
    users.message()
    delivery = users.register()[-1]
    assert deliveries(users.register()) == []
    users.answer(delivery)
    lab.advance(60)
    assert deliveries(lab.take()) == []


@pytest.mark.parametrize(
    ("stored_for", "registered_as"), [("bob@localhost", "bob@127.0.0.1"), ("BOB@127.0.0.1", "bob@x")]
)
def test_d10_the_owner_is_found_as_lookup_finds_bindings(users: Users, stored_for: str, registered_as: str) -> None:
    users.message(to=f"sip:{stored_for}")
    assert len(deliveries(users.register(user=registered_as))) == 1


def test_d10_with_use_domain_the_domain_counts() -> None:
    domains = {"registrar.use_domain": 1, "usrloc.use_domain": 1}
    with Lab(EXAMPLE, modparams=domains) as lab:
        users = Users(lab)
        users.message(to="sip:bob@localhost")
        assert deliveries(users.register()) == []
        assert len(deliveries(users.register(user="bob@localhost"))) == 1


def test_d11_d12_another_type_comes_back_as_it_was_with_the_time_in_a_header(users: Users) -> None:
    users.message(b"<p>\0\xff", 'Content-Type: text/html; charset="x"')
    delivery = users.register()[-1]
    assert header(delivery, "Content-Type") == 'text/html; charset="x"'
    assert header(delivery, "Date") == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert body_of(delivery) == b"<p>\0\xff"


@pytest.mark.parametrize("more", [["Content-Type: text"], ["Content-Encoding: gzip"], ["Content-Type:"]])
def test_d17_what_cannot_be_kept_is_refused(lab: Lab, users: Users, more: list[str]) -> None:
    assert status(users.message(b"Hello", *more)) == [b"SIP/2.0 503 Service Unavailable"]
    assert lab.rows("silo") == []
    assert any("message not stored" in line for line in lab.log_lines)


def test_d39_d40_after_a_crash_the_message_comes_again_and_is_recognisable() -> None:
    databases = MemoryDatabases()
    with Lab(EXAMPLE) as lab:
        users = Users(lab)
        users.message()
        before = users.register()[-1]
        # the process dies here: what the next one finds is what is committed
        lab.databases.database.connection.backup(databases.database.connection)
    with Lab(EXAMPLE, databases=databases, time=EPOCH + 5) as lab:
        users = Users(lab)
        assert deliveries(users.register()) == []  # the claim may be a living server's: it runs out first
        lab.advance(91)
        after = deliveries(lab.take())[0]
    for name in ("Call-ID", "From", "CSeq", "Via", "Date"):
        assert header(after, name) == header(before, name)
    assert after.data == before.data


def test_d41_a_contact_that_registered_while_another_was_silent_gets_the_message_at_once(
    lab: Lab, users: Users
) -> None:
    users.register()
    users.message()
    lab.advance(5)
    users.register("<sip:bob@10.0.0.4>")
    lab.advance(6)
    sent = lab.take()
    assert b"SIP/2.0 202 Accepted" in status(sent)
    (delivery,) = deliveries(sent, ("10.0.0.4", 5060))[:1]
    users.answer(delivery)
    assert lab.rows("silo") == []


def test_r16_the_example_says_nothing_worse_than_a_notice(lab: Lab, users: Users) -> None:
    users.message()
    users.answer(users.register()[-1])
    lab.advance(200)
    assert [line for line in lab.log_lines if line.startswith(("ERROR", "CRITICAL"))] == []
