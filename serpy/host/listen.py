"""The script's `listen` and `alias` lines: which sockets to open, and which names are this server's own."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..apis import Unresolvable
from ..script.kinds import SERVED, plain_ip
from .addresses import bracketed, canonical, ip_version, shown
from .dns import Resolver
from .network import Network, OnDatagram, Socket

SIP_PORT = 5060

_ENTRY = re.compile(
    r"""(?: (?P<proto> udp | tcp | tls | sctp | any | \* ) : )?
        (?P<host> \[ [0-9a-f:.]+ \] | [^:\[\]\s]+ )
        (?: : (?P<port> \d+ | \* ) )?""",
    re.IGNORECASE | re.VERBOSE,
)


class ListenError(Exception):
    """A socket cannot be opened, or a `listen` or `alias` line cannot be understood; the text is for people."""


class Entry(NamedTuple):
    """What one `listen` or `alias` line says: `[proto:]host[:port]`."""

    proto: str
    """Empty: any."""
    host: str
    """In its one spelling, IPv6 without brackets."""
    port: int
    """0: any, or the default."""


def parse_entry(text: str, keyword: str = "listen") -> Entry:
    """The parts of `[proto:]host[:port]`; `*` stands for any proto or port.

    Raises:
        ListenError
    """
    if ip_version(text) == 6:
        return Entry("", canonical(text), 0)
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise ListenError(
            f"{keyword}={text}: expected [udp:]HOST[:PORT], for example {keyword}=udp:192.0.2.1:5060 "
            f"or {keyword}=[2001:db8::1]:5060"
        )
    proto = (found["proto"] or "").lower()
    port = 0 if found["port"] in (None, "*") else int(found["port"])
    if port > 65535:
        raise ListenError(f"{keyword}={text}: {port} is not a port; ports go from 1 to 65535")
    host = canonical(found["host"])
    return Entry("" if proto in ("any", "*") else proto, plain_ip(host) or host, port)


class Names:
    """The names under which this server is addressed (SER dialect 5.3)."""

    def __init__(self) -> None:
        self._known: dict[str, set[tuple[str, int]]] = {}

    def add(self, host: str, port: int = 0, proto: str = "") -> None:
        """Port 0 and the empty proto stand for any."""
        self._known.setdefault(canonical(host), set()).add((proto, port))

    def has(self, host: bytes, port: int = 0, proto: str = "") -> bool:
        known = self._known.get(host.decode("latin-1").lower())
        if known is None:
            # the rarer spellings: IPv6 in brackets or written otherwise, a trailing dot
            known = self._known.get(canonical(host.decode("latin-1")), set())
        for own_proto, own_port in known:  # a loop: `any` with a generator takes twice as long, for each message
            if (not port or own_port in (0, port)) and (not proto or own_proto in ("", proto)):
                return True
        return False


class Listening:
    """The sockets of one server.

    Args:
        port: for entries without one.
        advertised: the host and the port to write into Via and Record-Route instead of the socket's own; "" and 0: own.
    """

    def __init__(
        self,
        network: Network,
        resolver: Resolver,
        *,
        port: int = SIP_PORT,
        advertised: tuple[str, int] = ("", 0),
        buffer: int = 0,
    ) -> None:
        self.sockets: list[Socket] = []
        self.names = Names()
        self._network = network
        self._resolver = resolver
        self._port = port
        self._advertised = advertised
        self._buffer = buffer

    async def open(self, entries: Sequence[str], aliases: Iterable[str], on_datagram: OnDatagram) -> None:
        """Open the sockets of the `listen` entries, without any: of every address of this machine.

        Raises:
            ListenError: the sockets that were already open are closed again.
        """
        for alias in aliases:
            entry = parse_entry(alias, "alias")
            self.names.add(entry.host, entry.port, entry.proto)
        try:
            for text in entries:
                entry = parse_entry(text)
                if entry.proto and entry.proto not in SERVED:
                    continue  # the script's author has been told, at the line
                for host in await self._expand(entry, text):
                    self._open(entry, host, on_datagram)
            if not entries:
                for host in self._network.addresses():
                    self._open(Entry("", host, 0), host, on_datagram)
            if not self.sockets:
                told = f"listen={entries[0]} is not served: this version speaks UDP only" if entries else "no address"
                raise ListenError(
                    f"there is no socket to listen on ({told}); write a line such as listen=udp:127.0.0.1:5060"
                )
        except BaseException:  # also when told to stop while a name is looked up
            self.close()
            raise

    def close(self) -> None:
        for each in self.sockets:
            each.close()
        self.sockets.clear()

    async def _expand(self, entry: Entry, text: str) -> Sequence[str]:
        """The addresses of an entry: itself, its interface's, or its name's."""
        if ip_version(entry.host):
            return [entry.host]
        if of_interface := self._network.addresses(entry.host):
            return of_interface
        try:
            return (await self._resolver.addresses(entry.host))[:1]
        except Unresolvable as error:
            raise ListenError(
                f"listen={text}: {entry.host} is neither an address nor an interface, and as a name it does not "
                f"resolve ({error}); write the IP address to listen on"
            ) from None

    def _open(self, entry: Entry, host: str, on_datagram: OnDatagram) -> None:
        proto, port = entry.proto or "udp", entry.port or self._port
        if any((each.proto, each.host, each.port) == (proto, host, port) for each in self.sockets):
            return  # two lines that come to the same socket
        try:
            opened = self._network.listen(proto, host, port, on_datagram, buffer=self._buffer)
        except OSError as error:
            raise ListenError(f"cannot listen on {shown(proto, host, port)}: {_explain(error, port)}") from None
        advertised_host, advertised_port = self._advertised
        via_port = advertised_port or opened.port
        # SER dialect 5.4: the port is written when it is not 5060, or when one is advertised
        has_port = bool(advertised_port) or via_port != SIP_PORT
        opened.sent_by = (advertised_host or bracketed(host)).encode("ascii", "replace") + b":%d" % via_port * has_port
        opened.uri_host = opened.sent_by
        self.sockets.append(opened)
        self.names.add(host, opened.port, proto)
        self.names.add(entry.host, opened.port, proto)
        # what the machine itself calls this address; DNS is not asked, so that starting depends on nobody
        for name in self._resolver.names(host):
            self.names.add(name, opened.port, proto)


def _explain(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"another program uses this port. See which one with `ss -lunp 'sport = :{port}'` and stop it, "
            "or choose another port with `-l ADDRESS:PORT`"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            "no permission. Ports below 1024 need root or the capability CAP_NET_BIND_SERVICE; or choose another port"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address. List its addresses with `ip address`, and mend the listen line"
    return f"{error.strerror or error}. Choose another address with `-l ADDRESS:PORT`"
