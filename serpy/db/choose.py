"""Which database stands behind a URL of the script: the configured one, or a file of serpy's own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .api import Database, DatabaseError, DatabaseRefused, DatabaseUnavailable, NothingListens
from .embedded import EmbeddedFile
from .move import holds_messages, move_messages
from .open import open_database
from .tables import Table
from .url import DatabaseUrl, parse_url

if TYPE_CHECKING:
    from ..log import Log
    from ..module import Module

Mode = Literal["auto", "configured", "embedded"]

PING_INTERVAL = 300
RETRY = 0.5
"""Seconds between two attempts to reach a database that a daemon waits for."""


@dataclass(slots=True)
class _Opened:
    database: Database
    url: DatabaseUrl
    file: EmbeddedFile | None = None
    """The embedded file, where that is what was opened."""
    checked: set[str] = field(default_factory=set)
    """The tables that have been seen to be there."""


class DatabaseChooser:
    """Opens the databases of one server, each once.

    Args:
        mode: `configured`: exactly the URLs of the script. `embedded`: a file under `state_dir` in place of each.
            `auto`: as configured, but in the foreground a database on this very host on which nothing listens is
            replaced by such a file; a daemon must not divert messages because it was faster than its database.
        wait: how many seconds a daemon waits for a configured database.
        create_tables: make missing tables in a configured database too.
    """

    def __init__(
        self, mode: Mode, state_dir: Path, foreground: bool, wait: float, create_tables: bool, log: Log
    ) -> None:
        self.notes: list[str] = []
        """For the start banner: what was replaced, moved or made."""
        self._mode: Mode = "configured" if mode == "auto" and not foreground else mode
        self._state_dir = state_dir
        self._wait = 0.0 if foreground else wait
        self._create_tables = create_tables
        self._log = log
        self._modules: Mapping[str, Module] | None = None
        self._opened: dict[str, _Opened] = {}
        self._lock = asyncio.Lock()

    def use_modules(self, modules: Mapping[str, Module]) -> None:
        """The modules that the script loaded: each URL's driver has to be among them, as in SER."""
        self._modules = modules

    async def open(self, url: str, tables: Sequence[Table]) -> Database:
        """The database behind a URL, the same for the same URL, with these tables in it.

        Raises:
            DatabaseError: where, what, next step; never with a password.
        """
        async with self._lock:
            opened = self._opened.get(url)
            if opened is None:
                # a task: drivers want one to be current
                choice = asyncio.get_running_loop().create_task(self._choose(parse_url(url)))
                opened = self._opened[url] = await choice
            unchecked = [table for table in tables if table.name not in opened.checked]
            await self._check_tables(opened, unchecked)
            if opened.file is None:
                await self._move_over(opened, unchecked)
            opened.checked.update(table.name for table in unchecked)
            return opened.database

    async def close(self) -> None:
        """Finish what is under way and close all databases."""
        for opened in {id(opened): opened for opened in self._opened.values()}.values():
            await opened.database.close()
            if opened.file is not None:
                opened.file.unlock()
        self._opened.clear()

    async def _choose(self, url: DatabaseUrl) -> _Opened:
        driver = None if self._modules is None else driver_module_for(url, self._modules)
        if self._mode == "embedded":
            opened = await self._open_embedded(url)
            self.notes.append(f"{url.shown}: kept in {_path(opened)} instead (--db embedded)")
            return opened
        try:
            return _Opened(await self._reach(url, getattr(driver, "ping_interval", PING_INTERVAL)), url)
        except NothingListens as absence:
            if self._mode != "auto" or not url.is_local:
                raise DatabaseUnavailable(f"{absence}, or let serpy keep the data in a file: --db embedded") from None
        opened = await self._open_embedded(url)
        self.notes.append(
            f"{url.shown}: nothing listens there, so the data is kept in {_path(opened)}. To use that database: start "
            f"it, type: serpy db create '{url.typed}', and start serpy again; --db configured insists on it"
        )
        return opened

    async def _reach(self, url: DatabaseUrl, ping_interval: float) -> Database:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._wait
        said = False
        while True:
            try:
                return await open_database(url, self._log, ping_interval=ping_interval, create_file=self._create_tables)
            except DatabaseRefused:
                raise
            except DatabaseUnavailable as error:
                if loop.time() >= end:
                    raise
                if not said:
                    self._log.warning(f"{error} (waiting for it, at most {self._wait:g} s)")
                    said = True
            await asyncio.sleep(RETRY)

    async def _open_embedded(self, url: DatabaseUrl) -> _Opened:
        file = EmbeddedFile(self._state_dir, url)
        for opened in self._opened.values():
            if opened.file is not None and opened.file.path == file.path:
                return opened  # another URL of the same database
        if not file.lock(alone=False):
            raise DatabaseUnavailable(
                f"{file.path}: another serpy is moving its messages to {url.shown}; start again in a moment"
            )
        try:
            return _Opened(await file.open(self._log), url, file)
        except DatabaseError:
            file.unlock()
            raise

    async def _check_tables(self, opened: _Opened, tables: Sequence[Table]) -> None:
        if opened.file is not None or self._create_tables:
            made = await opened.database.create(tables)
            if made and opened.file is None:
                self.notes.append(f"{opened.url.shown}: made the tables {', '.join(made)}")
            return
        missing = [table.name for table in tables if await opened.database.columns(table.name) is None]
        if missing:
            what = f"table {missing[0]} is" if len(missing) == 1 else f"tables {', '.join(missing)} are"
            raise DatabaseError(
                f"{opened.url.shown}: the {what} missing. To make what the modules need, type: "
                f"serpy db create '{opened.url.typed}'{self._script_option(tables)} (or start with --create-tables)"
            )

    def _script_option(self, tables: Sequence[Table]) -> str:
        """What `serpy db create` needs besides, where the script gives a table or a column another name."""
        given = {
            value
            for module in (self._modules or {}).values()
            for value in module.values.values()
            if isinstance(value, str)
        }
        names = {name for table in tables for name in (table.name, *(column.name for column in table.columns))}
        return " --script FILE" if names & given else ""

    async def _move_over(self, opened: _Opened, tables: Sequence[Table]) -> None:
        file = EmbeddedFile(self._state_dir, opened.url)
        tables = [table for table in tables if holds_messages(table)]
        if not tables or not file.path.exists():
            return
        if not file.lock(alone=True):
            self.notes.append(f"{file.path}: used by another serpy, so its messages were not moved")
            return
        try:
            source = await file.open(self._log)
            try:
                for table in tables:
                    moved = await move_messages(source, opened.database, table)
                    self._report_moved(file.path, opened.url, table, moved.count, moved.refused)
            finally:
                await source.close()
        finally:
            file.unlock()

    def _report_moved(self, path: Path, url: DatabaseUrl, table: Table, count: int, refused: Sequence[str]) -> None:
        if count:
            messages = "message" if count == 1 else "messages"
            self.notes.append(f"moved {count} undelivered {messages} from {path} to {url.shown} ({table.name})")
        if refused:
            self.notes.append(f"{len(refused)} messages stay in {path}, refused by the database: {refused[0]}")


def driver_module_for(url: DatabaseUrl, modules: Mapping[str, Module]) -> Module | None:
    """The loaded module that is the driver for a URL; None where none is needed.

    Raises:
        DatabaseError: names the loadmodule line to add.
    """
    for module in modules.values():
        if url.scheme in module.schemes:
            return module
    if url.engine == "mysql":
        raise DatabaseError(
            f"{url.shown}: the driver for {url.scheme}:// is not loaded; add to the script: "
            f'loadmodule "{url.engine}.so"'
        )
    return None


def _path(opened: _Opened) -> Path:
    assert opened.file is not None
    return opened.file.path
