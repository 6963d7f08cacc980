"""The Via branch of what is forwarded without a transaction."""

from __future__ import annotations

from hashlib import md5

from .errors import BadHeader
from .message import Request

MAGIC_COOKIE = b"z9hG4bK"
"""Begins every branch that is unique as RFC 3261 8.1.1.7 wants it."""


def stateless_branch(request: Request, uri: bytes) -> bytes:
    """A branch that is the same for every retransmission of this request to `uri` (RFC 3261 16.11).

    An INVITE, its CANCEL and the ACK for its failure have one branch.
    """
    via = request.via
    key: tuple[bytes, ...]
    if via.branch is not None and via.branch.startswith(MAGIC_COOKIE):
        key = (via.branch, via.host, b"%d" % via.port)
    else:
        # The CSeq's number but not its method, and no To-tag, which an ACK has and its INVITE has not.
        key = (
            request.data[via.start : via.end],
            request.header(b"from") or b"",
            request.header(b"call-id") or b"",
            _cseq_number(request),
            request.uri,
        )
    return MAGIC_COOKIE + md5(b"\0".join((*key, uri)), usedforsecurity=False).hexdigest().encode()


def _cseq_number(request: Request) -> bytes:
    try:
        cseq = request.cseq
    except BadHeader:
        return request.header(b"cseq") or b""
    return b"" if cseq is None else b"%d" % cseq.number
