"""Fixtures of the live tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.fixtures import place, serve
from tests.live.mariadb import Mariadb, Missing
from tests.live.phones import alice, bob, server

__all__ = ["alice", "bob", "mariadb", "place", "serve", "server"]


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Mariadb]:
    """A private MariaDB server, shared by the tests; a test that stops it starts it again."""
    # not under pytest's folder: that one belongs to us alone, and the server may run as another user; a short path,
    # as a socket's name has at most 107 octets
    folder = Path(tempfile.mkdtemp(prefix="serpy-db-"))
    folder.chmod(0o755)
    try:
        server = Mariadb(folder / "m")
    except Missing as missing:
        shutil.rmtree(folder)
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
