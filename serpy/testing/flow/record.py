"""From what the server did to the lines of a recording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from ...host.network import Address
from .compare import MARK
from .document import INDENT
from .duration import shown
from .messages import escaped
from .wire import Message, address, param

Key = tuple[str, str, str]
"""(Call-ID, number of CSeq, method)."""


@dataclass(slots=True)
class Recorder:
    """Remembers what went in, so that only what differs in what comes out has to be shown.

    Left out, because every peer expects them so: the server's own plain Via, a right Content-Length, the server's usual
    Server and User-Agent, and in a reply the tag that To gains.
    """

    names: dict[Address, str]
    """The peers by address."""
    sockets: Collection[Address] = ()
    """The server's own."""
    headers: str | tuple[str, ...] = "changed"
    always_time: bool = False
    signature: str = ""
    lines: list[str] = field(default_factory=list)
    """Of the step that runs."""
    began: float = 0.0
    """When it began."""
    _latest: str = ""
    """The Call-ID of the request that went in last."""
    _open: dict[Address, dict[Key, None]] = field(default_factory=dict)
    """Requests without a final reply, by where the reply will go to; the latest is the last one."""
    _requests: dict[Key, Message] = field(default_factory=dict)
    """What the server received last."""
    _asked: dict[tuple[Address, Key], Message] = field(default_factory=dict)
    """What peers sent, by the address that a reply will go to."""
    _replies: dict[tuple[Key, int, str], Message] = field(default_factory=dict)
    """What peers answered, by the request, the code, and To's tag: several phones may answer one request."""
    _invites: dict[tuple[Address, str], Message] = field(default_factory=dict)
    """INVITEs that the server sent, by destination and branch."""
    _finals: dict[tuple[Address, str], Message] = field(default_factory=dict)
    """Their final replies."""
    _counts: Counter[tuple[Address, bytes]] = field(default_factory=Counter)
    _last: dict[Address, bytes] = field(default_factory=dict)
    _tags: dict[tuple[Address, Key], str] = field(default_factory=dict)

    # -- what happens ----------------------------------------------------------------------------------------------

    def taken(self) -> list[str]:
        """The lines since the last call."""
        lines, self.lines = self.lines, []
        return lines

    def went_in(self, data: bytes, source: Address) -> None:
        """The server receives a datagram."""
        message = Message.read(data)
        key = _key(message)
        if message.is_reply:
            self._replies[_answer(message)] = message
            if message.code >= 200 and message.method == "INVITE":
                self._finals[source, message.branch] = message
        else:
            self._requests[key] = message
            self._latest = message.call_id
            if message.method != "ACK":
                self._open.setdefault(source, {}).pop(key, None)
                self._open[source][key] = None
            self._asked[source, key] = message

    def came_out(self, data: bytes, to: Address, at: float) -> None:
        """A datagram of the server's arrives at its destination."""
        times = self._counts[to, data]
        self._counts[to, data] += 1
        message = Message.read(data)
        if times:
            what = "" if self._last.get(to) == data else f" {message.shown}"
            self._line(f"< {self.name(to)} again{what} #{times}", at)
            return
        self._last[to] = data
        self._line(f"< {self.name(to)} {_plain(message.shown)}", at)
        headers, body = self._shown(message, to)
        named = f"Call-ID: {message.call_id}"
        if self.headers == "changed" and named not in headers and not self._is_clear(message, to):
            headers.insert(0, named)
        self.lines += [f"{INDENT}{_plain(line)}" for line in headers]
        if body:
            self.lines += ["", *(f"{INDENT}{line}" if line else "" for line in body)]
        if message.code >= 200:
            self._open.get(to, {}).pop(_key(message), None)
        if message.method == "INVITE" and not message.is_reply:
            self._invites[to, message.branch] = message

    def by_itself(self, peer: str, data: bytes, at: float) -> None:
        """A peer sends something that was not typed."""
        self._line(f"~ {peer} {_plain(Message.read(data).shown)}", at)

    def impaired(self, what: str, direction: str, place: str, data: bytes, at: float) -> None:
        """Something happens to a datagram on its way: `~ dropped to bob MESSAGE ...`."""
        self._line(f"~ {what} {direction} {place} {_plain(Message.read(data).shown)}", at)

    def told(self, text: str, at: float) -> None:
        """Something inside the server: `= log WARNING ...`."""
        first, *more = text.split("\n")
        self._line(f"= {_plain(first)}", at)
        self.lines += [f"{INDENT}{_plain(line)}" if line.strip() else "" for line in more]
        while self.lines and not self.lines[-1]:
            self.lines.pop()

    def told_at(self, place: int, text: str, at: float) -> int:
        """As `told`, in front of the line with this index; how many lines that makes."""
        lines, self.lines = self.lines, []
        self.told(text, at)
        made, self.lines = self.lines, lines
        lines[place:place] = made
        return len(made)

    def name(self, place: Address) -> str:
        """The peer at this address, or `itself` for the server; else the address."""
        if place in self.names:
            return self.names[place]
        if place in self.sockets:
            return "itself" if len(self.sockets) == 1 else f"itself:{place[1]}"
        hosts = {name for known, name in self.names.items() if known[0] == place[0]}
        if len(hosts) == 1:
            return f"{hosts.pop()}:{place[1]}"
        return f"[{place[0]}]:{place[1]}" if ":" in place[0] else f"{place[0]}:{place[1]}"

    def _line(self, text: str, at: float) -> None:
        is_late = self.always_time or at > self.began + 0.0000005
        self.lines.append(f"{text} ({shown(at)})" if is_late else text)

    def _is_clear(self, message: Message, to: Address) -> bool:
        """Whether a reader knows which call a message belongs to; otherwise its Call-ID is shown."""
        if not message.is_reply:
            return message.call_id == self._latest
        calls = [call_id for call_id, _, _ in self._open.get(to, ())]
        return len(set(calls)) < 2 or message.call_id == calls[-1]

    # -- what is shown of a message --------------------------------------------------------------------------------

    def _shown(self, message: Message, to: Address) -> tuple[list[str], list[str]]:
        if message.is_reply:
            base = self._asked.get((to, _key(message)))
            relayed = self._replies.get(_answer(message))
            headers, body = self._of_reply(message, to, base, relayed)
        else:
            came = self._requests.get(_key(message))
            headers, body = self._of_request(message, to, came)
        if self.headers == "all":
            headers = [f"{name}: {value}" for name, value in message.headers]
        elif self.headers != "changed":
            headers = [f"{name}: {value}" for name, value in message.headers if name in self.headers]
        return headers, body

    def _of_reply(
        self, message: Message, to: Address, asked: Message | None, relayed: Message | None
    ) -> tuple[list[str], list[str]]:
        known = set(asked.headers) if asked is not None else set()
        removed = []
        if asked is not None:
            here = {name for name, _ in message.headers}
            wanted = ("Via", "From", "To", "Call-ID", "CSeq")
            removed = [f"- {name}: {asked.get(name)}" for name in wanted if name not in here and asked.get(name)]
            if message.all("Via") == asked.all("Via"):
                known.update(("Via", value) for value in message.all("Via"))
            elif "Via" in here:
                known.difference_update([("Via", value) for value in asked.all("Via")])
        if relayed is not None:
            known.update(one for one in relayed.headers if one[0] != "Via")
        added = [one for one in message.headers if one not in known and not self._is_expected(message, one, False)]
        if asked is not None:
            added = [one for one in added if not self._is_expected_tag(message, one, asked, to)]
        headers = [f"{name}: {value}" for name, value in added] + removed
        return headers, _body(message, relayed.body if relayed is not None else b"")

    def _of_request(self, message: Message, to: Address, came: Message | None) -> tuple[list[str], list[str]]:
        base = came
        if message.method in ("CANCEL", "ACK") and (invite := self._invites.get((to, message.branch))) is not None:
            base = self._hop_by_hop(message, invite, self._finals.get((to, message.branch)))
        if base is None:
            lines = [f"{name}: {value}" for name, value in self._unexpected(message, list(message.headers))]
            return lines, _body(message, b"")
        left = Counter(base.headers)
        added = []
        for one in message.headers:
            if left[one]:
                left[one] -= 1
            else:
                added.append(one)
        added = self._unexpected(message, added)
        here = {name for name, _ in message.headers}
        gone = [one for one in base.headers if left[one] and one[0] not in here and one[0] != "Content-Length"]
        lines = [f"{name}: {value}" for name, value in added] + [f"- {name}: {value}" for name, value in gone]
        return lines, _body(message, base.body)

    def _hop_by_hop(self, message: Message, invite: Message, final: Message | None) -> Message:
        """The CANCEL or ACK that belongs to an INVITE of the server's own branch (RFC 3261 9.1, 17.1.1.3)."""
        to = final.get("To") if final is not None and message.method == "ACK" else invite.get("To")
        wanted = ("From", "Call-ID", "Route")
        headers = [one for one in invite.headers if one[0] in wanted]
        headers += [("To", to), ("CSeq", f"{invite.number} {message.method}"), ("Max-Forwards", "70")]
        if not message.get("Max-Forwards"):
            headers.pop()
        return Message(f"{message.method} {invite.uri} SIP/2.0", tuple(headers))

    def _unexpected(self, message: Message, added: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Without the topmost Via, if it is a plain one, and what every peer expects."""
        via = message.get("Via")
        if re.fullmatch(r"SIP/2\.0/\w+ [^;,\s]+;branch=[^;,\s]+", via) and ("Via", via) in added:
            added = [*added]
            added.remove(("Via", via))
        return [one for one in added if not self._is_expected(message, one, True)]

    def _is_expected(self, message: Message, header: tuple[str, str], is_request: bool) -> bool:
        name, value = header
        if name == "Content-Length":
            return value == str(len(message.body))
        if name == ("User-Agent" if is_request else "Server"):
            return bool(self.signature) and value.startswith(self.signature)
        return False

    def _is_expected_tag(self, message: Message, header: tuple[str, str], asked: Message, to: Address) -> bool:
        """Whether this To is the request's with a tag, the same as in the replies before."""
        name, value = header
        tag = param(value, "tag")
        if name != "To" or not tag or address(value) != address(asked.get("To")):
            return False
        return self._tags.setdefault((to, _key(message)), tag) == tag


def _key(message: Message) -> Key:
    return message.call_id, message.number, message.method


def _answer(reply: Message) -> tuple[Key, int, str]:
    return _key(reply), reply.code, param(reply.get("To"), "tag")


def _body(message: Message, known: bytes) -> list[str]:
    """The lines of a body that was not known."""
    if message.body == known:
        return []
    if not message.body:
        return ["- body"]
    lines = message.body.decode("utf-8", "surrogateescape").split("\r\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return [_plain(line) if line.strip() else "" for line in lines] or ["\\r\\n"]


def _plain(text: str) -> str:
    """A line that an editor leaves as it is, and that is no template by chance (`<b>` in a body)."""
    text = text if text.isprintable() else escaped(text)
    if "<" in text:
        text = MARK.sub(lambda found: "\\x3c" + found[0][1:], text)
    return text[:-1] + "\\x20" if text.endswith(" ") else text
