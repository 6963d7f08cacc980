"""Alice, the server, and the phones bob and carol, in virtual time."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Self, cast

from serpy.dialect import Dialect
from serpy.modules.tm import Tm
from serpy.testing.lab import Lab

ALICE = ("10.0.0.1", 5060)
BOB = ("10.0.0.2", 5060)
CAROL = ("10.0.0.3", 5060)
TO_BOB = 'rewriteuri("sip:bob@10.0.0.2");'
TO_BOTH = TO_BOB + ' append_branch("sip:carol@10.0.0.3");'


def request(
    method: str,
    *,
    branch: str = "z9hG4bKa1",
    uri: str = "sip:bob@10.0.0.9",
    to_tag: str = "",
    call_id: str = "c1@lab",
    cseq: int = 1,
    headers: str = "",
    without: str = "",
    body: str = "",
) -> bytes:
    """A request of alice's. `branch` may be empty; `without` names a header to leave out."""
    lines = [
        f"{method} {uri} SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1" + (f";branch={branch}" if branch else ""),
        "Max-Forwards: 70",
        "From: <sip:alice@10.0.0.9>;tag=a1",
        "To: <sip:bob@10.0.0.9>" + (f";tag={to_tag}" if to_tag else ""),
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        *headers.splitlines(),
        f"Content-Length: {len(body)}",
    ]
    kept = [line for line in lines if not without or not line.startswith(without + ":")]
    return "\r\n".join([*kept, "", body]).encode()


def reply(received: bytes, status: str, *, tag: str = "b1", headers: str = "") -> bytes:
    """What a phone answers to a request that it received."""
    head = received.decode().partition("\r\n\r\n")[0].split("\r\n")
    lines = [f"SIP/2.0 {status}"]
    for line in head[1:]:
        name = line.partition(":")[0]
        if name in ("Via", "From", "Call-ID", "CSeq"):
            lines.append(line)
        elif name == "To":
            lines.append(line if ";tag=" in line or status.startswith("100") else f"{line};tag={tag}")
    return "\r\n".join([*lines, *headers.splitlines(), "Content-Length: 0", "", ""]).encode()


def tag_of(data: bytes) -> str:
    """The To tag of a message."""
    found = re.search(rb"^To:.*;tag=([^\r;]+)", data, re.MULTILINE)
    return found[1].decode() if found else ""


def first(data: bytes) -> str:
    """A request's method and URI, or a response's code and reason."""
    line = data.decode("latin-1").split("\r\n")[0]
    return line.removeprefix("SIP/2.0 ").removesuffix(" SIP/2.0")


class Scene:
    """A server that runs this script: each `text` is what was sent to somebody since it was last asked for."""

    def __init__(
        self, route: str, *, blocks: str = "", params: str = "", dialect: Dialect = Dialect.SER_0_9, **lab: Any
    ) -> None:
        script = f'listen=10.0.0.9\nloadmodule "tm.so"\n{params}\nroute{{ {route} }}\n{blocks}\n'
        self.lab = Lab(script, dialect=dialect, **lab)
        self.tm = cast(Tm, self.lab.module("tm"))
        self._left: dict[str, list[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lab.close()

    def alice(self, *messages: bytes) -> None:
        """Alice sends these."""
        for data in messages:
            self.lab.send(data, ALICE)

    def invite(self) -> bytes:
        """Alice calls; what bob receives."""
        self.alice(request("INVITE"))
        self.seen(ALICE)
        return self.at(BOB)[0]

    def phone(
        self, source: tuple[str, int], received: bytes, *statuses: str, tag: str = "b1", headers: str = ""
    ) -> None:
        """A phone answers."""
        for status in statuses:
            self.lab.send(reply(received, status, tag=tag, headers=headers), source)

    def at(self, place: tuple[str, int]) -> list[bytes]:
        """What was sent there since this was last asked."""
        for datagram in self.lab.take():
            self._left.setdefault(datagram.to[0], []).append(datagram.data)
        return self._left.pop(place[0], [])

    def seen(self, place: tuple[str, int]) -> list[str]:
        """The same, first lines only."""
        return [first(data) for data in self.at(place)]

    def wait(self, seconds: float) -> None:
        self.lab.advance(seconds)
