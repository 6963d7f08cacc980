"""What a starting server says about itself, on stderr."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from .. import __version__
from ..host.addresses import shown
from ..log import Level
from .terminal import has_color

if TYPE_CHECKING:
    from ..host.server import Server

NEWLINE = "\n"
Rows = list[tuple[str, list[str]]]


def banner_rows(server: Server, notes: Iterable[str], warnings: Iterable[str]) -> Rows:
    """The banner's lines: (label, texts)."""
    script = server.script
    modules = [name for name in server.modules if name != "core"]
    rows: Rows = [
        ("script", [str(script.path)]),
        ("dialect", [f"{script.dialect.value} ({script.dialect_reason})"]),
        ("modules", [" ".join(modules) or "none"]),
        ("sockets", [shown(one.proto, one.host, one.port) for one in server.listeners]),
        ("databases", list(notes) or _databases(server)),
        ("warning", [*warnings, *_odd_parameters(server)]),
    ]
    return [(label, texts) for label, texts in rows if texts]


def print_banner(rows: Rows, stream: TextIO) -> None:
    """Print the rows: with rich on a terminal, else as plain aligned text."""
    if has_color(stream):
        _print_rich(rows, stream)
        return
    print(f"serpy {__version__}", file=stream)
    for label, texts in rows:
        for number, text in enumerate(texts):
            print(f"  {label if number == 0 else '':<10} {text.replace(NEWLINE, NEWLINE + ' ' * 13)}", file=stream)


def print_ready(stream: TextIO) -> None:
    """The line after which traffic is served."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(f"ready ({time.process_time():.2f} s CPU, {memory} MB)", file=stream, flush=True)


def _databases(server: Server) -> list[str]:
    """What the modules say they will use, one URL each, without passwords."""
    from ..db.url import parse_url

    urls = dict.fromkeys(url for module in server.modules.values() for url, _ in module.tables())
    return [parse_url(url).shown for url in urls]


def _odd_parameters(server: Server) -> list[str]:
    """Settings that are honoured, but seldom meant."""
    found: Sequence[tuple[bool, str]] = [
        (
            server.core.debug > Level.DBG,
            f"debug={server.core.debug} logs several lines for each message; debug=2 is usual",
        ),
    ]
    return [text for is_odd, text in found if is_odd]


def _print_rich(rows: Rows, stream: TextIO) -> None:
    # imported late: it costs a fifth of the start's time, and daemons do without
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"sockets": "green", "warning": "yellow"}
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for label, texts in rows:
        for number, text in enumerate(texts):
            table.add_row(label if number == 0 else "", Text(text, style=styles.get(label, "")))
    console = Console(file=stream, highlight=False)
    console.print(Text(f"serpy {__version__}", style="bold"))
    console.print(table)
