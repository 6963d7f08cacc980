"""The Via header: where a message came from, and the transaction it belongs to (RFC 3261 20.42, RFC 3581)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .errors import BadHeader
from .params import quoted_end

_HOST = rb"([A-Za-z0-9._-]++|\[[0-9A-Fa-f:.]++\])"
# The usual spelling: one value on its own line, single blanks, branch first, no quotes and no comment. What it does
# not match is read again by `read_via_value`, which alone decides what is wrong.
_USUAL = re.compile(
    rb"SIP/2\.0/([A-Z]+) " + _HOST + rb"(?::([0-9]{1,5}))?()"
    rb"(?:;branch=([!#-'*+\--:<>-~]*+))?((?:;[!#-'*+\--~]*+)?)\r?\n(?![ \t])"
)

_S = rb"[ \t\r\n]*+"
_SENT_BY = re.compile(
    _S + rb"SIP" + _S + rb"/" + _S + rb"2\.0" + _S + rb"/" + _S + rb"([A-Za-z0-9._+-]++)[ \t\r\n]++" + _HOST,
    re.IGNORECASE,
)
_PORT = re.compile(_S + rb":" + _S + rb"([0-9]{1,10})(?![0-9A-Za-z._-])")
_BLANK = re.compile(_S)
# The groups are not possessive: Python before 3.11.5 goes on behind a comment that turned out not to be closed
# (gh-106052). Every repetition begins with another character than what may follow, so this too is linear.
_FLAT_COMMENTS = re.compile(_S + rb"(?:\([^()\\]*+(?:\\.[^()\\]*+)*\)[ \t\r\n]*+)*", re.DOTALL)
_NAME = re.compile(_S + rb"([^ \t\r\n=;,\"()\x00]*+)" + _S)
_VALUE = re.compile(rb"[^ \t\r\n;,\"()\x00]*+")


class Via:
    """One value of a Via header. Offsets are those of `data`, the message's bytes."""

    __slots__ = (
        "branch",
        "data",
        "end",
        "field_start",
        "host",
        "host_end",
        "port",
        "received",
        "rport",
        "start",
        "transport",
    )

    def __init__(
        self,
        data: bytes,
        field_start: int,
        start: int,
        transport: bytes,
        host: bytes,
        port: int,
        host_end: int,
        branch: bytes | None,
    ) -> None:
        self.data = data
        self.field_start = field_start
        """Where the header begins that holds this value."""
        self.start = start
        self.end = host_end
        """The offset behind the last parameter."""
        self.transport = transport
        """In upper case."""
        self.host = host
        """Of sent-by; IPv6 without its brackets."""
        self.port = port
        """0 when there is none."""
        self.host_end = host_end
        """The offset behind host[:port]."""
        self.branch = branch
        self.received: bytes | None = None
        self.rport: bytes | None = None
        """b"" when it is there without a value: the client asks for it."""

    @property
    def params(self) -> bytes:
        """The text behind the first `;`."""
        return self.data[self.host_end : self.end].partition(b";")[2]

    @property
    def field_end(self) -> int:
        """The offset behind the header that holds this value, with its line end and continuation lines."""
        return end_of_field(self.data, self.end)

    def param_span(self, name: bytes) -> tuple[int, int] | None:
        """From where to where the parameter of this (lower-case) name stands, with its `;`."""
        text = self.data[self.host_end : self.end]
        if b'"' not in text and b"(" not in text:
            at = text.find(b";" + name)
            end = text.find(b";", at + 1) if at >= 0 else 0
            piece = text[at + 1 : end] if end >= 0 else text[at + 1 :]
            if at >= 0 and (piece == name or piece.startswith(name + b"=")):
                return self.host_end + at, self.host_end + at + 1 + len(piece.rstrip())
        for known, _, start, end in _params(self.data, self.host_end, self.field_end):
            if known == name:
                return start, end
        return None

    def __repr__(self) -> str:
        return f"<Via {self.transport!r} {self.host!r}:{self.port} branch={self.branch!r}>"


def read_via(data: bytes, field_start: int, at: int) -> Via:
    """The first Via value of the header that begins at `field_start` and whose colon is just before `at`.

    `data` must go on behind the header's line end, as it does in a message.

    Raises:
        BadHeader
    """
    found = _USUAL.match(data, at + 1)
    if found is None or data[at] != 0x20:
        return read_via_value(data, field_start, at, end_of_field(data, at))
    transport, host, digits, _, branch, params = found.groups()
    port = int(digits) if digits else 0
    if port > 65535:
        raise BadHeader(b"via", "the port is above 65535")
    if host[0] == 0x5B:  # [
        host = host[1:-1]
    via = Via(data, field_start, at + 1, transport, host, port, found.start(4), branch)
    via.end = found.end(6)
    if params:
        for piece in params[1:].split(b";"):
            name, _, value = piece.partition(b"=")
            _note(via, name.lower(), value)
    return via


