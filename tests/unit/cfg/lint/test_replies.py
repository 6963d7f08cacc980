"""Requests that are answered twice or not at all."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import found, labels, told

# twice


def test_two_replies() -> None:
    finding = told("reply-twice", 'route { sl_send_reply("404", "No"); sl_send_reply("500", "No"); }')
    assert labels(finding) == [('sl_send_reply("404", "No")', "answered here")]


def test_save_answers_by_itself() -> None:
    finding = told("reply-twice", 'route { save("location"); sl_send_reply("200", "OK"); }')
    assert labels(finding) == [('save("location")', "answered here (save answers by itself)")]


def test_break_in_a_called_route_ends_only_that_one() -> None:
    text = 'route { route(1); sl_send_reply("404", "No"); } route[1] { sl_send_reply("401", "No"); break; }'
    assert found("reply-twice", text, "#!SER 0.9") == ['sl_send_reply("404", "No")']
    assert not found("reply-twice", text.replace("break", "exit"), "#!SER 2")


@pytest.mark.parametrize(
    "text",
    [
        'if (uri==myself) { sl_send_reply("404", "No"); } else { sl_send_reply("500", "No"); }',
        'if (uri==myself) { sl_send_reply("404", "No"); break; } sl_send_reply("500", "No");',
        'sl_send_reply("100", "Trying"); sl_send_reply("500", "No");',
        't_newtran(); if (!t_reply("404", "No")) { sl_reply_error(); }',
        'if (!save("location")) { sl_reply_error(); }',
        'if (method=="ACK") { sl_send_reply("404", "No"); sl_send_reply("404", "No"); } else { drop; }',
        'if (isflagset(1)) { sl_send_reply("404", "No"); } else { setflag(1); } if (!isflagset(1)) drop;',
    ],
)
def test_one_reply(text: str) -> None:
    assert not found("reply-twice", f"route {{ {text} }}")


def test_flags_that_remember_the_reply() -> None:
    text = """
        route {
            if (uri==myself) { sl_send_reply("404", "No"); setflag(1); }
            if (!isflagset(1)) { sl_send_reply("500", "No"); }
        }
    """
    assert not found("reply-twice", text)


def test_what_follows_on_one_reply_is_told_of_once() -> None:
    text = """
        route {
            if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "No"); }
            if (uri==myself) { sl_send_reply("404", "No"); break; }
            t_relay();
        }
    """
    assert found("reply-twice", text) == ['sl_send_reply("404", "No")']
    assert not found("relay-after-reply", text)
    assert not found("no-hop-limit", text)


# relayed after it


def test_relayed_after_a_reply() -> None:
    text = 'route { if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "No"); } t_relay(); }'
    finding = told("relay-after-reply", text)
    assert finding.message == "t_relay relays a request that has been answered already"
    assert labels(finding) == [('sl_send_reply("483", "No")', "answered here")]


@pytest.mark.parametrize(
    "text",
    [
        'if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "No"); break; } t_relay();',
        'sl_send_reply("100", "Trying"); t_relay();',
        "if (!t_relay()) { sl_reply_error(); }",
        'save("location"); t_replicate("10.0.0.1", "5060");',
        'if (method=="ACK") { sl_send_reply("404", "No"); t_relay(); }',
    ],
)
def test_not_relayed_after_a_reply(text: str) -> None:
    assert not found("relay-after-reply", f"route {{ {text} }}")


# stored


def test_stored_without_a_transaction() -> None:
    assert found("store-without-transaction", 'route { if (m_store("0")) { drop; } }') == ['m_store("0")']


def test_stored_without_a_transaction_on_one_path() -> None:
    text = 'route { if (uri==myself) { t_newtran(); } m_store("0"); }'
    assert found("store-without-transaction", text)


@pytest.mark.parametrize(
    "text",
    [
        'route { if (!t_newtran()) { sl_reply_error(); break; } m_store("0"); }',
        'route { t_on_failure("1"); t_relay(); } failure_route[1] { m_store("1"); }',
    ],
)
def test_stored_within_a_transaction(text: str) -> None:
    assert not found("store-without-transaction", text)


# no reply


def test_a_request_that_nobody_answers() -> None:
    text = 'route { if (method=="OPTIONS") { sl_send_reply("200", "OK"); } else { log(1, "x"); } }'
    finding = told("no-reply", text)
    assert finding.message.startswith("a request can come to the end of the route without a reply")


def test_the_labels_say_on_which_way() -> None:
    text = (
        'route { if (uri==myself) { if (!lookup("location")) { log(1, "x"); } else { t_relay(); } } else t_relay(); }'
    )
    finding = told("no-reply", text)
    assert labels(finding) == [("uri==myself", "when this is true"), ('lookup("location")', "when this is false")]


def test_one_method_that_nobody_answers() -> None:
    text = 'route { if (method=="MESSAGE") { log(1, "x"); } else { t_relay(); } }'
    assert told("no-reply", text).message.startswith("a MESSAGE can come to the end")


@pytest.mark.parametrize(
    "text",
    [
        "t_relay();",
        "if (uri==myself) { drop; } t_relay();",
        'if (method=="ACK") { log(1, "x"); } else { t_relay(); }',
        'if (!t_relay()) { log(1, "x"); }',
        'save("location");',
        "forward(10.0.0.1);",
        "route(1);",
    ],
)
def test_requests_that_all_are_answered(text: str) -> None:
    assert not found("no-reply", f"route {{ {text} }} route[1] {{ t_relay(); }}")
