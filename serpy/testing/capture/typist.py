"""What a peer sent, as the shortest block that a flow file expands to an equivalent message.

The flow's own peers do the expanding, so that what is written here is what will be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..flow.document import INDENT, FlowError, read_document
from ..flow.messages import REASONS, as_raw, raw
from ..flow.peers import Peer
from ..flow.steps import Send, read_step
from ..flow.wire import Message, param
from .naming import Named
from .renames import Key, Renames, retagged

MEANINGLESS = frozenset(
    {"Accept", "Accept-Encoding", "Accept-Language", "Allow", "Allow-Events", "Date", "Organization", "Server"}
    | {"User-Agent"}
)
"""Headers that say something of their sender, not of the request: left out unless the script speaks of them."""
_IDS = ("Via", "From", "To", "Call-ID", "CSeq", "Content-Length")
_ONCE = ("From", "To", "Call-ID", "CSeq")
_INLINE = {"Expires": "expires", "Max-Forwards": "max-forwards"}


@dataclass(slots=True)
class Stage:
    """What the flow's peers see of their world while a capture is read."""

    domain: str
    acks: bool
    by_itself: list[tuple[str, bytes]] = field(default_factory=list)
    """What peers did without being told: (name, octets)."""

    def peer_sends(self, peer: Peer, data: bytes, port: int, to: object, by_itself: bool) -> None:
        if by_itself:
            self.by_itself.append((peer.name, data))

    def later(self, seconds: float, what: str, work: Callable[[], None], is_meant: Callable[[], bool]) -> None:
        raise AssertionError("peers of a capture have no rules")


@dataclass(frozen=True, slots=True)
class Typed:
    """A block."""

    lines: list[str]
    data: bytes
    """What it is sent as."""
    is_raw: bool = False


