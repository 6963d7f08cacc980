"""SER dialect 8, the rows about single modules that serpy has."""

# ruff: noqa: N802 - names bear the numbers of decisions
from __future__ import annotations

from pathlib import Path

import pytest

from serpy.testing.lab import Lab
from tests.rows.test_wire import ALICE, LISTEN, message
from tests.wire import Wire

BOB = ("10.0.0.2", 7200)
EXAMPLE = Path(__file__).parents[2] / "examples" / "msilo.cfg"
USERS = LISTEN + 'loadmodule "sl.so"\nloadmodule "usrloc.so"\nloadmodule "registrar.so"\nloadmodule "tm.so"\n'
REGISTRAR = USERS + 'route{ if (method=="REGISTER") { save("location"); } else { %s } }'


def register(
    *contacts: str, cseq: int = 1, expires: str = "600", to: str = "sip:bob@10.0.0.9", more: str = ""
) -> bytes:
    """Bob registers."""
    lines = [
        "REGISTER sip:127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP 10.0.0.2:7200;branch=z9hG4bKr{cseq}",
        "From: <sip:carol@10.0.0.9>;tag=r",
        f"To: <{to}>",
        "Call-ID: reg@lab",
        f"CSeq: {cseq} REGISTER",
        *[f"Contact: {contact}" for contact in contacts],
        f"Expires: {expires}",
        *more.splitlines(),
    ]
    return "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()


def answers(lab: Lab, *messages: bytes) -> list[Wire]:
    """What the server sends when these come in."""
    for data in messages:
        lab.send(data, BOB)
    return [Wire(sent.data) for sent in lab.take()]


def ran(lines: str, body: str, data: bytes) -> list[Wire]:
    """What one message leads to, with these modules and this route."""
    loads = "".join(f'loadmodule "{name}.so"\n' for name in lines.split())
    with Lab(f"{LISTEN}{loads}route{{ {body} }}") as lab:
        return answers(lab, data)


GO = " forward(10.0.0.3, 5060);"


def test_row_63_the_ack_of_a_stateless_reply_does_not_reach_the_script_for_2_seconds() -> None:
    script = LISTEN + 'loadmodule "sl.so"\nroute{ if (method==ACK) { forward(10.0.0.3, 5060); } '
    with Lab(script + 'else { sl_send_reply("404", "No"); } }') as lab:
        (reply,) = answers(lab, message("INVITE sip:bob@10.0.0.9 SIP/2.0"))
        ack = message("ACK sip:bob@10.0.0.9 SIP/2.0", to=reply["to"])
        assert answers(lab, ack) == []
        assert len(answers(lab, message("ACK sip:bob@10.0.0.9 SIP/2.0", to="<sip:bob@10.0.0.9>;tag=other"))) == 1
        lab.advance(2.1)
        assert len(answers(lab, ack)) == 1


def test_row_64_D51_max_forwards_is_lowered_in_what_is_forwarded_only() -> None:
    body = 'mf_process_maxfwd_header("10"); if (search("Max-Forwards: 70")) { send(10.0.0.3); }' + GO
    raw, sent_on = ran("maxfwd textops", body, message())
    assert (raw["max-forwards"], sent_on["max-forwards"]) == ("70", "69")


def test_row_65_max_forwards_0_is_false_and_answers_nothing() -> None:
    body = 'if (mf_process_maxfwd_header("10")) {' + GO + " }"
    assert ran("maxfwd", body, message().replace(b": 70", b": 0")) == []
    assert len(ran("maxfwd", body, message().replace(b": 70", b": 1"))) == 1


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('search("^to: <sip:BOB@")', True),
        ('search("^From:.*To:")', False),
        ('search("70.From")', False),
        ('is_present_hf("From")', True),
        ('is_present_hf("from")', True),
        ('is_present_hf("f")', False),
    ],
)
def test_row_66_textops_looks_at_lines_without_case_and_at_names_as_they_are_spelled(
    condition: str, holds: bool
) -> None:
    assert len(ran("textops", f"if ({condition}) {{ {GO} }}", message())) == holds


def test_row_66_is_present_hf_misses_compact_names() -> None:
    data = message().replace(b"From:", b"f:")
    assert ran("textops", f'if (is_present_hf("From")) {{ {GO} }}', data) == []


