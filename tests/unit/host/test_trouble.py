"""A module that fails: its author and the script's author are told where; the caller gets a 500; the server goes on."""

from __future__ import annotations

import pytest

from serpy.registry import find_module
from serpy.script.call import Call
from serpy.testing.lab import Lab

SCRIPT = """
listen=127.0.0.1
loadmodule "maxfwd.so"
loadmodule "tm.so"
route {
    t_newtran();
    route(2);
}
route[2] {
    if (!mf_process_maxfwd_header("10")) { drop; };
}
"""
OPTIONS = (
    b"OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%d\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:b@c>\r\nCall-ID: c%d\r\nCSeq: 1 OPTIONS\r\n\r\n"
)


def _fail(module: object, call: Call, limit: int) -> bool:
    raise ValueError("no hops")


def test_an_exception_is_logged_once_with_its_place_and_answered_500(monkeypatch: pytest.MonkeyPatch) -> None:
    maxfwd = find_module("maxfwd")
    assert maxfwd is not None
    monkeypatch.setattr(maxfwd, "process", _fail)
    with Lab(SCRIPT) as lab:
        for number in (1, 2):
            lab.send(OPTIONS % (number, number))
        first, second = lab.log_lines
        assert first.startswith("ERROR lab.cfg:10: error in route[0]: ValueError: no hops\nTraceback")
        assert 'File "lab.cfg", line 7, in route' in first
        assert first.endswith("[c1]")
        assert second.endswith("[c2]")
        assert [sent.data[:11] for sent in lab.take()] == [b"SIP/2.0 500"] * 2
        assert lab.stats["error.route"] == 2


ON_REPLIES = """
listen=127.0.0.1
loadmodule "sl.so"
loadmodule "tm.so"
route { t_on_reply("1"); t_relay(); }
onreply_route[1] { route(2); }
route[2] {
    sl_send_reply("200", "OK");
}
"""


def test_a_command_on_the_wrong_kind_of_message_is_told_in_one_line() -> None:
    """SER dialect 8, row 27: which route a command stands in is checked, not from where that route is called."""
    with Lab(ON_REPLIES) as lab:
        lab.send((OPTIONS % (1, 1)).replace(b"127.0.0.1 SIP", b"10.0.0.2 SIP"))
        (sent,) = lab.take()
        via = sent.data.split(b"\r\n")[1]
        lab.send(
            b"SIP/2.0 200 OK\r\n" + via + b"\r\n" + (OPTIONS % (1, 1)).partition(b"\r\n")[2], source=("10.0.0.2", 5060)
        )
        assert lab.log_lines == [
            "ERROR lab.cfg:8: error in onreply_route[1]: what stands here does not fit: "
            "this route runs on a reply, not on a request [c1]"
        ]