class Typist:
    """Writes blocks for one flow.

    Args:
        domain: the server's name in URIs.
        speaks_of: whether the script names a header.
    """

    def __init__(
        self, named: Sequence[Named], renames: Renames, *, domain: str, acks: bool, speaks_of: Callable[[str], bool]
    ) -> None:
        self.stage = Stage(domain, acks)
        self.peers = {
            one.name: Peer(self.stage, one.name, one.place, renames.place(one.aor) if one.aor else None)
            for one in named
        }
        self._renames = renames
        self._speaks_of = speaks_of
        self._fresh: dict[str, int] = {}
        self._before: dict[tuple[str, bytes], bytes] = {}
        """(peer, captured octets) -> how the flow sent them."""

    def block(self, name: str, data: bytes, where: str = "") -> Typed:
        """The block for what a peer sent; its effects on the peer have happened.

        Args:
            where: ` to HOST:PORT` for another socket of the server's.
        """
        peer, message = self.peers[name], Message.read(data)
        typed = self._again(peer, message, data, where) or self._short(peer, message, data, where)
        if typed is None:
            typed = self._raw(peer, message, data, where)
        self._before[name, data] = typed.data
        self._expand(peer, typed.lines)
        return typed

    def done_by_itself(self, name: str, data: bytes, expected: bytes) -> bool:
        """Whether a captured ACK or PRACK is what the peer has done by itself; if so, its ids are learned."""
        message, own = Message.read(data), Message.read(expected)
        if not is_regular(data, message):
            return False
        known = self._renames.put_in(message)
        same = ("Call-ID", "CSeq", "RAck") if own.method == "PRACK" else ("Call-ID", "CSeq")
        if known.uri != own.uri or any(known.get(header) != own.get(header) for header in same):
            return False
        if known.all("Route") != own.all("Route") or known.body != own.body:
            return False
        if message.branch and ("branch", message.branch) not in self._renames.known:
            self._learn_via(message, own)
        self._before[name, data] = expected
        return True

    # -- the three kinds of block ----------------------------------------------------------------------------------

    def _again(self, peer: Peer, message: Message, data: bytes, where: str) -> Typed | None:
        before = self._before.get((peer.name, data))
        if before is None or message.is_reply:
            return None
        for title in (f"> {peer.name} again", f"> {peer.name} again {message.method}"):
            lines = [title + where]
            if self._tried(peer, lines) == before:
                return Typed(lines, before)
        return Typed([f"> {peer.name} raw{where}", *_indented(as_raw(before))], before, True)

    def _short(self, peer: Peer, message: Message, data: bytes, where: str) -> Typed | None:
        if not is_regular(data, message) or not _is_typable(message):
            return None
        best: tuple[int, list[str], bytes, dict[Key, str], set[tuple[str, str]], Message] | None = None
        for title in self._titles(peer, message):
            found = self._differing(peer, message, title, where)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        if best is None:
            return None
        _, lines, sent, learned, left_out, own = best
        for key, value in learned.items():
            self._renames.learn(key, value)
        self._renames.left_out |= left_out
        if not message.is_reply:
            self._learn_via(message, own)
        return Typed(lines, sent)

    def _raw(self, peer: Peer, message: Message, data: bytes, where: str) -> Typed:
        """Octet by octet; ids that are known are renamed where that is safe."""
        if is_regular(data, message):
            data = self._renames.put_in(message).encode()
        call_id, tag = message.call_id, param(message.get("From"), "tag")
        for key in (("call", call_id), ("tag", call_id, tag), ("branch", message.branch)):
            if key[-1] and key not in self._renames.known:  # from now on they are taken
                self._renames.learn(key, key[-1])
        return Typed([f"> {peer.name} raw{where}", *_indented(as_raw(data))], data, True)

    def _titles(self, peer: Peer, message: Message) -> Iterator[str]:
        """The short forms that may fit, without options."""
        begin = f"> {peer.name}"
        if message.is_reply:
            reason = message.first.split(" ", 2)[2] if message.first.count(" ") >= 2 else ""
            said = f"{begin} reply {message.code}"
            if reason != REASONS.get(message.code):
                said += f" {_quoted(reason)}"
            yield said
            yield f"{said} to {message.method}"
            return
        method, uri = message.method, _quoted(self._renames.place(message.uri))
        if method in ("CANCEL", "ACK", "REGISTER"):
            yield f"{begin} {method}"
        elif param(message.get("To"), "tag"):
            yield f"{begin} {method}"
            call_id = self._renames.known.get(("call", message.call_id), message.call_id)
            yield f"{begin} {method} call-id={_quoted(call_id)}"
        yield f"{begin} {method} {uri}"

    # -- what a short form lacks -----------------------------------------------------------------------------------

    def _differing(
        self, peer: Peer, message: Message, title: str, where: str
    ) -> tuple[int, list[str], bytes, dict[Key, str], set[tuple[str, str]], Message] | None:
        """The block with this title and what has to be typed besides: its cost, lines, octets, and what it teaches."""
        renames = self._renames
        body = _body_lines(renames.put_in(message))
        first = self._tried(peer, [title, *_content([], body)])
        if first is None:
            return None
        own = Message.read(first)
        learned = self._ids(peer, message, own)
        wanted = renames.put_in(message, learned)
        if wanted.first != own.first or wanted.method != own.method or wanted.body != own.body:
            return None
        options: list[str] = []
        headers: list[str] = []
        if message.is_reply:
            if any(wanted.get(name) != own.get(name) for name in ("From", "Call-ID", "CSeq")):
                return None
            if wanted.branch != own.branch:
                return None
        else:
            options += self._id_options(wanted, own)
            headers += self._via_lines(peer, message, wanted, own, learned)
        for name in ("From", "To"):
            if (typed := _name_line(name, wanted, own, message.is_reply)) is not None:
                (options if typed.startswith(("tag=", "to-tag=", "from=")) else headers).append(typed)
        left_out: set[tuple[str, str]] = set()
        for name in dict.fromkeys(name for name, _ in (*wanted.headers, *own.headers)):
            if name in _IDS or wanted.all(name) == own.all(name):
                continue
            values = wanted.all(name)
            if values and not own.all(name) and self._is_meaningless(name, message):
                left_out.update((name, value) for value in message.all(name))
            elif name in _INLINE and len(values) == 1 and values[0].isdecimal() and not message.is_reply:
                options.append(f"{_INLINE[name]}={values[0]}")
            else:
                headers += [f"{name}: {value}" for value in values] or [f"- {name}"]
        lines = [" ".join([title, *options]) + where, *_content(headers, body)]
        sent = self._tried(peer, lines)
        if sent is None or not self._is_equivalent(wanted, Message.read(sent), left_out, message):
            return None
        return len(headers) * 10 + len(options) * 3 + len(title), lines, sent, learned, left_out, Message.read(sent)

    def _ids(self, peer: Peer, message: Message, own: Message) -> dict[Key, str]:
        """What the ids of a message are called in the flow, as far as this message is the first to hold them."""
        renames, learned = self._renames, dict[Key, str]()

        def name(key: Key, suggested: str, fresh: Callable[[], str]) -> None:
            if key[-1] and key not in renames.known:
                learned[key] = suggested if suggested and renames.is_free(key, suggested) else fresh()

        call_id = message.call_id
        from_tag, to_tag = (param(message.get(header), "tag") for header in ("From", "To"))
        if message.is_reply:
            name(("tag", call_id, to_tag), param(own.get("To"), "tag"), lambda: self._new(peer, "tag"))
            return learned
        name(("call", call_id), own.call_id, lambda: self._new(peer, "call"))
        name(("tag", call_id, from_tag), param(own.get("From"), "tag"), lambda: self._new(peer, "tag"))
        number = ("number", call_id, from_tag, message.number)
        lower = [
            int(value)
            for key, value in renames.known.items()
            if key[:3] == number[:3] and value.isdecimal() and _number(key[3]) < _number(message.number)
        ]
        next_one = str(max(lower, default=0) + 1)
        is_in_order = own.number.isdecimal() and int(own.number) >= int(next_one)
        name(number, own.number if is_in_order else next_one, lambda: next_one)
        if not renames.is_free(number, learned.get(number, "")) and number in learned:
            learned[number] = message.number
        name(("branch", message.branch), own.branch, lambda: self._new(peer, "branch"))
        return learned

    def _id_options(self, wanted: Message, own: Message) -> Iterator[str]:
        if wanted.call_id != own.call_id:
            yield f"call-id={_quoted(wanted.call_id)}"
        if wanted.number != own.number:
            yield f"cseq={wanted.number}"

    def _via_lines(
        self, peer: Peer, message: Message, wanted: Message, own: Message, learned: Mapping[Key, str]
    ) -> list[str]:
        """Nothing when the Via is what the rules give; `;rport` alone says nothing where the port is right anyway."""
        vias = wanted.all("Via")
        branch = learned.get(("branch", message.branch)) or self._renames.known.get(("branch", message.branch), "")
        if branch:
            vias[0] = re.sub(r"(?i)(;\s*branch\s*=\s*)[^;,\s]+", lambda found: f"{found[1]}{branch}", vias[0], count=1)
        if len(vias) == 1 and _plain_via(vias[0], peer) == own.get("Via"):
            return []
        return [f"Via: {via}" for via in vias]

    def _learn_via(self, message: Message, own: Message) -> None:
        if not message.branch:
            return
        self._renames.learn(("branch", message.branch), own.branch)
        via = own.get("Via")
        has_rport = ";rport" in message.get("Via").split(",")[0].lower()
        self._renames.vias[message.branch] = via, has_rport and ";rport" not in via.lower()

    def _is_equivalent(self, wanted: Message, sent: Message, left_out: set[tuple[str, str]], message: Message) -> bool:
        """Whether nothing but what does not matter is different."""
        if (wanted.first, wanted.body) != (sent.first, sent.body):
            return False
        names = {name for name, _ in (*wanted.headers, *sent.headers)} - {"Via", "Content-Length"}
        out = {name for name, _ in left_out}
        for name in names - out:
            if name == "Record-Route" and message.is_reply:
                continue
            if wanted.all(name) != sent.all(name):
                return False
        return True

    def _is_meaningless(self, name: str, message: Message) -> bool:
        if name == "Record-Route" and message.is_reply:
            return True  # copied from the request into a reply in which nobody looks at it
        return name in MEANINGLESS and not self._speaks_of(name)

    # -- trying ----------------------------------------------------------------------------------------------------

    def _tried(self, peer: Peer, lines: Sequence[str]) -> bytes | None:
        """What the peer would send for a block; nothing has happened then."""
        try:
            return self._expand(_copy(peer), lines)
        except FlowError:
            return None

    def _expand(self, peer: Peer, lines: Sequence[str]) -> bytes:
        blocks = read_document("\n".join(["title: a block", "", *lines, ""])).blocks
        typed = [block for block in blocks if block.kind == "typed"]
        if len(typed) != 1:
            raise FlowError(1, "this is no single block")
        step = read_step(typed[0], typed[0].title, typed[0].content)
        if not isinstance(step, Send):
            raise FlowError(1, "this sends nothing")
        return peer.send(step, raw(step.content, step.line) if step.verb == "raw" else b"")

    def _new(self, peer: Peer, kind: str) -> str:
        """A name that nothing else bears."""
        while True:
            self._fresh[kind] = number = self._fresh.get(kind, 0) + 1
            value = f"z9hG4bK-{peer.name}-x{number}" if kind == "branch" else f"{peer.name}-{kind}-{number}"
            if self._renames.is_free((kind, ""), value):
                return value


