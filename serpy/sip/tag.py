"""To-tags of the server's own replies."""

from __future__ import annotations

from binascii import crc_hqx
from hashlib import md5

from .via import Via


class ReplyTags:
    """Tags that are the same for a request and its retransmissions, without any memory of it (RFC 3261 8.2.7).

    The first part is constant for a server; the second follows from the topmost Via (SER dialect 5.5). `signature`
    is what tells this server from others, such as its first address and port.
    """

    __slots__ = ("_stateful", "_stateless")

    def __init__(self, signature: bytes) -> None:
        self._stateless = md5(b"serpy stateless " + signature, usedforsecurity=False).hexdigest().encode()
        self._stateful = md5(b"serpy stateful " + signature, usedforsecurity=False).hexdigest().encode()

    def stateless(self, via: Via) -> bytes:
        """For a reply without a transaction."""
        return b"%b.%04x" % (self._stateless, _mark(via))

    def stateful(self, via: Via) -> bytes:
        """For a reply of a transaction."""
        return b"%b-%04x" % (self._stateful, _mark(via))


def _mark(via: Via) -> int:
    return crc_hqx(b"%b %d %b" % (via.host, via.port, via.branch or b""), 0xFFFF)
