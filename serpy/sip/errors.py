"""What can be wrong with what a peer sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .message import Request
    from .via import Via


class BadMessage(ValueError):
    """Bytes that are no SIP message.

    What could still be read comes with it, so that the receiver can decide on a 400 (decision D31).
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int = 400,
        method: bytes | None = None,
        request_via: Via | None = None,
        request: Request | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        """Fit for a reason phrase: `Bad Via`."""
        self.code = code
        """The status code that it would be answered with: 400, or 505 for another version of SIP."""
        self.method = method
        """The method, when the first line is one of a request."""
        self.request_via = request_via
        """The top Via of a request; None: no reply can be addressed."""
        self.request = request
        """The readable part as a request to build a reply from; there whenever `request_via` is."""


class BadHeader(ValueError):
    """A header of a message that is otherwise fine cannot be read."""

    def __init__(self, header: bytes, reason: str) -> None:
        super().__init__(f"{header.decode('latin-1')}: {reason}")
        self.header = header
        """The canonical name in lower case: `call-id`."""
        self.reason = reason


class BadUri(ValueError):
    """A URI that is none, or of a scheme that serpy does not speak."""

    def __init__(self, uri: bytes, reason: str) -> None:
        super().__init__(f"{uri[:100].decode('latin-1')!r}: {reason}")
        self.uri = uri
        self.reason = reason
