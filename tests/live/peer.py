"""A small blocking SIP phone for tests."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.wire import Wire, reply

HOST = "127.0.0.1"
PATIENCE = 5.0

_numbers = itertools.count(1)


class Peer:
    """One user's phone on a port of its own.

    It never answers by itself, unless a rule says so: `bob.rule = lambda request: (200, "OK")`; the rule is followed
    whenever the phone waits for something else.
    """

    def __init__(self, user: str, server: tuple[str, int]) -> None:
        self.user = user
        self.server = server
        self.rule: Callable[[Wire], tuple[int, str] | None] | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self._kept: list[Wire] = []
        self._cseq = 0

    @property
    def uri(self) -> str:
        """The address of record."""
        return f"sip:{self.user}@{self.server[0]}:{self.server[1]}"

    @property
    def contact(self) -> str:
        """Where this phone itself is reached."""
        return f"sip:{self.user}@{HOST}:{self.port}"

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # sending

    def send(self, data: bytes | Wire) -> None:
        """Send these bytes to the server."""
        self._socket.sendto(data.data if isinstance(data, Wire) else data, self.server)

    def request(
        self,
        method: str,
        uri: str,
        *,
        to: str | None = None,
        headers: str = "",
        body: bytes = b"",
        content_type: str | None = "text/plain",
        call_id: str | None = None,
        cseq: int | None = None,
        branch: str | None = None,
        from_uri: str | None = None,
    ) -> Wire:
        """Make a request and send it; `headers` are whole lines with CRLF."""
        number = next(_numbers)
        self._cseq += 1
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{self.port};branch={branch or f'z9hG4bK{self.user}{number}'}",
        ]
        if "max-forwards:" not in headers.lower():
            lines.append("Max-Forwards: 70")
        lines += [
            f"From: <{from_uri or self.uri}>;tag={self.user}{number}",
            f"To: {to or f'<{uri}>'}",
            f"Call-ID: {call_id or f'{self.user}-{number}-{self.port}'}",
            f"CSeq: {cseq or self._cseq} {method}",
        ]
        if body and content_type is not None:
            lines.append(f"Content-Type: {content_type}")
        head = "\r\n".join(lines) + "\r\n" + headers + f"Content-Length: {len(body)}\r\n\r\n"
        sent = Wire(head.encode("utf-8", "surrogateescape") + body)
        self.send(sent)
        return sent

    def answer(self, request: Wire, code: int, reason: str, *, headers: str = "") -> None:
        """Answer a request that came in."""
        self.send(reply(request, code, reason, tag=f"{self.user}tag", headers=headers))

    def acknowledge(self, invite: Wire, final: Wire) -> None:
        """ACK a final answer other than 2xx (RFC 3261 17.1.1.3)."""
        lines = (
            f"ACK {invite.uri} SIP/2.0",
            f"Via: {invite['via']}",
            "Max-Forwards: 70",
            f"From: {invite['from']}",
            f"To: {final['to']}",
            f"Call-ID: {invite.call_id}",
            f"CSeq: {invite['cseq'].split()[0]} ACK",
            "Content-Length: 0",
        )
        self.send("\r\n".join((*lines, "", "")).encode())

    # waiting

    def expect(self, wanted: int | str | Callable[[Wire], bool], *, within: float = PATIENCE) -> Wire:
        """The next message that is a reply with this code, a request with this method, or passes this test.

        Others that come meanwhile are answered by the rule, or kept for a later `expect`.
        """
        fits = _test_for(wanted)
        for kept in self._kept:
            if fits(kept):
                self._kept.remove(kept)
                return kept
        deadline = time.monotonic() + within
        while (message := self._receive(deadline)) is not None:
            if fits(message):
                return message
            self._follow_rule(message)
        raise AssertionError(
            f"{self.user} waited {within} s for {wanted}; there came {[kept.first_line for kept in self._kept]}"
        )

    def expect_final(self, request: Wire, *, within: float = PATIENCE) -> Wire:
        """The final answer to a request of this phone."""
        return self.expect(lambda m: m.code >= 200 and answers(m, request), within=within)

    def expect_nothing(self, unwanted: int | str | Callable[[Wire], bool], *, within: float) -> None:
        """Listen for so long, and fail if such a message comes."""
        fits = _test_for(unwanted)
        assert not [kept.first_line for kept in self._kept if fits(kept)]
        deadline = time.monotonic() + within
        while (message := self._receive(deadline)) is not None:
            assert not fits(message), f"{self.user} got an unwanted {message.first_line}"
            self._follow_rule(message)

    def drain(self) -> list[Wire]:
        """Everything that has come in and was not expected yet, without waiting."""
        while (message := self._receive(time.monotonic())) is not None:
            self._kept.append(message)
        came, self._kept = self._kept, []
        return came

    # whole exchanges

    def register(self, *, expires: int = 600, headers: str = "", contact: str | None = None) -> Wire:
        """Register this phone; its 200."""
        domain = f"sip:{self.server[0]}:{self.server[1]}"
        lines = f"Contact: {contact or f'<{self.contact}>'}\r\nExpires: {expires}\r\n{headers}"
        sent = self.request(
            "REGISTER", domain, to=f"<{self.uri}>", headers=lines, call_id=f"register-{self.user}-{self.port}"
        )
        answer = self.expect_final(sent)
        assert answer.code == 200, answer.data
        return answer

    def message(self, to: str, body: bytes, *, within: float = PATIENCE, headers: str = "") -> Wire:
        """Send a MESSAGE to a user of the server; its final answer."""
        uri = f"sip:{to}@{self.server[0]}:{self.server[1]}"
        headers += f"Contact: <{self.contact}>\r\n"
        return self.expect_final(self.request("MESSAGE", uri, headers=headers, body=body), within=within)

    def receive_message(self, *, code: int = 200, reason: str = "OK", within: float = PATIENCE) -> Wire:
        """Wait for a MESSAGE and answer it."""
        message = self.expect("MESSAGE", within=within)
        self.answer(message, code, reason)
        return message

    def _receive(self, deadline: float) -> Wire | None:
        self._socket.settimeout(max(deadline - time.monotonic(), 0.0) or 0.000_001)
        try:
            return Wire(self._socket.recv(65535))
        except (TimeoutError, BlockingIOError):
            return None

    def _follow_rule(self, message: Wire) -> None:
        answer = self.rule(message) if self.rule is not None and not message.is_reply else None
        if answer is None:
            self._kept.append(message)
        else:
            self.answer(message, *answer)


def answers(message: Wire, request: Wire) -> bool:
    """Whether this is a reply to the request."""
    return message.is_reply and (message.branch, message.get("cseq")) == (request.branch, request.get("cseq"))


def _test_for(wanted: int | str | Callable[[Wire], bool]) -> Callable[[Wire], bool]:
    if isinstance(wanted, int):
        return lambda message: message.code == wanted
    if isinstance(wanted, str):
        return lambda message: not message.is_reply and message.method == wanted
    return wanted
