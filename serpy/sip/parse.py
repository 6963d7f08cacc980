"""Bytes to messages: the first line and the topmost Via now, all else when somebody asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from .errors import BadHeader, BadMessage
from .lines import first_line, head_bounds
from .message import Request, Response
from .via import Via, read_via

if TYPE_CHECKING:
    from ..apis import Listener

_TOKEN = rb"[A-Za-z0-9.!%*_+`'~-]++"
# RFC 3261 7.1: single blanks. The version in any case and `2.00`, as SER takes them.
_VERSION = rb"[Ss][Ii][Pp]/2\.0++"
_REQUEST_LINE = re.compile(rb"(%b) ([^\x00-\x20\x7f]++) %b\r?\n" % (_TOKEN, _VERSION))
_STATUS_LINE = re.compile(rb"%b ([1-9][0-9]{2})(?: ([^\r\n]*+))?\r?\n" % _VERSION)
_ROUGH_REQUEST_LINE = re.compile(rb"(%b)[ \t]++([^ \t\r\n]*+)([^\n]*+)\n" % _TOKEN)
_ROUGH_VERSION = re.compile(rb"SIP/[0-9.]+\s*\Z", re.IGNORECASE)
_VIA = re.compile(rb"\n(?:via|v)[ \t]*+:", re.IGNORECASE)


def parse_message(data: bytes, source: tuple[str, int], listener: Listener) -> Request | Response:
    """The message that these bytes hold. Line ends before it are allowed and stay in its data.

    Raises:
        BadMessage: the first line or the topmost Via cannot be read, or no empty line ends the headers.
    """
    start = 0
    line = _REQUEST_LINE.match(data)
    if line is None and data[:1] in (b"\r", b"\n"):
        start = first_line(data)
        line = _REQUEST_LINE.match(data, start)
    head_end, body_at = head_bounds(data, start)
    if head_end < 0:
        _refuse("No empty line after the headers", data, start, source, listener)
    if line is not None:
        method, uri = line.groups()
        try:
            via = _top_via(data, line.end(), head_end)
        except BadHeader as wrong:
            raise BadMessage(wrong.reason, method=method) from wrong
        return Request(method, uri, start + len(method) + 1, data, start, head_end, body_at, via, source, listener)
    line = _STATUS_LINE.match(data, start)
    if line is None:
        _refuse("Bad first line", data, start, source, listener)
    try:
        via = _top_via(data, line.end(), head_end)
    except BadHeader as wrong:
        raise BadMessage(wrong.reason) from wrong
    return Response(int(line[1]), line[2] or b"", data, start, head_end, body_at, via, source, listener)


def _top_via(data: bytes, headers_at: int, head_end: int) -> Via:
    if data.startswith(b"Via:", headers_at):
        field_start, at = headers_at, headers_at + 4
    else:
        # from the first line's end on, whatever its spelling: here the order of headers matters
        found = _VIA.search(data, headers_at - 1, head_end)
        if found is None:
            raise BadHeader(b"via", "No Via")
        field_start, at = found.start() + 1, found.end()
    try:
        return read_via(data, field_start, at)
    except BadHeader as wrong:
        raise BadHeader(b"via", "Bad Via") from wrong


def _refuse(reason: str, data: bytes, start: int, source: tuple[str, int], listener: Listener) -> NoReturn:
    """Raise BadMessage with what can be read of a request whose first line or end is broken."""
    line = _ROUGH_REQUEST_LINE.match(data, start)
    if line is None:
        raise BadMessage(reason)
    method, uri, rest = line.groups()
    code = 400
    if _REQUEST_LINE.match(data, start) is None and _ROUGH_VERSION.search(rest) and b"2.0" not in rest:
        code, reason = 505, "Version Not Supported"  # RFC 3261 21.5.6; SER is silent
    head_end, body_at = head_bounds(data, start)
    if head_end < 0:
        # the empty line that every other part relies on; a last line without its end is left out
        head_end = data.rindex(b"\n") + 1
        data = data[:head_end] + b"\r\n"
        body_at = len(data)
    try:
        via = _top_via(data, line.end(), head_end)
    except BadHeader:
        raise BadMessage(reason, code=code, method=method) from None
    request = Request(method, uri, line.start(2), data, start, head_end, body_at, via, source, listener)
    raise BadMessage(reason, code=code, method=method, request_via=via, request=request)
