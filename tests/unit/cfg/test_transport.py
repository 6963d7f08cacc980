"""Commands that send over what serpy does not speak."""

from __future__ import annotations

import pytest

from serpy.cfg.load import load_script
from serpy.testing.lab import Lab
from tests.unit.modules.tm.scene import ALICE, request

CALLS = {
    "forward_tcp(10.0.0.2, 5060)": "forward_udp",
    "forward_tls(uri:host, uri:port)": "forward_udp",
    "send_tcp(10.0.0.2)": "send",
    't_relay_to_tcp("10.0.0.2", "5060")': "t_relay_to_udp",
    't_replicate_tcp("10.0.0.2", "5060")': "t_replicate_udp",
}


@pytest.mark.parametrize("call", CALLS)
def test_each_call_is_warned_about_with_what_goes_over_udp(call: str) -> None:
    script = load_script("x.cfg", text=f'loadmodule "tm.so"\nroute{{ if (method==INVITE) {call}; }}'.encode())
    (warning,) = [one for one in script.warnings if one.code == "no-transport"]
    assert (warning.span.line, warning.span.column) == (2, 28)
    assert f"write {CALLS[call]} " in warning.hint


@pytest.mark.parametrize("call", ["forward(10.0.0.2)", "forward_udp(10.0.0.2)", "send(10.0.0.2)"])
def test_what_goes_over_udp_is_fine(call: str) -> None:
    script = load_script("x.cfg", text=f"route{{ {call}; }}".encode())
    assert "no-transport" not in [warning.code for warning in script.warnings]


@pytest.mark.parametrize("call", ["forward_tcp(10.0.0.2, 5060)", "forward_tls(10.0.0.2)", "send_tcp(10.0.0.2)"])
def test_such_a_call_is_false_and_sends_nothing_in_the_clear(call: str) -> None:
    with Lab(f"listen=10.0.0.9\nroute{{ if (!{call}) forward(10.0.0.3, 5060); }}") as lab:
        lab.send(request("MESSAGE"), ALICE)
        assert [sent.to[0] for sent in lab.take()] == ["10.0.0.3"]
