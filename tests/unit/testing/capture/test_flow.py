"""From what passed to a flow that a person would have typed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serpy.host.network import Address
from serpy.testing.capture.flow import Wanted, Written, write_flow
from serpy.testing.capture.passed import Passed
from serpy.testing.flow.document import read_document
from serpy.testing.flow.head import read_head
from serpy.testing.flow.run import run_flow
from tests.unit.testing.capture.captures import ALICE, BOB, SERVER, STARTED, message
from tests.unit.testing.capture.street import Street

MODULES = "".join(f'loadmodule "{name}.so"\n' for name in ("sl", "tm", "usrloc", "registrar", "textops"))
SCRIPT = (
    "listen=192.0.2.1\n"
    + MODULES
    + """route {
    if (method=="REGISTER") { save("location"); break; }
    if (uri==myself && !lookup("location")) { sl_send_reply("404", "Not here"); break; }
    record_route();
    t_relay();
}
"""
).replace("    record_route();\n", "")
INVITE = (
    'From: "Alice B." <sip:alice@example.org>;tag=88a7s2',
    "To: <sip:bob@192.0.2.1>",
    "Call-ID: 843817637684230@998sdasdh09",
    "Contact: <sip:alice@10.0.0.1:5060>",
    "Supported: replaces",
)


@pytest.fixture
def street() -> Iterator[Street]:
    street = Street(SCRIPT)
    yield street
    street.close()


Write = Callable[..., Written]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a flow beside its script, as `tmp_path/test.flow`."""
    monkeypatch.delenv("CI", raising=False)

    def write(
        datagrams: list[Passed],
        script: str = SCRIPT,
        *,
        place: Address = SERVER,
        as_captured: bool = False,
        **more: object,
    ) -> Written:
        (tmp_path / "my.cfg").write_text(script)
        wanted = Wanted("", "", "my.cfg", {SERVER: place}, place, as_captured, script_text=script, **more)  # type: ignore[arg-type]
        written = write_flow(datagrams, wanted)
        (tmp_path / "test.flow").write_bytes(written.text.encode("utf-8", "surrogateescape"))
        return written

    return write


def _typed(text: str) -> list[str]:
    """The typed blocks of a flow, without what was recorded."""
    blocks = text.split("\n\n")
    return [line for block in blocks for line in block.splitlines() if line.startswith((">", "wait"))]


def _call(street: Street) -> None:
    """Bob registers; alice calls him, he rings, takes it after 3 s, and hangs up after a minute."""
    street.register("bob", BOB)
    invite = street.request("INVITE", ALICE, "sip:bob@192.0.2.1", *INVITE)[-1]
    street.answer(BOB, invite, 180, "Ringing")
    street.wait(3.02)
    contact = "Contact: <sip:bob@10.0.0.2:5060>\r\n"
    taken = street.answer(BOB, invite, 200, "OK", contact)[-1]
    dialog = ("Call-ID: 843817637684230@998sdasdh09",)
    street.request("ACK", ALICE, "sip:bob@10.0.0.2:5060", INVITE[0], f"To: {taken['to']}", *dialog)
    street.wait(60.2)
    bye = street.request(
        "BYE", BOB, "sip:alice@10.0.0.1:5060", f"From: {taken['to']}", f"To: {INVITE[0][6:]}", *dialog, number=102
    )[-1]
    street.answer(ALICE, bye, 200, "OK")


def test_a_call_of_real_phones_reads_as_if_it_was_typed(street: Street, write: Write, tmp_path: Path) -> None:
    _call(street)
    written = write(street.passed)
    assert _typed(written.text) == [
        "> bob REGISTER expires=600",
        "> alice INVITE sip:bob@192.0.2.1",
        "> bob reply 180",
        "wait 3s",
        "> bob reply 200",
        "wait 60.2s",
        "> bob BYE",
        "> alice reply 200",
    ]
    assert not written.raw
    assert run_flow(tmp_path / "test.flow", update=True).status == "updated"


def test_what_real_phones_heard_is_what_the_flows_phones_hear(street: Street, write: Write, tmp_path: Path) -> None:
    _call(street)
    write(street.passed, as_captured=True)
    outcome = run_flow(tmp_path / "test.flow")
    assert outcome.status == "passed", f"{outcome.error}\n{outcome.diff}"


