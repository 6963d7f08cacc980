"""What belongs to a request: replies to it, its ACK and its CANCEL; and requests of our own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .errors import BadHeader
from .head import Head
from .lines import first_line, head_bounds
from .message import Request, Response
from .received import source_changes
from .via import read_via_value

if TYPE_CHECKING:
    from ..apis import Listener

# Each match is a header with the line end before it and without its own, so that matches can be joined. Letters in
# both cases by hand: a third faster than IGNORECASE, which knows no first letters.
_HEADER = (
    rb"\n(?:Via|From|To|Call-ID|CSeq|[Vv](?:[Ii][Aa])?+|[Ff](?:[Rr][Oo][Mm])?+|[Tt][Oo]?+"
    rb"|[Cc](?:[Aa][Ll][Ll]-[Ii][Dd]|[Ss][Ee][Qq])|[Ii]%b)[ \t]*+:.*+(?:\n[ \t].*+)*+"
)
_COPIED = re.compile(_HEADER % b"")
_COPIED_WITH_ROUTE = re.compile(_HEADER % rb"|[Rr][Ee][Cc][Oo][Rr][Dd]-[Rr][Oo][Uu][Tt][Ee]")
_MOST_CONTACTS = 512
_LONGEST_WARNING = 256


def build_reply(
    request: Request,
    code: int,
    reason: bytes,
    *,
    to_tag: bytes | None,
    headers: Iterable[bytes] = (),
    server: bytes | None,
    warning: bytes | None,
    body: bytes = b"",
    force_rport: bool = False,
) -> bytes:
    """A reply to the request, in SER's layout (SER dialect 5.5).

    Copied headers keep their spelling and order. `to_tag` is added where the request's To has none and `code` is
    180 or more. `headers` are whole lines with their line ends; `server` and `warning` are header values.
    """
    data = request.data
    # RFC 3261 12.1.1: Record-Route in what can establish a dialog
    copied = _COPIED_WITH_ROUTE if 180 <= code <= 299 else _COPIED
    lines = copied.findall(data, request.start, request.head_end - 1)
    changes = source_changes(request, force_rport=force_rport, at_end=True)
    if changes:
        _note_source(request, changes, lines)
    if to_tag and code >= 180:
        _add_tag(request, to_tag, lines)
    lines.insert(0, b"SIP/2.0 %d %b\r" % (code, reason))
    lines.append(b"\n")
    lines += headers
    if server:
        lines.append(b"Server: %b\r\n" % server)
    lines.append(b"Content-Length: %d\r\n" % len(body))
    if warning:
        lines.append(b"Warning: %b\r\n" % warning)
    lines += (b"\r\n", body)
    return b"".join(lines)


def _note_source(request: Request, changes: list[tuple[int, int, bytes]], lines: list[bytes]) -> None:
    # the topmost Via is the first of the copied headers that is a Via
    offset = request.via.field_start - 1
    for number, line in enumerate(lines):
        if line[1] in b"Vv":
            for start, end, text in reversed(changes):
                line = line[: start - offset] + text + line[end - offset :]
            lines[number] = line
            return


def _add_tag(request: Request, to_tag: bytes, lines: list[bytes]) -> None:
    try:
        to = request.to
    except BadHeader:
        return  # an address that cannot be read is copied as it is
    if to is None or to.tag is not None:
        return
    for number, line in enumerate(lines):
        if line[1] in b"Tt":
            text = line.rstrip()
            lines[number] = b"%b;tag=%b%b" % (text, to_tag, line[len(text) :])
            return


def _read_head(data: bytes) -> Head:
    start = first_line(data)
    return Head(data, start, *head_bounds(data, start))


def _request_for(sent: bytes, method: bytes, to: bytes, extra: Iterable[bytes]) -> bytes:
    """The ACK or CANCEL of a request that was sent: same URI, topmost Via, From, Call-ID, CSeq number and Route."""
    head = _read_head(sent)
    uri = sent[head.start : sent.index(b"\n", head.start)].split(b" ")[1]
    # as it was written: a request whose CSeq is odd was relayed too
    number = (head.header(b"cseq") or b"0").split(None, 1)[0]
    field = head.fields(b"via")[0]
    via = read_via_value(sent, field.start, field.value_start, field.end)
    lines = [
        b"%b %b SIP/2.0" % (method, uri),
        b"Via: %b" % sent[via.start : via.end],
        b"From: %b" % (head.header(b"from") or b""),
        b"Call-ID: %b" % (head.header(b"call-id") or b""),
        b"To: %b" % to,
        b"CSeq: %b %b" % (number, method),
        *(b"Route: %b" % value for value in head.values(b"route")),
        b"Max-Forwards: 70",
        *extra,
        b"Content-Length: 0\r\n\r\n",
    ]
    return b"\r\n".join(lines)


def build_ack(sent: bytes, response: Response) -> bytes:
    """The hop-by-hop ACK for a final response of 300 or more to an INVITE, as it was sent (RFC 3261 17.1.1.3)."""
    return _request_for(sent, b"ACK", response.header(b"to") or b"", ())


def build_cancel(sent: bytes, *, user_agent: bytes | None) -> bytes:
    """The CANCEL of a request, as it was sent (RFC 3261 9.1)."""
    to = _read_head(sent).header(b"to") or b""
    return _request_for(sent, b"CANCEL", to, (b"User-Agent: %b" % user_agent,) if user_agent else ())


def build_request(
    method: bytes,
    uri: bytes,
    *,
    via: bytes,
    to: bytes,
    from_: bytes,
    call_id: bytes,
    cseq: int,
    headers: Iterable[bytes] = (),
    body: bytes = b"",
    user_agent: bytes | None = None,
) -> bytes:
    """A request of our own (SER dialect 7.10). `via`, `to` and `from_` are header values; `headers` are lines
    without line ends."""
    lines = [
        b"%b %b SIP/2.0" % (method, uri),
        b"Via: %b" % via,
        b"To: %b" % to,
        b"From: %b" % from_,
        b"CSeq: %d %b" % (cseq, method),
        b"Call-ID: %b" % call_id,
        b"Max-Forwards: 70",  # RFC 3261 8.1.1.6
        b"Content-Length: %d" % len(body),
    ]
    if user_agent:
        lines.append(b"User-Agent: %b" % user_agent)
    lines += headers
    lines += (b"", body)
    return b"\r\n".join(lines)


def redirect_contacts(uris: Iterable[tuple[bytes, int | None]]) -> bytes:
    """The Contact line of a 3xx reply for these URIs with their q in thousandths.

    b"" when there are none or the line would be longer than 512 bytes, as in SER.
    """
    contacts = [b"<%b>" % uri if q is None else b"<%b>;q=%b" % (uri, format_q(q)) for uri, q in uris]
    line = b"Contact: %b\r\n" % b", ".join(contacts)
    return line if contacts and len(line) <= _MOST_CONTACTS else b""


def format_q(q: int) -> bytes:
    """A q value of so many thousandths, as short as it can be written: `1`, `0.5`, `0.123`."""
    whole, part = divmod(q, 1000)
    return b"%d.%b" % (whole, (b"%03d" % part).rstrip(b"0")) if part else b"%d" % whole


def noisy_warning(request: Request, listener: Listener, out_uri: bytes) -> bytes:
    """The value of SER's `Warning: 392`, which tells how the request was seen; b"" when it gets too long."""
    host, port = request.source
    # inside a quoted string (RFC 3261 25.1)
    in_uri, out_uri = (uri.replace(b"\\", b"\\\\").replace(b'"', b'\\"') for uri in (request.uri, out_uri))
    address = b"[%b]" % listener.host.encode() if ":" in listener.host else listener.host.encode()
    try:
        count = len(request.vias)
    except BadHeader:
        count = 1
    text = (
        b'392 %b:%d "Noisy feedback tells:  pid=%d req_src_ip=%b req_src_port=%d in_uri=%b out_uri=%b via_cnt==%d"'
        % (address, listener.port, os.getpid(), host.encode(), port, in_uri, out_uri, count)
    )
    return text if len(text) <= _LONGEST_WARNING else b""
