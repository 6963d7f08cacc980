"""Phones: what they know of their dialogs, and what they do by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...host.network import Address
from .dialog import Asked, Dialog, hostport, taken_of
from .document import FlowError
from .messages import REASONS, WITH_CONTACT, complete
from .steps import Answer, Rule, Send
from .wire import Message, address, listed, param


class World(Protocol):
    """What a peer sees of the world around it."""

    domain: str
    """The server's name in URIs: `127.0.0.1`."""
    acks: bool

    def peer_sends(self, peer: Peer, data: bytes, port: int, to: Address | None, by_itself: bool) -> None: ...
    def later(self, seconds: float, what: str, work: Callable[[], None], is_meant: Callable[[], bool]) -> None: ...


@dataclass(slots=True)
class Peer:
    """One phone.

    It answers nothing by itself unless a rule says so, and sends ACK and PRACK, unless told not to.
    """

    world: World
    name: str
    address: Address
    given_aor: str | None = None
    rules: dict[str, Rule] = field(default_factory=dict)
    sent: list[tuple[Message, bytes, int]] = field(default_factory=list)
    """(message, octets, from port)."""
    asked: list[Asked] = field(default_factory=list)
    dialogs: list[Dialog] = field(default_factory=list)
    finals: list[tuple[Message, Message]] = field(default_factory=list)
    """Our INVITEs with their final replies."""
    acks: dict[bytes, bytes] = field(default_factory=dict)
    """final reply -> the ACK that answered it."""
    _seen: set[bytes] = field(default_factory=set)
    _messages: int = 0
    _calls: int = 0
    _registers: int = 0

    @property
    def aor(self) -> str:
        return self.given_aor or f"sip:{self.name}@{self.world.domain}"

    @property
    def contact(self) -> str:
        return f"<sip:{self.name}@{hostport(self.address)}>"

    # -- what is typed ---------------------------------------------------------------------------------------------

    def send(self, step: Send, octets: bytes = b"") -> bytes:
        """Send what a block says; the octets. Those of `raw` and `file` are given."""
        port = self.address[1] if step.port is None else step.port
        match step.verb:
            case "raw" | "file":
                data, message = octets, Message.read(octets)
            case "again":
                data, message = self._again(step)
            case "reply":
                asked = self._to_answer(step)
                data = self._reply(asked, step.code, step.reason, step.content, step.line)
                message = Message.read(data)
            case _:
                message = self._request(step, port)
                data = message.encode()
        self.put(message, data, port, step.to)
        return data

    def put(self, message: Message, data: bytes, port: int, to: Address | None = None, by_itself: bool = False) -> None:
        """Send octets, and remember them."""
        if not message.is_reply:
            self.sent.append((message, data, port))
        self.world.peer_sends(self, data, port, to, by_itself)

    def _again(self, step: Send) -> tuple[bytes, Message]:
        for message, data, _ in reversed(self.sent):
            if step.method in ("", message.method):
                return data, message
        raise FlowError(
            step.line,
            f"{self.name} has sent no {step.method or 'request'} yet",
            "send one first; for an answer once more write `reply CODE` again",
        )

    def _to_answer(self, step: Send) -> Asked:
        """The request that a typed reply is for: the oldest without a final answer, else the last one."""
        fitting = [one for one in self.asked if step.method in ("", one.message.method) and one.message.method != "ACK"]
        if not fitting:
            came = ", ".join(one.message.method for one in self.asked) or "nothing"
            raise FlowError(
                step.line,
                f"{self.name} has no {step.method or 'request'} to answer (what came in: {came})",
                "wait until it has come in, or see why the server did not send it",
            )
        return next((one for one in fitting if one.code < 200), fitting[-1])

    def _request(self, step: Send, port: int) -> Message:
        method = step.method
        if method == "CANCEL":
            made = self._cancel(step)
        elif method == "ACK" and not step.uri:
            made = self._typed_ack(step)
        elif method == "REGISTER":
            made = self._register(step, port)
        elif step.uri:
            made = self._new(step, port)
        else:
            made = self._within(self._dialog(step), method, port)
        return complete(made, step.options, step.content, step.line)

    def _new(self, step: Send, port: int) -> Message:
        self._calls += 1
        headers = [
            ("Via", self._via(port)),
            ("Max-Forwards", "70"),
            ("From", f"<{self.aor}>;tag={self.name}-{self._calls}"),
            ("To", f"<{step.uri}>"),
            ("Call-ID", f"{self.name}-{self._calls}"),
            ("CSeq", f"1 {step.method}"),
        ]
        if step.method in WITH_CONTACT:
            headers.append(("Contact", self.contact))
        return Message(f"{step.method} {step.uri} SIP/2.0", tuple(headers))

    def _register(self, step: Send, port: int) -> Message:
        self._registers += 1
        headers = (
            ("Via", self._via(port)),
            ("Max-Forwards", "70"),
            ("From", f"<{self.aor}>;tag={self.name}-register"),
            ("To", f"<{self.aor}>"),
            ("Call-ID", f"{self.name}-register"),
            ("CSeq", f"{self._registers} REGISTER"),
            ("Contact", self.contact),
        )
        return Message(f"REGISTER {step.uri or 'sip:' + self.world.domain} SIP/2.0", headers)

    def _dialog(self, step: Send) -> Dialog:
        wanted = dict(step.options).get("call-id")
        for dialog in reversed(self.dialogs):
            if wanted in (None, dialog.call_id):
                return dialog
        raise FlowError(
            step.line,
            f"{self.name} is in no dialog{f' {wanted}' if wanted else ''}, so {step.method} needs a URI",
            f"write `> {self.name} {step.method} sip:bob@{self.world.domain}`, or make a call first",
        )

    def _within(self, dialog: Dialog, method: str, port: int) -> Message:
        """A request within a dialog (RFC 3261 12.2.1.1)."""
        if method != "ACK":
            dialog.number += 1
        uri, routes = dialog.target, list(dialog.routes)
        if routes and not re.search(r";\s*lr\b", routes[0]):
            uri, routes = address(routes[0]), [*routes[1:], f"<{dialog.target}>"]
        headers = [("Via", self._via(port)), *(("Route", route) for route in routes), ("Max-Forwards", "70")]
        headers += [("From", dialog.local), ("To", dialog.remote), ("Call-ID", dialog.call_id)]
        headers.append(("CSeq", f"{dialog.number} {method}"))
        if method in WITH_CONTACT:
            headers.append(("Contact", self.contact))
        if method == "PRACK" and dialog.reliable is not None:
            reply = dialog.reliable
            headers.append(("RAck", f"{reply.get('RSeq')} {reply.get('CSeq')}"))
        return Message(f"{method} {uri} SIP/2.0", tuple(headers))

    def _cancel(self, step: Send) -> Message:
        """RFC 3261 9.1: the INVITE's own branch, Request-URI, From, To, Call-ID, Route."""
        invite = next((message for message, _, _ in reversed(self.sent) if message.method == "INVITE"), None)
        if invite is None:
            raise FlowError(step.line, f"{self.name} has sent no INVITE to cancel", "send one first")
        return Message(f"CANCEL {invite.uri} SIP/2.0", (*taken_of(invite), ("CSeq", f"{invite.number} CANCEL")))

    def _typed_ack(self, step: Send) -> Message:
        if not self.finals:
            raise FlowError(
                step.line, f"{self.name} has no final answer to acknowledge", "wait until the INVITE is answered"
            )
        return self._ack(*self.finals[-1])

    def _ack(self, invite: Message, final: Message) -> Message:
        if final.code >= 300:  # RFC 3261 17.1.1.3
            taken = [(name, final.get("To") if name == "To" else value) for name, value in taken_of(invite)]
            return Message(f"ACK {invite.uri} SIP/2.0", (*taken, ("CSeq", f"{invite.number} ACK")))
        dialog = self._find_dialog(final)
        if dialog is None:  # a reply without a tag
            dialog = self._dialog_of_reply(final)
        made = self._within(dialog, "ACK", self.address[1])
        headers = [(name, f"{invite.number} ACK" if name == "CSeq" else value) for name, value in made.headers]
        return made.with_headers(headers)

    # -- what comes in ---------------------------------------------------------------------------------------------

    def take(self, data: bytes, port: int) -> None:
        """A datagram came in at this port."""
        message = Message.read(data)
        if message.is_reply:
            self._take_reply(message, data)
        else:
            self._take_request(message, data, port)

    def _take_reply(self, reply: Message, data: bytes) -> None:
        if reply.method != "INVITE" or reply.code <= 100:
            return
        invite = next(
            (one for one, _, _ in reversed(self.sent) if (one.method, one.branch) == ("INVITE", reply.branch)), None
        )
        if invite is None:
            return
        if reply.code < 300 and param(reply.get("To"), "tag"):
            dialog = self._find_dialog(reply)
            if dialog is None:
                dialog = self._dialog_of_reply(reply)
                self.dialogs.append(dialog)
            elif reply.code >= 200:
                self.dialogs.remove(dialog)
                self.dialogs.append(dialog)
            if reply.get("Contact"):
                dialog.target = address(reply.get("Contact"))
            if reply.code >= 200:
                dialog.routes = listed(reply.all("Record-Route"))[::-1]
            elif "100rel" in reply.get("Require").replace(",", " ").split():
                self._prack(dialog, reply, data)
        if reply.code >= 200:
            self.finals.append((invite, reply))
            if self.world.acks:
                self._acknowledge(invite, reply, data)

    def _acknowledge(self, invite: Message, reply: Message, data: bytes) -> None:
        again = self.acks.get(data)
        if again is None:
            again = self.acks[data] = complete(self._ack(invite, reply), (), (), 0).encode()
        self.put(Message.read(again), again, self.address[1], by_itself=True)

    def _prack(self, dialog: Dialog, reply: Message, data: bytes) -> None:
        dialog.reliable = reply
        if self.world.acks and data not in self._seen:
            self._seen.add(data)
            made = complete(self._within(dialog, "PRACK", self.address[1]), (), (), 0)
            self.put(made, made.encode(), self.address[1], by_itself=True)

    def _find_dialog(self, reply: Message) -> Dialog | None:
        tag = param(reply.get("To"), "tag")
        return next(
            (one for one in self.dialogs if (one.call_id, param(one.remote, "tag")) == (reply.call_id, tag)), None
        )

    def _dialog_of_reply(self, reply: Message) -> Dialog:
        contact = reply.get("Contact") or reply.get("To")
        routes = listed(reply.all("Record-Route"))[::-1]
        number = int(reply.number) if reply.number.isdecimal() else 0
        return Dialog(reply.call_id, reply.get("From"), reply.get("To"), address(contact), routes, number)

    def _take_request(self, message: Message, data: bytes, port: int) -> None:
        known = next(
            (
                one
                for one in self.asked
                if (one.message.method, one.message.branch, one.message.call_id)
                == (message.method, message.branch, message.call_id)
            ),
            None,
        )
        if known is not None:
            if known.reply and self._rule(message.method) is not None:  # RFC 3261 17.2.1, 17.2.2
                self.put(Message.read(known.reply), known.reply, port, by_itself=True)
            return
        asked = Asked(message, data, port)
        self.asked.append(asked)
        if message.method == "CANCEL":
            self._take_cancel(asked)
        elif message.method != "ACK" and (rule := self._rule(message.method)) is not None:
            for answer in rule.answers:
                self._answer_later(asked, rule, answer)

    def _rule(self, method: str) -> Rule | None:
        return self.rules.get(method) or self.rules.get("*")

    def _take_cancel(self, cancel: Asked) -> None:
        """A phone that answers INVITE by a rule ends it when it is cancelled (RFC 3261 9.2)."""
        rule = self.rules.get("CANCEL")
        invite = next(
            (
                one
                for one in self.asked
                if (one.message.method, one.message.branch) == ("INVITE", cancel.message.branch)
            ),
            None,
        )
        if rule is None and (invite is None or self._rule("INVITE") is None):
            return
        if rule is not None and rule.answers:
            for answer in rule.answers:
                self._answer_later(cancel, rule, answer)
        elif rule is None:
            self._answer(cancel, 200 if invite is not None and invite.code < 200 else 481, "", ())
        else:
            return
        if invite is not None and invite.code < 200:
            self._answer(invite, 487, "", ())

    def _answer_later(self, asked: Asked, rule: Rule, answer: Answer) -> None:
        def act() -> None:
            if asked.code < 200:
                content = rule.content if answer is rule.answers[-1] else ()
                self._answer(asked, answer.code, answer.reason, content, rule.line)

        if answer.after:
            what = f"{self.name} has answered {asked.message.method} with {answer.code}"
            self.world.later(answer.after, what, act, lambda: asked.code < 200)
        else:
            act()

    def _answer(self, asked: Asked, code: int, reason: str, content: Sequence[str], line: int = 0) -> None:
        data = self._reply(asked, code, reason, content, line)
        self.put(Message.read(data), data, asked.port, by_itself=True)

    def _reply(self, asked: Asked, code: int, reason: str, content: Sequence[str], line: int) -> bytes:
        """An answer to a request (RFC 3261 8.2.6), and the dialog that it makes (12.1.1)."""
        request = asked.message
        to = request.get("To")
        if code > 100 and not param(to, "tag"):
            if not asked.tag:
                self._calls += 1
                asked.tag = f"{self.name}-{self._calls}"
            to = f"{to};tag={asked.tag}"
        headers = [("Via", value) for value in request.all("Via")]
        makes_dialog = request.method in ("INVITE", "SUBSCRIBE") and 100 < code < 300
        if makes_dialog:
            headers += [("Record-Route", value) for value in request.all("Record-Route")]
        headers += [("From", request.get("From")), ("To", to), ("Call-ID", request.call_id)]
        headers.append(("CSeq", request.get("CSeq")))
        if makes_dialog:
            headers.append(("Contact", self.contact))
        first = f"SIP/2.0 {code} {reason or REASONS.get(code, 'Whatever')}"
        message = Message(first, tuple(headers))
        made = complete(message, (), content, line)
        asked.code, asked.reply = code, made.encode()
        if makes_dialog:
            self._dialog_of_request(request, made.get("To"))
        return asked.reply

    def _dialog_of_request(self, request: Message, to: str) -> None:
        tag = param(to, "tag")
        for dialog in self.dialogs:
            if (dialog.call_id, param(dialog.local, "tag")) == (request.call_id, tag):
                if request.get("Contact"):
                    dialog.target = address(request.get("Contact"))
                return
        target = address(request.get("Contact") or request.get("From"))
        routes = listed(request.all("Record-Route"))
        self.dialogs.append(Dialog(request.call_id, to, request.get("From"), target, routes, 0))

    def _via(self, port: int) -> str:
        self._messages += 1
        place = hostport((self.address[0], port))
        return f"SIP/2.0/UDP {place};branch=z9hG4bK-{self.name}-{self._messages}"
