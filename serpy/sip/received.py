"""Where a request really came from, noted in its topmost Via (RFC 3261 18.2.1, RFC 3581 section 4)."""

from __future__ import annotations

from ipaddress import ip_address

from .message import Request
from .via import Via


def needs_received(via: Via, source_host: str) -> bool:
    """Whether `received` must be noted: the Via has one (which may lie), or names another host than the source.

    As SER does, and unlike RFC 3581 section 4, `rport` alone is no reason.
    """
    if via.received is not None:
        return True
    if via.host == source_host.encode():
        return False
    return not (b":" in via.host and _same_address(via.host, source_host))


def _same_address(host: bytes, source_host: str) -> bool:
    # an IPv6 address has many spellings (RFC 5118 4.5)
    try:
        return ip_address(host.decode()) == ip_address(source_host)
    except ValueError:
        return False


def source_changes(request: Request, *, force_rport: bool, at_end: bool) -> list[tuple[int, int, bytes]]:
    """What to replace in the request's bytes so that its top Via tells the source: (start, end, text) in order.

    `rport` is filled in place. What has to be added stands right behind host[:port] (SER's form in forwarded
    requests), or at the end of the Via value (its form in replies).
    """
    via = request.via
    host, port = request.source
    wants_rport = force_rport or via.rport is not None
    wants_received = needs_received(via, host)
    if not wants_rport and not wants_received:
        return []
    added: list[bytes] = []
    changes: list[tuple[int, int, bytes]] = []
    if wants_rport:
        _set_param(via, b"rport", via.rport, b"%d" % port, changes, added)
    if wants_received:
        _set_param(via, b"received", via.received, host.encode(), changes, added)
    if added:
        # SER dialect 5.4 and 5.5: rport before received in a reply, behind it in a forwarded request
        at, text = (via.end, b"".join(added)) if at_end else (via.host_end, b"".join(reversed(added)))
        changes.append((at, at, text))
    changes.sort(key=lambda change: change[:2])
    return changes


def _set_param(
    via: Via,
    name: bytes,
    present: bytes | None,
    value: bytes,
    changes: list[tuple[int, int, bytes]],
    added: list[bytes],
) -> None:
    text = b";%b=%b" % (name, value)
    span = None if present is None else via.param_span(name)
    if span is None:
        added.append(text)
    else:
        changes.append((*span, text))
