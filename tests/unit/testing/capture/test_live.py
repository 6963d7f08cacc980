"""`serpy run --record DIR`: a running server writes down what passes it."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serpy.host.network import Address, OnDatagram, Socket
from serpy.log import Log
from serpy.testing.capture.live import FlowRecorder, RecordingNetwork
from serpy.testing.capture.script import open_script
from serpy.testing.capture.writer import _opened, write_one
from serpy.testing.flow.run import run_flow
from serpy.testing.network import SimulatedNetwork
from tests.unit.testing.capture.captures import ALICE, SERVER
from tests.unit.testing.capture.street import Street
from tests.wire import Wire, reply

SECONDS = 30.0
SCRIPT = """listen=127.0.0.1
loadmodule "tm.so"
route {{
    rewritehostport("127.0.0.1:{port}");
    t_relay();
}}
"""
MESSAGE = (
    "MESSAGE sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKx77;rport\r\n"
    "From: <sip:alice@127.0.0.1>;tag=fq81\r\nTo: <sip:bob@127.0.0.1>\r\nCall-ID: c1@x\r\nCSeq: 9 MESSAGE\r\n"
    "Max-Forwards: 70\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
)


@pytest.fixture
def phones() -> Iterator[tuple[socket.socket, socket.socket]]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as alice,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bob,
    ):
        for phone in (alice, bob):
            phone.bind(("127.0.0.1", 0))
            phone.settimeout(SECONDS)
        yield alice, bob


def test_a_served_message_becomes_a_passing_flow(tmp_path: Path, phones: tuple[socket.socket, socket.socket]) -> None:
    alice, bob = phones
    script = tmp_path / "x.cfg"
    script.write_text(SCRIPT.format(port=bob.getsockname()[1]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        server = probe.getsockname()
    command = [sys.executable, "-m", "serpy", script, "-l", f"127.0.0.1:{server[1]}", "--record", tmp_path / "flows"]
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            started = []
            for line in process.stderr:
                started.append(line)
                if line.startswith("ready"):
                    break
            assert f"what passes is recorded in {tmp_path / 'flows'}, with what people write" in "".join(started)
            alice.sendto(MESSAGE.format(port=alice.getsockname()[1]).encode(), server)
            data, place = bob.recvfrom(9000)
            bob.sendto(reply(Wire(data), 200, "OK", tag="zz9"), place)
            assert alice.recv(9000).startswith(b"SIP/2.0 200")
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()
    (flow,) = (tmp_path / "flows").iterdir()
    assert flow.name.endswith("-MESSAGE-alice.flow")
    text = flow.read_text()
    assert "script: ../x.cfg\n" in text
    assert f"peers:  alice 127.0.0.1:{alice.getsockname()[1]}, bob 127.0.0.1:{bob.getsockname()[1]}\n" in text
    assert "< alice 200 OK\n" in text
    outcome = run_flow(flow)
    assert outcome.status == "passed", f"{outcome.error}\n{outcome.diff}"


def test_everything_that_passes_a_socket_is_noted() -> None:
    noted: list[tuple[Address, Address, bytes, bool]] = []
    given: list[tuple[bytes, Address, Socket]] = []

    async def pass_two() -> None:
        plain = SimulatedNetwork(lambda: 0.0)
        network = RecordingNetwork(plain, lambda *what: noted.append(what))
        take: OnDatagram = lambda *what: given.append(what)  # noqa: E731
        listener = network.listen("udp", *SERVER, take)
        listener.start(bool)
        plain.deliver(b"in", ALICE, SERVER)
        listener.send(b"out", *ALICE)
        plain.unreachable.add(ALICE[0])
        with pytest.raises(OSError, match="No route"):
            listener.send(b"lost", *ALICE)
        assert given == [(b"in", ALICE, listener)]  # replies go out by the socket that is noted
        listener.close()

    asyncio.run(pass_two())
    assert noted == [(ALICE, SERVER, b"in", False), (SERVER, ALICE, b"out", True)]


def test_a_flow_never_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "x.cfg").write_text(SCRIPT.format(port=5099))
    script = open_script(tmp_path / "x.cfg", {"WITH": "1"})
    street = Street(SCRIPT.format(port=5099))
    street.register("alice", ALICE)
    paths = [write_one(tmp_path, script, [street.server], street.passed) for _ in range(3)]
    street.close()
    assert [path.name.rpartition("REGISTER-")[2] for path in paths] == ["alice.flow", "alice-2.flow", "alice-3.flow"]
    assert "define: WITH=1\n" in paths[0].read_text()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        FlowRecorder(tmp_path / "file" / "flows", tmp_path / "x.cfg", Log())


def test_a_script_that_the_lab_cannot_run_is_told_and_named_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.cfg").write_text("route { nonsense(); }\n")
    script = _opened(tmp_path / "x.cfg", {}, None)
    street = Street(SCRIPT.format(port=5099))
    street.register("alice", ALICE)
    street.close()
    assert "script: x.cfg\n" in write_one(tmp_path, script, [street.server], street.passed).read_text()
    assert "x.cfg does not run in a flow: ScriptError: " in capsys.readouterr().err
