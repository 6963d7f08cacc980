"""The server's log: SER's levels in front, the standard library's handlers behind."""

from __future__ import annotations

import logging
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .script.call import Call


class Level(IntEnum):
    """SER's levels: what is at or below `debug` is written (SER dialect, 2.8)."""

    ALERT = -3
    CRIT = -2
    ERR = -1
    WARN = 1
    NOTICE = 2
    INFO = 3
    DBG = 4


NOTICE = 25  # between the standard library's INFO (20) and WARNING (30)
logging.addLevelName(NOTICE, "NOTICE")

_STANDARD = {
    Level.ALERT: logging.CRITICAL,
    Level.CRIT: logging.CRITICAL,
    Level.ERR: logging.ERROR,
    Level.WARN: logging.WARNING,
    Level.NOTICE: NOTICE,
    Level.INFO: logging.INFO,
    Level.DBG: logging.DEBUG,
}


class Log:
    """One server's log.

    Texts are written for people: where, what, next step. Where a message is at hand pass its call, so that the line
    ends with the Call-ID. `log.debug_on` guards texts that cost something to make.
    """

    def __init__(self, debug: int = Level.NOTICE) -> None:
        self.logger = logging.Logger("serpy", logging.DEBUG)
        self.debug_level = debug

    @property
    def debug_level(self) -> int:
        """SER's `debug`: lines of a higher level are not written."""
        return self._debug

    @debug_level.setter
    def debug_level(self, debug: int) -> None:
        self._debug = debug
        self.debug_on = debug >= Level.DBG
        self.info_on = debug >= Level.INFO

    def write(self, level: int, text: str, call: Call | None = None, *, call_id: bytes | None = None) -> None:
        """Write one line if the level allows; `call_id` is for where there is no call."""
        if level > self._debug:
            return
        standard = _STANDARD.get(Level(min(max(level, Level.ALERT), Level.DBG)) if level else Level.WARN, logging.DEBUG)
        if call is not None:
            call_id = call.message.call_id
        record = self.logger.makeRecord("serpy", standard, "", 0, text, (), None)
        record.call_id = (call_id or b"").decode("utf-8", "replace")
        self.logger.handle(record)

    def error(self, text: str, call: Call | None = None) -> None:
        self.write(Level.ERR, text, call)

    def warning(self, text: str, call: Call | None = None) -> None:
        self.write(Level.WARN, text, call)

    def notice(self, text: str, call: Call | None = None) -> None:
        self.write(Level.NOTICE, text, call)

    def info(self, text: str, call: Call | None = None) -> None:
        self.write(Level.INFO, text, call)

    def debug(self, text: str, call: Call | None = None) -> None:
        self.write(Level.DBG, text, call)
