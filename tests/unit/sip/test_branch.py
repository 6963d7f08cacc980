from __future__ import annotations

from collections.abc import Callable

import pytest

from serpy.sip.branch import stateless_branch
from serpy.sip.message import Request

Read = Callable[..., Request]
URI = b"sip:bob@10.0.0.2"


@pytest.mark.parametrize("branch", [b";branch=z9hG4bKa1", b"", b";branch=1"])
def test_a_retransmission_gets_the_same_branch(request_from: Read, message_bytes: bytes, branch: bytes) -> None:
    data = message_bytes.replace(b";branch=z9hG4bKa1", branch)
    made = stateless_branch(request_from(data), URI)
    assert made == stateless_branch(request_from(data), URI)
    assert made.startswith(b"z9hG4bK")
    assert len(made) == 39


@pytest.mark.parametrize("branch", [b";branch=z9hG4bKa1", b""])
def test_an_ack_and_a_cancel_get_the_branch_of_their_invite(
    request_from: Read, message_bytes: bytes, branch: bytes
) -> None:
    invite = message_bytes.replace(b"MESSAGE", b"INVITE").replace(b";branch=z9hG4bKa1", branch)
    ack = invite.replace(b"INVITE", b"ACK").replace(b"To: <sip:bob@127.0.0.1>", b"To: <sip:bob@127.0.0.1>;tag=1")
    cancel = invite.replace(b"INVITE", b"CANCEL")
    assert len({stateless_branch(request_from(data), URI) for data in (invite, ack, cancel)}) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"1@lab", b"2@lab"),
        (b"CSeq: 7", b"CSeq: 8"),
        (b"tag=a1", b"tag=a2"),
        (b"7100", b"7200"),
        (b"CSeq: 7", b"CSeq: x"),
    ],
)
def test_without_a_cookie_the_headers_tell_requests_apart(
    request_from: Read, message_bytes: bytes, old: bytes, new: bytes
) -> None:
    data = message_bytes.replace(b";branch=z9hG4bKa1", b"")
    assert stateless_branch(request_from(data), URI) != stateless_branch(request_from(data.replace(old, new)), URI)


def test_another_destination_is_another_branch(request_from: Read, message_bytes: bytes) -> None:
    request = request_from(message_bytes)
    assert stateless_branch(request, URI) != stateless_branch(request, URI + b";x")
