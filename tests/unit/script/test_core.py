"""SER dialect 4: the core's own commands."""

from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.dialect import Dialect
from serpy.module import Route
from serpy.script.call import Call
from serpy.script.core import Core
from serpy.script.forward import sent_by
from tests.unit.cfg.bench import REQUEST, RESPONSE, Bench


def ran(body: str, data: bytes = REQUEST) -> Call:
    """The call after these commands."""
    bench = Bench(f"route{{ {body} }}")
    call = bench.call(data)
    bench.run(call)
    return call


def uri(body: str, start: bytes = b"sip:bob:pw@here.org:5062;x=y?h=v") -> bytes:
    """The Request-URI after these commands."""
    return ran(body, REQUEST.replace(b"sip:bob@here.org SIP", start + b" SIP")).uri


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('rewriteuri("sip:a@b");', b"sip:a@b"),
        ('seturi("anything");', b"anything"),
        ('rewritehost("h");', b"sip:bob:pw@h:5062;x=y?h=v"),
        ('sethost("h");', b"sip:bob:pw@h:5062;x=y?h=v"),
        ('seth("h");', b"sip:bob:pw@h:5062;x=y?h=v"),
        ('rewritehostport("h:1");', b"sip:bob:pw@h:1;x=y?h=v"),
        ('sethostport("h");', b"sip:bob:pw@h;x=y?h=v"),
        ('sethp("h;p");', b"sip:bob:pw@h;p;x=y?h=v"),
        ('rewriteport("1");', b"sip:bob:pw@here.org:1;x=y?h=v"),
        ('setport("1");', b"sip:bob:pw@here.org:1;x=y?h=v"),
        ('setp("1");', b"sip:bob:pw@here.org:1;x=y?h=v"),
        ('rewriteuser("u");', b"sip:u:pw@here.org:5062;x=y?h=v"),
        ('setuser("u");', b"sip:u:pw@here.org:5062;x=y?h=v"),
        ('setu("u");', b"sip:u:pw@here.org:5062;x=y?h=v"),
        ('rewriteuserpass("u:p");', b"sip:u:p@here.org:5062;x=y?h=v"),
        ('setuserpass("u");', b"sip:u@here.org:5062;x=y?h=v"),
        ('setup("u");', b"sip:u@here.org:5062;x=y?h=v"),
        ('prefix("9");', b"sip:9bob:pw@here.org:5062;x=y?h=v"),
        ("strip(1);", b"sip:ob:pw@here.org:5062;x=y?h=v"),
        ("strip_tail(1);", b"sip:bo:pw@here.org:5062;x=y?h=v"),
        ('prefix("9"); strip(2); sethost("h");', b"sip:ob:pw@h:5062;x=y?h=v"),
        ('rewriteuri("sip:a@b"); revert_uri();', b"sip:bob:pw@here.org:5062;x=y?h=v"),
        ('rewriteuri("sip:a@b"); revert_uri;', b"sip:bob:pw@here.org:5062;x=y?h=v"),
    ],
)
def test_rewriting(command: str, expected: bytes) -> None:
    """SER dialect 8, row 33: the host changes, the port stays."""
    assert uri(command) == expected


@pytest.mark.parametrize(
    ("command", "start", "expected"),
    [
        ("strip(3);", b"sip:bob@h", b"sip:h"),
        ("strip(9);", b"sip:bob@h", b"sip:h"),
        ("strip_tail(9);", b"sip:bob@h", b"sip:h"),
        ('rewriteuser("");', b"sip:bob@h", b"sip:h"),
        ('prefix("00");', b"sip:h;x=y", b"sip:00@h;x=y"),
        ('rewriteuserpass("u:p");', b"sip:h", b"sip:u:p@h"),
        ('rewriteport("");', b"sip:bob@h:5070", b"sip:bob@h"),
        ('rewritehost("[::1]");', b"sip:bob@[2001:db8::1]:5070", b"sip:bob@[::1]:5070"),
        ('strip(1); prefix("1"); rewritehost("g"); rewriteport("9");', b"sip:bob@h", b"sip:1ob@g:9"),
    ],
)
def test_a_user_or_port_can_go_and_come(command: str, start: bytes, expected: bytes) -> None:
    assert uri(command, start) == expected


def test_rewriting_makes_a_sip_uri() -> None:
    """SER dialect 8, row 34."""
    assert uri('sethost("h");', b"sips:bob@x") == b"sip:bob@h"


@pytest.mark.parametrize("command", ['prefix("9")', 'sethost("h")', "strip(1)"])
def test_a_uri_that_cannot_be_read_is_not_rewritten(command: str) -> None:
    assert uri(f'if ({command}) drop; rewriteuri("kept");', b"nonsense") == b"kept"


def test_a_uri_does_not_grow_without_bound() -> None:
    assert uri('if (prefix("' + "9" * 1024 + '")) drop; rewriteuri("kept");') == b"kept"


