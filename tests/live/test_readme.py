"""What the README of the msilo module states (R1-R16 of decisions.md), over real UDP, on MariaDB and on SQLite."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.live.fixtures import Place, Serve
from tests.live.peer import Peer
from tests.live.phones import accept
from tests.live.server import CHECKOUT, EXAMPLE, Server, example, free_port, serpy
from tests.wire import address

SHARED_EXAMPLE = CHECKOUT.parent / "shared" / "examples" / "msilo.cfg"


def changed(text: str, before: str, after: str) -> str:
    """The script with one piece replaced; the piece must be there."""
    assert before in text
    return text.replace(before, after)


def with_parameters(**parameters: str | int) -> dict[str, str]:
    """For `serve(replace=...)`: further msilo parameters behind the example's own."""
    values = {name: value if isinstance(value, int) else f'"{value}"' for name, value in parameters.items()}
    lines = [f'modparam("msilo", "{name}", {value})' for name, value in values.items()]
    return {"# -- tm params --": "\n".join(lines)}


def test_r1_a_message_for_an_offline_user_is_stored_and_sent_when_the_user_comes_online(
    server: Server, alice: Peer, bob: Peer, place: Place
) -> None:
    assert alice.message("bob", b"first letter").code == 202
    assert [row["body"] for row in place.rows()] == [b"first letter"]
    bob.register()
    message = bob.receive_message()
    assert message.body.endswith(b"] first letter")
    place.wait_until_empty()


def test_r2_the_addresses_times_type_and_body_are_stored(server: Server, alice: Peer, place: Place) -> None:
    before = int(time.time())
    uri = f"sip:bob@{server.address[0]}:{server.port};x=y"
    sent = alice.request(
        "MESSAGE",
        uri,
        to='"Robert" <sip:robert@example.org>',
        body=b"caf\xc3\xa9 \x00'\"\\\xff",
        content_type="text/x-y;charset=utf-8",
    )
    assert alice.expect_final(sent).code == 202
    (row,) = place.rows()
    assert row["r_uri"] == uri.removesuffix(";x=y")  # the address, without what else a URI may carry
    assert row["dst_addr"] == "sip:robert@example.org"
    assert row["src_addr"] == alice.uri
    assert before <= row["inc_time"] <= time.time()
    assert row["exp_time"] == row["inc_time"] + 259200
    assert row["ctype"] == "text/x-y;charset=utf-8"
    assert row["body"] == b"caf\xc3\xa9 \x00'\"\\\xff"


def test_r2_without_a_user_in_the_request_uri_the_address_comes_from_to(
    server: Server, alice: Peer, place: Place
) -> None:
    domain = f"{server.address[0]}:{server.port}"
    sent = alice.request("MESSAGE", f"sip:{domain}", to=f"<sip:bob@{domain}>", body=b"x")
    assert alice.expect_final(sent).code == 202
    assert [row["r_uri"] for row in place.rows()] == [f"sip:bob@{domain}"]


def test_r3_a_message_past_its_expiration_time_is_discarded(serve: Serve, place: Place) -> None:
    parameters = with_parameters(expire_time=1, check_time=1, clean_period=1)
    with (
        serve(replace=parameters) as server,
        Peer("alice", server.address) as alice,
        Peer("bob", server.address) as bob,
    ):
        alice.rule = accept
        assert alice.message("bob", b"short-lived").code == 202
        place.wait_until_empty()
        bob.register()
        bob.expect_nothing("MESSAGE", within=0.5)


def test_r4_all_messages_go_to_the_contact_address_of_the_register(server: Server, alice: Peer, bob: Peer) -> None:
    for number in range(3):
        assert alice.message("bob", b"letter %d" % number).code == 202
    with Peer("desk", server.address) as desk:
        bob.register(contact=f"<{desk.contact};line=2>")
        for number in range(3):
            message = desk.receive_message()
            assert message.uri == f"{desk.contact};line=2"
            assert message.body.endswith(b"] letter %d" % number)
    assert not [message for message in bob.drain() if message.method == "MESSAGE"]


def test_r5_a_registered_user_whose_agent_refuses_messages_is_served_by_the_failure_route(
    server: Server, alice: Peer, bob: Peer, place: Place
) -> None:
    bob.register()
    bob.rule = lambda request: (415, "Unsupported Media Type")
    sent = alice.request("MESSAGE", bob.uri, headers=f"Contact: <{alice.contact}>\r\n", body=b"refused")
    bob.expect_nothing("REGISTER", within=0.3)
    assert alice.expect_final(sent).code == 202
    assert [row["body"] for row in place.rows()] == [b"refused"]


