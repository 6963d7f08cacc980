"""Store and deliver for 2,000 users with sipp on both sides: nothing lost, nothing twice."""

from __future__ import annotations

import re
import socket
from collections import Counter
from pathlib import Path

import pytest

from tests.live.fixtures import Place, Serve
from tests.live.server import HOST, free_port
from tests.live.sipp_side import LIMIT, SippSide, sipp_program

USERS = 2000


@pytest.fixture(scope="module")
def sipp() -> str:
    """The program; where it is missing the tests are skipped, but not in CI."""
    return sipp_program()


def test_2000_messages_are_stored_and_delivered_each_exactly_once(
    serve: Serve, place: Place, sipp: str, tmp_path: Path
) -> None:
    sender, registrant, receiver = free_port(), free_port(), free_port()
    with serve(replace={"debug=9": "debug=2"}) as server:
        side = SippSide(sipp, tmp_path, server, USERS)
        side.run("store", sender, "-r", "800", "-l", "400")
        stored = Counter(row["body"].decode().rstrip() for row in place.rows())  # sipp ends a body with CRLF
        assert stored == Counter(f"letter {number}" for number in range(1, USERS + 1))

        log = tmp_path / "received.log"
        with side.start("receive", receiver, "-trace_logs", "-log_file", str(log)) as receiving:
            try:
                side.run("register", registrant, "-r", "400", "-l", "400", "-key", "receiver", str(receiver))
                assert receiving.wait(LIMIT) == 0
            finally:
                receiving.kill()
        # the receiver ends with its 2,000th call: whoever came twice before has pushed another one out of its log,
        # and who comes after it is seen here
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as afterwards:
            afterwards.bind((HOST, receiver))
            afterwards.settimeout(1.0)
            place.wait_until_empty(within=40)
            with pytest.raises(TimeoutError):
                afterwards.recv(65535)
        received = Counter(re.findall(r"^(user\d+) (letter \d+)$", log.read_text(), re.MULTILINE))
        assert received == Counter((f"user{number}", f"letter {number}") for number in range(1, USERS + 1))
