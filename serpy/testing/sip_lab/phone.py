"""A peer of a lab: what it sends, what it answers, and what came in."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from ...host.network import Address
from ..flow.peers import Peer
from ..flow.steps import Rule, Send
from ..flow.wire import Message
from ..flow.world import World
from .apart import apart
from .errors import NoAnswer, told
from .received import SipMessage, listed

if TYPE_CHECKING:
    from .lab import SipLab

PATIENCE = 180.0
"""Virtual seconds that `await` and `.reply` wait for a final reply: longer than any timer of a transaction."""
Body = str | bytes
Headers = Mapping[str, str | int]


class Phone:
    """A peer: what it sends, what it answers, and what came in. ACK and PRACK it sends by itself."""

    def __init__(self, lab: SipLab, world: World, name: str, place: Address, aor: str | None) -> None:
        self.name = name
        self.address = place
        self.received: list[SipMessage] = []
        """Everything that came in so far."""
        self._lab = lab
        self._taken = 0
        self._peer = _Listening(world, name, place, aor)
        self._peer.on_take = self._take
        world.add_peer(self._peer)

    def __repr__(self) -> str:
        return f"Phone({self.name!r})"

    @property
    def aor(self) -> str:
        """Its address of record: `sip:alice@127.0.0.1`."""
        return self._peer.aor

    @property
    def contact(self) -> str:
        """Where it is reached: `<sip:alice@10.0.0.1:5060>`."""
        return self._peer.contact

    @property
    def requests(self) -> list[SipMessage]:
        """The requests among `received`."""
        return [one for one in self.received if not one.status]

    # -- sends -----------------------------------------------------------------------------------------------------

    def request(self, method: str, to: Phone | str = "", body: Body = "", *, headers: Headers | None = None) -> Request:
        """Send a request; a complete one is made by the rules of flow files.

        Args:
            to: a peer or a URI; nothing for a request within the last call.
            headers: take the place of those that the rules give, or come on top.
        """
        uri = to.aor if isinstance(to, Phone) else to
        content = _typed(headers or {}, body)
        step = Send(0, self.name, "request", method, uri, 0, "", (), content, None, None)
        return Request(self._lab, self, Message.read(self._lab.carry_out(step)))

    def register(self, expires: int | None = None, *, headers: Headers | None = None) -> Request:
        """Register where it is reached; `expires=0` takes that back."""
        given = {} if expires is None else {"Expires": expires}
        return self.request("REGISTER", headers={**given, **(headers or {})})

    def message(self, to: Phone | str, text: Body, *, headers: Headers | None = None) -> Request:
        """Send a MESSAGE; its type is text/plain unless `headers` say otherwise."""
        return self.request("MESSAGE", to, text, headers=headers)

    def invite(self, to: Phone | str, sdp: Body = "", *, headers: Headers | None = None) -> Request:
        """Call somebody."""
        return self.request("INVITE", to, sdp, headers=headers)

    def cancel(self) -> Request:
        """Cancel the last INVITE."""
        return self.request("CANCEL")

    def bye(self) -> Request:
        """Hang up: a BYE within the last call."""
        return self.request("BYE")

    def reply(
        self, status: int, reason: str = "", *, to: str = "", headers: Headers | None = None, body: Body = ""
    ) -> None:
        """Answer the oldest request that has no final answer yet; `to`: a method, to answer one of those."""
        content = _typed(headers or {}, body)
        self._lab.carry_out(Send(0, self.name, "reply", to, "", status, reason, (), content, None, None))

    def send(self, data: bytes) -> None:
        """Send octets as they are."""
        with told(), apart():
            self._peer.put(Message.read(data), data, self.address[1])
        self._lab.advance(0)

    # -- answers ---------------------------------------------------------------------------------------------------

    def answers(self, method: str, how: str = "200") -> None:
        """How it answers requests by itself from now on.

        Args:
            method: `*` for every one without a rule of its own.
            how: as in a flow file: `180 after 1s, 200 after 5s`.
        """
        self._lab.do(f"{self.name} answers {method} {how}")

    def ignores(self, method: str) -> None:
        """Answer no such request from now on; `reply` still does."""
        self._lab.carry_out(Rule(0, self.name, method, (), ()))

    # -- receives --------------------------------------------------------------------------------------------------

    def receive(self, what: str | int = "", within: float = PATIENCE) -> SipMessage:
        """The next message that came in and was not received yet; waits for it if it must.

        Args:
            what: the method of a request, or the status of a reply; others before it are passed over.
                Nothing: any request.
            within: virtual seconds to wait for it.

        Raises:
            NoAnswer: it did not come.
        """

        def found() -> int | None:
            for place in range(self._taken, len(self.received)):
                one = self.received[place]
                if one.status == what or (not one.status and what in ("", one.method)):
                    return place
            return None

        self._lab.wait_for(lambda: found() is not None, within)
        place = found()
        if place is None:
            passed = self.received[self._taken :]
            raise NoAnswer(
                f"{self.name} received no {what or 'request'} within {within:g} s (what came instead: {listed(passed)})"
            )
        self._taken = place + 1
        return self.received[place]

    def _take(self, data: bytes) -> None:
        self.received.append(SipMessage(Message.read(data), data, self._lab.elapsed))
        self._lab.something_came()


class Request:
    """A request that was sent. `await` it, or ask for its `reply`: the final one."""

    def __init__(self, lab: SipLab, phone: Phone, message: Message) -> None:
        self._lab = lab
        self._phone = phone
        self._message = message
        self._before = len(phone.received)

    def __await__(self) -> Generator[Any, None, SipMessage]:
        # it never suspends: the lab runs its own loop until the reply is there
        yield from ()
        return self.within(PATIENCE)

    @property
    def reply(self) -> SipMessage:
        """The final reply; virtual time passes until it is there.

        Raises:
            NoAnswer
        """
        return self.within(PATIENCE)

    def within(self, seconds: float) -> SipMessage:
        """The final reply, which has to come within so many virtual seconds.

        Raises:
            NoAnswer
        """
        self._lab.wait_for(lambda: self.final is not None, seconds)
        if self.final is None:
            asked = f"{self._phone.name}'s {self._message.shown}"
            raise NoAnswer(f"{asked} got no final reply within {seconds:g} s (replies: {listed(self.replies)})")
        return self.final

    @property
    def replies(self) -> list[SipMessage]:
        """All replies that are there now, provisional ones too."""
        wanted = (self._message.branch, self._message.method)
        return [
            one for one in self._phone.received if one.status and (one.message.branch, one.message.method) == wanted
        ]

    @property
    def final(self) -> SipMessage | None:
        """The final reply if it is there now; nothing waits."""
        return next((one for one in self.replies if one.status >= 200), None)


class _Listening(Peer):
    """A peer that tells what comes in."""

    on_take: Callable[[bytes], None]

    def take(self, data: bytes, port: int) -> None:
        self.on_take(data)
        Peer.take(self, data, port)


def _typed(headers: Headers, body: Body) -> tuple[str, ...]:
    """Headers and body as the lines of a flow's block."""
    text = body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else body
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return (*lines, "", *text.replace("\r\n", "\n").split("\n")) if text else tuple(lines)
