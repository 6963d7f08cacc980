"""Stateless replies."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated

from ...effects import Send
from ...module import Does, Hook, Kind, Module, Param, ParamError, command, hook, rpc
from ...script.call import Call, Failure
from ...sip.errors import BadHeader
from ...sip.message import Request
from ...sip.reply import build_reply, noisy_warning, redirect_contacts
from ...sip.tag import ReplyTags

ACK_WAIT = 2.0
"""Seconds after a stateless reply in which an ACK for it is expected (SER dialect 6.2)."""

# The spelling is that of SER 0.9.7 (BEHAVIOUR 2)
_UNKNOWN = Failure(500, "I'm terribly sorry, server error occurred", 1)
_NAMED_CODES = frozenset(
    (200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500)
)  # those that SER's sl_stats counts on their own


def _read_code(text: str) -> int:
    if text == "":
        return 0
    if not (text.isascii() and text.isdigit() and 100 <= int(text) <= 999):
        raise ValueError(f"{text!r} is not a reply code (100 to 999)")
    return int(text)


def _read_reason(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise ValueError("a reason phrase is one line")
    return text


Code = Annotated[int, Kind("a reply code", _read_code)]
Reason = Annotated[str, Kind("a reason phrase", _read_reason)]


class SlModule(Module):
    """Answers requests without keeping a transaction; a retransmitted request is simply answered again."""

    name = "sl"
    aliases = ("sl_module",)

    default_code = Param(500, doc="The code where the script's is empty.")
    default_reason = Param("Internal Server Error", doc="The reason phrase where the script's is empty.")

    def prepare(self) -> None:
        if not 100 <= self.default_code <= 999:
            raise ParamError("default_code", f"{self.default_code} is not a reply code", "write one from 100 to 999")
        try:
            _read_reason(self.default_reason)
        except ValueError as wrong:
            raise ParamError("default_reason", str(wrong)) from None
        self._acks_until = 0.0

    @cached_property
    def _tags(self) -> ReplyTags:
        first = self.host.listeners[0]
        return ReplyTags(b"%b:%d" % (first.host.encode(), first.port))

    @cached_property
    def _server(self) -> bytes | None:
        return self.host.core.signature

    @cached_property
    def _warns(self) -> bool:
        return bool(self.host.core.sip_warning)

    @command("sl_send_reply", "sl_reply", does=Does.REPLIES)
    def send_reply(self, call: Call, code: Code, reason: Reason) -> bool:
        """Answer the request; false for an ACK, which is never answered."""
        return self.reply(call, code or self.default_code, reason or self.default_reason)

    @command("sl_reply_error", does=Does.REPLIES)
    def reply_error(self, call: Call) -> bool:
        """Answer with the reason why the last command failed, or 500 when it left none."""
        failure = call.failure or _UNKNOWN
        return self.reply(call, failure.code, failure.phrase("SL"))

    def reply(self, call: Call, code: int, reason: str, headers: Iterable[bytes] = ()) -> bool:
        """Queue a stateless reply; `headers` are whole lines that stand in this reply only.

        False for an ACK.
        """
        request = call.request
        if request.method == b"ACK":  # RFC 3261 17.1.1.3: an ACK is never answered
            return False
        host = self.host
        lines = [*call.reply_headers, *headers]
        if 300 <= code < 400:
            lines.append(_redirection(call))
        data = build_reply(
            request,
            code,
            reason.encode("utf-8", "surrogateescape"),
            to_tag=self.reply_tag(request),
            headers=lines,
            server=self._server,
            warning=noisy_warning(request, request.listener, call.uri) if self._warns else None,
            force_rport=call.force_rport,
        )
        call.outbox.append(Send(data, host.reply_target(call)))
        self._acks_until = host.clock.now() + ACK_WAIT
        host.stats[f"sl.{code}"] += 1
        return True

    def reply_tag(self, request: Request) -> bytes:
        """The To-tag of a stateless reply to this request: the same for its retransmissions."""
        return self._tags.stateless(request.via)

    @hook(Hook.BEFORE_SCRIPT)
    def absorb_ack(self, call: Call) -> bool:
        """False for an ACK that acknowledges one of our stateless replies: the script does not see it."""
        request = call.request
        if request.method != b"ACK" or self.host.clock.now() > self._acks_until:
            return True
        try:
            to = request.to
        except BadHeader:
            return True
        if to is None or to.tag != self.reply_tag(request):
            return True
        self.host.stats["sl.acks"] += 1
        return False

    @rpc("sl.stats")
    def show_stats(self) -> dict[str, int]:
        """How many replies were sent: by code for those that SER counts so, else by class; and ACKs absorbed."""
        answer: dict[str, int] = {}
        for name, count in sorted(self.host.stats.items()):
            kind, _, what = name.partition(".")
            if kind == "sl":
                shown = f"{what[0]}xx" if what.isdigit() and int(what) not in _NAMED_CODES else what
                answer[shown] = answer.get(shown, 0) + count
        return answer


def _redirection(call: Call) -> bytes:
    """The Contact of a 3xx: the Request-URI if the script rewrote it, and the branches (SER dialect 5.5)."""
    targets = [(branch.uri, branch.q) for branch in call.branches]
    if call.uri != call.request.uri:
        targets.insert(0, (call.uri, call.q))
    return redirect_contacts(targets)
