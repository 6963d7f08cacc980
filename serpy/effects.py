"""What a command or a transaction machine wants done, as small values; `host.perform` carries them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .apis import Listener


class Target(NamedTuple):
    """Where bytes go: one address, over one listener's socket."""

    listener: Listener
    """The listener to send from; it knows the transport."""
    host: str
    """An IP address as text, without brackets."""
    port: int


class Send(NamedTuple):
    """Send these bytes; a failure is logged and counted, nobody waits for it."""

    data: bytes
    target: Target
