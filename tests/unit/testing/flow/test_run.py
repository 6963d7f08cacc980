"""Whole flows: what is recorded, what is compared, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.testing.flow.document import FlowError
from serpy.testing.flow.run import expand, run_flow
from tests.unit.testing.flow.stage import MSILO, Stage

RELAY = 't_relay_to_udp("10.0.0.2", "5060");'
BOTH_WAYS = f'if (src_ip==10.0.0.1) {{ {RELAY} }} else {{ t_relay_to_udp("10.0.0.1", "5060"); }}'
STORE = 't_newtran(); if (m_store("0")) { t_reply("202", "Accepted"); } else { t_reply("503", "No"); }'
ASK = "> alice OPTIONS sip:bob@127.0.0.1\n"

# -- verdicts ----------------------------------------------------------------------------------------------------------


def test_what_was_recorded_passes_until_the_script_changes(stage: Stage) -> None:
    assert stage.record(ASK, route='sl_send_reply("200", "fine");') == ASK + "< alice 200 fine\n"
    stage.path.write_text(stage.path.read_text().replace('"fine"', '"changed"'))
    outcome = run_flow(stage.path)
    assert outcome.status == "failed"
    assert [line for line in outcome.diff.splitlines()[2:] if line[0] in "+-"] == [
        "-< alice 200 fine",
        "+< alice 200 changed",
    ]


def test_a_flow_without_recording_says_how_to_record(stage: Stage) -> None:
    outcome = stage.run(ASK)
    assert outcome.status == "unrecorded"
    assert f"serpy test --update {stage.path}" in outcome.error
    assert "+< bob OPTIONS" in outcome.diff


def test_nothing_is_recorded_under_ci(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.write(ASK)
    before = stage.path.read_bytes()
    monkeypatch.setenv("CI", "true")
    assert run_flow(stage.path, update=True).status == "error"
    assert stage.path.read_bytes() == before


def test_a_recorded_line_that_does_not_come_fails(stage: Stage) -> None:
    outcome = stage.run(ASK + "< bob OPTIONS sip:bob@127.0.0.1\n< alice 200 OK\n")
    assert (outcome.status, "-< alice 200 OK" in outcome.diff) == ("failed", True)


def test_an_update_keeps_comments_templates_and_typed_text(stage: Stage) -> None:
    blocks = (
        "# a comment\n> alice OPTIONS sip:bob@127.0.0.1   \n< bob OPTIONS <*>\n# another\n< alice 200 <*>\n\nwait  1s\n"
    )
    assert stage.record(blocks) == (
        "# a comment\n> alice OPTIONS sip:bob@127.0.0.1   \n< bob OPTIONS <*>\n# another\n\nwait  1s\n"
    )


def test_a_name_may_be_used_in_typed_lines(stage: Stage) -> None:
    blocks = "> alice OPTIONS sip:bob@127.0.0.1\n< bob OPTIONS sip:bob@<host>\n\n> alice OPTIONS sip:carl@<host>\n"
    assert stage.record(blocks).endswith("> alice OPTIONS sip:carl@<host>\n< bob OPTIONS sip:carl@127.0.0.1\n")


def test_a_name_that_is_never_used_is_an_error(stage: Stage) -> None:
    assert stage.error(ASK + "< bob OPTIONS sip:bob@<host>\n").startswith("2: <host> is bound here and used nowhere")


def test_a_thousand_runs_are_the_same_to_the_byte(stage: Stage) -> None:
    recorded = stage.record(
        "bob answers INVITE 180 after 1s, 486 after 2s\n> alice INVITE sip:bob@127.0.0.1\nwait 40s\n",
        route=RELAY,
        top='loadmodule "sl.so"\nloadmodule "tm.so"\n',
    )
    text = stage.path.read_bytes()
    assert "~ alice ACK" in recorded
    # recorded anew each time: a recording that is the same is not written
    for _ in range(1000):
        assert run_flow(stage.path, update=True).status == "passed"
    assert stage.path.read_bytes() == text


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_a_forwarded_request_shows_what_differs(stage: Stage) -> None:
    blocks = "> alice MESSAGE sip:bob@127.0.0.1\n  P-Secret: x\n\n  hello\n"
    route = 'append_hf("X-Tag: 7\\r\\n"); remove_hf("P-Secret"); forward("10.0.0.2", "5060");'
    assert stage.record(blocks, route=route) == (
        blocks + "\n< bob MESSAGE sip:bob@127.0.0.1\n  X-Tag: 7\n  - P-Secret: x\n"
    )


def test_chosen_headers_are_shown(stage: Stage) -> None:
    assert stage.record(ASK, head="headers: cseq, call-id\n") == (
        ASK + "< bob OPTIONS sip:bob@127.0.0.1\n  Call-ID: alice-1\n  CSeq: 1 OPTIONS\n"
    )


def test_all_headers_and_times_are_shown(stage: Stage) -> None:
    shown = stage.record(ASK, head="headers: all\nshow: times\n")
    assert "< bob OPTIONS sip:bob@127.0.0.1 (0s)\n  Via: SIP/2.0/UDP 127.0.0.1;" in shown
    assert "  Content-Length: 0\n" in shown


def test_a_reply_without_a_tag_in_to_is_shown(stage: Stage) -> None:
    blocks = ASK + "> bob reply 200\n  To: <sip:bob@127.0.0.1>\n"
    assert stage.record(blocks).endswith("< alice 200 OK\n")


def test_retransmissions_are_one_line_each(stage: Stage) -> None:
    assert stage.record(ASK + "wait 2s\n", route=RELAY) == (
        ASK + "< bob OPTIONS sip:bob@127.0.0.1\nwait 2s\n< bob again #1 (0.5s)\n< bob again #2 (1.5s)\n"
    )


def test_the_log_is_shown_from_its_level_on(stage: Stage) -> None:
    route = 'log(1, "one\\n"); log(4, "four\\n");'
    top = "debug=4\n"
    assert stage.record(ASK, route=route, top=top, head="show: log WARNING\n") == ASK + "= log WARNING one\n"
    assert "= log DEBUG four\n" in stage.record(ASK, route=route, top=top, head="show: log DBG\n")


def test_rows_appear_and_vanish_at_their_time(stage: Stage) -> None:
    blocks = "> alice MESSAGE sip:bob@127.0.0.1\n\n  hello bob\n\nwait 10s\n"
    head = "show: table silo\nmodparam: msilo.expire_time = 5\nmodparam: msilo.check_time = 2\n"
    head += "modparam: msilo.clean_period = 1\n"
    shown = stage.record(blocks, route=STORE, top=MSILO, head=head)
    assert "= table silo + mid=1 src_addr=sip:alice@127.0.0.1" in shown
    assert '  inc_time=1767225600 exp_time=1767225605 body="hello bob" owner=bob\n' in shown
    assert "= table silo - mid=1 (6s)\n" in shown or "= table silo - mid=1 (8s)\n" in shown


def test_another_table_than_the_modules_have_is_told(stage: Stage) -> None:
    stage.write(ASK, route=STORE, top=MSILO, head="show: table slio\n")
    outcome = run_flow(stage.path)
    assert outcome.error == f"{stage.path}:3: the server has no table slio in its database (it has silo)"


def test_a_place_that_is_no_peer_is_shown_by_its_address(stage: Stage) -> None:
    route = 'forward("10.9.9.9", "5070");'
    assert stage.record(ASK, route=route) == ASK + "< 10.9.9.9:5070 OPTIONS sip:bob@127.0.0.1\n"


def test_a_message_of_another_call_shows_its_call_id(stage: Stage) -> None:
    blocks = "delay next from alice 1s\n" + ASK + "> alice OPTIONS sip:carl@127.0.0.1\nwait 2s\n"
    assert stage.record(blocks).endswith("wait 2s\n< bob OPTIONS sip:bob@127.0.0.1 (1s)\n")
    blocks = ASK + "> alice OPTIONS sip:carl@127.0.0.1\nwait 5s\n"
    shown = stage.record(blocks, route=RELAY, head="modparam: tm.fr_timer = 4\n")
    timeout = "< alice 408 Request Timeout (4s)\n"
    assert f"{timeout}  Call-ID: alice-1\n{timeout}" in shown


def test_what_happens_at_the_start_is_recorded_below_the_head(stage: Stage) -> None:
    # a process of this number never lives
    head = "rows: silo\n  mid=7 owner=bob holder=lab:4194999:id1 body=x exp_time=1867225600\nshow: log\n"
    told = "= log NOTICE msilo: deliveries that were interrupted when the server ended, to be resumed: 1\n"
    assert stage.record(ASK, top=MSILO, head=head).startswith(told + "\n> alice OPTIONS")
    assert stage.record("# why\n" + ASK, top=MSILO, head=head).startswith(told + "\n# why\n> alice OPTIONS")


def test_an_exception_in_the_server_is_always_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> bool:
        raise LookupError("nothing there")

    monkeypatch.setattr("serpy.script.core.Core.forward", broken, raising=False)
    shown = stage.record(ASK, route='\nforward("10.0.0.2", "5060");')
    line = stage.path.read_text().split("\n").index('  forward("10.0.0.2", "5060");') + 1
    assert shown == ASK + f"= log ERROR test.flow:{line}: error in route[0]: LookupError: nothing there\n"


def test_what_looks_like_a_template_in_a_body_is_none(stage: Stage) -> None:
    route = 'sl_send_reply("200", "fine"); log(1, "<status>open</status>\\n");'
    shown = stage.record(ASK, route=route, head="show: log\n")
    assert "= log WARNING \\x3cstatus>open</status>\n" in shown
    stage.path.write_text(stage.path.read_text().replace('"<status>open', '"<state>open'))
    assert run_flow(stage.path).status == "failed"


def test_a_server_with_two_sockets(stage: Stage) -> None:
    route = 'forward("10.0.0.2", "5060");'
    blocks = "> alice OPTIONS sip:bob@127.0.0.1 to 127.0.0.1:5070\n"
    assert "  Via: SIP/2.0/UDP 127.0.0.1:5070;" in stage.record(
        blocks, route=route, top="listen=127.0.0.1:5070\n", head="headers: Via\n"
    )


def test_a_kamailio_script_within_the_flow(stage: Stage) -> None:
    stage.path.write_text(
        "title: x\npeers: alice 10.0.0.1\nscript:\n  #!KAMAILIO\n  listen=udp:127.0.0.1:5060\n"
        '  loadmodule "sl.so"\n  #!ifdef ANSWER\n  request_route {\n    sl_send_reply("200", "fine");\n  }\n  #!endif\n'
        "define: ANSWER\n\n> alice OPTIONS sip:bob@127.0.0.1\n< alice 200 fine\n"
    )
    outcome = run_flow(stage.path)
    assert outcome.status == "passed", (outcome.error, outcome.diff)


def test_a_file_may_lack_its_last_line_end(stage: Stage) -> None:
    stage.record(ASK)
    stage.path.write_text(stage.path.read_text().rstrip("\n"))
    assert run_flow(stage.path).status == "passed"


# -- peers -------------------------------------------------------------------------------------------------------------


def test_a_call_with_everything_by_itself(stage: Stage) -> None:
    blocks = (
        "bob answers INVITE 180 after 1s, 200 after 2s\nbob answers BYE\n"
        "> alice INVITE sip:bob@127.0.0.1\nwait 3s\n> alice BYE\n"
    )
    shown = stage.record(blocks, route=RELAY)
    assert "~ bob 180 Ringing (1s)\n< alice 180 Ringing (1s)\n" in shown
    assert (
        "~ bob 200 OK (2s)\n< alice 200 OK (2s)\n~ alice ACK sip:bob@10.0.0.2:5060 (2s)\n"
        "< bob ACK sip:bob@10.0.0.2:5060 (2s)\n"
    ) in shown
    assert shown.endswith("> alice BYE\n< bob BYE sip:bob@10.0.0.2:5060\n~ bob 200 OK\n< alice 200 OK\n")


def test_an_ack_of_a_failure_has_the_invites_branch_and_one_of_a_200_has_not(stage: Stage) -> None:
    for code, same in (("486", True), ("200", False)):
        stage.write(f"> alice INVITE sip:bob@127.0.0.1\n> bob reply {code}\n> alice ACK\n", head="ack: manual\n")
        raw = expand(stage.path).split("> alice raw\n")[1:]
        branches = [block.split("branch=")[1].split("\n")[0] for block in raw]
        assert (branches[0] == branches[1]) is same


def test_the_callee_may_hang_up(stage: Stage) -> None:
    blocks = "> alice INVITE sip:bob@127.0.0.1\n> bob reply 200\n> bob BYE\n> alice reply 200\n"
    shown = stage.record(blocks, route=BOTH_WAYS)
    assert "> bob BYE\n< alice BYE sip:alice@10.0.0.1:5060\n> alice reply 200\n< bob 200 OK\n" in shown


def test_a_dialog_follows_its_record_route(stage: Stage) -> None:
    blocks = (
        "> alice INVITE sip:bob@127.0.0.1\n> bob reply 200\n  Record-Route: <sip:p1;lr>, <sip:p2;lr>\n> alice BYE\n"
    )
    stage.write(blocks, route=RELAY)
    bye = expand(stage.path).split("> alice raw\n")[2]
    assert bye.startswith("  BYE sip:bob@10.0.0.2:5060 SIP/2.0\n")
    assert "  Route: <sip:p2;lr>\n  Route: <sip:p1;lr>\n" in bye


def test_a_reliable_180_is_acknowledged_by_prack(stage: Stage) -> None:
    blocks = (
        "> alice INVITE sip:bob@127.0.0.1\n> bob reply 180\n  Require: 100rel\n  RSeq: 7\n> bob reply 200 to PRACK\n"
    )
    head = "headers: RAck\n"
    assert "~ alice PRACK sip:bob@10.0.0.2:5060\n< bob PRACK sip:bob@10.0.0.2:5060\n  RAck: 7 1 INVITE\n" in (
        stage.record(blocks, route=RELAY, head=head)
    )


def test_a_cancelled_phone_ends_the_call_it_answers_by_rule(stage: Stage) -> None:
    blocks = "bob answers INVITE 180, 200 after 5s\n> alice INVITE sip:bob@127.0.0.1\n> alice CANCEL\nquiet 60s\n"
    shown = stage.record(blocks, route=RELAY)
    assert shown.endswith(
        "< bob CANCEL sip:bob@127.0.0.1\n< alice 200 canceling\n~ bob 200 OK\n~ bob 487 Request Terminated\n"
        "< bob ACK sip:bob@127.0.0.1\n< alice 487 Request Terminated\n~ alice ACK sip:bob@127.0.0.1\nquiet 60s\n"
    )


def test_a_phone_with_a_rule_repeats_its_answer(stage: Stage) -> None:
    shown = stage.record("bob answers OPTIONS\n" + ASK + "> alice again\n")
    assert shown.endswith("> alice again\n< bob again #1\n~ bob 200 OK\n< alice again #1\n")


def test_another_port_of_a_peer(stage: Stage) -> None:
    shown = stage.record("> alice OPTIONS sip:bob@127.0.0.1 from 5070\n", route='sl_send_reply("200", "fine");')
    assert shown.endswith("< alice:5070 200 fine\n")


def test_octets_from_a_file(stage: Stage) -> None:
    (stage.path.parent / "ask.sip").write_bytes(
        b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
        b"To: <sip:b@c>\r\nCall-ID: f\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    assert stage.record("> alice file ask.sip\n") == "> alice file ask.sip\n< bob OPTIONS sip:x\n"


def test_an_expanded_flow_has_the_same_recording(stage: Stage) -> None:
    blocks = "> alice INVITE sip:bob@127.0.0.1\n\n  v=0\n\n> bob reply 180\n> alice again\n> bob reply 486\nwait 9s\n"
    recorded = stage.record(blocks, route=RELAY)
    stage.path.write_text(expand(stage.path))
    assert "  INVITE sip:bob@127.0.0.1 SIP/2.0\n  Via: " in stage.path.read_text()
    assert run_flow(stage.path).status == "passed"
    happened = [line for line in recorded.splitlines() if line.startswith(("<", "~"))]
    assert [line for line in stage.blocks.splitlines() if line.startswith(("<", "~"))] == happened


# -- trouble -----------------------------------------------------------------------------------------------------------


def test_loss_delay_and_duplicates(stage: Stage) -> None:
    shown = stage.record(
        "drop next to bob\ndelay next to bob 2s\n" + ASK + "wait 3s\n> bob reply 200\nduplicate next from bob\n"
        "> alice OPTIONS sip:carl@127.0.0.1\n> bob reply 200\n",
        route=RELAY,
    )
    assert "~ dropped to bob OPTIONS sip:bob@127.0.0.1\nwait 3s\n" in shown
    assert "~ delayed by 2s to bob OPTIONS sip:bob@127.0.0.1 (0.5s)\n" in shown
    assert "~ duplicated from bob 200 OK\n< alice 200 OK\n" in shown


def test_disorder(stage: Stage) -> None:
    blocks = "reorder next 2 from alice\n" + ASK + "> alice OPTIONS sip:carl@127.0.0.1\n"
    assert stage.record(blocks).endswith(
        "< bob OPTIONS sip:carl@127.0.0.1\n  Call-ID: alice-2\n< bob OPTIONS sip:bob@127.0.0.1\n"
    )


def test_an_unreachable_peer(stage: Stage) -> None:
    blocks = "unreachable bob\n" + ASK + "reachable bob\n" + ASK
    shown = stage.record(blocks, route=RELAY)
    assert "< alice 477 " in shown
    assert shown.endswith("< bob OPTIONS sip:bob@127.0.0.1\n")


def test_a_database_that_is_slow_and_then_down(stage: Stage) -> None:
    message = "> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n\n"
    blocks = f"db slow 3s\n{message}wait 4s\ndb down\n{message}db up\n{message}"
    shown = stage.record(blocks, route=STORE, top=MSILO)
    assert [line for line in shown.splitlines() if line.startswith("< alice")] == [
        "< alice 202 Accepted (3s)",
        "< alice 503 No",
        "< alice 202 Accepted",
    ]


def test_names_that_dns_knows_or_does_not(stage: Stage) -> None:
    ask = "> alice OPTIONS sip:bob@proxy.example.org\nwait 1s\n"
    head = "dns: proxy.example.org A 10.0.0.2\n"
    assert "< bob OPTIONS sip:bob@proxy.example.org (0.02s)\n" in stage.record(ask, route="t_relay();", head=head)
    assert "< alice 478 " in stage.record("dns down\n" + ask, route="t_relay();", head=head)


def test_a_command_fails_at_its_second_call(stage: Stage) -> None:
    message = "> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n\n"
    shown = stage.record(message * 3, route=STORE, top=MSILO, head="fails: m_store 2\n")
    assert [line for line in shown.splitlines() if line.startswith("<")] == [
        "< alice 202 Accepted",
        "< alice 503 No",
        "< alice 202 Accepted",
    ]


def test_rows_are_there_from_the_start(stage: Stage) -> None:
    head = 'rows: silo\n  mid=7 dst_addr=sip:bob@127.0.0.1 body="old one" exp_time=1867225600\nshow: table silo\n'
    shown = stage.record("> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n", route=STORE, top=MSILO, head=head)
    assert "= table silo + mid=8 " in shown
    told = stage.error(ASK, route=STORE, top=MSILO, head="rows: silo\n  nid=1\n")
    assert "silo has no column nid (its columns are mid, src_addr, dst_addr, " in told


def test_a_script_that_must_not_load(stage: Stage) -> None:
    assert stage.run("", route="nonsense();", head="fails: unknown-command\n").status == "passed"
    assert (
        "fails with unknown-command, not with syntax"
        in stage.run("", route="nonsense();", head="fails: syntax\n").error
    )
    assert "the script loads, though it should fail" in stage.run("", head="fails: syntax\n").error


def test_a_script_with_an_error_is_told_at_its_line_in_the_flow(stage: Stage) -> None:
    outcome = stage.run("", route="nonsense();")
    assert outcome.status == "error"
    line = stage.path.read_text().split("\n").index("  nonsense();") + 1
    assert f"{stage.path}:{line}:" in outcome.error


def test_parameters_are_set_over_the_scripts(stage: Stage) -> None:
    shown = stage.record(ASK + "wait 9s\n", route=RELAY, head="modparam: tm.fr_timer = 3\n")
    assert "< alice 408 Request Timeout (3s)\n" in shown


def test_the_clock_of_the_flow(stage: Stage) -> None:
    message = "> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n"
    head = "clock: 2020-02-02T00:00:00Z\nshow: table silo\n"
    assert "inc_time=1580601600" in stage.record(message, route=STORE, top=MSILO, head=head)


# -- what is wrong with a flow -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ("> carl OPTIONS sip:x\n", "1: there is no peer carl (the head names alice, bob"),
        ("wait 1s\nat 500ms\n", "2: `at 0.5s` is over: it is 1s already"),
        (ASK + "quiet 1s\n", "2: it was not quiet: < bob again #1 (0.5s)"),
        ("> bob reply 200\n", "1: bob has no request to answer (what came in: nothing)"),
        (ASK + "> bob reply 200 to INVITE\n", "2: bob has no INVITE to answer (what came in: OPTIONS)"),
        ("> alice BYE\n", "1: alice is in no dialog, so BYE needs a URI"),
        ("> alice CANCEL\n", "1: alice has sent no INVITE to cancel"),
        ("> alice ACK\n", "1: alice has no final answer to acknowledge"),
        ("> alice again\n", "1: alice has sent no request yet"),
        ("> alice file nowhere.sip\n", "1: nowhere.sip: No such file or directory"),
        (ASK.strip() + " to 127.0.0.1:9\n", "1: nobody listens at 127.0.0.1:9 (the server has 127.0.0.1:5060)"),
        ("drop next to bob\n", "1: `drop next` still waits for a datagram to bob"),
        ("reorder next 2 to bob\n" + ASK, "1: `reorder next` still waits for another datagram to bob"),
        ("unreachable carl\n", "1: there is no peer carl"),
        ("delay next 2s\n" + ASK, "2: the flow ends before the delayed datagram from alice has arrived (add `wait 2s`"),
        ("bob answers OPTIONS 200 after 3s\n" + ASK, "2: the flow ends before bob has answered OPTIONS with 200"),
    ],
)
def test_it_is_told_at_its_line(stage: Stage, blocks: str, says: str) -> None:
    assert stage.error(blocks, route=RELAY).startswith(says)


def test_what_happened_before_an_error_is_shown(stage: Stage) -> None:
    outcome = stage.run(ASK + "> alice BYE\n", route=RELAY)
    assert (outcome.status, "+< bob OPTIONS" in outcome.diff) == ("error", True)


def test_an_end_within_a_command_tells_what_is_waited_for(stage: Stage) -> None:
    blocks = "db slow 3s\n> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n\nwait 1s\n"
    told = stage.error(blocks, route=STORE, top=MSILO)
    line = stage.path.read_text().split("\n").index(f"  {STORE}") + 1
    assert (
        told
        == f"6: the flow ends while route[0] waits in test.flow:{line} for Msilo.store (add `wait 2s` to see its end)"
    )


def test_a_deadlock_is_told(stage: Stage) -> None:
    blocks = "db slow 1000h\n> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n"
    assert "deadlock: route[0] waits in test.flow" in stage.error(blocks, route=STORE, top=MSILO)


def test_datagrams_that_go_round_are_told(stage: Stage) -> None:
    assert "go round without end" in stage.error(ASK, route='forward("127.0.0.1", "5060");')


def test_a_missing_script_is_told(stage: Stage) -> None:
    stage.path.write_text("title: x\nscript: nowhere.cfg\n")
    with pytest.raises(FlowError, match="there is no file nowhere"):
        expand(stage.path)


def test_a_flow_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "folder.flow").mkdir()
    outcome = run_flow(tmp_path / "folder.flow")
    assert outcome.status == "error"
    assert "cannot be read: Is a directory" in outcome.error


def test_a_recording_that_cannot_be_written_is_said_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, data: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    stage.record(ASK, route='sl_send_reply("200", "fine");')
    stage.path.write_text(stage.path.read_text().replace('"fine"', '"changed"'))
    monkeypatch.setattr("serpy.testing.flow.run.replace", refuse)
    monkeypatch.delenv("CI", raising=False)
    outcome = run_flow(stage.path, update=True)
    assert outcome.status == "error"
    assert "cannot be written: Permission denied" in outcome.error


# -- what cannot be ----------------------------------------------------------------------------------------------------


def test_a_peer_that_no_network_has_is_an_error_at_its_line(stage: Stage) -> None:
    for place, says in (("127.0.0.1:5060", "the server's own address"), ("[2001:db8::1]:5060", "no IPv6 socket")):
        outcome = stage.run("> alice OPTIONS sip:bob@127.0.0.1\n", head=f"peers: carl {place}\n")
        assert outcome.status == "error"
        assert f"{stage.path}:3: carl has " in outcome.error
        assert says in outcome.error


def test_a_call_that_should_fail_and_never_comes_is_told(stage: Stage) -> None:
    blocks = "> alice OPTIONS sip:bob@127.0.0.1\n< alice 200 fine\n"
    outcome = stage.run(blocks, route='sl_send_reply("200", "fine");', head="fails: sl_send_reply 2\n")
    assert outcome.status == "failed"
    assert "3: sl_send_reply should fail, and a call number 2 never came" in outcome.error


def test_no_port_and_no_octets(stage: Stage) -> None:
    assert "99999 is no port" in stage.error("> alice OPTIONS sip:bob@127.0.0.1 from 99999\n")
    assert "no octets stand below" in stage.error("> alice raw\n")


def test_a_rule_leaves_what_came_before_it(stage: Stage) -> None:
    route = 't_relay_to_udp("10.0.0.2", "5060");'
    blocks = stage.record("> alice OPTIONS sip:bob@127.0.0.1\n\nbob answers OPTIONS\n\nwait 2s\n", route=route)
    assert "~ bob" not in blocks
    blocks = stage.record("> alice OPTIONS sip:bob@127.0.0.1\n\nbob answers OPTIONS\n\n> bob reply 200\n", route=route)
    assert "< alice 200 OK" in blocks


def test_line_ends_and_the_mark_of_utf_8_stay(stage: Stage) -> None:
    stage.write("> alice OPTIONS sip:bob@127.0.0.1\n", route='sl_send_reply("200", "fine");')
    before = b"\xef\xbb\xbf" + stage.path.read_bytes().replace(b"\n", b"\r\n")
    stage.path.write_bytes(before)
    assert run_flow(stage.path, update=True).status == "updated"
    assert stage.path.read_bytes() == before + b"< alice 200 fine\r\n"
    assert run_flow(stage.path).status == "passed"


def test_a_code_that_no_diagnostic_has_is_told(stage: Stage) -> None:
    outcome = stage.run("", head="fails: unknown-comand\n")
    assert "3: no diagnostic has the code unknown-comand (did you mean unknown-command?)" in outcome.error
