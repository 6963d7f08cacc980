"""Messages that go on: the received bytes with the changes spliced in (SER dialect 5.4, 5.5)."""

from __future__ import annotations

from .edit import Edits
from .message import Message, Request, Response
from .received import needs_received as needs_received
from .received import source_changes
from .via import next_value


def forward_request(
    request: Request, *, uri: bytes, via: bytes, edits: Edits, force_rport: bool, listener_proto: str
) -> bytes:
    """The request as it is sent on to `uri`.

    `via` is the value of the new Via header, which goes before the topmost one, behind what was inserted there by
    `edits`. Everything else keeps its bytes. Where a change of the script lies on one of these, the script's stands.
    """
    first_via = request.via.field_start
    uri_start = request.uri_start
    changes = [
        (uri_start, uri_start + len(request.uri), uri),
        (first_via, first_via, b"Via: %b\r\n" % via),
        *source_changes(request, force_rport=force_rport, at_end=False),
    ]
    edits = _with_length(request, edits, add=listener_proto != "udp")
    return edits.apply(request.data, changes)


def forward_response(response: Response, edits: Edits) -> bytes:
    """The response as it is sent on to its next Via: without its topmost Via value (RFC 3261 16.7 step 3)."""
    data = response.data
    start, end = top_value(response)
    if not edits:
        return data[:start] + data[end:]
    return _with_length(response, edits, add=False).apply(data, [(start, end, b"")])


def top_value(message: Message) -> tuple[int, int]:
    """From where to where the topmost Via value stands, as it can be cut out: its whole header if it is alone there."""
    via = message.via
    following = next_value(via)
    return (via.field_start, via.field_end) if following is None else (via.start, following)


def _with_length(message: Message, edits: Edits, *, add: bool) -> Edits:
    """The edits, and a Content-Length that fits the changed body; where it is missing and `add` is set, one is added
    (RFC 3261 18.3)."""
    changed = edits.touches(message.body_at)
    if not changed and not add:
        return edits
    edits = edits.copy()
    fields = message.fields(b"content-length")
    length = len(message.data) - message.body_at + edits.growth(message.body_at)
    if fields and changed:
        edits.replace(fields[0].value_start, fields[0].value_end, b"%d" % length)
    elif not fields and add:
        edits.append_header(b"Content-Length: %d\r\n" % length)
    return edits
