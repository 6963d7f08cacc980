"""`serpy check FILE...`: all that can be known of a script without serving it, and without database and network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO, cast

from ..apis import Host
from ..cfg.diagnostics import Diagnostic, ScriptError, render
from ..cfg.load import load_script
from ..clock import SystemClock
from ..dialect import Dialect
from ..ids import RandomIds
from ..log import Log
from ..script.core import Core
from ..stats import Stats
from .terminal import has_color
from .unread import advice

CLEAN, WRONG = 0, 2
_SILENT = -1000


class _NoServer:
    """What modules see of a server while their parameters are checked: there is none."""

    core: Core

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.clock, self.ids, self.stats = SystemClock(), RandomIds(), Stats()
        self.log = Log(_SILENT)
        self.listeners = ()


def main(arguments: list[str]) -> int:
    """Carry out `serpy check ...`; the exit code: 0 clean (warnings are), 2 with errors."""
    given = _parser().parse_args(arguments)
    defines = dict(_definition(text) for text in given.define)
    dialect = Dialect(given.dialect) if given.dialect else None
    return run(given.files, dialect=dialect, defines=defines, quiet=given.quiet)


def run(
    paths: Sequence[Path | str],
    *,
    dialect: Dialect | None = None,
    defines: Mapping[str, str] | None = None,
    quiet: bool = False,
    out: TextIO | None = None,
) -> int:
    """Check these scripts and print what was found; the exit code."""
    stream = out or sys.stdout
    color = has_color(stream)
    errors = warnings = 0
    for path in paths:
        try:
            found, summary = check(path, dialect, defines)
        except OSError as error:
            print(f"{path}: error: cannot be read: {error.strerror}\n  = help: {advice(Path(path))}", file=stream)
            errors += 1
            continue
        for diagnostic in found:
            print(render(diagnostic, color=color), end="\n\n", file=stream)
        errors += sum(diagnostic.severity == "error" for diagnostic in found)
        warnings += sum(diagnostic.severity == "warning" for diagnostic in found)
        if summary and not quiet:
            print(f"{path}: {summary}", file=stream)
    if errors or warnings:
        print(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}", file=stream)
    return WRONG if errors else CLEAN


def check(
    path: Path | str, dialect: Dialect | None = None, defines: Mapping[str, str] | None = None
) -> tuple[list[Diagnostic], str]:
    """What was found in one script, and what it is: its dialect and modules ("" with errors).

    Raises:
        OSError: it cannot be read.
    """
    try:
        script = load_script(path, dialect=dialect, defines=defines)
    except ScriptError as error:
        return error.diagnostics, ""
    warnings = script.warnings
    try:
        script.compile(script.instances(cast(Host, _NoServer(script.dialect))))
    except ScriptError as error:
        return [*warnings, *error.diagnostics], ""
    summary = f"ok ({script.dialect.value}: {script.dialect_reason}; {_count(len(script.modules), 'module')})"
    return script.warnings, summary


def _definition(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy check",
        description="Look for mistakes in scripts without serving them. Exit code 0: none; 2: errors.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a script")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing about scripts without mistakes")
    parser.add_argument("-A", dest="define", action="append", default=[], metavar="NAME[=VALUE]", help="define a name")
    parser.add_argument(
        "--dialect", choices=[dialect.value for dialect in Dialect], help="instead of what the script itself tells"
    )
    return parser
