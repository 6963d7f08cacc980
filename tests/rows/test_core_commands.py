"""SER dialect 8, the rows about the core's own commands."""

# ruff: noqa: N802 - names bear the numbers of decisions
from __future__ import annotations

from serpy.testing.lab import Lab
from tests.unit.cfg.bench import REQUEST, Bench
from tests.wire import Wire

LISTEN = "listen=10.0.0.9\n"
URI = b"sip:bob:pw@here.org:5062;x=y?h=v"


def after(body: str, uri: bytes = URI) -> bytes:
    """The Request-URI after these commands."""
    bench = Bench(f"route{{ {body} }}")
    call = bench.call(REQUEST.replace(b"sip:bob@here.org SIP", uri + b" SIP"))
    bench.run(call)
    return call.uri


def test_row_31_forward_goes_on_and_takes_no_branches() -> None:
    script = 'route{ append_branch("sip:b@10.0.0.3"); forward(10.0.0.2, 5060); forward(10.0.0.4, 5060); }'
    with Lab(LISTEN + script) as lab:
        lab.send(REQUEST)
        assert [sent.to[0] for sent in lab.take()] == ["10.0.0.2", "10.0.0.4"]


def test_row_31_D49_a_fixed_host_is_looked_up_when_it_is_needed() -> None:
    with Lab(LISTEN + 'route{ forward("proxy.example", 5060); }', dns={}) as lab:
        lab.send(REQUEST)
        lab.advance(1)
        assert lab.take() == []
        lab.dns["proxy.example"] = ["10.0.0.2"]
        lab.advance(60)
        lab.send(REQUEST)
        lab.advance(1)
        assert [sent.to[0] for sent in lab.take()] == ["10.0.0.2"]


def test_row_32_send_sends_what_came_in() -> None:
    script = 'loadmodule "textops.so"\nroute{ rewriteuri("sip:x@y"); append_hf("X: y\\r\\n"); send(10.0.0.2); }'
    with Lab(LISTEN + script) as lab:
        lab.send(REQUEST)
        assert [sent.data for sent in lab.take()] == [REQUEST]


def test_row_33_rewritehost_keeps_the_port_and_rewritehostport_takes_its_text_as_it_is() -> None:
    assert after('rewritehost("h");') == b"sip:bob:pw@h:5062;x=y?h=v"
    assert after('rewritehostport("h:1");') == b"sip:bob:pw@h:1;x=y?h=v"
    assert after('rewritehostport("h;maddr=z");') == b"sip:bob:pw@h;maddr=z;x=y?h=v"


def test_row_34_a_rewritten_sips_uri_becomes_a_sip_uri() -> None:
    for body in ('sethost("here.org");', 'setuser("bob");', 'prefix("");', "strip(0);"):
        assert after(body, b"sips:bob@here.org") == b"sip:bob@here.org"


def test_row_35_append_branch_without_argument_copies_the_current_uri() -> None:
    bench = Bench('route{ rewriteuri("sip:a@b"); append_branch(); rewriteuri("sip:c@d"); append_branch; }')
    call = bench.call()
    bench.run(call)
    assert [branch.uri for branch in call.branches] == [b"sip:a@b", b"sip:c@d"]


def test_row_84_nothing_leaks_into_the_next_message() -> None:
    script = """route{
        if (method=="OPTIONS") {
            rewriteuri("sip:x@10.0.0.2"); append_branch("sip:y@10.0.0.3"); setflag(3); force_rport();
        }
        if (isflagset(3)) { forward(uri:host, uri:port); } else { forward(10.0.0.4, 5060); }
    }"""
    with Lab(LISTEN + script) as lab:
        lab.send(REQUEST.replace(b"MESSAGE", b"OPTIONS"))
        lab.send(REQUEST)
        first, second = lab.take()
    assert (first.to[0], second.to[0]) == ("10.0.0.2", "10.0.0.4")
    assert Wire(second.data).uri == "sip:bob@here.org"
    assert ";rport" in Wire(first.data).all("via")[1]
    assert ";rport" not in Wire(second.data).all("via")[1]
