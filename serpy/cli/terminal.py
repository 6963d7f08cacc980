"""What the terminal can show."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from ..cfg.diagnostics import Diagnostic


def has_color(stream: TextIO) -> bool:
    """Whether to write colours to a stream: a terminal that knows them, and no NO_COLOR (no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def columns(stream: TextIO) -> int:
    """How wide the terminal is; 0 for what is none."""
    return shutil.get_terminal_size().columns if stream.isatty() else 0


@contextmanager
def showing_anything(stream: TextIO) -> Iterator[None]:
    """For the time of a block: what the stream's encoding lacks is written as `?`. Latin-1 is no reason to fail."""
    if not isinstance(stream, io.TextIOWrapper):
        yield
        return
    before = stream.errors
    stream.reconfigure(errors="replace")
    try:
        yield
    finally:
        stream.reconfigure(errors=before)


def print_findings(findings: Sequence[Diagnostic], stream: TextIO) -> None:
    """Print findings as `serpy check` does, without counts."""
    from ..report.human import more, render_all

    with showing_anything(stream):
        for text in render_all(findings, color=has_color(stream), columns=columns(stream)):
            print(text, end="\n\n", file=stream)
        if findings:
            print(more(findings), file=stream)
