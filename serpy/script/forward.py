"""Stateless sending from a script: `forward` and `send` (SER dialect 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..apis import Unresolvable
from ..sip.branch import stateless_branch
from ..sip.message import Request
from ..sip.uri import Uri, parse_uri
from ..sip.write import forward_request
from .call import Failure
from .kinds import URI_HOST, URI_PORT
from .onsend import PROHIBITED, Outgoing, has_onsend_route, may_send

if TYPE_CHECKING:
    from ..apis import Host, Listener
    from ..effects import Target
    from .call import Call

CUT_SHORT = Failure(400, "Wrong Content-Length", 400)
"""Why a request is not sent on whose Content-Length says more octets than came, or is no number (D60)."""


def sent_by(call: Call, listener: Listener) -> bytes:
    """host[:port] for a Via that this message gets when it leaves by this listener, as the script advertises it."""
    address: str | None = call.values.get("core.advertised_address")
    port: int | None = call.values.get("core.advertised_port")
    if address is None and port is None:
        return listener.sent_by
    shown = listener.host if address is None else address
    if ":" in shown:
        shown = f"[{shown}]"
    return f"{shown}:{port or listener.port}".encode() if port or listener.port != 5060 else shown.encode()


async def forward(call: Call, destination: str, port: int | str, transport: bytes | None) -> bool:
    """Send the request on, with a Via of ours, to the first address that takes it.

    Only the Request-URI counts; branches are ignored. Without `transport` a fixed destination is reached over the
    transport by which the request came in, `uri:host` over that of the URI.
    """
    host = call.host
    if not isinstance(call.message, Request):
        host.log.error("forward: this is a reply, and only requests can be forwarded", call)
        return False
    if not call.request.is_whole:
        call.failure = CUT_SHORT
        host.log.notice("forward: not sent on, since its Content-Length is no number or says more than came", call)
        return False
    try:
        hop = _next_hop(call, destination, port, transport)
    except ValueError as error:
        call.fail(479, "Regretfully, we were not able to process the URI", 479)
        host.log.warning(f"forward: {error}", call)
        return False
    try:
        targets = await _targets(host, hop, call.send_socket or call.message.listener)
    except Unresolvable as error:
        call.fail(478, "Unresolvable destination", 478)
        host.log.warning(f"forward: {error}", call)
        return False
    request = call.request
    asks = has_onsend_route(host) and not isinstance(call, Outgoing)
    for target in targets:
        proto = target.listener.proto
        via = b"SIP/2.0/%s %s;branch=%s" % (
            proto.upper().encode(),
            sent_by(call, target.listener),
            stateless_branch(request, call.uri),
        )
        data = forward_request(
            request,
            uri=call.uri,
            via=via,
            edits=call.edits,
            force_rport=call.force_rport,
            listener_proto=proto,
        )
        if asks and not await may_send(call, data, target):
            call.failure = PROHIBITED
            return False
        if _sent(call, data, target):
            return True
    call.fail(477, "Unfortunately error on sending to next hop occurred", 477)
    return False


async def send_received(call: Call, destination: str, port: int, transport: bytes) -> bool:
    """Send the received bytes unchanged, without a Via of ours: a mirror of the traffic.

    In an onsend_route it is what is about to be sent that goes there too (SER dialect 4).
    """
    data = call.data if isinstance(call, Outgoing) else call.message.data
    try:
        hop = _next_hop(call, destination, port, transport)
        targets = await _targets(call.host, hop, call.send_socket or call.message.listener)
    except (ValueError, Unresolvable) as error:
        call.host.log.warning(f"send: {error}", call)
        return False
    return any(_sent(call, data, target) for target in targets)


def _next_hop(call: Call, destination: str, port: int | str, transport: bytes | None) -> Uri:
    if destination != URI_HOST:
        chosen = transport or call.message.listener.proto.encode()
        fixed = parse_uri(call.dst_uri or call.uri).host_port if port == URI_PORT else int(port)
        return _uri_of(destination.encode(), fixed, chosen)
    uri = parse_uri(call.dst_uri or call.uri)
    if transport is None and port in (0, URI_PORT):
        return uri
    chosen = transport or uri.transport or (b"tls" if uri.scheme == b"sips" else b"udp")
    return _uri_of(uri.host, uri.host_port if port == URI_PORT else int(port), chosen)


def _uri_of(host: bytes, port: int, transport: bytes) -> Uri:
    shown = b"[%s]" % host if b":" in host else host
    return parse_uri(b"sip:%s%s;transport=%s" % (shown, b":%d" % port if port else b"", transport))


async def _targets(host: Host, uri: Uri, via: Listener) -> Sequence[Target]:
    literal = host.literal_target(uri, via)
    return (literal,) if literal is not None else await host.targets(uri, via)


def _sent(call: Call, data: bytes, target: Target) -> bool:
    try:
        call.host.send(data, target)
    except OSError as error:
        call.host.log.warning(f"sending to {target.host}:{target.port} failed: {error.strerror or error}", call)
        return False
    return True
