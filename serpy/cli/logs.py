"""Where the log goes: lines on stderr, or syslog for a daemon (D35)."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import TextIO

from ..log import Log
from .terminal import has_color

_COLORS = {logging.CRITICAL: "1;31", logging.ERROR: "31", logging.WARNING: "33", logging.INFO: "36", logging.DEBUG: "2"}
SYSLOG = Path("/dev/log")


class Lines(logging.Formatter):
    """One line for each event: time, level, text and Call-ID."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._color = has_color(stream)
        # who looks at a terminal knows the day
        self._time = "%H:%M:%S" if stream.isatty() else "%Y-%m-%d %H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime(self._time, time.localtime(record.created))
        level, text = f"{record.levelname:<8}", record.getMessage()
        if self._color:
            level = f"\x1b[{_COLORS.get(record.levelno, '0')}m{level}\x1b[0m"
        return f"{moment}.{record.msecs:03.0f} {level} {text}{_call_id(record)}"


class _SyslogText(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"serpy[{record.process}]: {record.getMessage()}{_call_id(record)}"


def _call_id(record: logging.LogRecord) -> str:
    call_id: str = getattr(record, "call_id", "")
    return f" [{call_id}]" if call_id else ""


def log_to_stderr(log: Log) -> None:
    """Send the log to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(sys.stderr))
    log.logger.addHandler(handler)


def log_to_syslog(log: Log, facility: str) -> None:
    """Send the log to syslog; `facility` as in syslog(3): `LOG_LOCAL0`.

    Raises:
        OSError: no syslog listens on this machine.
        ValueError: there is no such facility.
    """
    from logging.handlers import SysLogHandler

    number = SysLogHandler.facility_names.get(facility.lower().removeprefix("log_"))
    if number is None:
        known = ", ".join(f"LOG_{name.upper()}" for name in sorted(SysLogHandler.facility_names))
        raise ValueError(f"log_facility={facility}: there is no such facility; known are {known}")
    if not SYSLOG.exists():
        raise FileNotFoundError(f"there is no {SYSLOG}")
    handler = SysLogHandler(str(SYSLOG), number)
    handler.setFormatter(_SyslogText())
    log.logger.addHandler(handler)