def test_row_67_subst_minds_case_unlike_replace() -> None:
    data = message("MESSAGE sip:bob@10.0.0.9 SIP/2.0", "SIP/2.0/UDP 10.0.0.1;branch=x", "Subject: Hello")
    for body, subject in (
        ("subst('/hello/bye/');", "Hello"),
        ("subst('/hello/bye/i');", "bye"),
        ('replace("hello", "bye");', "bye"),
    ):
        assert ran("textops", body + GO, data)[0]["subject"] == subject


def test_row_68_a_binding_belongs_to_the_user_in_to() -> None:
    with Lab(REGISTRAR % 'if (lookup("location")) forward(uri:host, uri:port);') as lab:
        answers(lab, register("<sip:b@10.0.0.2:7200>", to="sip:Bob@other.example"))
        assert [wire.uri for wire in answers(lab, message("MESSAGE sip:bob@10.0.0.9 SIP/2.0"))] == [
            "sip:b@10.0.0.2:7200"
        ]
        assert answers(lab, message("MESSAGE sip:carol@10.0.0.9 SIP/2.0")) == []


def test_row_69_save_answers_by_itself() -> None:
    script = USERS + 'route{ save("location"); sl_send_reply("404", "No"); }'
    with Lab(script) as lab:
        first, second = answers(lab, register("<sip:b@10.0.0.2>", "<sip:c@10.0.0.2>"))
    assert (first.code, second.code) == (200, 404)
    assert first["contact"] == "<sip:b@10.0.0.2>;expires=600, <sip:c@10.0.0.2>;expires=600"


def test_row_70_D30_a_short_lifetime_is_raised_without_a_word() -> None:
    with Lab(REGISTRAR % ";") as lab:
        (reply,) = answers(lab, register("<sip:b@10.0.0.2>", expires="5"))
    assert (reply.code, reply["contact"]) == (200, "<sip:b@10.0.0.2>;expires=60")


def test_row_71_D29_a_register_that_was_overtaken_is_refused() -> None:
    with Lab(REGISTRAR % ";") as lab:
        assert [reply.code for reply in answers(lab, register("<sip:b@10.0.0.2>", cseq=5))] == [200]
        (refused,) = answers(lab, register("<sip:b@10.0.0.2>", cseq=4))
    assert (refused.code, refused["p-registrar-error"]) == (400, "Invalid CSeq number")


def test_row_72_contacts_are_compared_byte_for_byte() -> None:
    with Lab(REGISTRAR % ";") as lab:
        answers(lab, register("<sip:b@10.0.0.2>"))
        (reply,) = answers(lab, register("<sip:B@10.0.0.2>", "<sip:b@10.0.0.2;x=y>", cseq=2))
    assert reply["contact"].count("<sip:") == 3


def test_row_73_the_highest_q_comes_first_and_then_the_oldest_and_an_update_moves_nothing() -> None:
    with Lab(REGISTRAR % ";") as lab:
        for cseq, (name, q) in enumerate((("a", "0.5"), ("b", "0.9"), ("c", "0.5"), ("a", "1")), 1):
            (reply,) = answers(lab, register(f"<sip:{name}@10.0.0.2>;q={q}", cseq=cseq))
            lab.advance(1)
    assert [contact.split("@")[0].strip() for contact in reply["contact"].split(", ")] == ["<sip:b", "<sip:a", "<sip:c"]


def test_row_74_an_expired_binding_is_not_found() -> None:
    with Lab(REGISTRAR % 'if (!lookup("location")) sl_send_reply("404", "No");') as lab:
        answers(lab, register("<sip:b@10.0.0.2>", expires="60"))
        assert answers(lab, message()) == []
        lab.advance(61)
        assert [reply.code for reply in answers(lab, message())] == [404]


@pytest.mark.parametrize(("append", "reached"), [("", 2), ('modparam("registrar", "append_branches", 0)\n', 1)])
def test_row_75_lookup_rings_all_phones_unless_told_otherwise(append: str, reached: int) -> None:
    with Lab(append + REGISTRAR % 'lookup("location"); t_relay();') as lab:
        answers(lab, register("<sip:b@10.0.0.2>", "<sip:c@10.0.0.3>"))
        assert len(answers(lab, message())) == reached


