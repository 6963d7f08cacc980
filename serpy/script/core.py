"""The core's own parameters and commands, declared as a module like any other (SER dialect 2.8 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from .. import __version__
from ..dialect import Dialect
from ..module import Does, ParamError, Route, command
from ..sip import uri as uris
from ..sip.message import Request
from .avpflags import AttributeCommands
from .call import Branch, Call
from .forward import forward, send_received
from .kinds import (
    SERVED,
    Count,
    Flag,
    HostArg,
    HostPort,
    Length,
    PlainPort,
    PortArg,
    Socket,
    SocketArg,
    Thousandths,
    WrittenPort,
    parse_socket,
)
from .params import CoreParams
from .selects import CoreSelects

if TYPE_CHECKING:
    import asyncio

    from ..apis import Listener

T = TypeVar("T")

BEFORE_SENDING = Route.ANY & ~Route.ONSEND
"""SER dialect 3.4: in an onsend_route it is too late for what changes the message or its way."""
MAX_URI = 1024
"""A rewritten Request-URI must not become longer (SER's MAX_URI_SIZE)."""


class Core(CoreSelects, AttributeCommands, CoreParams):
    """What every script has without loading a module."""

    name = "core"

    def prepare(self) -> None:
        self.send_sockets: dict[Socket, Listener] = {}
        """The listener of each socket that the script itself names; the host fills it in at start."""
        if self.host.dialect is Dialect.SER_2:  # SER dialect 2.8: 2.0 is quiet unless told otherwise
            self.values.setdefault("debug", 0)
        for text in self.listen:
            proto = parse_socket(text).proto
            if proto and proto not in SERVED:
                told = f"listen={text} is not served: this version speaks UDP only"
                self.warnings.append(ParamError("listen", told, "remove the line, or write udp: in its place"))

    @property
    def signature(self) -> bytes | None:
        """The value of `Server` in local replies; None: show none (D25)."""
        if not self.server_signature:
            return None
        return b"serpy (%s (python))" % __version__.encode()

    @property
    def user_agent(self) -> bytes | None:
        """The value of `User-Agent` in our own requests; None: show none."""
        return b"serpy (%s)" % __version__.encode() if self.server_signature else None

    # sending

    @command("forward", routes=BEFORE_SENDING, does=Does.FORWARDS)
    async def forward(self, call: Call, destination: HostArg, port: PortArg = 0) -> bool:
        """Send the request on without a transaction; the script continues."""
        return await forward(call, destination, port, None)

    @command("forward_udp", routes=BEFORE_SENDING, transport="udp", does=Does.FORWARDS)
    async def forward_udp(self, call: Call, destination: HostArg, port: PortArg = 0) -> bool:
        """As `forward`, over UDP."""
        return await forward(call, destination, port, b"udp")

    @command("forward_tcp", routes=BEFORE_SENDING, transport="tcp", does=Does.FORWARDS)
    async def forward_tcp(self, call: Call, destination: HostArg, port: PortArg = 0) -> bool:
        """As `forward`, over TCP."""
        return await forward(call, destination, port, b"tcp")

    @command("forward_tls", routes=BEFORE_SENDING, transport="tls", does=Does.FORWARDS)
    async def forward_tls(self, call: Call, destination: HostArg, port: PortArg = 0) -> bool:
        """As `forward`, over TLS."""
        return await forward(call, destination, port, b"tls")

    @command("send", routes=Route.ANY, does=Does.COPIES)
    async def send(self, call: Call, destination: HostArg, port: PlainPort = 0) -> bool:
        """Send the message as it was received to a further place, over UDP."""
        return await send_received(call, destination, port, b"udp")

    @command("send_tcp", routes=Route.ANY, transport="tcp", does=Does.COPIES)
    async def send_tcp(self, call: Call, destination: HostArg, port: PlainPort = 0) -> bool:
        """Send the message as it was received to a further place, over TCP."""
        return await send_received(call, destination, port, b"tcp")

    # the log

    @command("log", routes=Route.ANY)
    def log(self, call: Call, text: str) -> bool:
        """Log the text at level 4 (debug)."""
        log = self.host.log
        if log.debug_on:
            log.debug(text.removesuffix("\n"), call)
        return True

    @command("log", routes=Route.ANY)
    def log_at(self, call: Call, level: int, text: str) -> bool:
        """Log the text at a level."""
        log = self.host.log
        if level <= log.debug_level:
            log.write(level, text.removesuffix("\n"), call)
        return True

    @command("error", routes=Route.ANY)
    def error(self, call: Call, kind: str, text: str) -> bool:
        """Log the text as an error; SER has no more to this command either."""
        self.host.log.error(f"error({kind!r}, {text!r}): this command only logs", call)
        return True

    # processes

    @command("exec", routes=Route.ANY)
    async def execute(self, call: Call, line: str) -> bool:
        """Run a shell command and wait for its end; the exit status is logged only."""
        ended = self.host.future()
        self.host.spawn(self._run(call, line, ended), "exec")
        await ended
        return True

    async def _run(self, call: Call, line: str, ended: asyncio.Future[None]) -> None:
        import asyncio  # the checker, which runs nothing, does without it

        try:
            process = await asyncio.create_subprocess_shell(line, stdin=asyncio.subprocess.DEVNULL)
            status = await process.wait()
            self.host.log.info(f"exec({line!r}) ended with status {status}", call)
        except OSError as error:
            self.host.log.error(f"exec({line!r}) cannot be run: {error.strerror}", call)
        finally:
            if not ended.done():
                ended.set_result(None)

    # flags

    @command("setflag", routes=Route.ANY)
    def setflag(self, call: Call, flag: Flag) -> bool:
        """Set a flag of the message."""
        call.flags |= 1 << flag
        return True

    @command("resetflag", routes=Route.ANY)
    def resetflag(self, call: Call, flag: Flag) -> bool:
        """Clear a flag of the message."""
        call.flags &= ~(1 << flag)
        return True

    @command("isflagset", routes=Route.ANY)
    def isflagset(self, call: Call, flag: Flag) -> bool:
        """True if the flag is set."""
        return call.flags >> flag & 1 == 1

    # the Request-URI and the branches

    @command("rewriteuri", "seturi", routes=BEFORE_SENDING, does=Does.SETS_HOST)
    def rewriteuri(self, call: Call, uri: bytes) -> bool:
        """Replace the Request-URI; it is not looked into."""
        call.uri = uri
        return True

    @command("rewritehost", "sethost", "seth", routes=BEFORE_SENDING, does=Does.SETS_HOST)
    def rewritehost(self, call: Call, host: bytes) -> bool:
        """Replace the host; user, port and parameters stay."""
        return self._rewrite(call, uris.set_host, host)

    @command("rewritehostport", "sethostport", "sethp", routes=BEFORE_SENDING, does=Does.SETS_HOST)
    def rewritehostport(self, call: Call, host_port: HostPort) -> bool:
        """Replace host and port by this text."""
        return self._rewrite(call, uris.set_host_port, host_port)

    @command("rewriteport", "setport", "setp", routes=BEFORE_SENDING, does=Does.CHANGES_URI)
    def rewriteport(self, call: Call, port: WrittenPort) -> bool:
        """Replace the port."""
        return self._rewrite(call, uris.set_port, port)

    @command("rewriteuser", "setuser", "setu", routes=BEFORE_SENDING, does=Does.CHANGES_URI)
    def rewriteuser(self, call: Call, user: bytes) -> bool:
        """Replace the user; the password stays."""
        return self._rewrite(call, uris.set_user, user)

    @command("rewriteuserpass", "setuserpass", "setup", routes=BEFORE_SENDING, does=Does.CHANGES_URI)
    def rewriteuserpass(self, call: Call, user_password: bytes) -> bool:
        """Replace user and password by this text."""
        return self._rewrite(call, uris.set_user_password, user_password)

    @command("prefix", routes=BEFORE_SENDING, does=Does.CHANGES_URI)
    def prefix(self, call: Call, text: bytes) -> bool:
        """Put the text before the user."""
        return self._rewrite(call, uris.prefix_user, text)

    @command("strip", routes=BEFORE_SENDING, does=Does.CHANGES_URI)
    def strip(self, call: Call, count: Count) -> bool:
        """Cut characters from the start of the user."""
        return self._rewrite(call, uris.strip_user, count)

    @command("strip_tail", routes=BEFORE_SENDING, does=Does.CHANGES_URI)
    def strip_tail(self, call: Call, count: Count) -> bool:
        """Cut characters from the end of the user."""
        return self._rewrite(call, uris.strip_user_tail, count)

    def _rewrite(self, call: Call, change: Callable[[bytes, T], bytes], value: T) -> bool:
        try:
            changed = change(call.uri, value)
        except ValueError as error:
            self.host.log.warning(f"the Request-URI {call.uri!r} cannot be rewritten: {error}", call)
            return False
        if len(changed) > MAX_URI:
            self.host.log.warning(f"the rewritten Request-URI would be longer than {MAX_URI} octets", call)
            return False
        call.uri = changed
        return True

    @command("revert_uri", routes=BEFORE_SENDING, does=Does.CHANGES_URI)
    def revert_uri(self, call: Call) -> bool:
        """Take the Request-URI as it was received; branches and next hop stay. A reply has none."""
        call.uri = call.message.uri if isinstance(call.message, Request) else b""
        return True

    @command("append_branch", routes=BEFORE_SENDING)
    def append_branch(self, call: Call, uri: bytes | None = None, q: Thousandths = None) -> bool:
        """Add a destination: this URI, or the current Request-URI. False when there are `max_branches`."""
        if len(call.branches) + 1 >= self.max_branches:
            call.fail(500, "Forking capacity exceeded", 12)
            self.host.log.error(f"append_branch: a request has at most {self.max_branches} destinations", call)
            return False
        if uri is None:
            call.branches.append(Branch(call.uri, q, call.dst_uri, call.send_socket))
        else:
            call.branches.append(Branch(uri, q))
        return True

    # the message

    @command("len_gt", routes=Route.ANY)
    def len_gt(self, call: Call, octets: Length) -> bool:
        """True if the message is longer; SER 0.8.11 has this in place of `msg:len >`."""
        return len(call.message.data) > octets

    # how the message leaves

    @command("force_rport", "add_rport", routes=BEFORE_SENDING)
    def force_rport(self, call: Call) -> bool:
        """Treat the request as if its Via had `rport` (RFC 3581)."""
        call.force_rport = True
        return True

    @command("set_advertised_address", routes=BEFORE_SENDING)
    def set_advertised_address(self, call: Call, address: HostArg) -> bool:
        """Show this host in the Via of this message."""
        call.values["core.advertised_address"] = address
        return True

    @command("set_advertised_port", routes=BEFORE_SENDING)
    def set_advertised_port(self, call: Call, port: PlainPort) -> bool:
        """Show this port in the Via of this message."""
        call.values["core.advertised_port"] = port
        return True

    @command("force_send_socket", routes=BEFORE_SENDING)
    def force_send_socket(self, call: Call, socket: SocketArg) -> bool:
        """Send this message from one of the sockets that the server listens on.

        The server does not start if there is no such socket; where an attribute names it, the command fails.
        """
        listener = self.send_sockets.get(socket) or self.listening_on(socket, [socket.host])
        if listener is None:
            self.host.log.error(f"force_send_socket: the server does not listen on {socket}", call)
            return False
        call.send_socket = listener
        return True

    def listening_on(self, socket: Socket, addresses: Sequence[str]) -> Listener | None:
        """The listener that this means, where its host has these addresses; None when there is none."""
        port = socket.port or self.port
        for listener in self.host.listeners:
            if socket.proto in ("", listener.proto) and listener.port == port and listener.host in addresses:
                return listener
        return None

    @command("force_tcp_alias", "add_tcp_alias", routes=BEFORE_SENDING)
    def force_tcp_alias(self, call: Call, port: PlainPort = 0) -> bool:
        """Reuse this TCP connection for the Via's port or this one; nothing to do on UDP."""
        return call.message.listener.proto == "udp"