def test_append_branch_without_argument_copies_the_current_uri() -> None:
    """SER dialect 8, row 35."""
    call = ran('rewriteuri("sip:a@b"); append_branch(); append_branch("sip:c@d", "0.5"); append_branch;')
    assert [(branch.uri, branch.q) for branch in call.branches] == [
        (b"sip:a@b", None),
        (b"sip:c@d", 500),
        (b"sip:a@b", None),
    ]


def test_a_request_has_twelve_destinations_at_most() -> None:
    """D42."""
    call = ran("append_branch(); " * 11 + 'if (append_branch()) drop; rewriteuri("full");')
    assert (len(call.branches), call.uri) == (11, b"full")
    assert call.failure is not None
    assert call.failure.phrase("SL") == "Forking capacity exceeded (12/SL)"


def test_a_branch_takes_the_next_hop_and_the_socket_of_the_uri_that_it_copies() -> None:
    bench = Bench("route{ force_send_socket(127.0.0.1); append_branch(); }")
    call = bench.call()
    call.dst_uri, call.q = b"sip:10.0.0.7", 300
    bench.run(call)
    (branch,) = call.branches
    assert (branch.dst_uri, branch.listener) == (b"sip:10.0.0.7", bench.host.listeners[0])


def test_revert_uri_keeps_the_branches_and_the_next_hop() -> None:
    bench = Bench('route{ rewriteuri("sip:a@b"); append_branch(); revert_uri(); }')
    call = bench.call()
    call.dst_uri = b"sip:10.0.0.7"
    bench.run(call)
    assert (call.uri, call.dst_uri, len(call.branches)) == (b"sip:bob@here.org", b"sip:10.0.0.7", 1)


@pytest.mark.parametrize("command", ['append_branch("sip:a@b", "1.5")', 'append_branch("sip:a@b", "x")', "setflag(32)"])
def test_what_cannot_be_is_refused_at_load(command: str) -> None:
    with pytest.raises(ScriptError):
        Bench(f"route{{ {command}; }}")


def test_flags_are_bits() -> None:
    call = ran('setflag(0); setflag(31); setflag(5); resetflag(5); if (isflagset(31)) rewriteuri("set");')
    assert (call.flags, call.uri) == (1 | 1 << 31, b"set")
    assert ran('if (isflagset(3)) drop; rewriteuri("unset");').uri == b"unset"


def test_named_flags() -> None:
    bench = Bench("flags first:3, second, third;\nroute { setflag(first); setflag(second); setflag(third); }")
    call = bench.call()
    bench.run(call)
    assert call.flags == 1 << 3 | 1 << 31 | 1 << 30


@pytest.mark.parametrize("command", ["force_rport()", "add_rport()", "force_rport", "add_rport"])
def test_rport_is_forced(command: str) -> None:
    assert ran(f"{command};").force_rport


def logged(text: str) -> list[str]:
    bench = Bench(text)
    core = bench.instances["core"]
    assert isinstance(core, Core)
    bench.host.log.debug_level = core.debug
    bench.run()
    return bench.logged


def test_log_has_level_4_by_default() -> None:
    """SER dialect 8, row 30."""
    assert logged('debug=3\nroute { log("a"); log(3, "b"); log(-1, "c"); }') == ["b", "c"]
    assert logged('debug=4\nroute { log("a\\n"); }') == ["a"]


def test_log_takes_its_text_as_it_is() -> None:
    assert logged('debug=9\nroute { log("100%s {}"); }') == ["100%s {}"]


def test_error_only_logs() -> None:
    assert "only logs" in logged('route { error("a", "b"); }')[0]


def test_exec_runs_a_shell_command() -> None:
    assert logged('debug=3\nroute { exec("exit 3"); }') == ["exec('exit 3') ended with status 3"]


def sent(body: str, data: bytes = REQUEST) -> list[tuple[bytes, str, int]]:
    bench = Bench(f"route{{ {body} }}")
    bench.run(bench.call(data))
    return [(message, target.host, target.port) for message, target in bench.host.sent]


