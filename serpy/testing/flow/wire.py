"""A SIP message as peers and recordings read it; not by the server's own parser, whose faults they would share."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

_LONG = {
    "v": "Via",
    "f": "From",
    "t": "To",
    "i": "Call-ID",
    "m": "Contact",
    "c": "Content-Type",
    "l": "Content-Length",
    "s": "Subject",
    "k": "Supported",
    "e": "Content-Encoding",
    "o": "Event",
    "r": "Refer-To",
}
_KNOWN = ("Call-ID", "CSeq", "MIME-Version", "WWW-Authenticate", "RSeq", "RAck", "SIP-ETag", "SIP-If-Match")
_SPELT = {name.lower(): name for name in _KNOWN}


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """A header's name in its long form and usual spelling: `call-id` is `Call-ID`."""
    low = name.strip().lower()
    return _LONG.get(low) or _SPELT.get(low) or "-".join(part.capitalize() for part in low.split("-"))


@dataclass(frozen=True)
class Message:
    """A message: first line, headers in their order, body."""

    first: str
    headers: tuple[tuple[str, str], ...]
    """(name in the usual spelling, value)."""
    body: bytes = b""

    @staticmethod
    @lru_cache(maxsize=256)  # each one is read by its sender, its receiver and the recording
    def read(data: bytes) -> Message:
        """Take octets apart; never fails, a hopeless one has no headers."""
        head, _, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
        text = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "surrogateescape"))
        first, *lines = text.split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return Message(first, tuple((canonical(name), value.strip()) for name, colon, value in pairs if colon), body)

    def encode(self) -> bytes:
        lines = (self.first, *(f"{name}: {value}" for name, value in self.headers), "", "")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body

    def with_headers(self, headers: list[tuple[str, str]]) -> Message:
        return replace(self, headers=tuple(headers))

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    def get(self, name: str) -> str:
        """The first header of this name; empty when there is none."""
        return next((value for known, value in self.headers if known == name), "")

    @property
    def is_reply(self) -> bool:
        return self.first[:4].upper() == "SIP/"

    @cached_property
    def code(self) -> int:
        """The status of a reply; 0 for a request."""
        word = self.first.split(" ")[1:2]
        return int(word[0]) if self.is_reply and word and word[0].isdecimal() else 0

    @cached_property
    def method(self) -> str:
        """The method of a request, or of the request that a reply answers."""
        return (self.get("CSeq").split() or [""])[-1] if self.is_reply else self.first.split(" ")[0]

    @property
    def number(self) -> str:
        """The number of CSeq."""
        return (self.get("CSeq").split() or [""])[0]

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return [*self.first.split(" "), ""][1]

    @property
    def call_id(self) -> str:
        return self.get("Call-ID")

    @property
    def branch(self) -> str:
        """The branch of the top Via."""
        return param(self.get("Via").split(",")[0], "branch")

    @property
    def shown(self) -> str:
        """What follows a peer's name: `202 Accepted`, `MESSAGE sip:bob@10.0.0.2`."""
        if self.is_reply:
            return self.first.partition(" ")[2]
        return self.first.removesuffix(" SIP/2.0")


def param(value: str, name: str) -> str:
    """A parameter of a Via, From, To or Contact value, as written; empty when it is not there."""
    found = re.search(rf";\s*{name}\s*=\s*([^;,>\s]+)", value.rpartition(">")[2] or value, re.IGNORECASE)
    return found[1] if found else ""


def address(value: str) -> str:
    """The URI of a From, To or Contact value."""
    bracketed = re.search(r"<([^>]*)>", value)
    return bracketed[1] if bracketed else value.split(";")[0].strip()


def listed(values: list[str]) -> list[str]:
    """The single values of headers that may hold several, as Record-Route does."""
    return [one.strip() for value in values for one in re.findall(r"(?:<[^>]*>|\"[^\"]*\"|[^,<\"])+", value)]
