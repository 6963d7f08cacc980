"""Where messages go: from a URI, a request or a Via to an address and the socket to send from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..apis import Listener, NoListener, Unresolvable
from ..effects import Target
from .addresses import ip_version
from .dns import Resolver

if TYPE_CHECKING:
    from ..script.call import Call
    from ..sip.uri import Uri
    from ..sip.via import Via

SIP_PORT, SIPS_PORT = 5060, 5061


class Targets:
    """The next hops of one server.

    Args:
        source_for: the machine's address for sending to a host, where the script says `mhomed`.
    """

    def __init__(
        self,
        listeners: Sequence[Listener],
        resolver: Resolver,
        source_for: Callable[[str], str | None] | None = None,
    ) -> None:
        self._listeners = listeners
        self._resolver = resolver
        self._source_for = source_for

    def sender(self, proto: str, host: str, via: Listener | None = None) -> Listener:
        """The listener to send from to this address: `via` if it fits, else the first that does (SER dialect 5.2).

        Raises:
            NoListener
        """
        is_ipv6 = ":" in host
        if self._source_for is not None and (source := self._source_for(host)):
            via = next((one for one in self._listeners if one.proto == proto and one.host == source), via)
        if via is not None and via.proto == proto and (":" in via.host) is is_ipv6:
            return via
        for listener in self._listeners:
            if listener.proto == proto and (":" in listener.host) is is_ipv6:
                return listener
        version = "IPv6" if is_ipv6 else "IPv4"
        raise NoListener(f"{host}: this server has no {proto.upper()} socket for {version}")

    def literal(self, uri: Uri, via: Listener | None = None) -> Target | None:
        """The target of a URI that holds an IP address; None when it holds a name.

        Raises:
            NoListener
        """
        host = uri.host.decode("latin-1")
        proto = self._transport(uri)
        if not ip_version(host):
            return None
        return Target(self.sender(proto, host, via), host, uri.port or _default_port(proto))

    async def resolve(self, uri: Uri, via: Listener | None = None) -> Sequence[Target]:
        """The targets of a URI, best first; never empty.

        Raises:
            Unresolvable
        """
        proto = self._transport(uri)
        host = uri.host.decode("latin-1")
        if not host:
            raise Unresolvable(f"{uri.text.decode('utf-8', 'replace')} names no host")
        return self._reachable(proto, await self._resolver.addresses(host), uri.port or _default_port(proto), via)

    def of_reply(self, call: Call) -> Target:
        """Where a reply to this request goes (SER dialect 5.5, RFC 3581 section 4): to its source, at the source's
        port when `rport` was asked for or forced, else at the port in its Via."""
        request = call.message
        via = request.via
        host, source_port = request.source
        port = source_port if via.rport is not None or call.force_rport else via.port or SIP_PORT
        if call.host.core.reply_to_via:
            try:
                # a name that nobody has looked up yet is not waited for: the source is where the request came from
                known = self._resolver.known(via.host.decode("latin-1").strip("[]"))
            except Unresolvable:
                known = None
            for address in known or ():
                if (":" in address) is (":" in request.listener.host):
                    host = address
                    break
        return Target(request.listener, host, port)

    def literal_via(self, via: Via, listener: Listener) -> Target | None:
        """Where a reply with this topmost Via goes (RFC 3261 18.2.2, RFC 3581 section 4); None when it names a host.

        Raises:
            NoListener
        """
        proto, host, port = _sent_by(via)
        return Target(self.sender(proto, host, listener), host, port) if ip_version(host) else None

    async def resolve_via(self, via: Via, listener: Listener) -> Target:
        """The same where the Via names a host.

        Raises:
            Unresolvable
        """
        proto, host, port = _sent_by(via)
        return self._reachable(proto, await self._resolver.addresses(host), port, listener)[0]

    def _reachable(self, proto: str, addresses: Sequence[str], port: int, via: Listener | None) -> list[Target]:
        found: list[Target] = []
        reason: NoListener | None = None
        for address in addresses:
            try:
                found.append(Target(self.sender(proto, address, via), address, port))
            except NoListener as error:
                reason = error
        if not found:
            raise reason or Unresolvable("no address")
        return found

    def _transport(self, uri: Uri) -> str:
        """RFC 3263 4.1 without NAPTR: the transport parameter; else TLS for sips, and UDP.

        Raises:
            NoListener: the server has no socket of this transport.
        """
        # RFC 3261 26.2.2: whatever transport a sips URI names, it is TLS and never in the clear
        proto = "tls" if uri.scheme == b"sips" else (uri.transport or b"udp").decode("latin-1")
        if not any(listener.proto == proto for listener in self._listeners):
            raise NoListener(f"{uri.text.decode('utf-8', 'replace')}: this server has no {proto.upper()} socket")
        return proto


def _default_port(proto: str) -> int:
    return SIPS_PORT if proto == "tls" else SIP_PORT


def _sent_by(via: Via) -> tuple[str, str, int]:
    """Transport, host and port to answer to."""
    proto = via.transport.decode("latin-1").lower()
    host = (via.received or via.host).decode("latin-1").strip("[]")
    rport = via.rport or b""
    # of a longer text Python would refuse to make a number
    port = int(rport) if rport.isdigit() and len(rport) <= 5 and 0 < int(rport) < 65536 else via.port
    return proto, host, port or _default_port(proto)
