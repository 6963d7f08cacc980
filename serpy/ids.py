"""Branches, tags and Call-IDs: random in service, counted in tests."""

from __future__ import annotations

import secrets
from typing import Protocol


class Ids(Protocol):
    """A source of identifiers. Each answer is ASCII, without characters that SIP would have to quote."""

    process: str
    """What names this process among all that share a database; empty: the machine's name and the process number."""

    def token(self) -> bytes:
        """A value that was never given before, for a branch or a tag (RFC 3261 19.3: at least 32 random bits)."""
        ...

    def call_id(self) -> bytes:
        """The part of a Call-ID before `@`."""
        ...


class RandomIds:
    """Identifiers for service."""

    def __init__(self) -> None:
        self.process = ""
        self._prefix = secrets.token_hex(6)
        self._count = secrets.randbits(24)

    def token(self) -> bytes:
        # a counter behind a random prefix: unique for sure, unguessable enough, and no system call for each message
        self._count += 1
        return b"%s%x" % (self._prefix.encode(), self._count)

    def call_id(self) -> bytes:
        return secrets.token_hex(12).encode()


class CountedIds:
    """Identifiers for tests: 1, 2, 3, ..."""

    def __init__(self) -> None:
        self.process = "lab:1"
        self._count = 0

    def token(self) -> bytes:
        self._count += 1
        return b"id%d" % self._count

    def call_id(self) -> bytes:
        self._count += 1
        return b"call%d" % self._count
