"""Flows against real servers over real sockets: Kamailio, and serpy itself."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from serpy.testing.against.others import Command, Kamailio, Missing, Other
from serpy.testing.against.run import DIFFERS, SAME, against
from tests.live.server import CHECKOUT, environment

FLOWS = CHECKOUT / "tests" / "flows"


@pytest.fixture
def kamailio() -> Kamailio:
    """The program; where it is missing the test is skipped, but not in CI."""
    try:
        return Kamailio.installed()
    except Missing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def serpy(monkeypatch: pytest.MonkeyPatch) -> Command:
    """A serpy of its own process, with a database in a file."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    return Command((sys.executable, "-m", "serpy", "run", "{config}", "--db", "embedded", "--state-dir", "{run}"))


def compared(paths: Sequence[Path], other: Other, verbosity: int = 1) -> tuple[int, str]:
    told = io.StringIO()
    code = against(sorted(paths), other, stream=told, verbosity=verbosity)
    return code, told.getvalue()


def with_kamailio() -> list[Path]:
    """The flows that name a script for it."""
    return [path for path in FLOWS.rglob("*.flow") if "\nkamailio-script:" in path.read_text("utf-8", "replace")]


def test_kamailio_differs_in_nothing_that_no_flow_tells_of(kamailio: Kamailio) -> None:
    flows = with_kamailio()
    assert len(flows) > 20
    code, told = compared(flows, kamailio)
    assert code == SAME, told
    assert f"serpy and kamailio: {len(flows)} same" in told
    assert "+ Max-Forwards: 69 in < <*> ACK <*> because" in told


def test_serpy_on_real_sockets_does_what_it_does_in_virtual_time(serpy: Command) -> None:
    code, told = compared([*(FLOWS / "against").glob("[cfm]*.flow"), FLOWS / "msilo/store_and_deliver.flow"], serpy)
    assert code == SAME, told
    assert "known:" not in told


def flow(differs: str = "", more: str = "") -> str:
    """An OPTIONS that is answered 404; the head's last line is the sixth."""
    return f"""\
title: something else is said
script:
  loadmodule "sl.so"
  route {{ sl_send_reply("404", "Nobody"); }}
peers: alice 10.0.0.1:5060
{f"differs: {differs}" if differs else "headers: changed"}

> alice OPTIONS sip:bob@127.0.0.1
{more}"""


@pytest.fixture
def other_words(tmp_path: Path, serpy: Command) -> Command:
    """A serpy that runs another script than the flow's."""
    script = tmp_path / "other.cfg"
    script.write_text('loadmodule "sl.so"\nroute { sl_send_reply("480", "Not here"); }\n')
    told = ["run", str(script), "-l", "udp:{address}", "--state-dir", "{run}"]
    return Command((sys.executable, "-m", "serpy", *told))


def test_a_difference_is_shown(tmp_path: Path, other_words: Command) -> None:
    path = tmp_path / "x.flow"
    path.write_text(flow())
    code, told = compared([path], other_words)
    assert code == DIFFERS
    assert "\n-< alice 404 Nobody\n+< alice 480 Not here\n" in told


def test_a_difference_that_the_flow_tells_of_is_accepted(tmp_path: Path, other_words: Command) -> None:
    path = tmp_path / "x.flow"
    known = "< alice <*> => < alice 480 <*> because he is out"
    path.write_text(flow(f"{other_words.name} {known}"))
    code, told = compared([path], other_words)
    assert code == SAME, told
    assert f"known: {known}" in told


def test_a_difference_that_is_none_is_told_of(tmp_path: Path, serpy: Command) -> None:
    path = tmp_path / "x.flow"
    path.write_text(flow(f"{serpy.name} < alice 480 <*> because he is out"))
    code, told = compared([path], serpy)
    assert code == DIFFERS
    assert f"{path}:6: `differs: {serpy.name} < alice 480 <*>` fits nothing that differs" in told


def test_a_server_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    path = tmp_path / "x.flow"
    path.write_text(flow())
    code, told = compared([path], Command(("sh", "-c", "echo I will not; exit 3")))
    assert code == DIFFERS
    assert "it ended with exit code 3:\n    I will not\n" in told


def test_long_waits_and_what_is_only_virtual_are_told_of(tmp_path: Path, serpy: Command) -> None:
    long, virtual = tmp_path / "long.flow", tmp_path / "virtual.flow"
    long.write_text(flow(more="\nwait 1h\n\n> alice OPTIONS sip:x@127.0.0.1\n"))
    virtual.write_text(flow(more="\ndns down\n"))
    code, told = compared([long, virtual], serpy)
    assert code == SAME, told
    assert "long.flow:10: `wait 1h` is longer than --max-wait 5s: it and what follows was not compared" in told
    assert "virtual.flow:10: only the simulated world has `dns down`" in told
    assert "1 skipped, 1 same" in told


def test_the_other_server_ends_with_its_flow(tmp_path: Path, serpy: Command) -> None:
    path, pid = tmp_path / "x.flow", tmp_path / "pid"
    path.write_text(flow())
    shell = f'echo $$ > {pid}; exec "$@"'
    code, told = compared([path], Command(("sh", "-c", shell, "sh", *serpy.words)))
    assert code == SAME, told
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
