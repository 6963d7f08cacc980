"""The selects of the core: parts of a message that SER 2 scripts read by `@name` (SER dialect 2.7).

A method answers None for what the message does not have, and raises ValueError for what cannot be read.
"""

from __future__ import annotations

from ...module import select
from ...sip.message import Request, Response
from ..call import Call
from .credentials import CredentialSelects
from .headers import HeaderSelects
from .parties import PartySelects
from .via import ViaSelects


class CoreSelects(PartySelects, ViaSelects, HeaderSelects, CredentialSelects):
    """What can be read without loading a module."""

    # the first line, and where the request goes

    @select("method")
    def method(self, call: Call) -> bytes | None:
        """The method of a request."""
        return call.message.method if isinstance(call.message, Request) else None

    @select("status")
    def status(self, call: Call) -> bytes | None:
        """The code of a reply."""
        return b"%d" % call.message.code if isinstance(call.message, Response) else None

    @select("reason")
    def reason(self, call: Call) -> bytes | None:
        """The phrase of a reply."""
        return call.message.reason if isinstance(call.message, Response) else None

    @select("ruri", uri=True)
    def ruri(self, call: Call) -> bytes | None:
        """The current Request-URI."""
        return call.uri if isinstance(call.message, Request) else None

    @select("dst_uri", uri=True)
    def dst_uri(self, call: Call) -> bytes | None:
        """The next hop, where it is not the Request-URI."""
        return call.dst_uri

    @select("next_hop", uri=True)
    def next_hop(self, call: Call) -> bytes | None:
        """The next hop: the Request-URI where there is no other."""
        return call.dst_uri or self.ruri(call)

    # addresses

    @select("src.ip")
    def src_ip(self, call: Call) -> bytes:
        """The address that the message came from."""
        return call.message.source[0].encode()

    @select("src.port")
    def src_port(self, call: Call) -> bytes:
        return b"%d" % call.message.source[1]

    @select("src.ip_port")
    def src_ip_port(self, call: Call) -> bytes:
        return _ip_port(*call.message.source)

    @select("dst.ip", "received.ip")
    def dst_ip(self, call: Call) -> bytes:
        """The address of ours at which the message came in."""
        return call.message.listener.host.encode()

    @select("dst.port", "received.port")
    def dst_port(self, call: Call) -> bytes:
        return b"%d" % call.message.listener.port

    @select("dst.ip_port", "received.ip_port")
    def dst_ip_port(self, call: Call) -> bytes:
        listener = call.message.listener
        return _ip_port(listener.host, listener.port)

    @select("received.proto")
    def received_proto(self, call: Call) -> bytes:
        return call.message.listener.proto.encode()

    @select("received.proto_ip_port")
    def received_proto_ip_port(self, call: Call) -> bytes:
        return b"%b:%b" % (self.received_proto(call), self.dst_ip_port(call))


def _ip_port(ip: str, port: int) -> bytes:
    return (f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}").encode()