def test_r5_a_registered_user_who_stays_silent_is_served_after_fr_timer(
    server: Server, alice: Peer, bob: Peer, place: Place
) -> None:
    bob.register()
    asked = time.monotonic()
    assert alice.message("bob", b"silence").code == 202
    assert time.monotonic() - asked >= 1.0
    assert [row["body"] for row in place.rows()] == [b"silence"]


@pytest.mark.parametrize(("missing", "code"), [("tm", 2), ("mysql", 1)])
def test_r6_without_tm_or_a_database_module_the_script_does_not_load(
    missing: str, code: int, place: Place, tmp_path: Path
) -> None:
    line = f'loadmodule "../sip_router/modules/{missing}/{missing}.so"\n'
    script = tmp_path / "test.cfg"
    script.write_text(changed(example(free_port(), database=place.url), line, ""))
    ended = serpy(script, "--state-dir", tmp_path / "state", *place.options)
    assert ended.returncode == code
    assert f'loadmodule "{missing}' in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_r7_db_url_is_a_database_on_this_host_unless_set(tmp_path: Path) -> None:
    script = tmp_path / "test.cfg"
    line = 'modparam("msilo","db_url","mysql://user:xxx@127.0.0.1/msilo")\n'
    driver = 'loadmodule "../sip_router/modules/mysql/mysql.so"\n'
    # without the driver serpy names the URL and ends before it asks a database: this machine may have one there
    script.write_text(changed(changed(example(free_port()), line, ""), driver, ""))
    ended = serpy(script, "--state-dir", tmp_path / "state", "--db", "configured")
    assert ended.returncode == 1
    assert "mysql://root@localhost/msilo" in ended.stdout + ended.stderr


def test_r8_db_table_names_the_table(serve: Serve, place: Place) -> None:
    with serve(replace=with_parameters(db_table="mail")) as server:
        with Peer("alice", server.address) as alice:
            alice.rule = accept
            assert alice.message("bob", b"x").code == 202
        assert [row["body"] for row in place.rows("mail")] == [b"x"]


def test_r9_the_sender_is_told_from_the_registrar_address(server: Server, alice: Peer, bob: Peer) -> None:
    alice.rule = None
    assert alice.message("bob", b"x").code == 202
    notice = alice.receive_message()
    assert address(notice["from"]) == "sip:registrar@mydomain.com"
    expected = f"User [{bob.uri}] is offline. The message will be delivered when user goes online."
    assert notice.body.decode().rstrip() == expected


def test_r9_without_a_registrar_nobody_is_told(serve: Serve) -> None:
    unset = {'modparam("msilo","registrar","sip:registrar@mydomain.com")': ""}
    with serve(replace=unset) as server, Peer("alice", server.address) as alice:
        assert alice.message("bob", b"x").code == 202
        alice.expect_nothing("MESSAGE", within=0.5)


def test_r9_requests_to_the_registrar_address_are_never_stored(server: Server, alice: Peer, place: Place) -> None:
    uri = f"sip:registrar@{server.address[0]}:{server.port}"
    sent = alice.request("MESSAGE", uri, to="<sip:registrar@mydomain.com>", body=b"x")
    assert alice.expect_final(sent).code == 503
    assert place.rows() == []


@pytest.mark.parametrize(("expires", "lifetime"), [("", 77), ("Expires: 20\r\n", 20), ("Expires: 999\r\n", 77)])
def test_r10_a_message_expires_after_expire_time(serve: Serve, place: Place, expires: str, lifetime: int) -> None:
    with serve(replace=with_parameters(expire_time=77)) as server, Peer("alice", server.address) as alice:
        alice.rule = accept
        assert alice.message("bob", b"x", headers=expires).code == 202
        (row,) = place.rows()
        assert row["exp_time"] - row["inc_time"] == lifetime


def test_r11_after_a_2xx_the_message_is_deleted_and_after_a_refusal_it_stays(serve: Serve, place: Place) -> None:
    with (
        serve(replace=with_parameters(check_time=1)) as server,
        Peer("alice", server.address) as alice,
        Peer("bob", server.address) as bob,
    ):
        alice.rule = accept
        assert alice.message("bob", b"x").code == 202
        bob.register()
        bob.receive_message(code=486, reason="Busy Here")
        bob.register()
        again = bob.receive_message(code=202, reason="Accepted")
        assert again.body.endswith(b"] x")
        assert again.body.count(b"[Offline message") == 1
        place.wait_until_empty()


