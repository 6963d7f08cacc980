"""`serpy trace FILE ...`: the way of one message through a script, with the values that each line saw."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..dialect import Dialect
from .define import add_defines
from .terminal import columns, has_color, print_findings, showing_anything

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..testing.tracing.follow import Asked

OK, WRONG, USAGE = 0, 1, 2
_WIDTH = 100
"""Where there is no terminal."""
_COLOURS = {"dim": "2", "bold": "1", "good": "32", "bad": "31", "change": "36", "warn": "33"}
_ASCII = str.maketrans({"│": "|", "└": "`", "→": "=", "⇒": "="})
"""For terminals that know nothing else."""


def main(arguments: list[str]) -> int:
    """Carry out `serpy trace ...`; the exit code: 0, 1 when the script cannot be run, 2 for a wrong command line."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if (given.message is None) == (given.request is None):
        parser.error(
            "what is to be traced? give a message such as 'alice MESSAGE sip:bob@127.0.0.1', or --request FILE"
        )
    from ..cfg.diagnostics import ScriptError
    from ..testing.flow.document import FlowError

    with showing_anything(sys.stdout), showing_anything(sys.stderr):
        try:
            return _trace(given)
        except ScriptError as error:
            print_findings(error.diagnostics, sys.stderr)
            return WRONG
        except FlowError as error:
            print(f"serpy trace: {error}", file=sys.stderr)
            return USAGE
        except BrokenPipeError:
            raise
        except OSError as error:
            print(f"serpy trace: {error.filename}: {error.strerror}", file=sys.stderr)
            return USAGE


def _trace(given: argparse.Namespace) -> int:
    from ..cfg.load import load_script
    from ..db.api import DatabaseError
    from ..host.listen import ListenError
    from ..testing.flow.duration import duration
    from ..testing.flow.head import address
    from ..testing.lab import modparam_lines
    from ..testing.tracing.follow import Asked, follow

    defines = dict(given.defines)
    path = Path(given.script)
    text = path.read_bytes() + modparam_lines(_modparams(given.modparam))
    script = load_script(path, text=text, dialect=Dialect(given.dialect) if given.dialect else None, defines=defines)
    if given.request is not None:
        request = Asked(data=_octets(given.request))
    else:
        request = Asked(given.message + (f"\n\n{given.body}" if given.body else ""))
    try:
        seconds = duration(given.wait) if given.wait else 0.0
    except ValueError as error:
        print(f"serpy trace: --wait: {error}", file=sys.stderr)
        return USAGE
    try:
        trace = follow(
            script,
            request,
            before=[_asked(one) for one in given.before],
            source=address(1, given.source) if given.source else None,
            peers=given.peer,
            answers=given.answer,
            seconds=seconds,
        )
    except (ListenError, DatabaseError) as error:
        print(f"serpy trace: the server does not start: {error}", file=sys.stderr)
        return WRONG
    if given.json:
        from ..testing.tracing.plain import as_plain

        print(json.dumps(as_plain(trace), indent=2, ensure_ascii=False))
    else:
        from ..testing.tracing.show import show

        _print(show(trace, columns(sys.stdout) or _WIDTH), sys.stdout)
    return OK


def _print(lines: Iterable[list[tuple[str, str]]], stream: TextIO) -> None:
    color = has_color(stream)
    try:
        "│└→⇒".encode(stream.encoding or "ascii")
        table: dict[int, str] = {}
    except (UnicodeEncodeError, LookupError):
        table = _ASCII
    for line in lines:
        if color:
            text = "".join(f"\x1b[{_COLOURS[style]}m{part}\x1b[0m" if style else part for part, style in line)
        else:
            text = "".join(part for part, _ in line).rstrip()
        print(text.translate(table) if table else text, file=stream)


def _asked(text: str) -> Asked:
    """A file, or the short form of a message."""
    from ..testing.tracing.follow import Asked

    return Asked(data=_octets(text)) if " " not in text.strip() else Asked(text)


def _octets(name: str) -> bytes:
    """A message from a file or from standard input (`-`); lines may end with LF alone.

    Raises:
        OSError
    """
    data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    if b"\r\n" not in data:
        data = data.replace(b"\n", b"\r\n")
    return data if b"\r\n\r\n" in data else data.rstrip(b"\r\n") + b"\r\n\r\n"


def _modparams(given: list[str]) -> dict[str, int | str]:
    from ..testing.flow.document import FlowError

    values: dict[str, int | str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name.count(".") != 1:
            raise FlowError(1, f"--modparam {text!r} sets no parameter", "write --modparam tm.fr_timer=5")
        values[name.strip()] = int(value) if value.strip().lstrip("-").isdecimal() else value.strip()
    return values


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy trace",
        description="Follow one message through a script, in virtual time and with a database in memory: every line "
        "that is carried out with the values it saw, what changed in the message, what was sent to whom.",
        epilog="Example: serpy trace my.cfg 'alice MESSAGE sip:bob@127.0.0.1' --before 'bob REGISTER expires=600'",
    )
    add = parser.add_argument
    add("script", metavar="FILE", help="the script")
    add(
        "message",
        nargs="?",
        metavar="MESSAGE",
        help="the message in short form, as in flow files: 'alice INVITE sip:b@c'",
    )
    add("--request", metavar="FILE", help="the message itself, from a file; - reads standard input")
    add("--body", metavar="TEXT", help="a body for the short form")
    add("--before", action="append", default=[], metavar="MESSAGE", help="send this first: a file or a short form")
    add("--from", dest="source", metavar="IP:PORT", help="where the message comes from (default: 10.0.0.1:5060)")
    add("--peer", action="append", default=[], metavar="'NAME IP:PORT'", help="where a peer is (default: 10.0.0.1 on)")
    add(
        "--answer",
        action="append",
        default=[],
        metavar="'METHOD CODE'",
        help="how peers answer: 'INVITE 486', or for one of them 'bob INVITE 180, 200 after 2s'",
    )
    add("--wait", metavar="TIME", help="look on for so long when nothing goes on by itself: 30s")
    add("--modparam", action="append", default=[], metavar="MODULE.NAME=VALUE", help="set a parameter")
    add_defines(parser)
    add("--dialect", choices=[dialect.value for dialect in Dialect], help="instead of what the script tells")
    add("--json", action="store_true", help="print the trace as JSON")
    return parser
