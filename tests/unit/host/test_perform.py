"""Sending: what counts as out of reach, and what as lost."""

from __future__ import annotations

import errno

import pytest

from serpy.testing.lab import Lab
from tests.unit.modules.tm.scene import ALICE, BOB, TO_BOB, Scene, request

FORWARD = "listen=10.0.0.9\ndebug=4\nroute{ if (!forward(10.0.0.2, 5060)) forward(10.0.0.3, 5060); }"


@pytest.mark.parametrize("reason", [errno.EAGAIN, errno.ENOBUFS])
def test_a_full_buffer_loses_a_datagram_and_fails_nothing(reason: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lab(FORWARD) as lab:

        def full(*arguments: object) -> None:
            raise OSError(reason, "full")

        monkeypatch.setattr(lab.network, "carry", full)
        lab.send(request("MESSAGE"), ALICE)
        assert lab.stats["send.no_room"] == 1
        assert lab.stats["send.failed"] == 0
        assert [line for line in lab.log_lines if "WARNING" in line or "ERROR" in line] == []
        assert any("10.0.0.2:5060 is lost" in line for line in lab.log_lines)


def test_the_retransmission_makes_up_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with Scene(TO_BOB + ' t_on_failure("1"); t_relay();', blocks="failure_route[1]{ ; }") as scene:
        carry = scene.lab.network.carry

        def full(*arguments: object) -> None:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

        monkeypatch.setattr(scene.lab.network, "carry", full)
        scene.alice(request("MESSAGE"))
        monkeypatch.setattr(scene.lab.network, "carry", carry)
        assert scene.at(ALICE) == []
        scene.wait(0.6)
        [late] = scene.at(BOB)
        scene.phone(BOB, late, "200 OK")
        assert scene.seen(ALICE) == ["200 OK"]


def test_what_cannot_be_reached_is_still_a_failure() -> None:
    with Lab(FORWARD) as lab:
        lab.unreachable.add("10.0.0.2")
        lab.send(request("MESSAGE"), ALICE)
        assert [sent.to[0] for sent in lab.take()] == ["10.0.0.3"]
        assert lab.stats["send.no_room"] == 0
