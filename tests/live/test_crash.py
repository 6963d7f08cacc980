"""What an accepted message survives: kill -9, a database that goes away, a database that freezes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.live.fixtures import OnMariadb, Place, Serve
from tests.live.mariadb import Mariadb
from tests.live.peer import Peer
from tests.live.phones import accept
from tests.live.server import Server, example, free_port
from tests.wire import Wire


def test_a_message_survives_kill_9_between_202_and_delivery(serve: Serve, place: Place) -> None:
    with serve() as server, Peer("alice", server.address) as alice, Peer("bob", server.address) as bob:
        alice.rule = accept
        assert alice.message("bob", b"kept").code == 202
        server.kill()
        server.start()
        bob.register()
        assert bob.receive_message().body.endswith(b"] kept")
        place.wait_until_empty()


def test_every_message_that_was_accepted_before_kill_9_is_delivered_once(serve: Serve, place: Place) -> None:
    with serve() as server, Peer("alice", server.address) as alice, Peer("bob", server.address) as bob:
        alice.rule = accept
        for number in range(60):
            alice.request("MESSAGE", bob.uri, headers=f"Contact: <{alice.contact}>\r\n", body=b"letter %d" % number)
        for _ in range(20):
            alice.expect(202)
        server.kill()
        accepted = 20 + sum(message.code == 202 for message in alice.drain())
        server.start()
        stored = sorted(row["body"] for row in place.rows())
        assert len(stored) >= accepted
        assert len(set(stored)) == len(stored)
        bob.register()
        came = sorted(bob.receive_message().body.rpartition(b"] ")[2] for _ in stored)
        assert came == stored
        place.wait_until_empty()


def test_a_delivery_cut_by_kill_9_comes_again_with_the_same_ids(serve: Serve, place: Place) -> None:
    lease = {"# -- tm params --": 'modparam("msilo", "check_time", 1)'}
    with (
        serve(replace=lease, fr_timer=1) as server,
        Peer("alice", server.address) as alice,
        Peer("bob", server.address) as bob,
    ):
        alice.rule = accept
        assert alice.message("bob", b"cut").code == 202
        bob.register()
        first = bob.expect("MESSAGE")
        server.kill()
        bob.drain()
        server.start()
        again = _delivery_after_registering(bob)
        assert (again.call_id, again["from"], again["cseq"]) == (first.call_id, first["from"], first["cseq"])
        place.wait_until_empty()


def _delivery_after_registering(bob: Peer) -> Wire:
    """The dead server's lease on the row may have to run out first: register until the message comes."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        bob.register()
        try:
            return bob.receive_message(within=2)
        except AssertionError:
            continue
    raise AssertionError("the message did not come within 40 s")


@pytest.fixture
def on_mariadb(mariadb: Mariadb) -> OnMariadb:
    return OnMariadb(mariadb)


def test_while_the_database_is_away_the_sender_is_told_503_and_nothing_accepted_is_lost(
    mariadb: Mariadb, on_mariadb: OnMariadb, tmp_path: Path
) -> None:
    port = free_port()
    with (
        Server(tmp_path, example(port, database=on_mariadb.url), port, on_mariadb.options) as server,
        Peer("alice", server.address) as alice,
        Peer("bob", server.address) as bob,
        Peer("carol", server.address) as carol,
    ):
        alice.rule = accept
        assert alice.message("bob", b"before").code == 202
        mariadb.stop()
        try:
            assert alice.message("bob", b"meanwhile", within=10).code == 503
            assert carol.register()["contact"].startswith(f"<{carol.contact}>")
        finally:
            mariadb.start()
        assert _until_accepted(alice, b"after")
        bob.register()
        texts = [bob.receive_message(within=10).body.rpartition(b"] ")[2] for _ in range(2)]
        assert texts == [b"before", b"after"]
        on_mariadb.wait_until_empty(within=40)


def test_who_registers_while_the_database_is_away_gets_the_messages_when_it_is_back(
    mariadb: Mariadb, on_mariadb: OnMariadb, tmp_path: Path
) -> None:
    port = free_port()
    script = example(port, database=on_mariadb.url).replace("# -- tm params --", 'modparam("msilo", "check_time", 1)')
    with (
        Server(tmp_path, script, port, on_mariadb.options) as server,
        Peer("alice", server.address) as alice,
        Peer("bob", server.address) as bob,
    ):
        alice.rule = accept
        assert alice.message("bob", b"owed").code == 202
        mariadb.stop()
        try:
            bob.register()
        finally:
            mariadb.start()
        assert bob.receive_message(within=15).body.endswith(b"] owed")
        on_mariadb.wait_until_empty(within=40)


def test_a_database_killed_in_the_middle_loses_nothing_that_was_accepted(
    mariadb: Mariadb, on_mariadb: OnMariadb, tmp_path: Path
) -> None:
    port = free_port()
    with (
        Server(tmp_path, example(port, database=on_mariadb.url), port, on_mariadb.options) as server,
        Peer("alice", server.address) as alice,
    ):
        alice.rule = accept
        sent = {}
        for number in range(40):
            request = alice.request("MESSAGE", f"sip:bob@127.0.0.1:{port}", body=b"letter %d" % number)
            sent[request.branch] = request.body
        mariadb.stop(kill=True)
        try:
            answers = [alice.expect(lambda message: message.code >= 200, within=15) for _ in sent]
        finally:
            mariadb.start()
        accepted = [sent[answer.branch] for answer in answers if answer.code == 202]
        assert {answer.code for answer in answers} <= {202, 503}
        stored = [row["body"] for row in on_mariadb.rows()]
        assert len(stored) == len(set(stored))
        assert set(accepted) <= set(stored)


def _until_accepted(alice: Peer, body: bytes, within: float = 15) -> bool:
    """Send until the database is back; a 503 means that nothing was stored."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if alice.message("bob", body, within=10).code == 202:
            return True
    return False
