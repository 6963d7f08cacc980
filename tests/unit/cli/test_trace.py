"""`serpy trace`: why did it do that?"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serpy.cli import run_command_line

SCRIPT = """\
debug=3
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "maxfwd.so"
listen=127.0.0.1
route {
    if (method == "REGISTER") {
        save("location");
        exit;
    }
    if (!mf_process_maxfwd_header("10")) exit;
    if (!lookup("location")) {
        log(1, "nobody is there\\n");
        sl_send_reply("404", "Not Found");
        exit;
    }
    t_on_failure("1");
    t_relay();
}
failure_route[1] {
    t_reply("480", "Later");
}
"""
MESSAGE = "alice MESSAGE sip:bob@127.0.0.1"
BOB = ("--before", "bob REGISTER expires=600")
Trace = Callable[..., str]


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Trace:
    """Runs `serpy trace` on the script; what it prints."""
    monkeypatch.chdir(tmp_path)
    Path("a.cfg").write_text(SCRIPT)

    def run(*arguments: str, code: int = 0) -> str:
        assert run_command_line(["trace", "a.cfg", *arguments]) == code
        out, err = capsys.readouterr()
        return err if code else out

    return run


def way(out: str) -> list[str]:
    """The lines of the first route that ran, without what frames them."""
    lines = out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("route  "))
    found = []
    for line in lines[start + 1 :]:
        if " │ " not in line:
            break
        number, _, rest = line.partition(" │ ")
        found.append(f"{number.strip()} {' '.join(rest.split())}".strip())
    return found


def test_every_line_with_what_it_saw(trace: Trace) -> None:
    assert way(trace(MESSAGE)) == [
        "8 route {",
        '9 if (method == "REGISTER") { method = MESSAGE → false',
        '13 if (!mf_process_maxfwd_header("10")) exit; mf_process_maxfwd_header true → false',
        '14 if (!lookup("location")) { lookup false (-3) → true',
        '15 log(1, "nobody is there\\n"); log WARNING: nobody is there',
        '16 sl_send_reply("404", "Not Found");',
        "17 exit;",
    ]


def test_a_reply_of_our_own_is_shown_in_full(trace: Trace) -> None:
    out = trace(MESSAGE)
    assert "⇒ 1: 404 Not Found  to alice 10.0.0.1:5060\n    SIP/2.0 404 Not Found\n    Via: " in out


def test_what_is_sent_on_is_shown_by_its_differences(trace: Trace) -> None:
    out = trace(MESSAGE, *BOB)
    assert "before  bob REGISTER sip:127.0.0.1: 200 OK" in out
    assert "  - MESSAGE sip:bob@127.0.0.1 SIP/2.0\n  + MESSAGE sip:bob@10.0.0.2:5060 SIP/2.0\n" in out
    assert "  - Max-Forwards: 70\n  + Max-Forwards: 69\n" in out
    assert "    Call-ID: " in out


def test_what_a_command_changes_and_sends_stands_beside_it(trace: Trace) -> None:
    lines = way(trace(MESSAGE, *BOB))
    assert lines[3:] == [
        '14 if (!lookup("location")) { lookup true → false',
        "uri: sip:bob@10.0.0.2:5060",
        '19 t_on_failure("1");',
        "20 t_relay(); ⇒ 1: MESSAGE sip:bob@10.0.0.2:5060 to bob",
    ]


def test_peers_answer_by_rule_and_failure_routes_are_followed(trace: Trace) -> None:
    out = trace("alice INVITE sip:bob@127.0.0.1", *BOB, "--answer", "INVITE 486 after 2s")
    assert "486 Busy Here  from bob 10.0.0.2:5060  (2s)" in out
    assert "failure_route[1]  a.cfg  (2s)" in out
    assert '23 │     t_reply("480", "Later");' in out


def test_a_rule_for_one_peer(trace: Trace) -> None:
    out = trace(MESSAGE, *BOB, "--answer", "bob MESSAGE 200 Fine")
    assert "200 Fine to alice" in out


def test_a_message_from_a_file_with_plain_line_ends(trace: Trace) -> None:
    Path("m.sip").write_text(
        "OPTIONS sip:x@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKa\nFrom: <sip:a@b>;tag=1\n"
        "To: <sip:x@127.0.0.1>\nCall-ID: 1\nCSeq: 1 OPTIONS\n"
    )
    out = trace("--request", "m.sip", "--from", "10.9.9.9:5070")
    assert out.startswith("OPTIONS sip:x@127.0.0.1  from sender 10.9.9.9:5070\n")
    assert "method = OPTIONS → false" in out


def test_a_message_from_standard_input(trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n\r\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert "method = REGISTER → true" in trace("--request", "-")


def test_what_is_no_message_runs_no_route(trace: Trace) -> None:
    Path("m.sip").write_text("hello\n")
    out = trace("--request", "m.sip")
    assert "No route was run for it." in out
    assert "Nothing was sent." in out


def test_looking_on_shows_retransmissions_once_in_full(trace: Trace) -> None:
    out = trace(MESSAGE, *BOB, "--wait", "1s")
    assert "⇒ 2: MESSAGE sip:bob@10.0.0.2:5060 to bob  (0.5s)" in out
    assert out.count("+ MESSAGE sip:bob@10.0.0.2:5060 SIP/2.0") == 1


def test_a_peer_elsewhere(trace: Trace) -> None:
    assert "to bob 10.7.7.7:5090" in trace(MESSAGE, *BOB, "--peer", "bob 10.7.7.7:5090")


def test_a_parameter_set_over_the_scripts(trace: Trace) -> None:
    out = trace("alice INVITE sip:bob@127.0.0.1", *BOB, "--modparam", "tm.fr_timer=3", "--wait", "12s")
    assert "failure_route[1]" in out


def test_the_same_trace_every_time(trace: Trace) -> None:
    assert trace(MESSAGE, *BOB) == trace(MESSAGE, *BOB)


def test_no_colours_in_a_pipe_and_colours_on_a_terminal(trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = trace(MESSAGE)
    assert "\x1b" not in plain
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("serpy.cli.trace.has_color", lambda stream: True)
    assert "\x1b[32m→ true\x1b[0m" in trace(MESSAGE)


def test_a_terminal_that_knows_ascii_only(trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    trace(MESSAGE)
    out.flush()
    text = out.buffer.getvalue().decode()
    assert "9 |     if (method" in text
    assert "?" not in text


def test_on_a_narrow_terminal_notes_stand_below(trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serpy.cli.trace.columns", lambda stream: 60)
    assert "{\n   │       method = MESSAGE → false\n" in trace(MESSAGE)


def test_octets_that_a_terminal_must_not_see_are_escaped(trace: Trace) -> None:
    Path("m.sip").write_bytes(b"MESSAGE sip:x@127.0.0.1;\x1b[31m SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n\r\n")
    assert "\x1b" not in trace("--request", "m.sip")


# -- JSON --------------------------------------------------------------------------------------------------------------


def as_json(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


def test_json_holds_the_same(trace: Trace) -> None:
    found = as_json(trace(MESSAGE, *BOB, "--json"))
    run = next(one for one in found["events"] if one["event"] == "route")
    step = next(one for one in run["steps"] if one["line"] == 14)
    assert step["outcome"] is False
    assert step["tests"] == [{"test": 'lookup("location")', "outcome": True, "values": {"lookup": 1}}]
    assert step["changes"] == ["uri: sip:bob@10.0.0.2:5060"]
    sent = next(event for one in run["steps"] for event in one.get("events", []) if event["event"] == "sent")
    assert (sent["to"], sent["address"]) == ("bob", "10.0.0.2:5060")
    assert "+ Max-Forwards: 69" in sent["changes"]


def test_json_takes_any_octets(trace: Trace) -> None:
    Path("m.sip").write_bytes(b"MESSAGE sip:\xff@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n\r\n\xfe")
    as_json(trace("--request", "m.sip", "--json"))


# -- mistakes ----------------------------------------------------------------------------------------------------------


def test_a_script_that_is_wrong(trace: Trace) -> None:
    Path("a.cfg").write_text("route { nothing_like_it(); }")
    assert "error[unknown-command]" in trace(MESSAGE, code=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["alice message sip:b@c"], "'message' is no method"),
        (["alice"], "write `> alice MESSAGE sip:bob@127.0.0.1`"),
        (["--request", "none.sip"], "none.sip: No such file or directory"),
        ([MESSAGE, "--from", "here"], "'here' is no address"),
        ([MESSAGE, "--peer", "bob"], "'bob' names no peer"),
        ([MESSAGE, "--answer", "INVITE often"], "'often' is no answer"),
        ([MESSAGE, "--wait", "long"], "--wait"),
        ([MESSAGE, "--modparam", "x"], "write --modparam tm.fr_timer=5"),
    ],
)
def test_mistakes_in_the_command_line(trace: Trace, arguments: list[str], said: str) -> None:
    assert said in trace(*arguments, code=2)


def test_a_script_that_is_not_there(trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["trace", "none.cfg", MESSAGE]) == 2
    assert "none.cfg: No such file" in capsys.readouterr().err


def test_without_a_message_there_is_nothing_to_trace(trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command_line(["trace", "a.cfg"])
    assert ended.value.code == 2
    assert "what is to be traced?" in capsys.readouterr().err