def test_r12_clean_period_counts_check_times_and_may_be_a_string(serve: Serve, place: Place) -> None:
    parameters = with_parameters(expire_time=1, check_time=1, clean_period="3")
    with serve(replace=parameters) as server, Peer("alice", server.address) as alice:
        alice.rule = accept
        assert alice.message("bob", b"x").code == 202
        place.wait_until_empty()


@pytest.mark.parametrize("use_contact", [1, 0])
def test_r13_the_notice_goes_to_the_senders_contact_or_to_the_sender(serve: Serve, use_contact: int) -> None:
    with (
        serve(replace=with_parameters(use_contact=use_contact)) as server,
        Peer("alice", server.address) as home,
        Peer("alice", server.address) as mobile,
    ):
        home.register()
        sent = mobile.request(
            "MESSAGE",
            f"sip:bob@{server.address[0]}:{server.port}",
            headers=f"Contact: <{mobile.contact}>\r\n",
            body=b"x",
        )
        assert mobile.expect_final(sent).code == 202
        told, other = (mobile, home) if use_contact else (home, mobile)
        assert told.receive_message().body.startswith(b"User [")
        other.expect_nothing("MESSAGE", within=0.3)


@pytest.mark.parametrize(
    ("mode", "user"),
    [("0", "carol"), ("1", "bob"), ("2", "dave")],
    ids=["0-the-new-request-uri", "1-the-request-uri-as-received", "2-to"],
)
def test_r14_m_store_takes_the_address_that_its_mode_names(serve: Serve, place: Place, mode: str, user: str) -> None:
    rewritten = {'if (m_store("0"))': f'rewriteuser("carol"); if (m_store("{mode}"))'}
    with serve(replace=rewritten) as server, Peer("alice", server.address) as alice:
        alice.rule = accept
        domain = f"{server.address[0]}:{server.port}"
        sent = alice.request("MESSAGE", f"sip:bob@{domain}", to=f"<sip:dave@{domain}>", body=b"x")
        assert alice.expect_final(sent).code == 202
        assert [row["r_uri"] for row in place.rows()] == [f"sip:{user}@{domain}"]


def test_r14_m_store_sends_its_notice_through_the_next_hop(serve: Serve) -> None:
    with Peer("proxy", ("127.0.0.1", 9)) as proxy:
        through = {'m_store("0")': f'm_store("0", "sip:127.0.0.1:{proxy.port}")'}
        with serve(replace=through) as server, Peer("alice", server.address) as alice:
            proxy.server = server.address
            assert alice.message("bob", b"x").code == 202
            assert proxy.receive_message().uri == alice.contact
            alice.expect_nothing("MESSAGE", within=0.3)


def test_r15_m_dump_sends_through_the_next_hop_to_the_contact(serve: Serve) -> None:
    with Peer("proxy", ("127.0.0.1", 9)) as proxy:
        through = {"m_dump()": f'm_dump("sip:127.0.0.1:{proxy.port}")'}
        with serve(replace=through) as server:
            proxy.server = server.address
            with Peer("alice", server.address) as alice, Peer("bob", server.address) as bob:
                alice.rule = accept
                assert alice.message("bob", b"x").code == 202
                bob.register()
                assert proxy.receive_message().uri == bob.contact
                bob.expect_nothing("MESSAGE", within=0.3)


def test_r15_a_register_that_takes_the_binding_away_dumps_nothing(
    server: Server, alice: Peer, bob: Peer, place: Place
) -> None:
    assert alice.message("bob", b"x").code == 202
    bob.register(expires=0)
    bob.expect_nothing("MESSAGE", within=0.5)
    assert len(place.rows()) == 1


def test_r16_the_example_runs_as_it_is(tmp_path: Path) -> None:
    if SHARED_EXAMPLE.exists():
        assert EXAMPLE.read_bytes() == SHARED_EXAMPLE.read_bytes()
    port = free_port()
    with (
        Server(tmp_path, EXAMPLE, port, ["-l", f"udp:127.0.0.1:{port}", "--db", "embedded"]) as server,
        Peer("alice", server.address) as alice,
        Peer("bob", server.address) as bob,
    ):
        alice.rule = accept
        assert alice.message("bob", b"as it is").code == 202
        bob.register()
        assert re.fullmatch(rb"\[Offline message - .{24}\] as it is", bob.receive_message().body)
