"""The phones of a live test: alice, who answers everything with 200, and bob, who answers nothing by himself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.fixtures import Serve
from tests.live.peer import Peer
from tests.live.server import Server
from tests.wire import Wire


def accept(request: Wire) -> tuple[int, str]:
    """A phone's rule: 200 to everything."""
    return 200, "OK"


@pytest.fixture
def server(serve: Serve) -> Iterator[Server]:
    """The example with short timers: a silent phone costs one second."""
    with serve(fr_timer=1, fr_inv_timer=2) as running:
        yield running


@pytest.fixture
def alice(server: Server) -> Iterator[Peer]:
    with Peer("alice", server.address) as phone:
        phone.rule = accept
        yield phone


@pytest.fixture
def bob(server: Server) -> Iterator[Peer]:
    with Peer("bob", server.address) as phone:
        yield phone