def _note(via: Via, name: bytes, value: bytes) -> None:
    # the first parameter of a name counts
    if name == b"branch":
        if via.branch is None:
            via.branch = value
    elif name == b"rport":
        if via.rport is None:
            via.rport = value
    elif name == b"received" and via.received is None:
        via.received = value


def end_of_field(data: bytes, at: int) -> int:
    """The offset behind the header that `at` lies in, with its line end and continuation lines.

    `data` must go on behind it.
    """
    end = data.index(b"\n", at) + 1
    while data[end] in b" \t":
        end = data.index(b"\n", end) + 1
    return end


def read_via_value(data: bytes, field_start: int, at: int, field_end: int) -> Via:
    """The Via value that begins at or behind `at`, in whatever spelling: blanks, folding, quotes, comments.

    Raises:
        BadHeader
    """
    found = _SENT_BY.match(data, at, field_end)
    if found is None:
        raise BadHeader(b"via", "it does not begin like SIP/2.0/UDP host")
    start = _blank_end(data, at, field_end)
    host, host_end, port = found[2], found.end(), 0
    digits = _PORT.match(data, host_end, field_end)
    if digits:
        port, host_end = int(digits[1]), digits.end()
        if port > 65535:
            raise BadHeader(b"via", "the port is above 65535")
    host = host[1:-1] if host[0] == 0x5B else host
    via = Via(data, field_start, start, found[1].upper(), host, port, host_end, None)
    for name, value, _, end in _params(data, host_end, field_end):
        _note(via, name, value)
        via.end = end
    at = _comment_end(data, via.end, field_end)
    if at < field_end and data[at] != 0x2C:  # ,
        raise BadHeader(b"via", "something follows that is no parameter")
    return via


def _params(data: bytes, at: int, field_end: int) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Name in lower case, value, start (of the `;`) and end of each parameter from `at` on."""
    at = _comment_end(data, at, field_end)
    while at < field_end and data[at] == 0x3B:  # ;
        start = at
        named = _NAME.match(data, at + 1, field_end)
        assert named is not None  # it matches the empty text too
        # blanks behind an empty name or value are not its own: they may be the line end
        at, value, end = named.end(), b"", named.end(1) if named[1] else start + 1
        if at < field_end and data[at] == 0x3D:  # =
            end = at + 1
            at = _blank_end(data, end, field_end)
            value = data[at : _value_end(data, at, field_end)]
            end = at + len(value) if value else end
        yield named[1].lower(), value, start, end
        at = _comment_end(data, end, field_end)


def _blank_end(data: bytes, at: int, end: int) -> int:
    found = _BLANK.match(data, at, end)
    return found.end() if found else at


def _value_end(data: bytes, at: int, field_end: int) -> int:
    if data[at] != 0x22:  # "
        plain = _VALUE.match(data, at, field_end)
        return plain.end() if plain else at
    end = quoted_end(data, at, field_end)
    if end < 0:
        raise BadHeader(b"via", "a quoted value is not closed")
    return end


def _comment_end(data: bytes, at: int, field_end: int) -> int:
    """The offset behind blanks and comments in parentheses (RFC 3261 25.1; they may nest)."""
    flat = _FLAT_COMMENTS.match(data, at, field_end)
    at = flat.end() if flat else at
    depth = 0
    while at < field_end and (depth or data[at] == 0x28):  # (
        character = data[at]
        at += 2 if character == 0x5C else 1  # a backslash hides the next character
        if character == 0x28:
            depth += 1
        elif character == 0x29:
            depth -= 1
            if depth == 0:
                at = _blank_end(data, at, field_end)
    if depth:
        raise BadHeader(b"via", "a comment is not closed")
    return at


def next_value(via: Via) -> int | None:
    """Where the value behind this one begins in the same header; None when this is the header's last."""
    data = via.data
    field_end = via.field_end
    if via.end + 2 >= field_end and data[via.end] in b"\r\n":
        return None
    at = _comment_end(data, via.end, field_end)
    return _blank_end(data, at + 1, field_end) if at < field_end else None


def split_vias(data: bytes, field_start: int, at: int, field_end: int) -> list[Via]:
    """All values of one Via header.

    Raises:
        BadHeader
    """
    following: int | None = at
    vias: list[Via] = []
    while following is not None:
        vias.append(read_via_value(data, field_start, following, field_end))
        following = next_value(vias[-1])
    return vias