def test_the_head_tells_names_addresses_and_the_time(street: Street, write: Write) -> None:
    _call(street)
    later = [one._replace(at=one.at + 86400) for one in street.passed]
    assert write(later).text.startswith(
        "title:  INVITE from alice to bob, answered 200\n"
        "script: my.cfg\n"
        "peers:\n"
        "  bob 10.0.0.2:5060\n"
        "  alice sip:alice@example.org 10.0.0.1:5060\n"
        "clock:  2026-01-02T00:00:00Z\n"
    )


def test_headers_that_say_nothing_of_the_call_are_left_out(street: Street, write: Write) -> None:
    street.register("bob", BOB)
    text = write(street.passed).text
    assert "User-Agent" not in text
    assert "Allow" not in text


def test_but_not_when_the_script_speaks_of_them(street: Street, write: Write) -> None:
    street.register("bob", BOB)
    assert "  User-Agent: Snom/8.7\n" in write(street.passed, SCRIPT + "# search('User-Agent: snom')\n").text
    assert "  Allow: INVITE, ACK" in write(street.passed, keeps_all_headers=True).text


def test_the_address_of_another_test_machine_takes_the_place_of_the_servers(
    street: Street, write: Write, tmp_path: Path
) -> None:
    _call(street)
    text = write(
        street.passed, SCRIPT.replace("192.0.2.1", "127.0.0.1"), place=("127.0.0.1", 5060), as_captured=True
    ).text
    assert "192.0.2.1" not in text
    outcome = run_flow(tmp_path / "test.flow")
    assert outcome.status == "passed", f"{outcome.error}\n{outcome.diff}"


def test_another_answer_than_the_captured_one_is_a_difference(street: Street, write: Write, tmp_path: Path) -> None:
    _call(street)
    write(street.passed, SCRIPT.replace("t_relay();", 'sl_send_reply("480", "Not now");'), as_captured=True)
    outcome = run_flow(tmp_path / "test.flow")
    assert outcome.status != "passed"
    assert "+< alice 480 Not now" in outcome.diff
    assert "-< bob INVITE sip:bob@10.0.0.2:5060" in outcome.diff


def test_a_display_name_and_an_odd_contact_are_typed(street: Street, write: Write) -> None:
    street.register("bob", BOB)
    street.request("INVITE", ALICE, "sip:bob@192.0.2.1", *INVITE[:3], "Contact: <sip:a@10.0.0.1;transport=udp>")
    text = write(street.passed).text
    assert '  From: "Alice B." <sip:alice@example.org>;tag=alice-1\n' in text
    assert "  Contact: <sip:a@10.0.0.1;transport=udp>\n" in text


def test_a_second_try_with_the_same_call_id_keeps_it(street: Street, write: Write, tmp_path: Path) -> None:
    street.request("MESSAGE", ALICE, "sip:bob@192.0.2.1", *INVITE[:3], number=77, body="hello")
    street.request(
        "MESSAGE", ALICE, "sip:bob@192.0.2.1", *INVITE[:3], "Authorization: Digest x=1", number=78, body="hello"
    )
    text = write(street.passed, as_captured=True).text
    assert "> alice MESSAGE sip:bob@192.0.2.1 call-id=alice-1 cseq=2" in text
    assert "  Authorization: Digest x=1\n" in text
    outcome = run_flow(tmp_path / "test.flow")
    assert outcome.status == "passed", f"{outcome.error}\n{outcome.diff}"


def test_a_retransmission_is_sent_again(street: Street, write: Write) -> None:
    street.request("MESSAGE", ALICE, "sip:bob@192.0.2.1", *INVITE[:3], body="hello")
    street.wait(0.5)
    street.send(ALICE, street.passed[0].data)
    assert _typed(write(street.passed).text) == ["> alice MESSAGE sip:bob@192.0.2.1", "wait 0.5s", "> alice again"]


