"""Messages that a peer received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..flow.wire import Message, canonical


@dataclass(frozen=True, slots=True)
class SipMessage:
    """A message that a peer received."""

    message: Message
    raw: bytes
    """The octets."""
    at: float
    """Virtual seconds since the start."""

    @property
    def status(self) -> int:
        """Of a reply: `200`; 0 for a request."""
        return self.message.code

    @property
    def reason(self) -> str:
        """Of a reply: `OK`."""
        return self.message.first.split(" ", 2)[-1] if self.status else ""

    @property
    def method(self) -> str:
        """Of a request, or of the one that a reply answers."""
        return self.message.method

    @property
    def uri(self) -> str:
        """Of a request: the Request-URI."""
        return "" if self.status else self.message.uri

    @property
    def headers(self) -> HeaderFields:
        return HeaderFields(self.message)

    @property
    def body(self) -> bytes:
        return self.message.body

    @property
    def text(self) -> str:
        """The body as text."""
        return self.message.body.decode("utf-8", "surrogateescape")

    def __str__(self) -> str:
        return self.message.shown


class HeaderFields(Mapping[str, str]):
    """A message's headers by name: large and small letters and short forms are the same, `["t"]` is `["To"]`."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def __getitem__(self, name: str) -> str:
        """The first one of this name.

        Raises:
            KeyError: there is none.
        """
        values = self._message.all(canonical(name))
        if not values:
            raise KeyError(name)
        return values[0]

    def all(self, name: str) -> list[str]:
        """Every one of this name, in their order."""
        return self._message.all(canonical(name))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self._message.headers))

    def __len__(self) -> int:
        return len({name for name, _ in self._message.headers})

    def __repr__(self) -> str:
        return repr(dict(self._message.headers))


def listed(messages: Sequence[SipMessage]) -> str:
    """What came, in a few words."""
    return ", ".join(map(str, messages)) or "nothing"
