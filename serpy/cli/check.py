"""`serpy check FILE...`: all that can be known of a script without serving it, and without database and network."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from ..cfg.diagnostics import Diagnostic, ScriptError, suggest
from ..cfg.load import load_script
from ..cfg.source import Source
from ..clock import SystemClock
from ..dialect import Dialect
from ..ids import RandomIds
from ..log import Log
from ..report.findings import Checked, in_order
from ..stats import Stats
from .define import add_defines
from .unread import advice

if TYPE_CHECKING:
    from ..apis import Host
    from ..script.core import Core

CLEAN, WARNED, WRONG = 0, 1, 2
FORMATS = ("human", "short", "json", "sarif")
STDIN = "-"
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
    """Carry out `serpy check ...`; the exit code: 0 clean, 1 with warnings under `--strict`, 2 with errors."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.files.count(STDIN) > 1:
        parser.error("standard input (-) can be read once only")
    _refuse_unknown(given.allow, parser)
    # nodes live until the end: looking for garbage among them costs a tenth of the time and finds none
    gc.disable()
    try:
        return run(
            given.files,
            dialect=Dialect(given.dialect) if given.dialect else None,
            defines=dict(given.defines),
            allow=given.allow,
            stdin_name=given.stdin_name,
            form=given.format,
            strict=given.strict,
            quiet=given.quiet,
        )
    finally:
        gc.enable()


def run(
    paths: Sequence[Path | str],
    *,
    dialect: Dialect | None = None,
    defines: Mapping[str, str] | None = None,
    allow: Collection[str] = (),
    stdin_name: str = "",
    form: str = "human",
    strict: bool = False,
    quiet: bool = False,
    out: TextIO | None = None,
) -> int:
    """Check these scripts and print what was found; the exit code. `-` is standard input, called `stdin_name`."""
    checked = []
    for path in paths:
        text = sys.stdin.buffer.read() if str(path) == STDIN else None
        name = (stdin_name or "<stdin>") if text is not None else path
        found = check(name, dialect, defines, text=text)
        found.findings[:] = [one for one in found.findings if one.severity == "error" or one.code not in allow]
        checked.append(found)
    _write(checked, form, quiet, out or sys.stdout)
    if any(script.errors for script in checked):
        return WRONG
    return WARNED if strict and any(script.warnings for script in checked) else CLEAN


def check(
    path: Path | str,
    dialect: Dialect | None = None,
    defines: Mapping[str, str] | None = None,
    *,
    text: bytes | None = None,
) -> Checked:
    """What was found in one script; a file that cannot be read is a finding too."""
    try:
        script = load_script(path, text=text, dialect=dialect, defines=defines, keep=False)
    except ScriptError as error:
        return Checked(str(path), in_order(error.diagnostics))
    except OSError as error:
        return Checked(str(path), [_unreadable(path, error)])
    errors: list[Diagnostic] = []
    try:
        script.instances(cast("Host", _NoServer(script.dialect)))
    except ScriptError as error:
        errors = error.diagnostics
    return Checked(
        str(path),
        in_order([*script.warnings, *errors]),
        script.dialect.value,
        script.dialect_reason,
        tuple(script.modules),
        is_whole=not errors,
    )


def _unreadable(path: Path | str, error: OSError) -> Diagnostic:
    place = Source(str(path), b"").span(0, 0)
    reason = error.strerror or str(error)
    step = advice(Path(path))
    return Diagnostic("error", "unreadable-file", place, f"cannot be read: {reason}", step[0].lower() + step[1:])


def _write(checked: Sequence[Checked], form: str, quiet: bool, stream: TextIO) -> None:
    if form == "short":
        from ..report import short

        short.write(checked, stream)
    elif form == "json":
        from ..report import as_json

        as_json.write(checked, stream)
    elif form == "sarif":
        from ..report import sarif

        sarif.write(checked, stream)
    else:
        from ..report import human
        from .terminal import columns, has_color, showing_anything

        with showing_anything(stream):
            human.write(checked, stream, color=has_color(stream), columns=columns(stream), quiet=quiet)


def _refuse_unknown(words: Sequence[str], parser: argparse.ArgumentParser) -> None:
    if not words:
        return
    from ..report.codes import catalogue

    for word in words:
        if word not in catalogue():
            near = suggest(word, catalogue())
            parser.error(f"--allow {word}: " + (f"did you mean {near}?" if near else "`serpy explain` lists the codes"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy check",
        description="Look for mistakes in scripts without serving them; no database and no network is asked.",
        epilog="Exit code 0: no errors; 1: warnings, with --strict; 2: errors, also in the command line. "
        "A comment `# serpy: allow CODE` in a line, or alone above it, silences a warning there.",
    )
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="a script; - is standard input")
    add(
        "--format",
        choices=FORMATS,
        default="human",
        help="human (the default); short: a line each, for editors; json, sarif: for programs",
    )
    add("--strict", action="store_true", help="exit code 1 when there are warnings")
    add("--allow", action="append", default=[], metavar="CODE", help="leave out these warnings; repeatable")
    add("-q", "--quiet", action="store_true", help="print nothing about scripts without mistakes")
    add_defines(parser)
    add("--dialect", choices=[dialect.value for dialect in Dialect], help="instead of what the script itself tells")
    add("--stdin-name", default="", metavar="FILE", help="the name under which standard input is reported")
    return parser
