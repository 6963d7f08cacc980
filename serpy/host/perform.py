"""Carrying out what commands want done."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING

from ..effects import Target
from ..log import Level, Log
from ..stats import Stats
from .addresses import bracketed

if TYPE_CHECKING:
    from ..script.call import Call

_FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS)
"""The kernel has no room for a datagram at this moment."""
_CALL_ID = re.compile(rb"^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class Performer:
    """Sends for one server."""

    __slots__ = ("_log", "_stats")

    def __init__(self, log: Log, stats: Stats) -> None:
        self._log = log
        self._stats = stats

    def send(self, data: bytes, target: Target) -> None:
        """Send now.

        Where the kernel's buffer is full the datagram counts as lost on its way, not as a destination out of reach:
        its retransmission makes up for it.

        Raises:
            OSError: it could not be sent.
        """
        try:
            target.listener.send(data, target.host, target.port)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self._stats["send.no_room"] += 1
            if self._log.debug_on:
                place = f"{bracketed(target.host)}:{target.port}"
                self._log.debug(f"{_first_line(data)} to {place} is lost: the socket's buffer is full")
            return
        if self._log.info_on:
            self._tell(data, target)

    def perform(self, call: Call) -> None:
        """Carry out what the call's outbox holds, and empty it; a failure is logged and counted."""
        for data, target in call.outbox:
            try:
                self.send(data, target)
            except OSError as error:
                self._stats["send.failed"] += 1
                self._log.error(
                    f"cannot send {_first_line(data)} to {bracketed(target.host)}:{target.port}: "
                    f"{error.strerror or error}",
                    call,
                )
        call.outbox.clear()

    def _tell(self, data: bytes, target: Target) -> None:
        is_reply = data[:4] == b"SIP/"
        level = Level.INFO if is_reply else Level.DBG
        if level == Level.DBG and not self._log.debug_on:
            return
        line = _first_line(data)
        text = line.removeprefix("SIP/2.0 ") if is_reply else line.removesuffix(" SIP/2.0")
        found = _CALL_ID.search(data)
        self._log.write(
            level, f"-> {text} to {bracketed(target.host)}:{target.port}", call_id=found and found[1].strip()
        )


def _first_line(data: bytes) -> str:
    return data.lstrip(b"\r\n")[:200].partition(b"\n")[0].strip().decode("utf-8", "backslashreplace")
