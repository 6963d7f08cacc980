"""`force_send_socket`: it names one of the server's sockets, or the server does not start (SER dialect 4)."""

from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.testing.lab import Lab
from tests.unit.modules.tm.scene import ALICE, request

TWO = "listen=10.0.0.9\nlisten=udp:10.0.0.9:5070\nlisten=10.0.0.8:5090\n"


@pytest.mark.parametrize(
    ("socket", "source"),
    [
        ("10.0.0.9", ("10.0.0.9", 5060)),
        ("10.0.0.9:5070", ("10.0.0.9", 5070)),
        ("udp:10.0.0.8:5090", ("10.0.0.8", 5090)),
        ('"udp:10.0.0.8:5090"', ("10.0.0.8", 5090)),
        ("udp:proxy.example:5070", ("10.0.0.9", 5070)),
        ("012.0.0.9:5070", ("10.0.0.9", 5070)),
    ],
)
@pytest.mark.parametrize("send", ["forward(10.0.0.2, 5060)", "t_relay_to_udp(10.0.0.2, 5060)", "send(10.0.0.2)"])
def test_the_message_leaves_from_there(socket: str, source: tuple[str, int], send: str) -> None:
    quoted = send if "t_relay" not in send else 't_relay_to_udp("10.0.0.2", "5060")'
    script = f'{TWO}loadmodule "tm.so"\nroute{{ force_send_socket({socket}); {quoted}; }}'
    with Lab(script, hosts={"proxy.example": ["10.0.0.9"]}) as lab:
        lab.send(request("MESSAGE"), ALICE)
        (sent,) = lab.take()
    assert sent.source == source
    port = f":{source[1]}" if source[1] != 5060 else ""
    assert "send(" in send or f"Via: SIP/2.0/UDP {source[0]}{port};branch=".encode() in sent.data


@pytest.mark.parametrize("socket", ["10.0.0.7", "10.0.0.9:5999", "tcp:10.0.0.9", "10.0.0.8", "nowhere.example"])
def test_without_such_a_socket_the_server_does_not_start(socket: str) -> None:
    script = f'{TWO}route{{ log("x");\n  if (method==INVITE) {{ force_send_socket({socket}); }} }}'
    with pytest.raises(ScriptError) as caught:
        Lab(script)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line, found.span.column) == ("no-such-socket", 5, 43)
    assert socket in found.message
    assert "udp:10.0.0.9:5070" in found.hint


def test_it_says_so_before_anything_is_read() -> None:
    with pytest.raises(ScriptError):
        Lab(TWO + "route{ ; } route[7]{ force_send_socket(10.0.0.7); }")
