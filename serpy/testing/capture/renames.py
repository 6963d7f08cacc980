"""Volatile values of a capture - Call-IDs, tags, branches, numbers, the server's address - and what stands for them.

A value that a peer made is learned from the message that the flow's own rules give in its place; one that the server
made stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...host.network import Address
from ..flow.wire import Message, listed, param
from .passed import place_text

Key = tuple[str, ...]
"""("call", Call-ID), ("tag", Call-ID, tag), ("branch", branch), ("number", Call-ID, From tag, number): as captured."""

SHORTEST = 4
"""A shorter id may stand in a line by chance."""
_WITH_IDS = ("Route", "Record-Route", "Replaces", "Refer-To", "Join", "Target-Dialog", "In-Reply-To")
"""Headers that may hold ids of a dialog somewhere."""


@dataclass(slots=True)
class Renames:
    """What stands for what."""

    places: Mapping[Address, Address]
    """The server's addresses in the capture -> those in the flow."""
    known: dict[Key, str] = field(default_factory=dict)
    used: set[Key] = field(default_factory=set)
    """Values that are taken, by kind: ("call", value); numbers also by Call-ID and From tag."""
    vias: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """A peer's captured branch -> its Via in the flow, and whether `rport` was left out there."""
    left_out: set[tuple[str, str]] = field(default_factory=set)
    """Headers that peers sent and the flow does not."""
    servers: dict[str, str] = field(default_factory=dict)
    """Ids that the server made -> what they are: `call`, `tag`, `branch`."""
    _patterns: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for old, new in self.places.items():
            if old == new:
                continue
            host, new_host = place_text(old).rpartition(":")[0], place_text(new).rpartition(":")[0]
            before, after = r"(?<![\w.:-])", r"(?![\w.-])"
            self._patterns.append((re.compile(f"{before}{re.escape(host)}:{old[1]}{after}"), place_text(new)))
            if host != new_host:
                self._patterns.append((re.compile(rf"(?<![\w.-]){re.escape(host)}{after}"), new_host))

    def learn(self, key: Key, value: str) -> None:
        """From now on this value stands for what the key says."""
        self.known[key] = value
        self.used.add((*key[:-1], value) if key[0] == "number" else (key[0], value))

    def is_free(self, key: Key, value: str) -> bool:
        """Whether this value stands for nothing else."""
        return ((*key[:-1], value) if key[0] == "number" else (key[0], value)) not in self.used

    def put_in(self, message: Message, more: Mapping[Key, str] | None = None) -> Message:
        """The message with everything known replaced; `more` is known for this time."""
        known = {**self.known, **more} if more else self.known
        call_id, from_tag = message.call_id, param(message.get("From"), "tag")
        headers = []
        for name, value in message.headers:
            if name == "Via":
                headers += [("Via", self.place(self._via(one))) for one in listed([value])]
                continue
            if (name, value) in self.left_out:
                continue
            value = self.place(value)
            if name == "Call-ID":
                value = known.get(("call", value), value)
            elif name in ("From", "To"):
                tag = param(value, "tag")
                value = retagged(value, known.get(("tag", call_id, tag), tag))
            elif name == "CSeq":
                value = _numbered(value, call_id, from_tag, known)
            elif name == "RAck":
                first, _, rest = value.partition(" ")
                value = f"{first} {_numbered(rest, call_id, from_tag, known)}"
            elif name in _WITH_IDS:
                value = self._ids(value, call_id, known)
            headers.append((name, value))
        body = self.place(message.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        length = str(len(message.body))
        headers = [
            (name, str(len(body)) if name == "Content-Length" and value == length else value) for name, value in headers
        ]
        return Message(self.place(message.first), tuple(headers), body)

    def place(self, text: str) -> str:
        """The text with the server's captured addresses replaced."""
        for pattern, new in self._patterns:
            text = pattern.sub(lambda _, new=new: new, text)  # type: ignore[misc]
        return text

    def note_servers(self, message: Message) -> None:
        """Remember which ids of a message that the server sends are its own."""
        call_id = message.call_id
        ids: list[tuple[str, Key, str]] = [("call", ("call", call_id), call_id)]
        for name in ("From", "To"):
            tag = param(message.get(name), "tag")
            ids.append(("tag", ("tag", call_id, tag), tag))
        if not message.is_reply:
            ids.append(("branch", ("branch", message.branch), message.branch))
        for kind, key, value in ids:
            if value and key not in self.known:
                self.servers.setdefault(value, kind)

    def _via(self, value: str) -> str:
        known = self.vias.get(param(value, "branch"))
        if known is None:
            return value
        flows, is_bare = known
        parts = [flows.split(";")[0]]
        for part in value.split(";")[1:]:
            name = part.partition("=")[0].strip().lower()
            if name == "branch":
                parts.append(f"branch={param(flows, 'branch')}")
            elif not (is_bare and name in ("rport", "received")):
                parts.append(part)
        return ";".join(parts)

    def _ids(self, value: str, call_id: str, known: Mapping[Key, str]) -> str:
        def other(found: re.Match[str]) -> str:
            text = found[0]
            return known.get(("tag", call_id, text)) or known.get(("call", text)) or text

        return re.sub(r"[^\s;=,<>\"?&]+", other, value)


def retagged(value: str, tag: str) -> str:
    """A From or To value with this tag in the place of the one it has."""
    front, bracket, back = value.rpartition(">")
    return (
        front
        + bracket
        + re.sub(r"(;\s*tag\s*=\s*)[^;,\s]+", lambda found: f"{found[1]}{tag}", back, flags=re.IGNORECASE)
    )


def _numbered(value: str, call_id: str, from_tag: str, known: Mapping[Key, str]) -> str:
    number, blank, method = value.partition(" ")
    return known.get(("number", call_id, from_tag, number), number) + blank + method


def templates(lines: Sequence[str], servers: Mapping[str, str]) -> list[str]:
    """Recorded lines with what the server made up replaced: by a name where it stands more than once."""
    text = "\n".join(lines)
    counts: dict[str, int] = {}
    for token, kind in sorted(servers.items(), key=lambda one: -len(one[0])):
        pattern = re.compile(rf"(?<![\w.-]){re.escape(token)}(?![\w-])")
        times = len(pattern.findall(text)) if len(token) >= SHORTEST and token in text else 0
        if not times:
            continue
        mark = "<~[^;]+>"
        if times > 1:
            counts[kind] = counts.get(kind, 0) + 1
            mark = f"<{kind}-{counts[kind]}>"
        text = pattern.sub(lambda _, mark=mark: mark, text)  # type: ignore[misc]
    return text.split("\n") if lines else []