def is_regular(data: bytes, message: Message) -> bool:
    """Whether nothing gets lost when a message is taken apart and written anew."""
    head, gap, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not gap or data[:1] in (b"\r", b"\n"):
        return False
    if re.search(rb"(?<!\r)\n|\r(?!\n)|\0", head):
        return False
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")[1:]
    if not all(re.match(rb"[A-Za-z0-9.!%*_+`'~-]+[ \t]*:", line) for line in lines):
        return False
    if any(len(message.all(name)) != 1 for name in _ONCE) or not message.get("Via"):
        return False
    if not re.fullmatch(r"\d{1,10} +\S+", message.get("CSeq")):
        return False
    length = message.all("Content-Length")
    if length not in ([], [str(len(body))]):
        return False
    if message.is_reply:
        return re.match(r"SIP/2\.0 [1-6]\d\d ", message.first) is not None
    return re.fullmatch(r"[A-Z][A-Z0-9.!%*_+`'~-]* \S+ SIP/2\.0", message.first) is not None


def _is_typable(message: Message) -> bool:
    """Whether an editor leaves every line as it is."""
    text = message.body.decode("utf-8", "surrogateescape").replace("\r\n", "")
    lines = [message.first, *(value for _, value in message.headers), text]
    return all(line.replace("\t", " ").isprintable() for line in lines)


