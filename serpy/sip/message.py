"""Requests and responses over the received bytes: each header is read when somebody asks for it, and then kept."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from .cseq import CSeq, parse_cseq
from .errors import BadHeader
from .head import Field as Field
from .head import Head
from .nameaddr import NameAddr, parse_nameaddr
from .via import Via, next_value, read_via_value, split_vias

if TYPE_CHECKING:
    from ..apis import Listener


class _Unread(Enum):
    UNREAD = 0


_UNREAD: Final = _Unread.UNREAD


class Message(Head):
    """A request or a response.

    The properties answer None for a header that is absent and raise BadHeader for one that cannot be read.
    """

    __slots__ = ("_call_id", "_cseq", "_from", "_to", "_vias", "listener", "source", "via")

    def __init__(
        self,
        data: bytes,
        start: int,
        head_end: int,
        body_at: int,
        via: Via,
        source: tuple[str, int],
        listener: Listener,
    ) -> None:
        self.data = data
        self.start = start
        self.head_end = head_end
        self.body_at = body_at
        self.via = via
        """The topmost Via."""
        self.source = source
        """The address that it came from: IP address as text, port."""
        self.listener = listener
        """The listener that it came in on."""
        self._call_id: bytes | _Unread | None = _UNREAD
        self._cseq: CSeq | _Unread | None = _UNREAD
        self._from: NameAddr | _Unread | None = _UNREAD
        self._to: NameAddr | _Unread | None = _UNREAD
        self._vias: list[Via] | None = None

    @property
    def call_id(self) -> bytes | None:
        value = self._call_id
        if value is _UNREAD:
            value = self._call_id = self.header(b"call-id")
        return value

    @property
    def cseq(self) -> CSeq | None:
        cseq = self._cseq
        if cseq is _UNREAD:
            value = self.header(b"cseq")
            cseq = self._cseq = None if value is None else parse_cseq(value)
        return cseq

    @property
    def from_(self) -> NameAddr | None:
        address = self._from
        if address is _UNREAD:
            value = self.header(b"from")
            address = self._from = None if value is None else parse_nameaddr(value, b"from")
        return address

    @property
    def to(self) -> NameAddr | None:
        address = self._to
        if address is _UNREAD:
            value = self.header(b"to")
            address = self._to = None if value is None else parse_nameaddr(value, b"to")
        return address

    @property
    def max_forwards(self) -> bytes | None:
        """The Max-Forwards value as written."""
        return self.header(b"max-forwards")

    @property
    def content_type(self) -> bytes | None:
        """The Content-Type value as written, with its parameters."""
        return self.header(b"content-type")

    @property
    def expires(self) -> bytes | None:
        """The Expires header's value as written."""
        return self.header(b"expires")

    @property
    def content_length(self) -> int | None:
        value = self.header(b"content-length")
        if value is None:
            return None
        # as many digits as fit 64 bits: a longer text is no length, and costs a long time as a number
        if not value.isdigit() or len(value) > 18:
            raise BadHeader(b"content-length", f"{value[:40].decode('latin-1')!r} is not a number of bytes")
        return int(value)

    @property
    def is_whole(self) -> bool:
        """Whether all the octets came that Content-Length says (RFC 3261 18.3); not when it is no number."""
        data = self.data
        at = data.find(b"\nContent-Length: ", self.start, self.head_end)
        if at >= 0 and data.startswith(b"%d\r\n" % (len(data) - self.body_at), at + 17):
            return True  # nearly all, and every request that is relayed is asked
        value = self.header(b"content-length")
        if value is None:
            return True
        return value.isdigit() and len(value) <= 18 and int(value) <= len(self.data) - self.body_at

    @property
    def vias(self) -> list[Via]:
        """All Via values, topmost first."""
        if self._vias is None:
            self._vias = [
                via
                for field in self.fields(b"via")
                for via in split_vias(self.data, field.start, field.value_start, field.end)
            ]
        return self._vias

    @property
    def second_via(self) -> Via | None:
        """The Via value behind the topmost one; None when there is none. The others are not read."""
        via = self.via
        at, field_end = next_value(via), via.field_end
        if at is not None:
            return read_via_value(self.data, via.field_start, at, field_end)
        field = self.next_field(b"via", field_end)
        return None if field is None else read_via_value(self.data, field.start, field.value_start, field.end)

    @property
    def body(self) -> bytes:
        """The body: what Content-Length says, or all that follows the headers where it is missing (decision D15).

        Raises:
            BadHeader: Content-Length is no number, or says more than there is (decision D16).
        """
        length = self.content_length
        there = len(self.data) - self.body_at
        if length is None or length == there:
            return self.data[self.body_at :]
        if length > there:
            raise BadHeader(b"content-length", f"it says {length} bytes, but {there} came")
        return self.data[self.body_at : self.body_at + length]


class Request(Message):
    """A request."""

    __slots__ = ("method", "uri", "uri_start")

    def __init__(
        self,
        method: bytes,
        uri: bytes,
        uri_start: int,
        data: bytes,
        start: int,
        head_end: int,
        body_at: int,
        via: Via,
        source: tuple[str, int],
        listener: Listener,
    ) -> None:
        Message.__init__(self, data, start, head_end, body_at, via, source, listener)
        self.method = method
        """As written: methods are case-sensitive (RFC 3261 7.1)."""
        self.uri = uri
        """The Request-URI as received; not checked."""
        self.uri_start = uri_start

    def __repr__(self) -> str:
        return f"<Request {self.method!r} {self.uri!r} from {self.source[0]}:{self.source[1]}>"


class Response(Message):
    """A response."""

    __slots__ = ("code", "reason")

    def __init__(
        self,
        code: int,
        reason: bytes,
        data: bytes,
        start: int,
        head_end: int,
        body_at: int,
        via: Via,
        source: tuple[str, int],
        listener: Listener,
    ) -> None:
        Message.__init__(self, data, start, head_end, body_at, via, source, listener)
        self.code = code
        self.reason = reason

    def __repr__(self) -> str:
        return f"<Response {self.code} {self.reason!r} from {self.source[0]}:{self.source[1]}>"
