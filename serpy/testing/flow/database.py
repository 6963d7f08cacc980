"""The database of a flow: rows that are there from the start, and commands that fail when they are told to."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from ...db.memory import MemoryDatabase, MemoryDatabases
from ...db.tables import Table
from ...module import Command, Module
from .document import FlowError, Unmet
from .head import CommandFails, Head
from .tables import preload


class FlowDatabases(MemoryDatabases):
    """The flow's database: rows that are there from the start, and commands that fail.

    Modules are shown to it between their making and the compiling of the routes: the moment to change what the script
    calls.
    """

    def __init__(self, head: Head) -> None:
        super().__init__()
        self._rows = {rows.table: rows for rows in head.rows}
        self._failing = head.failing
        self._happened: set[CommandFails] = set()

    def use_modules(self, modules: Mapping[str, Module]) -> None:
        for fails in self._failing:
            named = [
                (module, declared)
                for module in modules.values()
                for declared in type(module).commands.get(fails.command, ())
            ]
            if not named:
                raise FlowError(
                    fails.line, f"no module of the script has a command {fails.command}", "see how the script writes it"
                )
            for module, declared in named:
                _let_fail(module, declared, fails, self._happened.add)

    async def open(self, url: str, tables: Sequence[Table]) -> MemoryDatabase:
        database = await super().open(url, tables)
        for table in tables:
            rows = self._rows.pop(table.name, None)
            if rows is not None:
                preload(database, table.name, rows.rows, rows.line)
        return database

    def check(self) -> None:
        """Make sure that all rows found their table.

        Raises:
            FlowError
        """
        for rows in self._rows.values():
            raise FlowError(
                rows.line, f"no module of the script uses a table {rows.table}", "see the name of the table"
            )

    def check_failed(self) -> None:
        """Make sure that each call that should fail was made.

        Raises:
            Unmet
        """
        for fails in self._failing:
            if fails not in self._happened:
                which = f"a call number {fails.call}" if fails.call else "a call"
                raise Unmet(
                    fails.line,
                    f"{fails.command} should fail, and {which} never came",
                    "take the line out, or see why the script does not come there",
                )


def _let_fail(module: Module, failing: Command, fails: CommandFails, happened: Callable[[CommandFails], None]) -> None:
    """Let a command answer false at its n-th call from the script."""
    bind = module.bind
    false = False if failing.is_bool else -1
    calls = 0

    def fails_now() -> bool:
        nonlocal calls
        calls += 1
        if fails.call not in (0, calls):
            return False
        happened(fails)
        return True

    def bind_failing(declared: Command) -> Callable[..., Any]:
        function = bind(declared)
        if declared.name != failing.name:
            return function
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def waiting(*arguments: Any) -> Any:
                return false if fails_now() else await function(*arguments)

            return waiting

        @wraps(function)
        def plain(*arguments: Any) -> Any:
            return false if fails_now() else function(*arguments)

        return plain

    module.bind = bind_failing  # type: ignore[method-assign]
