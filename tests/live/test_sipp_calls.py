"""What the example does for calls and for phones that take no messages, with sipp on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.fixtures import Place, Serve
from tests.live.server import Server, free_port
from tests.live.sipp_side import SippSide, sipp_program


@pytest.fixture(scope="module")
def sipp() -> str:
    """The program; where it is missing the tests are skipped, but not in CI."""
    return sipp_program()


def play(sipp: str, folder: Path, server: Server, caller: str, callee: str) -> None:
    """Register user1 where `callee` plays, then play `caller`; both must come to their end."""
    port = free_port()
    phone = SippSide(sipp, folder, server, calls=1).start(callee, port)
    try:
        SippSide(sipp, folder, server, calls=1).run("register", free_port(), "-key", "receiver", str(port))
        SippSide(sipp, folder, server, calls=1).run(caller, free_port())
        assert phone.wait(20) == 0
    finally:
        phone.kill()


def test_a_call_from_invite_to_bye(serve: Serve, sipp: str, tmp_path: Path) -> None:
    with serve() as server:
        play(sipp, tmp_path, server, "caller", "callee")


def test_a_call_that_is_cancelled_while_it_rings(serve: Serve, sipp: str, tmp_path: Path) -> None:
    with serve() as server:
        play(sipp, tmp_path, server, "caller_cancels", "callee_rings")


@pytest.mark.parametrize("phone", ["refuse", "silent"])
def test_what_a_phone_does_not_take_is_stored(
    serve: Serve, place: Place, sipp: str, tmp_path: Path, phone: str
) -> None:
    with serve(fr_timer=1) as server:
        play(sipp, tmp_path, server, "store", phone)
        assert [row["body"].rstrip() for row in place.rows()] == [b"letter 1"]


def test_a_request_without_hops_left_gets_483(serve: Serve, sipp: str, tmp_path: Path) -> None:
    with serve() as server:
        SippSide(sipp, tmp_path, server, calls=1).run("hops", free_port())
