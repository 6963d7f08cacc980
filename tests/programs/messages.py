"""Messages that programs run on, with what a script can see of them: told here, not read from their octets."""

from __future__ import annotations

from dataclasses import dataclass

URIS: dict[str, bool | None] = {
    "sip:bob@here.org": True,
    "sip:x@elsewhere.net": False,
    "sip:carol@here.org:5070": False,
    "sip:here.org;transport=udp": True,
    "sip:bob@[x": None,
}
"""Request-URIs, and whether they are `myself`; None: cannot be told, the URI is broken."""

AVP_FLAGS = ("shown", "kept")
NAMED_FLAGS = {"VOICE": 3, "nat_flag": 31, "third": 0}


@dataclass(frozen=True)
class Message:
    """A message and the values of the operands; None: it cannot be had, which is an error in a comparison."""

    name: str
    method: str
    uri: str
    from_uri: str | None
    to_uri: str
    from_is_myself: bool
    to_is_myself: bool
    source: tuple[str, int]
    is_reply: bool = False

    @property
    def data(self) -> bytes:
        """Its octets."""
        first = f"SIP/2.0 {self.uri} Fine" if self.is_reply else f"{self.method} {self.uri} SIP/2.0"
        lines = [first, f"Via: SIP/2.0/UDP {self._via};branch=z9hG4bK1"]
        if self.from_uri is not None:
            lines.append(f"From: <{self.from_uri}>;tag=1")
        verb = "INVITE" if self.is_reply else self.method
        lines += [f"To: <{self.to_uri}>", "Call-ID: 1@x", f"CSeq: 1 {verb}", "Content-Length: 0", "", ""]
        return "\r\n".join(lines).encode()

    @property
    def _via(self) -> str:
        host, port = self.source
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


_ALICE, _BOB = "sip:alice@There.org", "sip:bob@here.org"

REQUESTS = (
    Message("message", "MESSAGE", _BOB, _ALICE, _BOB, False, True, ("10.0.0.1", 5070)),
    Message(
        "invite", "INVITE", "sip:x@elsewhere.net", None, "sip:x@elsewhere.net", False, False, ("192.168.1.77", 5060)
    ),
    Message("broken", "BYE", "sip:bob@[x", _BOB, "sip:b@b", True, False, ("2001:db8::7", 5061)),
)
REPLY = Message("reply", "SIP/2.0", "180", "sip:a@b", "sip:bob@here.org", False, True, ("10.0.0.9", 5060), True)