def letter(to: str, body: str, *more: str) -> bytes:
    """A MESSAGE of alice's with a body."""
    head = message(f"MESSAGE {to} SIP/2.0", "SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKm", *more, to=f"<{to}>")
    return head + body.encode()


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        (["Content-Type: text/plain", "Content-Length: 2"], "hi", 202),
        (["Content-Type: text/plain"], "hi", 202),
        (["Content-Length: 2"], "hi", 503),
        (["Content-Type: text/plain", "Content-Length: 0"], "", 503),
        (["Content-Type: text/plain", "Content-Length: 9"], "hi", 503),
    ],
)
def test_row_80_D15_D16_D17_what_m_store_needs(headers: list[str], body: str, code: int) -> None:
    with Lab(EXAMPLE) as lab:
        lab.send(letter("sip:bob@127.0.0.1", body, *headers), ALICE)
        codes = [Wire(sent.data).code for sent in lab.take() if Wire(sent.data).is_reply]
    assert codes == [code]


def stored(lab: Lab) -> None:
    """Alice has left a message for Bob; what it led to is not looked at."""
    lab.send(letter("sip:bob@127.0.0.1", "hi", "Content-Type: text/plain", "Content-Length: 2"), ALICE)
    lab.take()


def test_row_81_D3_m_dump_sends_to_the_contact_of_the_register() -> None:
    with Lab(EXAMPLE) as lab:
        stored(lab)
        lab.send(register("<sip:bob@10.0.0.2:7200>", to="sip:bob@127.0.0.1"), BOB)
        ok, delivery = lab.take()
    assert Wire(ok.data).code == 200
    assert (delivery.to, Wire(delivery.data).uri) == (BOB, "sip:bob@10.0.0.2:7200")


def test_row_81_D20_who_unregisters_gets_nothing() -> None:
    with Lab(EXAMPLE) as lab:
        stored(lab)
        for contact, expires in (("<sip:bob@10.0.0.2:7200>;expires=0", "600"), ("*", "0")):
            lab.send(register(contact, to="sip:bob@127.0.0.1", expires=expires), BOB)
        assert [Wire(sent.data).is_reply for sent in lab.take()] == [True, True]


def test_row_82_D19_the_sender_is_told_in_whole_sentences() -> None:
    with Lab(EXAMPLE) as lab:
        lab.send(letter("sip:bob@127.0.0.1", "hi", "Content-Type: text/plain", "Content-Length: 2"), ALICE)
        (notice,) = [wire for sent in lab.take() if (wire := Wire(sent.data)).body]
    assert notice.body == (b"User [sip:bob@127.0.0.1] is offline. The message will be delivered when user goes online.")


@pytest.mark.parametrize(
    ("between", "reply"),
    [
        ("", "478 Unresolvable destination (478/SL)"),
        ('log("x");', "478 Unresolvable destination (478/SL)"),
    ],
)
def test_row_86_D52_sl_reply_error_tells_why_the_last_command_failed(between: str, reply: str) -> None:
    script = f"route{{ if (!forward(no.where.example, 5060)) {{ {between} sl_reply_error(); }} }}"
    with Lab(LISTEN + 'loadmodule "sl.so"\n' + script) as lab:
        lab.send(message(), ALICE)
        lab.advance(1)
        assert [Wire(sent.data).first_line for sent in lab.take()] == [f"SIP/2.0 {reply}"]


def test_row_86_without_a_failure_it_is_a_500() -> None:
    (reply,) = ran("sl", "sl_reply_error();", message())
    assert reply.first_line == "SIP/2.0 500 I'm terribly sorry, server error occurred (1/SL)"


def test_row_17_append_urihf_takes_the_uri_as_it_was_received() -> None:
    body = 'rewriteuri("sip:x@10.0.0.3"); append_urihf("X-Was: <", ">\\r\\n");' + GO
    (sent_on,) = ran("textops", body, message())
    assert (sent_on.uri, sent_on["x-was"]) == ("sip:x@10.0.0.3", "<sip:bob@10.0.0.9>")