def _body_lines(message: Message) -> list[str]:
    lines = message.body.decode("utf-8", "surrogateescape").split("\r\n")
    if len(lines) > 1 and not lines[-1] and message.get("Content-Type").startswith("application/sdp"):
        lines.pop()  # the rules put it back
    return lines if lines != [""] else []


def _content(headers: Sequence[str], body: Sequence[str]) -> list[str]:
    return [*_indented(headers), *(["", *_indented(body)] if body else [])]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"{INDENT}{line}" if line else "" for line in lines]


def _name_line(name: str, wanted: Message, own: Message, is_reply: bool) -> str | None:
    """How a From or To that is not as the rules give it is typed."""
    value, given = wanted.get(name), own.get(name)
    if value == given:
        return None
    tag, own_tag = param(value, "tag"), param(given, "tag")
    if not is_reply and tag and re.fullmatch(r"[\w.~+-]+", tag):
        if _tagged(given, tag) == value:
            return f"{'tag' if name == 'From' else 'to-tag'}={tag}"
        uri = re.fullmatch(r"<(sips?:[\w.@:;=+-]+)>;tag=(\S+)", value)
        if name == "From" and uri and uri[2] == own_tag:
            return f"from={uri[1]}"
    return f"{name}: {value}"


def _tagged(value: str, tag: str) -> str:
    return retagged(value, tag) if param(value, "tag") else f"{value};tag={tag}"


def _plain_via(via: str, peer: Peer) -> str:
    """The Via as the rules would write it, if that means the same."""
    parts = [part.strip() for part in via.split(";")]
    protocol, _, sent_by = parts[0].partition(" ")
    host = f"[{peer.address[0]}]" if ":" in peer.address[0] else peer.address[0]
    port = f":{peer.address[1]}"
    sent_by = sent_by.strip()
    if sent_by not in (host + port, host if peer.address[1] == 5060 else ""):
        return via
    rest = [part for part in parts[1:] if part.lower() != "rport"]
    return ";".join([f"{protocol} {host}{port}", *rest])


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[^\s'\"\\]+", word) else '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _copy(peer: Peer) -> Peer:
    """A peer that may try something; what it has in common with the other is not changed by sending."""
    return replace(
        peer,
        rules=dict(peer.rules),
        sent=list(peer.sent),
        asked=[replace(one) for one in peer.asked],
        dialogs=[replace(one, routes=list(one.routes)) for one in peer.dialogs],
        finals=list(peer.finals),
        acks=dict(peer.acks),
        _seen=set(peer._seen),
    )
