"""What the network does to single datagrams: loss, delay, duplicates, disorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...host.network import Address
from .document import Unmet
from .duration import shown
from .steps import Impair


@dataclass(frozen=True, slots=True)
class Flight:
    """A datagram on its way."""

    data: bytes
    source: Address
    to: Address
    direction: str
    """`to` or `from` a peer."""
    peer: str
    """That peer's name, or the address."""


@dataclass(slots=True)
class _Pending:
    step: Impair
    left: int
    held: list[Flight] = field(default_factory=list)


class Impairments:
    """The impairments that wait for their datagrams, the first one first."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []

    def add(self, step: Impair) -> None:
        self._pending.append(_Pending(step, step.count))

    def meet(self, flight: Flight) -> tuple[str, Sequence[tuple[float, Flight]]]:
        """What becomes of a datagram: a word for the recording ("" when nothing happens to it), and what arrives,
        each after so many seconds."""
        for pending in self._pending:
            step = pending.step
            if step.direction not in ("", flight.direction) or step.peer not in ("", flight.peer):
                continue
            pending.left -= 1
            if not pending.left:
                self._pending.remove(pending)
            match step.what:
                case "drop":
                    return "dropped", ()
                case "delay":
                    return f"delayed by {shown(step.seconds)}", [(step.seconds, flight)]
                case "duplicate":
                    return "duplicated", [(0.0, flight), (0.0, flight)]
                case "reorder":
                    pending.held.append(flight)
                    if pending.left:
                        return "held back", ()
                    return "", [(0.0, one) for one in reversed(pending.held)]
        return "", [(0.0, flight)]

    def check(self) -> None:
        """Make sure that nothing still waits for its datagram.

        Raises:
            Unmet
        """
        for pending in self._pending:
            step = pending.step
            whom = f" {step.direction} {step.peer}" if step.peer else ""
            came = step.count - pending.left
            raise Unmet(
                step.line,
                f"`{step.what} next` still waits for {'another' if came else 'a'} datagram{whom}",
                "no such datagram came behind this line; move it, or take it out",
            )
