"""Running as another user: accounts are looked up before anything is changed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from serpy.cli.privileges import PrivilegeError, become

_AS_NOBODY = (
    "import os; from serpy.cli.privileges import become; become('nobody', ''); print(os.getuid(), os.getgroups())"
)


def test_without_a_name_nothing_changes() -> None:
    before = os.geteuid(), os.getegid()
    become("", "")
    assert (os.geteuid(), os.getegid()) == before


def test_an_unknown_account_is_told() -> None:
    with pytest.raises(PrivilegeError, match=r"no-such-user.*no such account"):
        become("no-such-user", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_the_user_and_loses_its_groups() -> None:
    ended = subprocess.run([sys.executable, "-c", _AS_NOBODY], capture_output=True, text=True, timeout=30, check=True)
    user, groups = ended.stdout.strip().split(" ", 1)
    assert int(user) != 0
    assert "0" not in groups.strip("[]").split(", ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may become anybody")
def test_a_user_cannot_become_another() -> None:
    with pytest.raises(PrivilegeError, match="only root can become root"):
        become("root", "")