def test_a_malformed_message_keeps_its_octets(street: Street, write: Write, tmp_path: Path) -> None:
    data = (
        b"MESSAGE sip:bob@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\nbroken\xff\x00\r\nCSeq: 1 MESSAGE\n\r\n\r\n"
    )
    street.send(ALICE, data)
    written = write(street.passed)
    assert written.raw == 1
    assert "> callee raw" in written.text or "> caller raw" in written.text
    assert "  broken\\xff\\x00\n" in written.text


def test_a_phone_that_never_acknowledges_gets_no_acks(street: Street, write: Write) -> None:
    street.register("bob", BOB)
    invite = street.request("INVITE", ALICE, "sip:bob@192.0.2.1", *INVITE)[-1]
    street.answer(BOB, invite, 200, "OK", "Contact: <sip:bob@10.0.0.2:5060>\r\n")
    written = write(street.passed)
    assert written.is_ack_manual
    assert "ack:    manual\n" in written.text


def test_a_dialog_that_began_before_the_capture_is_written_with_its_ids(write: Write, tmp_path: Path) -> None:
    bye = message(
        "BYE sip:bob@10.0.0.2:5060 SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKold",
        "Max-Forwards: 70",
        "From: <sip:alice@192.0.2.1>;tag=old1",
        "To: <sip:bob@192.0.2.1>;tag=old2",
        "Call-ID: before",
        "CSeq: 5 BYE",
    )
    written = write([Passed(STARTED, ALICE, SERVER, bye)])
    assert "> alice BYE sip:bob@10.0.0.2:5060" in written.text
    assert "to-tag=" in written.text or "  To: <sip:bob@192.0.2.1>;tag=" in written.text
    assert not written.raw
    assert run_flow(tmp_path / "test.flow", update=True).status == "updated"


def test_ids_that_the_server_made_are_templates(street: Street, write: Write) -> None:
    street.request("MESSAGE", ALICE, "sip:bob@192.0.2.1", *INVITE[:3], body="hello")
    asked = message(
        "OPTIONS sip:alice@10.0.0.1:5060 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKserver",
        "From: <sip:ping@192.0.2.1>;tag=ping77",
        "To: <sip:alice@10.0.0.1:5060>",
        "Call-ID: ping77@192.0.2.1",
        "CSeq: 1 OPTIONS",
    )
    street.passed.append(Passed(street.passed[-1].at + 1, SERVER, ALICE, asked))
    text = write(street.passed, as_captured=True).text
    assert "  Call-ID: <~[^;]+>\n" in text
    assert "  From: <sip:ping@192.0.2.1>;tag=<~[^;]+>\n" in text
    assert "wait 1s\n< alice OPTIONS sip:alice@10.0.0.1:5060 (1s)\n" in text


def test_a_capture_that_begins_with_the_server_is_a_flow_too(street: Street, write: Write, tmp_path: Path) -> None:
    _call(street)
    text = write(street.passed[1:], as_captured=True).text
    assert "\n\n< bob 200 OK\n" in text
    assert run_flow(tmp_path / "test.flow").status == "error"  # bob is not known then: nobody asks him


def test_nothing_that_passes_is_too_odd_for_a_flow(write: Write, street: Street, tmp_path: Path) -> None:
    _call(street)
    odd = random.Random(4)
    for _ in range(150):
        datagrams = list(street.passed)
        for _ in range(odd.choice([1, 1, 2, 5])):
            place = odd.randrange(len(datagrams))
            one, octets = datagrams[place], bytearray(datagrams[place].data)
            at = odd.randrange(len(octets))
            match odd.randrange(4):
                case 0:
                    octets[at] = odd.randrange(256)
                case 1:
                    del octets[at : at + odd.randrange(30)]
                case 2:
                    octets[at:at] = odd.choice(
                        [b"\r\n", b"\\", b"<x>", b'"', b"\t", b"\r\n \r\n", b";tag=", b",", b"\xff"]
                    )
                case 3:
                    datagrams.insert(place, one._replace(source=one.to, to=one.source))
            datagrams[place] = datagrams[place]._replace(data=bytes(octets))
        text = write(datagrams, as_captured=True).text
        document = read_document(text)
        assert {peer.address for peer in read_head(document, tmp_path).peers.values()} == {ALICE, BOB}
