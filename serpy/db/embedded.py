"""The database that serpy keeps itself: one SQLite file for each URL that it stands in for."""

from __future__ import annotations

import fcntl
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from .api import DatabaseUnavailable
from .url import MYSQL_PORT, DatabaseUrl

if TYPE_CHECKING:
    from ..log import Log
    from .sqlite import SqliteDatabase


def default_state_dir() -> Path:
    """The user's data directory for serpy."""
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "share") / "serpy"


def embedded_path(state_dir: Path, url: DatabaseUrl) -> Path:
    """The file for a URL: the same for the same database, whoever asks and however this host is written."""
    if url.engine in ("sqlite", "text"):
        parts = [url.engine, url.database]
    else:
        port = str(url.port) if url.port not in (0, MYSQL_PORT) else ""
        parts = [url.engine, "localhost" if url.is_local else url.host.lower(), port, url.database]
    plain = "-".join(part for part in parts if part)
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("_.")
    if name != plain:  # two names must not become one
        name += "-" + sha256(plain.encode()).hexdigest()[:8]
    return state_dir / f"{name}.sqlite3"


class EmbeddedFile:
    """The file behind a URL, and a lock beside it: shared by the servers that use the file, held alone while its
    rows are moved elsewhere."""

    def __init__(self, state_dir: Path, url: DatabaseUrl) -> None:
        self.path = embedded_path(state_dir, url)
        self._lock: int | None = None

    def lock(self, *, alone: bool) -> bool:
        """Take the lock; False when another server uses the file.

        Raises:
            DatabaseUnavailable: the folder cannot be used.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseUnavailable(
                f"{error.filename}: {error.strerror}; name a folder that can be written to: --state-dir DIR"
            ) from error
        try:
            fcntl.flock(self._lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            self.unlock()
            return False
        return True

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def open(self, log: Log) -> SqliteDatabase:
        """Open the file, which is made where it is missing.

        Raises:
            DatabaseUnavailable
        """
        from .sqlite import open_sqlite  # here, so that a server on MySQL never loads it

        return await open_sqlite(self.path, log)
