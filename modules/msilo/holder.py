"""Who delivers: the name under which this process claims rows, and whether another's owner is still alive (D8)."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

RETRY = "retry"
"""In the place of a holder: nobody holds the row, and a tick may try it again before the next registration."""
NOBODY = ""
"""In the place of a holder: the row waits for its owner's next registration."""


def machine() -> str:
    """A name for the process numbers that we can ask about: this host, since its last boot, in this container."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    namespace = Path("/proc/self/ns/pid")
    text = socket.gethostname()
    try:
        text += boot.read_text() + str(namespace.stat().st_ino)
    except OSError:
        # without /proc two containers cannot be told apart: then no holder is ever taken for dead
        text += os.urandom(8).hex()
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def holder_name(token: bytes, process: str = "") -> str:
    """This process's name; `token` tells apart two servers in one process, and two processes with one number."""
    return f"{process or f'{machine()}:{os.getpid()}'}:{token.decode('ascii')}"[:64]


def is_dead(holder: str, us: str) -> bool:
    """True when the holder was a process on this machine that has ended: its claims need not run out.

    When in doubt it lives: another machine's holder, and a number that is in use again.
    """
    parts = holder.split(":")
    if len(parts) != 3 or parts[0] != us.split(":")[0] or not parts[1].isdecimal():
        return False
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
