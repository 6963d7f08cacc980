"""From a URL to the driver that opens it. Drivers are imported when a URL asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .api import Database, DatabaseError
from .url import DatabaseUrl, parse_url

if TYPE_CHECKING:
    from ..log import Log


async def open_database(
    url: str | DatabaseUrl, log: Log, *, ping_interval: float = 300, create_file: bool = True
) -> Database:
    """Open the database behind a URL.

    Args:
        ping_interval: seconds between two signs of life asked of an idle server; 0: none.
        create_file: make a database file that is missing.

    Raises:
        BadUrl, NothingListens, DatabaseRefused, DatabaseUnavailable, DatabaseError: with a text for people.
    """
    parts = parse_url(url) if isinstance(url, str) else url
    if parts.engine == "mysql":
        from .mysql import open_mysql

        return await open_mysql(parts, log, ping_interval=ping_interval)
    if parts.engine == "sqlite":
        from .sqlite import open_sqlite

        return await open_sqlite(_file(parts, create_file), log, shown=parts.shown)
    raise DatabaseError(
        f"{parts.shown}: {parts.scheme}:// databases are not supported yet; serpy has mysql:// and sqlite://, or "
        "keeps the data in a file of its own: --db embedded"
    )


def _file(url: DatabaseUrl, create: bool) -> Path:
    path = Path(url.database)
    if not create and not path.exists():
        raise DatabaseError(f"{url.shown}: no such file. To make it, type: serpy db create '{url.typed}'")
    return path
