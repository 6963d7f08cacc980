"""What goes back to the caller of a transaction: responses of our own, responses passed on, and copies of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...effects import Send
from ...sip.errors import BadHeader
from ...sip.reply import build_reply, noisy_warning, redirect_contacts
from ...sip.tag import ReplyTags
from ...sip.write import forward_response
from .fsm import NOTHING, RELEASE, REQUEST, SEND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...apis import Host
    from ...script.call import Call
    from ...sip.edit import Edits
    from ...sip.message import Request, Response
    from .cell import Cell

TRYING = b"trying -- your call is important to us"


class Upstream:
    """The way back to the callers of one server's transactions."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._tags: ReplyTags | None = None

    def answer(self, cell: Cell, code: int, reason: bytes, call: Call | None = None) -> bool:
        """Give a response of our own; False when it cannot be made or comes too late.

        Args:
            call: the script that answers; the response then leaves with the call's outbox, and bears what the
                script appended to it. Without one it is sent at once.
        """
        request = cell.request
        server = cell.server
        if request is None or server is None or not cell.is_open:
            return False
        if call is not None:
            self.aim(cell, call)
        tag = self.tags.stateful(request.via) if code >= 180 else None
        headers = list((cell.reply_headers or ()) if call is None else call.reply_headers)
        if call is not None and 300 <= code < 400:
            headers += self._contacts(call)
        try:
            data = self.build(
                request,
                code,
                reason,
                tag=tag,
                headers=headers,
                out_uri=cell.branches[0].uri if call is None and cell.branches else call.uri if call else request.uri,
                force_rport=cell.force_rport if call is None else call.force_rport,
            )
        except BadHeader as error:
            self.host.log.error(f"tm: no {code} can be made for this request: {error}", call)
            return False
        if cell.is_invite and 200 <= code < 300:
            server.answers_itself = True  # type: ignore[union-attr]  # the server machine of an INVITE
            to = request.to
            cell.local_tag = (to.tag if to is not None else None) or tag
        if server.event(code, self.host.clock.now()) is NOTHING:
            return False
        cell.status, cell.reply = code, data
        if call is not None and cell.target is not None:
            call.outbox.append(Send(data, cell.target))
        else:
            self._send(cell, data)
        return True

    def aim(self, cell: Cell, call: Call) -> None:
        """Responses go where `force_rport` says from now on, also when it was called behind `t_newtran`."""
        if call.force_rport and not cell.force_rport:
            cell.force_rport = True
            if cell.target is not None:
                cell.target = self.host.reply_target(call)

    def trying(self, cell: Cell, call: Call) -> None:
        """The automatic 100 to an INVITE, once."""
        request = cell.request
        if cell.status or request is None or cell.server is None:
            return
        data = self.build(
            request, 100, TRYING, tag=None, headers=call.reply_headers, out_uri=call.uri, force_rport=call.force_rport
        )
        cell.server.event(100, self.host.clock.now())
        cell.status, cell.reply = 100, data
        self._send(cell, data)

    def pass_on(self, cell: Cell, response: Response, edits: Edits) -> None:
        """Give a response that a branch received."""
        server = cell.server
        if server is None:
            return
        data = forward_response(response, edits)
        code = response.code
        if server.event(code, self.host.clock.now()) is not NOTHING:
            cell.status, cell.reply = code, data
            self._send(cell, data)
        elif cell.is_invite and 200 <= code < 300:
            # RFC 3261 16.7 step 5: a 2xx to an INVITE is forwarded even after another final response
            self._send(cell, data)

    def absorb(self, cell: Cell) -> None:
        """Treat a copy of the request: the last response is given again, where the machine says so."""
        self.host.stats["tm.absorbed"] += 1
        if cell.server is not None and cell.server.event(REQUEST, self.host.clock.now()) is SEND:
            self.repeat(cell)

    def repeat(self, cell: Cell) -> bool:
        """Send the last response again; False when there was none."""
        if cell.reply:
            self._send(cell, cell.reply)
        return bool(cell.reply)

    def release(self, cell: Cell) -> None:
        """Let the transaction go without a final response: copies of the request are absorbed for a while."""
        if cell.server is not None:
            cell.server.event(RELEASE, self.host.clock.now())

    def build(
        self,
        request: Request,
        code: int,
        reason: bytes,
        *,
        tag: bytes | None,
        headers: Iterable[bytes],
        out_uri: bytes,
        force_rport: bool,
    ) -> bytes:
        """The bytes of a response of our own.

        Raises:
            BadHeader: the request's To cannot be read.
        """
        core = self.host.core
        return build_reply(
            request,
            code,
            reason,
            to_tag=tag,
            headers=headers,
            server=core.signature,
            warning=noisy_warning(request, request.listener, out_uri) if core.sip_warning else None,
            force_rport=force_rport,
        )

    @property
    def tags(self) -> ReplyTags:
        """The To tags of this server."""
        if self._tags is None:
            first = self.host.listeners[0] if self.host.listeners else None
            self._tags = ReplyTags(b"%b:%d" % (first.host.encode(), first.port) if first is not None else b"")
        return self._tags

    def _contacts(self, call: Call) -> list[bytes]:
        rewritten = [(call.uri, call.q)] if call.uri != call.request.uri else []
        targets = rewritten + [(branch.uri, branch.q) for branch in call.branches]
        return [redirect_contacts(targets)] if targets else []

    def _send(self, cell: Cell, data: bytes) -> None:
        if cell.target is None:
            return
        try:
            self.host.send(data, cell.target)
        except OSError as error:
            self.host.stats["tm.send_failed"] += 1
            self.host.log.warning(
                f"tm: a response to {cell.target.host}:{cell.target.port} cannot be sent: {error.strerror or error}"
            )
