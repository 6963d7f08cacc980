"""Following requests: all of a script, in time that grows with the script."""

from __future__ import annotations

import time

import pytest

from serpy.cfg.diagnostics import Diagnostic
from tests.unit.cfg.lint.findings import HOPS, findings, found

pytestmark = pytest.mark.usefixtures("no_collection")


def test_a_chain_of_two_thousand_links() -> None:
    links = " ".join(f'else if (uri=~"^sip:{n}@") {{ sl_send_reply("404", "{n}"); }}' for n in range(2000))
    assert _codes(findings(f'route {{ if (method=="ACK") {{ drop; }} {links} }}')) == {"no-reply"}


def test_routes_that_call_each_other() -> None:
    text = (
        'route { route(1); sl_send_reply("404", "No"); } route[1] { if (uri==myself) route(2); } route[2] { route(1); }'
    )
    assert not found("reply-twice", text)


def test_routes_that_would_be_followed_more_often_than_there_are_atoms() -> None:
    """Each calls the next one twice, from states that differ."""
    routes = "\n".join(
        f'route[{n}] {{ if (search("{n}")) {{ setflag({n % 30}); route({n + 1}); }} route({n + 1}); }}'
        for n in range(1, 80)
    )
    start = time.process_time()
    findings(f"route {{ route(1); t_relay(); }}\n{routes}\nroute[80] {{ if (isflagset(3)) sl_reply_error(); }}")
    assert time.process_time() - start < 5


def test_blocks_as_deep_as_they_may_be() -> None:
    text = f"route {{ {HOPS} {'if (uri==myself) { ' * 150} t_relay(); {'}' * 150} drop; }}"
    assert not found("open-relay", text)


def test_a_script_of_two_thousand_lines() -> None:
    lines = "\n".join(
        f'if (method=="INVITE" && uri=~"^sip:{n}@") {{\nsetflag({n % 30});\nsl_send_reply("404", "No");\nbreak;\n}}'
        for n in range(400)
    )
    start = time.process_time()
    assert found("open-relay", f"route {{ {HOPS}\n{lines}\nt_relay(); }}") == ["t_relay()"]
    assert time.process_time() - start < 5


def test_a_script_that_names_thousands_of_methods() -> None:
    lines = " ".join(f'if (method=="X{n}") {{ drop; }}' for n in range(3000))
    start = time.process_time()
    assert found("open-relay", f"route {{ {HOPS} {lines} t_relay(); }}") == ["t_relay()"]
    assert time.process_time() - start < 10


@pytest.mark.parametrize("value", ["-1", "0"])
def test_a_route_that_answers_false(value: str) -> None:
    text = 'route { if (route(1)) { save("location"); } exit; } route[1] { if (src_ip==10.0.0.1) return 1; return %s; }'
    assert not found("unauthenticated-register", text % value)


def test_a_route_that_answers_true() -> None:
    text = 'route { if (route(1)) { save("location"); } exit; } route[1] { if (src_ip==10.0.0.1) return -1; return 1; }'
    assert found("unauthenticated-register", text)


def test_drop_ends_the_script_since_ser_2() -> None:
    text = 'route { route(1); save("location"); } route[1] { if (!src_ip==10.0.0.1) drop; }'
    assert found("unauthenticated-register", text, "#!SER 0.9")
    assert not found("unauthenticated-register", text, "#!SER 2")


def test_exit_ends_the_script_in_every_version() -> None:
    text = 'route { route(1); save("location"); } route[1] { if (!src_ip==10.0.0.1) exit; }'
    assert not found("unauthenticated-register", text, "#!SER 0.9")


def test_a_block_as_a_condition() -> None:
    text = f'route {{ {HOPS} if ({{ log(1, "x"); lookup("location"); }}) {{ t_relay(); }} drop; }}'
    assert not found("open-relay", text)
    assert found("open-relay", text.replace("lookup", "registered"))


def _codes(given: list[Diagnostic]) -> set[str]:
    return {one.code for one in given}
