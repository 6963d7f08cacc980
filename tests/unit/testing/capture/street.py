"""Real phones around a lab, and a capture of what passes: ids as phones make them, all their usual headers."""

from __future__ import annotations

from serpy.host.network import Address
from serpy.testing.capture.passed import Passed
from serpy.testing.lab import Lab
from tests.unit.testing.capture.captures import STARTED, message
from tests.wire import Wire, reply

AGENT = "User-Agent: Snom/8.7"
LATENCY = 0.004
"""Seconds between what a phone gets and what it says to that."""


class Street:
    """The server of a script, seen from the outside."""

    def __init__(self, script: str) -> None:
        self.lab = Lab(script)
        first = self.lab.server.listeners[0]
        self.server: Address = (first.host, first.port)
        self.passed: list[Passed] = []

    def send(self, place: Address, data: bytes) -> list[Wire]:
        """A phone sends; what came out at once."""
        self.lab.advance(LATENCY)
        self.passed.append(Passed(STARTED + self.lab.elapsed, place, self.server, data))
        self.lab.send(data, place)
        return self.heard()

    def wait(self, seconds: float) -> list[Wire]:
        self.lab.advance(seconds)
        return self.heard()

    def heard(self) -> list[Wire]:
        """What the server has sent since the last time."""
        new = self.lab.take()
        for number, one in enumerate(new):
            # behind what caused it
            self.passed.append(Passed(STARTED + one.at + (number + 1) * 1e-5, one.source, one.to, one.data))
        return [Wire(one.data) for one in new]

    def register(self, user: str, place: Address, number: int = 4711, call: str = "3c26700857a87f84") -> list[Wire]:
        host = f"{place[0]}:{place[1]}"
        return self.send(
            place,
            message(
                f"REGISTER sip:{self.server[0]} SIP/2.0",
                f"Via: SIP/2.0/UDP {host};branch=z9hG4bK-{call}{number};rport",
                f"From: <sip:{user}@{self.server[0]}>;tag=reg{call[:6]}",
                f"To: <sip:{user}@{self.server[0]}>",
                f"Call-ID: {call}@{place[0]}",
                f"CSeq: {number} REGISTER",
                "Max-Forwards: 70",
                AGENT,
                "Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS",
                f"Contact: <sip:{user}@{host}>",
                "Expires: 600",
            ),
        )

    def request(
        self, method: str, place: Address, uri: str, *headers: str, number: int = 1, body: str = ""
    ) -> list[Wire]:
        host = f"{place[0]}:{place[1]}"
        return self.send(
            place,
            message(
                f"{method} {uri} SIP/2.0",
                f"Via: SIP/2.0/UDP {host};branch=z9hG4bK-d8754z-6f{number}a{method.lower()}-1---d8754z-;rport",
                *headers,
                f"CSeq: {number} {method}",
                "Max-Forwards: 70",
                AGENT,
                body=body,
            ),
        )

    def answer(self, place: Address, asked: Wire, code: int, reason: str, headers: str = "") -> list[Wire]:
        return self.send(place, reply(asked, code, reason, tag="b51c0a77", headers=f"{headers}Server: Linphone/3\r\n"))

    def close(self) -> None:
        self.lab.close()
