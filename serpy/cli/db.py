"""`serpy db create|check|show`: the tables that a script's modules need."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from ..cfg.diagnostics import ScriptError
from ..db.api import Database, DatabaseError
from ..db.move import CLAIM_COLUMNS
from ..db.open import open_database
from ..db.sqltext import MysqlDialect
from ..db.tables import Column, Table
from ..db.url import BadUrl, parse_url
from ..log import Log
from .terminal import print_findings

if TYPE_CHECKING:
    from ..db.sqltext import Dialect
    from ..module import Module

OK, NOT_IN_ORDER, WRONG_SCRIPT = 0, 1, 2


class Described(Database, Protocol):
    """A database whose schema can be looked at."""

    dialect: Dialect

    async def noted_version(self, table: str) -> int | None: ...


Action = Callable[[Described, Sequence[Table], str], Awaitable[int]]
"""What is done with these tables; the text is the command line that makes them."""


def main(arguments: list[str]) -> int:
    """Carry out `serpy db ...`; the exit code: 0 in order, 1 the database is not, 2 the script or the line is wrong."""
    parser = _parser()
    # intermixed: the URL may stand behind --script FILE
    given = parser.parse_intermixed_args(arguments)
    if not given.url and not given.script:
        parser.error("which database? Give its URL, or the script that names it: --script FILE")
    try:
        wanted = _wanted(given.url, given.script)
    except ScriptError as error:
        print_findings(error.diagnostics, sys.stderr)
        return WRONG_SCRIPT
    except BadUrl as error:
        return _fail(error, WRONG_SCRIPT)
    except OSError as error:
        return _fail(f"cannot read {given.script}: {error.strerror}", WRONG_SCRIPT)
    if not wanted:
        print("No module of this script keeps anything in a database.")
        return OK
    return asyncio.run(_for_each(wanted, given.action, "" if given.script is None else f" --script {given.script}"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy db", description="Make, check and list the tables that modules need.", allow_abbrev=False
    )
    parser.add_argument(
        "action",
        choices=list(_ACTIONS),
        help="create: make what is missing; check: compare what is there; show: list what is needed",
    )
    parser.add_argument("url", metavar="URL", nargs="?", help="mysql://user:password@host/database or sqlite:///path")
    parser.add_argument(
        "--script",
        metavar="FILE",
        type=Path,
        help="the tables of this script, and its URLs where none is given (else: the tables of all modules of serpy, "
        "as their parameters are by default)",
    )
    return parser


def _wanted(url: str | None, script: Path | None) -> dict[str, list[Table]]:
    """The tables by URL; all of them at `url` where it is given.

    Raises:
        ScriptError, OSError: the script cannot be used.
        BadUrl
    """
    wanted: dict[str, list[Table]] = {}
    for module in _modules(script):
        for own_url, table in module.tables():
            tables = wanted.setdefault(url or own_url, [])
            if table not in tables:
                tables.append(table)
    for one in wanted:
        parse_url(one)
    return wanted


def _modules(path: Path | None) -> Sequence[Module]:
    # here, so that `serpy FILE` does not pay for what it does not use, nor this command's --help
    from ..cfg.load import load_script
    from ..db.choose import DatabaseChooser
    from ..host.server import Server
    from ..host.udp import SystemNetwork
    from ..registry import builtin_names

    if path is None:
        lines = [f'loadmodule "{name}.so"' for name in builtin_names()]
        script = load_script(Path("all-modules.cfg"), text="\n".join([*lines, "route { break; }"]).encode())
    else:
        script = load_script(path)
    databases = DatabaseChooser("configured", Path(), True, 0, False, Log())
    # never started: nothing is opened
    return list(Server(script, network=SystemNetwork(), databases=databases).modules.values())


async def _for_each(wanted: dict[str, list[Table]], action: str, script_option: str) -> int:
    code = OK
    for text, tables in wanted.items():
        url = parse_url(text)
        making = f"serpy db create '{url.typed}'{script_option}"
        try:
            database = await open_database(url, Log(), create_file=action == "create")
            try:
                code = max(code, await _ACTIONS[action](cast("Described", database), tables, making))
            finally:
                await database.close()
        except DatabaseError as error:
            code = _fail(error, NOT_IN_ORDER)
    return code


async def _create(database: Described, tables: Sequence[Table], making: str) -> int:
    made = await database.create(tables)
    for table in tables:
        print(f"{database.shown}: {table.name}: {'created' if table.name in made else 'was there already'}")
    if len(made) < len(tables):
        return await _check(database, [table for table in tables if table.name not in made], making)
    return OK


async def _check(database: Described, tables: Sequence[Table], making: str) -> int:
    code = OK
    for table in tables:
        faults, remarks = await _compare(database, table, making)
        for text in (*faults, *remarks):
            print(f"{database.shown}: {table.name}: {text}")
        if faults:
            code = NOT_IN_ORDER
        else:
            print(f"{database.shown}: {table.name}: in order")
    return code


async def _compare(database: Described, table: Table, making: str) -> tuple[list[str], list[str]]:
    """What is wrong with a table as it is there, and what is merely worth knowing."""
    there = await database.columns(table.name)
    if there is None:
        return [f"missing. To make it, type: {making}"], []
    faults: list[str] = []
    remarks: list[str] = []
    alter = f"ALTER TABLE {database.dialect.name(table.name)}"
    lacking = [column for column in table.columns if column.name not in there]
    beside = [column.name for column in lacking if column.name in CLAIM_COLUMNS]
    faults.extend(
        # a numbered column must have an index
        f"the column {column.name} is missing: {alter} ADD {database.dialect.column(column)}"
        f"{' UNIQUE' if column.auto else ''};"
        for column in lacking
        if column.name not in beside
    )
    for column in table.columns:
        holds = there.get(column.name)
        if holds is not None and _least(column) > holds:
            if isinstance(database.dialect, MysqlDialect):
                widen = f"{alter} MODIFY {database.dialect.column(column)};"
            else:
                widen = "SQLite cannot widen it; make the table in a new file"
            faults.append(f"the column {column.name} holds {holds}, not {_least(column)}: {widen}")
    if beside:
        remarks.append(f"lacks {', '.join(beside)}, which serpy keeps in serpy_{table.name} instead")
    return faults, remarks


def _least(column: Column) -> int:
    """The least size that is enough: a body that fits a SIP message over UDP fits 65,536 octets."""
    return column.size or (65536 if column.type == "blob" else 0)


async def _show(database: Described, tables: Sequence[Table], making: str) -> int:
    rows: list[tuple[str, ...]] = []
    for table in tables:
        there = await database.columns(table.name)
        noted = None if there is None else await database.noted_version(table.name)
        state = "missing" if there is None else "there" if noted is None else f"there, version {noted}"
        rows.append((table.name, f"version {table.version}", "", state))
        rows.extend(("", column.name, _kind(column), _found(there, column)) for column in table.columns)
    _print_table(database.shown, ("table", "column", "needed", "in the database"), rows)
    return OK


def _kind(column: Column) -> str:
    size = f" of {column.size}" if column.size else ""
    notes = [note for note, holds in (("numbered", column.auto), ("may be empty", column.null)) if holds]
    return f"{column.type}{size}{' (' + ', '.join(notes) + ')' if notes else ''}"


def _found(there: dict[str, int | None] | None, column: Column) -> str:
    if there is None:
        return ""
    if column.name not in there:
        return "missing"
    size = there[column.name]
    return "there" if size is None else f"there, holds {size}"


def _print_table(title: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table as Grid

        grid = Grid(*header, title=title, title_justify="left")
        for row in rows:
            grid.add_row(*row)
        Console().print(grid)
        return
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    print(title)
    for row in (header, *rows):
        print("  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _fail(error: object, code: int) -> int:
    print(f"serpy: {error}", file=sys.stderr)
    return code


_ACTIONS: dict[str, Action] = {"create": _create, "check": _check, "show": _show}
