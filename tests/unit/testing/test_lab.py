"""The bench itself: repeatable, in virtual time."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.load import load_script
from serpy.host.listen import ListenError
from serpy.testing.lab import EPOCH, Lab
from serpy.testing.network import Datagram

SCRIPT = """
listen=127.0.0.1
route { forward(10.0.0.9, 5060); }
"""
OPTIONS = (
    b"OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:b@c>\r\nCall-ID: c1\r\nCSeq: 1 OPTIONS\r\n\r\n"
)


def test_two_runs_are_the_same() -> None:
    runs = []
    for _ in range(2):
        with Lab(SCRIPT) as lab:
            lab.send(OPTIONS)
            lab.advance(5)
            lab.send(OPTIONS)
            runs.append(lab.sent)
    assert runs[0] == runs[1]
    assert [sent.at for sent in runs[0]] == [0.0, 5.0]


def test_take_gives_each_datagram_once() -> None:
    with Lab(SCRIPT) as lab:
        lab.send(OPTIONS)
        assert len(lab.take()) == 1
        assert lab.take() == []
        assert len(lab.sent) == 1


def test_time_passes_when_told_only() -> None:
    with Lab(SCRIPT) as lab:
        assert (lab.elapsed, lab.clock.time()) == (0.0, EPOCH)
        lab.advance(86_400)
        assert (lab.elapsed, lab.clock.time()) == (86_400.0, EPOCH + 86_400)


def test_times_for_people_are_the_same_wherever_the_lab_runs() -> None:
    with Lab(SCRIPT) as lab:
        assert lab.server.clock.zone is UTC


def test_what_the_server_sends_to_itself_comes_in_again() -> None:
    script = """
    listen=127.0.0.1
    route { if (src_ip==127.0.0.1) { forward(10.0.0.9, 5060); } else { forward(127.0.0.1, 5060); }; }
    """
    with Lab(script) as lab:
        lab.send(OPTIONS)
        assert [sent.to for sent in lab.take()] == [("127.0.0.1", 5060), ("10.0.0.9", 5060)]


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    file = tmp_path / "x.cfg"
    file.write_text(SCRIPT)
    with Lab(file) as lab:
        assert lab.server.script.path == str(file)


def test_a_datagram_to_a_foreign_address_is_a_mistake_of_the_test() -> None:
    with Lab(SCRIPT) as lab, pytest.raises(ValueError, match="does not listen on"):
        lab.send(OPTIONS, to=("127.0.0.1", 9))


def test_a_wrong_script_raises() -> None:
    with pytest.raises(ScriptError):
        Lab("route { nonsense(; }")


def test_a_wrong_listen_line_raises() -> None:
    with pytest.raises(ListenError):
        Lab(SCRIPT.replace("127.0.0.1", "nowhere.example"))


def test_a_closed_lab_can_be_closed_again() -> None:
    lab = Lab(SCRIPT)
    lab.close()
    lab.close()
    assert lab.network.sockets == {}


def test_a_loaded_script_serves_many_labs() -> None:
    script = load_script("x.cfg", text=SCRIPT.encode())
    for _ in range(2):
        with Lab(script) as lab:
            lab.send(OPTIONS)
            assert len(lab.take()) == 1


def test_a_carrier_takes_over_what_the_server_sends() -> None:
    carried: list[Datagram] = []
    with Lab(SCRIPT.replace("10.0.0.9", "127.0.0.1")) as lab:
        lab.network.carrier = carried.append
        lab.send(OPTIONS)
        assert [datagram.to for datagram in carried] == [("127.0.0.1", 5060)]
        assert len(lab.sent) == 1


def test_the_log_is_told_line_by_line() -> None:
    told: list[tuple[str, str]] = []
    with Lab('listen=127.0.0.1 route { log(1, "one"); }', on_log=lambda *line: told.append(line)) as lab:
        lab.send(OPTIONS)
    assert told == [("WARNING", "one")]


def test_dns_may_be_slow_or_away() -> None:
    script = 'listen=127.0.0.1 loadmodule "tm.so" route { t_relay(); }'
    ask = OPTIONS.replace(b"bob@127.0.0.1", b"bob@p.example")
    for delay, failure, answered in ((2.0, "", True), (2.0, "nobody there", False)):
        with Lab(script, dns={"p.example": ["10.0.0.9"]}) as lab:
            lab.dns_delay, lab.dns_failure = delay, failure
            lab.send(ask)
            lab.advance(1)
            assert not [sent for sent in lab.sent if sent.data.startswith(b"OPTIONS")]
            lab.advance(1.1)
            assert [sent.to for sent in lab.sent if sent.data.startswith(b"OPTIONS")] == (
                [("10.0.0.9", 5060)] if answered else []
            )