@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("forward(10.0.0.7)", ("10.0.0.7", 5060)),
        ("forward(10.0.0.7, 5070)", ("10.0.0.7", 5070)),
        ('forward("proxy.org", 5070)', ("10.0.0.9", 5070)),
        ("forward(proxy.org)", ("10.0.0.9", 5060)),
        ("forward_udp(10.0.0.7, 5070)", ("10.0.0.7", 5070)),
        ("forward(uri:host, uri:port)", ("10.0.0.9", 5060)),
        ('rewriteuri("sip:a@10.0.0.8:5099"); forward(uri:host, uri:port)', ("10.0.0.8", 5099)),
        ('rewriteuri("sip:a@10.0.0.8:5099"); forward(uri:host, 7)', ("10.0.0.8", 7)),
        ('rewriteuri("sip:a@10.0.0.8:5099"); forward(10.0.0.7, uri:port)', ("10.0.0.7", 5099)),
        ('rewriteuri("sip:a@10.0.0.8:5099"); forward_udp(uri:host, uri:port)', ("10.0.0.8", 5099)),
        ("forward([::1], 5070)", ("10.0.0.9", 5070)),
    ],
)
def test_forward_goes_to(command: str, target: tuple[str, int]) -> None:
    ((message, *found),) = sent(f"{command};")
    assert tuple(found) == target
    assert message.split(b"\r\n")[1].startswith(b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK")


def test_the_script_goes_on_after_forward_and_branches_do_not_count() -> None:
    """SER dialect 8, row 31."""
    assert len(sent("append_branch(); forward(10.0.0.7); forward(10.0.0.8);")) == 2


def test_forward_uses_the_next_hop() -> None:
    bench = Bench("route{ forward(uri:host, uri:port); }")
    call = bench.call()
    call.dst_uri = b"sip:10.0.0.5:5090"
    bench.run(call)
    ((message, target),) = bench.host.sent
    assert (target.host, target.port) == ("10.0.0.5", 5090)
    assert message.startswith(b"MESSAGE sip:bob@here.org SIP/2.0\r\n")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("forward(no.where);", 478),
        ('rewriteuri("nonsense"); forward(uri:host, uri:port);', 479),
    ],
)
def test_a_failed_forward_says_why(body: str, code: int) -> None:
    call = ran(f'{body} if (forward(no.where)) drop; rewriteuri("on");')
    assert call.failure is not None
    call = ran(body)
    assert call.failure is not None
    assert call.failure.code == code


def test_a_reply_is_not_forwarded() -> None:
    script = 'route{ ; } onreply_route[1]{ if (forward(10.0.0.7)) note("yes"); revert_uri(); send(10.0.0.8); }'
    bench = Bench(script)
    assert bench.notes(RESPONSE, Route.ONREPLY, "1") == []
    assert [(data, target.host) for data, target in bench.host.sent] == [(RESPONSE, "10.0.0.8")]
    assert "only requests" in bench.logged[0]


@pytest.mark.parametrize(
    ("condition", "expected"), [("len_gt(10)", True), ("len_gt(max_len)", False), ("!len_gt(0x1000)", True)]
)
def test_the_length_of_a_message_as_in_0_8_11(condition: str, expected: bool) -> None:
    assert (ran(f'if ({condition}) rewriteuri("longer");').uri == b"longer") is expected


def test_a_socket_error_is_a_failure() -> None:
    bench = Bench("route{ forward(10.0.0.7); }")
    bench.host.broken = True
    call = bench.call()
    assert bench.run(call) == -1
    assert call.failure is not None
    assert call.failure.code == 477


def test_send_sends_what_was_received() -> None:
    """SER dialect 8, row 32."""
    assert sent('rewriteuri("sip:x"); send(10.0.0.7, 5070); send("proxy.org");') == [
        (REQUEST, "10.0.0.7", 5070),
        (REQUEST, "10.0.0.9", 5060),
    ]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("", b"127.0.0.1"),
        ("set_advertised_address(a.b);", b"a.b"),
        ("set_advertised_port(5070);", b"127.0.0.1:5070"),
        ('set_advertised_address("::1"); set_advertised_port(5060);', b"[::1]:5060"),
    ],
)
def test_what_a_message_advertises(body: str, shown: bytes) -> None:
    call = ran(body + " ;")
    assert sent_by(call, call.message.listener) == shown


@pytest.mark.parametrize("send", ["forward(10.0.0.7)", "forward(uri:host, uri:port)"])
def test_a_via_shows_what_the_script_advertises(send: str) -> None:
    ((message, *_),) = sent(f'set_advertised_address("proxy.example"); set_advertised_port(5070); {send};')
    assert message.split(b"\r\n")[1].startswith(b"Via: SIP/2.0/UDP proxy.example:5070;branch=")


def test_a_socket_to_send_from_must_be_one_of_ours() -> None:
    assert ran("force_send_socket(udp:127.0.0.1:5060);").send_socket is not None
    assert ran("force_send_socket(127.0.0.1);").send_socket is not None


@pytest.mark.parametrize(("socket", "found"), [("udp:127.0.0.1:5060", True), ("127.0.0.1:5099", False)])
def test_an_attribute_may_name_the_socket(socket: str, found: bool) -> None:
    bench = Bench(f'route{{ $x = "{socket}"; if (force_send_socket($x)) note("sent from there"); }}', Dialect.SER_2)
    assert bench.notes() == ["sent from there"] * found
    assert found or "does not listen on 127.0.0.1:5099" in bench.logged[0]


def test_an_alias_of_a_udp_connection_needs_nothing() -> None:
    assert ran('if (force_tcp_alias()) rewriteuri("done"); add_tcp_alias(5060);').uri == b"done"


def test_the_signature_can_be_left_out() -> None:
    """D25."""
    core = Bench("route{;}").instances["core"]
    assert isinstance(core, Core)
    assert (core.signature or b"").startswith(b"serpy (")
    assert (core.signature or b"").endswith(b" (python))")
    assert core.user_agent is not None
    core = Bench("server_signature=no\nroute{;}").instances["core"]
    assert isinstance(core, Core)
    assert core.signature is core.user_agent is None
