"""A SIP message as the tests read it: on purpose none of serpy's own code, so that a fault there cannot hide itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "c": "content-type",
    "l": "content-length",
}


@dataclass(frozen=True)
class Wire:
    """One datagram, taken apart: the first line, the headers in their order, the body."""

    data: bytes

    @cached_property
    def _split(self) -> tuple[str, bytes]:
        head, _, body = self.data.lstrip(b"\r\n").partition(b"\r\n\r\n")
        return head.decode("utf-8", "surrogateescape"), body

    @property
    def first_line(self) -> str:
        return self._split[0].split("\r\n", 1)[0]

    @property
    def body(self) -> bytes:
        return self._split[1]

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """(name in lower case and in its long form, value), continuation lines joined."""
        lines = re.sub(r"\r\n[ \t]+", " ", self._split[0]).split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines)
        return [(_COMPACT.get(name.strip().lower(), name.strip().lower()), value.strip()) for name, _, value in pairs]

    def all(self, name: str) -> list[str]:
        """The values of every header of this name."""
        return [value for known, value in self.headers if known == name.lower()]

    def __getitem__(self, name: str) -> str:
        """The first header of this name.

        Raises:
            KeyError: there is none.
        """
        values = self.all(name)
        if not values:
            raise KeyError(f"no {name} in {self.first_line!r}")
        return values[0]

    def get(self, name: str) -> str | None:
        """The first header of this name; None when there is none."""
        return next(iter(self.all(name)), None)

    @property
    def is_reply(self) -> bool:
        return self.first_line[:4].upper() == "SIP/"

    @property
    def code(self) -> int:
        """The status of a reply; 0 for a request."""
        return int(self.first_line.split(" ")[1]) if self.is_reply else 0

    @property
    def reason(self) -> str:
        return self.first_line.split(" ", 2)[2]

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a reply answers."""
        return self["cseq"].split()[-1] if self.is_reply else self.first_line.split(" ")[0]

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.first_line.split(" ")[1]

    @property
    def call_id(self) -> str:
        return self["call-id"]

    @property
    def branch(self) -> str:
        """The branch of the top Via; empty when it has none."""
        return param(self["via"], "branch") or ""

    @property
    def to_tag(self) -> str | None:
        return param(self["to"], "tag")

    @property
    def from_tag(self) -> str | None:
        return param(self["from"], "tag")


def param(value: str, name: str) -> str | None:
    """A parameter of a Via, From or To value, as written."""
    found = re.search(rf";\s*{name}\s*=\s*([^;,>\s]+)", value.rpartition(">")[2] or value, re.IGNORECASE)
    return found[1] if found else None


def address(value: str) -> str:
    """The URI of a From, To or Contact value, without brackets and header parameters."""
    bracketed = re.search(r"<([^>]*)>", value)
    return bracketed[1] if bracketed else value.split(";")[0].strip()


def reply(request: Wire, code: int, reason: str, *, tag: str = "", headers: str = "", body: bytes = b"") -> bytes:
    """An answer to a request, as RFC 3261 8.2.6 asks for it."""
    lines = [f"SIP/2.0 {code} {reason}"]
    lines += [f"Via: {value}" for value in request.all("via")]
    to = request["to"] if not tag or request.to_tag else f"{request['to']};tag={tag}"
    lines += [f"From: {request['from']}", f"To: {to}", f"Call-ID: {request.call_id}", f"CSeq: {request['cseq']}"]
    head = "\r\n".join(lines) + "\r\n" + headers + f"Content-Length: {len(body)}\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + body
