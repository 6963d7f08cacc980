"""`serpy fmt FILE...`: scripts in one canonical layout."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

from ..atomic import replace
from ..cfg.diagnostics import ScriptError
from ..cfg.source import Source
from ..dialect import Dialect
from .define import add_defines
from .terminal import print_findings, showing_anything
from .unread import advice

DONE, WOULD_CHANGE, WRONG = 0, 1, 2
STDIN = "-"


class _Wanted(NamedTuple):
    dialect: Dialect | None
    defines: Mapping[str, str]
    check: bool
    diff: bool


def main(arguments: list[str]) -> int:
    """Carry out `serpy fmt ...`; the exit code: 0 done, 1 a script would change under `--check`, 2 with errors."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.files.count(STDIN) > 1:
        parser.error("standard input (-) can be read once only")
    wanted = _Wanted(Dialect(given.dialect) if given.dialect else None, dict(given.defines), given.check, given.diff)
    with showing_anything(sys.stdout), showing_anything(sys.stderr):
        return run(given.files, wanted)


def run(paths: Sequence[str], wanted: _Wanted) -> int:
    """Format these scripts; the exit code."""
    return max(_format(path, wanted) for path in paths)


def _format(path: str, wanted: _Wanted) -> int:
    from ..fmt.script import NotTheSame, formatted

    name = "<stdin>" if path == STDIN else path
    try:
        data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        return _unusable(name, f"cannot be read: {error.strerror}", advice(Path(path)))
    source = Source(name, data)
    try:
        text = formatted(source, wanted.dialect, wanted.defines, verify=wanted.diff or not wanted.check)
    except ScriptError as error:
        print_findings(error.diagnostics, sys.stderr)
        return WRONG
    except NotTheSame as error:
        return _unusable(
            name,
            f"internal error: the canonical layout would change what the script says ({error}); it was left alone",
            "please report this, with the script if you can; serpy runs the script as it is",
        )
    changed = text.encode("utf-8", "surrogateescape")
    if wanted.diff:
        _show_diff(source.text, text, name)
    elif path == STDIN and not wanted.check:
        sys.stdout.buffer.write(changed)
        sys.stdout.buffer.flush()
    if changed == data:
        return DONE
    if wanted.check:
        print(f"{name} would change", file=sys.stderr if wanted.diff else sys.stdout)
        return WOULD_CHANGE
    if path == STDIN or wanted.diff:
        return DONE
    try:
        replace(path, changed)
    except OSError as error:
        return _unusable(
            name, f"cannot be written: {error.strerror}", "See its permissions and its folder's (`ls -ld`)"
        )
    print(f"formatted {name}")
    return DONE


def _show_diff(before: str, after: str, name: str) -> None:
    lines = unified_diff(before.splitlines(True), after.splitlines(True), name, f"{name} (formatted)")
    for line in lines:
        text = line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def _unusable(name: str, message: str, hint: str) -> int:
    print(f"{name}: error: {message}\n  = help: {hint}", file=sys.stderr)
    return WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy fmt",
        description="Rewrite scripts in one canonical layout (docs/formatting.md). What they say does not change; a "
        "script with syntax errors is left alone. Exit code 0: done; 1: --check, and a script would change; 2: errors.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a script; - is standard input, to standard output")
    parser.add_argument("--check", action="store_true", help="change nothing; list the scripts that would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")
    add_defines(parser)
    parser.add_argument(
        "--dialect", choices=[dialect.value for dialect in Dialect], help="instead of what the script itself tells"
    )
    return parser
