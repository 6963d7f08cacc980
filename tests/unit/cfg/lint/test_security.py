"""What strangers could do."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import HOPS, KNOWN, found, labels, told

# registering


def test_a_register_from_anybody() -> None:
    finding = told("unauthenticated-register", 'route { if (method=="REGISTER") { save("location"); } else drop; }')
    assert finding.severity == "warning"
    assert finding.message == "a REGISTER comes to save without authentication"


def test_a_check_that_does_not_stop_a_stranger() -> None:
    text = 'route { route(1); save("location"); } route[1] { if (!src_ip==10.0.0.0/8) { drop; } }'
    assert labels(told("unauthenticated-register", text, "#!SER 0.9")) == [
        ("src_ip==10.0.0.0/8", "a request comes by when this is false")
    ]


def test_a_register_that_only_some_may_send() -> None:
    text = 'route { if (method=="REGISTER") { if (src_ip==10.0.0.0/8) { save("location"); } } drop; }'
    assert not found("unauthenticated-register", text)


def test_a_register_of_strangers_was_refused_before() -> None:
    assert not found("unauthenticated-register", f'route {{ {KNOWN} save("location"); }}')


def test_requests_of_other_methods_do_not_matter() -> None:
    text = 'route { if (method=="REGISTER") { if (!src_ip==10.0.0.1) drop; } save("location"); }'
    assert not found("unauthenticated-register", text)


def test_from_is_no_authentication() -> None:
    assert found("unauthenticated-register", 'route { if (from_uri==myself) { save("location"); } drop; }')


# messages


def test_a_message_from_anybody_is_stored() -> None:
    assert found("unauthenticated-message", 'route { t_newtran(); m_store("0"); }') == ['m_store("0")']


def test_a_message_from_anybody_is_relayed() -> None:
    text = f'route {{ {HOPS} if (method=="MESSAGE" && uri==myself) {{ t_relay(); }} drop; }}'
    assert found("unauthenticated-message", text) == ["t_relay()"]


def test_messages_of_strangers_are_refused() -> None:
    assert not found("unauthenticated-message", f'route {{ {KNOWN} t_newtran(); m_store("0"); t_relay(); }}')


def test_messages_are_kept_away_from_the_relay() -> None:
    text = f'route {{ {HOPS} if (method=="MESSAGE") {{ drop; }} if (uri==myself) t_relay(); drop; }}'
    assert not found("unauthenticated-message", text)


# open relays


def test_an_open_relay() -> None:
    finding = told("open-relay", f"route {{ {HOPS} if (uri==myself) {{ drop; }} t_relay(); }}")
    assert finding.message == "an INVITE from anybody to anywhere comes to t_relay"
    assert labels(finding) == [("uri==myself", "when this is false")]


def test_an_open_relay_through_a_route() -> None:
    finding = told(
        "open-relay", f"route {{ {HOPS} if (!uri==myself) {{ route(1); }} drop; }} route[1] {{ t_relay(); }}"
    )
    assert labels(finding) == [("uri==myself", "when this is false"), ("route(1)", "called here")]


def test_forward_to_the_request_uri_is_one_too() -> None:
    assert found("open-relay", "route { forward(uri:host, uri:port); }")


@pytest.mark.parametrize(
    "text",
    [
        "if (uri==myself) { t_relay(); }",
        "if (!uri==myself) { drop; } t_relay();",
        'if (uri=~"^sip:[0-9]+@gw.example.org") t_relay();',
        'if (lookup("location")) { t_relay(); }',
        'if (!lookup("location")) { sl_send_reply("404", "No"); break; } t_relay();',
        'rewritehost("gw.example.org"); t_relay();',
        't_relay("10.0.0.1", "5060");',
        "forward(10.0.0.1, 5060);",
        "if (uri==myself || src_ip==10.0.0.0/8) t_relay();",
        'if (method=="ACK" || method=="CANCEL" || method=="BYE") t_relay();',
        "if (src_ip!=10.0.0.1 && !(uri==myself)) { drop; } t_relay();",
        "if (src_ip==10.0.0.1) setflag(1); if (!isflagset(1)) { drop; } t_relay();",
    ],
)
def test_no_open_relay(text: str) -> None:
    assert not found("open-relay", f"route {{ {HOPS} {text} drop; }}")


def test_a_uri_that_was_ours_before_it_was_rewritten() -> None:
    text = f'route {{ {HOPS} if (!uri==myself) {{ drop; }} lookup("aliases"); t_relay(); }}'
    assert not found("open-relay", text)


# From


def test_from_decides_what_is_relayed() -> None:
    finding = told("from-trusted", f"route {{ {HOPS} if (from_uri==myself) {{ t_relay(); }} drop; }}")
    assert labels(finding) == [("t_relay()", "here it is sent on")]
    assert found("from-trusted", f"route {{ {HOPS} if (from_uri==myself) {{ t_relay(); }} drop; }}") == [
        "from_uri==myself"
    ]


def test_from_or_the_request_uri_decides() -> None:
    text = f"route {{ {HOPS} if (!(uri==myself || from_uri==myself)) {{ drop; }} t_relay(); }}"
    assert found("from-trusted", text) == ["from_uri==myself"]
    assert not found("open-relay", text)


def test_from_as_a_select() -> None:
    text = f'route {{ {HOPS} if (@from.uri.host == "example.org") {{ t_relay(); }} exit; }}'
    assert found("from-trusted", text) == ['@from.uri.host == "example.org"']
    assert not found("from-trusted", text.replace("@from.uri", "@ruri"))


@pytest.mark.parametrize(
    "text",
    [
        "if (from_uri==myself && uri==myself) { t_relay(); }",
        "if (from_uri==myself) { if (!src_ip==10.0.0.0/8) drop; } else if (!uri==myself) drop; t_relay();",
        'if (from_uri=~"@spam.example") { drop; } if (uri==myself) t_relay();',
        'if (from_uri==myself) { append_hf("P-Ours: yes\\r\\n"); } if (uri==myself) t_relay();',
    ],
)
def test_from_does_not_decide(text: str) -> None:
    assert not found("from-trusted", f"route {{ {HOPS} {text} drop; }}")


# Max-Forwards


def test_a_relay_without_a_check_of_max_forwards() -> None:
    finding = told("no-hop-limit", f"route {{ {KNOWN} if (uri==myself) {{ t_relay(); drop; }} forward(10.0.0.1); }}")
    assert finding.message == "t_relay is reached without a check of Max-Forwards"
    assert labels(finding) == [("forward(10.0.0.1)", "and this")]


def test_a_check_whose_result_is_not_looked_at() -> None:
    assert found("no-hop-limit", 'route { mf_process_maxfwd_header("10"); t_relay(); }')


def test_a_check_on_one_path_only() -> None:
    assert found("no-hop-limit", f'route {{ if (method=="INVITE") {{ {HOPS} }} t_relay(); }}')


@pytest.mark.parametrize(
    "text",
    [
        f"route {{ {HOPS} t_relay(); }}",
        f"route {{ route(1); t_relay(); }} route[1] {{ {HOPS.replace('break', 'exit')} }}",
        'route { if (mf_process_maxfwd_header("10")) { t_relay(); } else drop; }',
        'route { sl_send_reply("404", "No"); }',
    ],
)
def test_max_forwards_is_checked(text: str) -> None:
    assert not found("no-hop-limit", text)


def test_a_comment_allows_it() -> None:
    assert not found("open-relay", f"route {{ {HOPS}\n t_relay(); # serpy: allow open-relay\n}}")
