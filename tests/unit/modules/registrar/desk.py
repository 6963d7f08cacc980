"""A registrar at work, and a client that registers with it."""

from __future__ import annotations

from dataclasses import dataclass

from serpy.dialect import Dialect
from serpy.modules.registrar import Registrar
from serpy.modules.sl import SlModule
from serpy.modules.usrloc import Usrloc
from serpy.script.call import Call
from tests.unit.modules.registrar.fakes import FakeHost, load, request_call, run

BOB = "<sip:bob@127.0.0.1:7200>"


@dataclass
class Answer:
    result: int
    status: str
    contact: str | None
    error: str | None


class Desk:
    """A registrar with its store, and a client that counts its CSeq."""

    def __init__(
        self, dialect: Dialect = Dialect.SER_0_9, usrloc: dict[str, int] | None = None, /, **params: int | str
    ):
        self.host = FakeHost(dialect)
        self.usrloc = load(Usrloc, self.host, None, **(usrloc or {}))
        bound = {"usrloc": self.usrloc, "sl": load(SlModule, self.host)}
        self.registrar = load(Registrar, self.host, bound, **{"default_expires": 120, **params})
        self.cseq = 0

    def call(self, *headers: str, to: str = "<sip:bob@127.0.0.1>", call_id: str = "reg@lab", cseq: int = 0) -> Call:
        self.cseq = cseq or self.cseq + 1
        lines = [
            "REGISTER sip:127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 10.0.0.7:7200;branch=z9hG4bK{self.cseq}",
            "From: <sip:bob@127.0.0.1>;tag=r",
            f"To: {to}",
            f"Call-ID: {call_id}",
            f"CSeq: {self.cseq} REGISTER",
            *headers,
        ]
        return request_call(self.host, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def save(self, *headers: str, command: str = "save", **named: object) -> Answer:
        return self.run(self.call(*headers, **named), command)  # type: ignore[arg-type]

    def run(self, call: Call, command: str = "save") -> Answer:
        result = run(self.registrar, call, command, "location")
        if not call.outbox:
            return Answer(result, "", None, None)
        lines = call.outbox[0].data.decode("latin-1").split("\r\n")
        found = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        return Answer(result, lines[0].removeprefix("SIP/2.0 "), found.get("Contact"), found.get("P-Registrar-Error"))

    def held(self, aor: str = "bob") -> str | None:
        """The bindings as a fetching REGISTER shows them."""
        return self.save(to=f"<sip:{aor}@127.0.0.1>", call_id="fetch@lab").contact
