"""Stateless replies (SER dialect 6.2 and 5.5)."""

from __future__ import annotations

import re

import pytest

from serpy.module import Hook, ParamError
from serpy.modules.sl import SlModule
from serpy.script.call import Branch, Call
from tests.unit.modules.registrar.fakes import FakeHost, FakeListener, load, message, request_call, run


def sent(call: Call) -> str:
    assert len(call.outbox) == 1
    return call.outbox[0].data.decode()


def answered(
    host: FakeHost, code: str = "404", reason: str = "Not Found", **params: int | str
) -> tuple[Call, SlModule]:
    sl = load(SlModule, host, None, **params)
    call = request_call(host, message())
    assert run(sl, call, "sl_send_reply", code, reason) is True
    return call, sl


def test_the_reply_has_sers_layout() -> None:
    call, _ = answered(FakeHost())
    text = re.sub(r"tag=[0-9a-f]{32}\.[0-9a-f]{4}", "tag=TAG", sent(call))
    assert text == (
        "SIP/2.0 404 Not Found\r\n"
        "Via: SIP/2.0/UDP 10.0.0.7:7200;branch=z9hG4bK1\r\n"
        "From: <sip:alice@127.0.0.1>;tag=a\r\n"
        "To: <sip:bob@127.0.0.1>;tag=TAG\r\n"
        "Call-ID: call@test\r\n"
        "CSeq: 1 OPTIONS\r\n"
        "Server: serpy (test)\r\n"
        "Content-Length: 0\r\n\r\n"
    )


def test_the_reply_goes_where_the_host_says() -> None:
    call, _ = answered(FakeHost())
    assert call.outbox[0].target[1:] == ("10.0.0.7", 7200)


def test_a_retransmitted_request_gets_the_same_reply() -> None:
    host = FakeHost()
    first, sl = answered(host)
    again = request_call(host, message())
    run(sl, again, "sl_reply", "404", "Not Found")
    assert sent(again) == sent(first)


def test_a_provisional_reply_has_no_tag() -> None:
    call, _ = answered(FakeHost(), "100", "Trying")
    assert "To: <sip:bob@127.0.0.1>\r\n" in sent(call)


@pytest.mark.parametrize(
    ("code", "reason", "first_line"),
    [("", "", "500 Internal Server Error"), ("480", "", "480 Internal Server Error"), ("", "Oops", "500 Oops")],
)
def test_empty_arguments_fall_back_to_the_parameters(code: str, reason: str, first_line: str) -> None:
    call, _ = answered(FakeHost(), code, reason)
    assert sent(call).startswith(f"SIP/2.0 {first_line}\r\n")


def test_the_parameters_can_be_set() -> None:
    call, _ = answered(FakeHost(), "", "", default_code=486, default_reason="Busy Here")
    assert sent(call).startswith("SIP/2.0 486 Busy Here\r\n")


@pytest.mark.parametrize(("code", "reason"), [("42", "x"), ("1000", "x"), ("abc", "x"), ("200", "OK\r\nEvil: yes")])
def test_arguments_that_make_no_reply_are_refused_at_load(code: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"reply code|one line"):
        answered(FakeHost(), code, reason)


@pytest.mark.parametrize("params", [{"default_code": 20}, {"default_reason": "a\nb"}])
def test_parameters_that_make_no_reply_are_refused(params: dict[str, int | str]) -> None:
    with pytest.raises(ParamError):
        load(SlModule, FakeHost(), None, **params)


def test_an_ack_is_never_answered() -> None:
    host = FakeHost()
    call = request_call(host, message("ACK"))
    assert run(load(SlModule, host), call, "sl_send_reply", "404", "x") is False
    assert call.outbox == []


def test_headers_queued_by_the_script_come_before_server() -> None:
    host = FakeHost()
    call = request_call(host, message())
    call.reply_headers.append(b"X-A: 1\r\n")
    load(SlModule, host).reply(call, 200, "OK", (b"X-B: 2\r\n",))
    assert "CSeq: 1 OPTIONS\r\nX-A: 1\r\nX-B: 2\r\nServer:" in sent(call)


