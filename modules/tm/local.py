"""Requests of our own, for other modules (apis.Tm; SER's t_request, SER dialect 7.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ...apis import Answer, Unresolvable
from ...sip.reply import build_request
from ...sip.uri import BadUri, parse_uri
from .branches import Branch
from .cell import Cell
from .context import Context, client_machine
from .fsm import Settings
from .match import COOKIE
from .relay import PROTOS

if TYPE_CHECKING:
    import asyncio

    from ...apis import Host, Listener
    from ...effects import Target
    from ...sip.uri import Uri
    from .match import Table


class Draft(NamedTuple):
    """A request before it is known by which socket it leaves."""

    method: bytes
    uri: bytes
    to: bytes
    from_: bytes
    headers: tuple[bytes, ...]
    body: bytes
    call_id: bytes | None
    from_tag: bytes | None
    cseq: int
    branch: bytes | None


class Local:
    """Sends one server's own requests."""

    def __init__(self, host: Host, table: Table, context: Context, settings: Settings) -> None:
        self.host = host
        self.table = table
        self.context = context
        self.settings = settings

    def request(self, draft: Draft, next_hop: bytes, listener: Listener | None) -> asyncio.Future[Answer]:
        """Send it, at once where no name must be resolved; the future ends once, with the final answer."""
        future: asyncio.Future[Answer] = self.host.future()
        try:
            uri = parse_uri(next_hop)
            target = self.host.literal_target(uri, listener)
        except (BadUri, Unresolvable) as error:
            self._unresolvable(next_hop, error, future)
            return future
        if target is not None:
            self._send(draft, (target,), future)
        else:
            self.host.spawn(self._resolve(draft, uri, listener, future), "tm.request")
        return future

    async def _resolve(self, draft: Draft, uri: Uri, listener: Listener | None, future: asyncio.Future[Answer]) -> None:
        try:
            targets = await self.host.targets(uri, listener)
        except Unresolvable as error:
            self._unresolvable(draft.uri, error, future)
        except BaseException:
            _finish(future, 503)  # the server stops, or resolving broke: nobody may wait for ever
            raise
        else:
            self._send(draft, targets, future)

    def _unresolvable(self, uri: bytes, error: Exception, future: asyncio.Future[Answer]) -> None:
        self.host.log.notice(f"tm: no way to {uri.decode('utf-8', 'replace')}: {error}")
        _finish(future, 478)

    def _send(self, draft: Draft, targets: Sequence[Target], future: asyncio.Future[Answer]) -> None:
        cell = Cell(self.context, draft.method, self.settings)
        token = b"%b.0" % self.host.ids.token() if draft.branch is None else draft.branch
        key = COOKIE + token
        from_tag = draft.from_tag or self.host.ids.token()
        call_id = draft.call_id
        for target in targets:
            listener = target.listener
            if call_id is None:
                call_id = b"%b@%b" % (self.host.ids.call_id(), listener.uri_host)
            data = build_request(
                draft.method,
                draft.uri,
                via=b"SIP/2.0/%b %b;branch=%b" % (PROTOS[listener.proto], listener.sent_by, key),
                to=b"<%b>" % draft.to,
                from_=b"<%b>;tag=%b" % (draft.from_, from_tag),
                call_id=call_id,
                cseq=draft.cseq,
                headers=draft.headers,
                body=draft.body,
                user_agent=self.host.core.user_agent,
            )
            try:
                self.host.send(data, target)
            except OSError as error:
                self.host.stats["tm.send_failed"] += 1
                self.host.log.notice(f"tm: {target.host}:{target.port} cannot be reached: {error.strerror or error}")
                continue
            self.host.stats["tm.requests"] += 1
            cell.future = future
            branch = Branch(cell, key, draft.uri, data, target, client_machine(cell, target, self.host.clock.now()))
            cell.branches.append(branch)
            self.table.clients[key] = branch
            cell.arm(self.host, self.table)
            return
        _finish(future, 477)


def draft(
    method: bytes,
    uri: bytes,
    *,
    to: bytes,
    from_: bytes,
    headers: Iterable[bytes],
    body: bytes,
    call_id: bytes | None,
    from_tag: bytes | None,
    cseq: int,
    branch: bytes | None,
) -> Draft:
    """A request of our own.

    Raises:
        ValueError: INVITE, ACK and CANCEL need a dialog or another transaction, which nobody here would keep.
    """
    if method in (b"INVITE", b"ACK", b"CANCEL"):
        raise ValueError(f"tm sends no {method.decode()} of its own")
    return Draft(method, uri, to, from_, tuple(headers), body, call_id, from_tag, cseq, branch)


def _finish(future: asyncio.Future[Answer], code: int) -> None:
    if not future.done():
        future.set_result(Answer(code))
