"""`serpy record`: a capture goes in, a test comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from serpy.cli.record import DIFFERS, DONE, USAGE, main
from serpy.testing.flow.run import run_flow
from tests.unit.testing.capture.captures import ALICE, BOB, write_pcap
from tests.unit.testing.capture.street import Street

pytest.importorskip("dpkt")

SCRIPT = """listen=192.0.2.1
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
route {
    if (method=="REGISTER") { save("location"); break; }
    if (!lookup("location")) { sl_send_reply("404", "Not here"); break; }
    t_relay();
}
"""
HEADERS = ("From: <sip:alice@192.0.2.1>;tag=a73k", "To: <sip:bob@192.0.2.1>")


@pytest.fixture
def street() -> Iterator[Street]:
    street = Street(SCRIPT)
    yield street
    street.close()


@pytest.fixture
def capture(street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bob registers, alice writes to him, and before that to carol, who is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "my.cfg").write_text(SCRIPT)
    street.request("MESSAGE", ALICE, "sip:carol@192.0.2.1", *HEADERS, "Call-ID: to-carol", body="hello carol")
    street.wait(10)
    street.register("bob", BOB)
    street.wait(60)
    asked = street.request(
        "MESSAGE", ALICE, "sip:bob@192.0.2.1", *HEADERS, "Call-ID: to-bob", number=2, body="hello bob"
    )
    street.answer(BOB, asked[-1], 200, "OK")
    return write_pcap(tmp_path / "incident.pcap", street.passed)


def test_with_the_script_it_is_recorded_and_passes(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(capture), "--script", "my.cfg"]) == DONE
    flow = capture.with_suffix(".flow")
    assert run_flow(flow).status == "passed"
    assert "script: my.cfg\n" in flow.read_text()
    assert "< bob MESSAGE sip:bob@10.0.0.2:5060\n" in flow.read_text()
    assert capsys.readouterr().err == (
        "incident.flow: 4 messages, from and to alice, bob\nrecorded what serpy does with my.cfg\n"
    )


def test_as_captured_it_tells_whether_serpy_does_the_same(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(capture), "--script", "my.cfg", "--as-captured"]) == DONE
    assert "serpy does what the server did\n" in capsys.readouterr().err


def test_and_how_much_it_differs(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (capture.parent / "my.cfg").write_text(SCRIPT.replace("Not here", "Nobody there"))
    assert main([str(capture), "--script", "my.cfg", "--as-captured"]) == DIFFERS
    assert (
        "serpy differs from the server in 2 lines; `serpy test incident.flow` shows them\n" in capsys.readouterr().err
    )


def test_without_a_script_the_server_side_is_the_captured_one(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(capture), "-o", "x.flow"]) == DONE
    text = Path("x.flow").read_text()
    assert "< alice 404 Not here\n" in text
    assert "# name the script here\nscript: \n" in text
    assert "name your script in the head" in capsys.readouterr().err


def test_one_call_is_taken_out_with_its_registration(capture: Path) -> None:
    assert main([str(capture), "--script", "my.cfg", "--call-id", "to-bob", "--title", "bob is told"]) == DONE
    text = Path("incident.flow").read_text()
    assert "title:  bob is told\n" in text
    assert "> bob REGISTER" in text
    assert "carol" not in text


def test_the_calls_are_listed(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(capture), "--list"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == [
        *("0.0s", "MESSAGE", "404", "2", "to-carol", "sip:alice@192.0.2.1", "->", "sip:bob@192.0.2.1")
    ]
    assert not Path("incident.flow").exists()


def test_a_flow_that_is_there_is_not_written_over(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("incident.flow").write_text("mine")
    assert main([str(capture)]) == USAGE
    assert "incident.flow is there already; name another file by -o, or add --force" in capsys.readouterr().err
    assert Path("incident.flow").read_text() == "mine"
    assert main([str(capture), "--force"]) == DONE


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--call-id", "nobody"], "there is no Call-ID nobody in the capture; `--list` shows those that there are"),
        (["--server", "10.9.9.9"], "no SIP passed 10.9.9.9 in this capture. Seen were: 192.0.2.1:5060 talks to 2"),
        (["--script", "none.cfg"], "none.cfg: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_told(
    capture: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main([str(capture), *arguments]) == USAGE
    assert told in capsys.readouterr().err
    assert not Path("incident.flow").exists()


def test_a_wrong_script_is_explained(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.cfg").write_text("route { nonsense(); }\n")
    assert main([str(capture), "--script", "my.cfg"]) == USAGE
    assert "error[unknown-command]: there is no command nonsense" in capsys.readouterr().err


def test_a_whole_days_traffic_is_too_much(capture: Path, street: Street, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(40):
        street.register("bob", BOB, call=f"c{number}")
    write_pcap(capture, street.passed)
    assert main([str(capture)]) == USAGE
    assert "43 calls with 88 datagrams are too much for one scenario; `--list` shows them" in capsys.readouterr().err


def test_the_server_is_given_as_an_address() -> None:
    with pytest.raises(SystemExit):
        main(["x.pcap", "--server", "proxy.example.org"])