def test_headers_of_one_reply_are_not_in_the_next() -> None:
    host = FakeHost()
    sl, call = load(SlModule, host), request_call(host, message())
    sl.reply(call, 200, "OK", (b"X-B: 2\r\n",))
    sl.reply(call, 200, "OK")
    assert b"X-B" not in call.outbox[1].data


def test_a_redirection_names_the_branches_with_their_q() -> None:
    host = FakeHost()
    call = request_call(host, message())
    call.uri, call.q = b"sip:new@there", 500
    call.branches.append(Branch(b"sip:other@there"))
    run(load(SlModule, host), call, "sl_send_reply", "302", "Moved")
    assert "Contact: <sip:new@there>;q=0.5, <sip:other@there>\r\n" in sent(call)


def test_a_redirection_without_targets_has_no_contact() -> None:
    call, _ = answered(FakeHost(), "302", "Moved")
    assert "Contact" not in sent(call)


def test_the_warning_is_added_where_the_script_wants_it() -> None:
    host = FakeHost()
    host.core.sip_warning = 1
    call, _ = answered(host)
    assert 'Warning: 392 127.0.0.1:5060 "Noisy feedback tells:' in sent(call)


@pytest.mark.parametrize(
    ("failure", "first_line"),
    [
        (None, "500 I'm terribly sorry, server error occurred (1/SL)"),
        ((400, "Transaction tuple incomplete", 9), "400 Transaction tuple incomplete (9/SL)"),
        ((478, "Unresolvable destination", 478), "478 Unresolvable destination (478/SL)"),
    ],
)
def test_reply_error_tells_why_the_last_command_failed(failure: tuple[int, str, int] | None, first_line: str) -> None:
    host = FakeHost()
    call = request_call(host, message())
    if failure:
        call.fail(*failure)
    run(load(SlModule, host), call, "sl_reply_error")
    assert sent(call).startswith(f"SIP/2.0 {first_line}\r\n")


def ack_for(reply: str) -> bytes:
    tag = re.search(r"tag=([0-9a-f.]+)\r\nCall-ID", reply)
    assert tag
    return message("ACK").replace(b"To: <sip:bob@127.0.0.1>", b"To: <sip:bob@127.0.0.1>;tag=" + tag[1].encode())


@pytest.mark.parametrize(("after", "reaches_script"), [(0.0, False), (1.9, False), (2.1, True)])
def test_the_ack_of_a_stateless_reply_is_absorbed_for_two_seconds(after: float, reaches_script: bool) -> None:
    host = FakeHost()
    call, sl = answered(host)
    host.clock.seconds += after
    assert sl.absorb_ack(request_call(host, ack_for(sent(call)))) is reaches_script


@pytest.mark.parametrize(
    "data",
    [
        message("ACK"),
        message("ACK").replace(b"To: <sip:bob@127.0.0.1>", b"To: <sip:bob@127.0.0.1>;tag=other"),
        message("ACK").replace(b"To: <sip:bob@127.0.0.1>", b"To: <sip:bob"),
        message("BYE"),
    ],
)
def test_every_other_request_reaches_the_script(data: bytes) -> None:
    host = FakeHost()
    _, sl = answered(host)
    assert sl.absorb_ack(request_call(host, data)) is True


def test_the_ack_filter_runs_before_the_script() -> None:
    assert SlModule.hooks == {Hook.BEFORE_SCRIPT: "absorb_ack"}


def test_replies_are_counted_by_code_and_class() -> None:
    host = FakeHost()
    for code in ("200", "404", "404", "486", "488", "603"):
        _, sl = answered(host, code, "x")
    assert sl.show_stats() == {"200": 1, "404": 2, "4xx": 2, "6xx": 1}


def test_two_servers_have_different_tags() -> None:
    replies = {sent(answered(FakeHost(listeners=[FakeListener(port=port)]))[0]) for port in (5060, 5070)}
    assert len(replies) == 2
