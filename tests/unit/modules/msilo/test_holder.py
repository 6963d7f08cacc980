"""Who holds a claim, and whether it is still alive (D8)."""

import os
import subprocess
import sys

import pytest

from serpy.modules.msilo.holder import holder_name, is_dead, machine


def test_two_servers_in_one_process_have_different_names() -> None:
    assert holder_name(b"id1") != holder_name(b"id2")


def test_a_process_that_has_ended_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert is_dead(f"{machine()}:{ended.pid}:x", holder_name(b"id1"))


@pytest.mark.parametrize(
    "holder",
    [
        f"{machine()}:{os.getpid()}:other",
        "anothermachine:1:x",
        "retry",
        "",
        f"{machine()}:nonsense:x",
        f"{machine()}:{2**70}:x",
    ],
    # the names differ per process, and the workers of pytest-xdist must agree on the tests
    ids=["this process", "another machine", "waiting for a tick", "nobody", "no number", "no process number"],
)
def test_when_in_doubt_a_holder_lives(holder: str) -> None:
    assert not is_dead(holder, holder_name(b"id1"))


def test_a_name_fits_its_column() -> None:
    assert len(holder_name(b"x" * 100)) <= 64
