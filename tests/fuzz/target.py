"""`serpy check` and `serpy fmt` on any octets, and what must hold whatever they are."""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import time
from pathlib import Path

from serpy.cfg.diagnostics import Diagnostic, ScriptError
from serpy.cfg.source import Source, Span
from serpy.cli.check import FORMATS, check
from serpy.fmt.script import formatted
from serpy.report import as_json, human, sarif, short
from serpy.report.codes import catalogue
from serpy.report.findings import Checked

PATH = "fuzz.cfg"
SECONDS_PER_OCTET = 2.0 / 100_000
SECONDS_AT_LEAST = 2.0
"""What a small input may take: it may include others, and stand for a longer text by its definitions."""
MOST_MEMORY = 300_000_000


class Broken(AssertionError):
    """The checker did what it must not do."""


def check_any(data: bytes, path: str = PATH, *, slack: float = 1.0) -> list[Diagnostic]:
    """Check these octets, show what was found in every format, and look whether all is well.

    Args:
        slack: so many times the time that is allowed may be taken: on machines that others use as well.

    Raises:
        Broken: it took too long or too much memory, or a finding makes no sense.
        Exception: what the checker raised; it must raise nothing.
    """
    allowed = max(SECONDS_AT_LEAST, len(data) * SECONDS_PER_OCTET) * slack
    checked, took = _timed(data, path)
    if took > allowed:  # the processor may have been busy with something else
        checked, again = _timed(data, path)
        took = min(took, again)
    if took > allowed:
        raise Broken(f"{took:.2f} s for {len(data)} octets; {allowed:.2f} s are allowed")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if os.environ.get("SERPY_FUZZ_MEMORY") and memory > MOST_MEMORY:
        raise Broken(f"{memory / 1e6:.0f} MB are used; {MOST_MEMORY / 1e6:.0f} MB are allowed")
    for finding in checked.findings:
        _looked_at(finding)
    return checked.findings


def lay_out_any(data: bytes, path: str = PATH) -> str:
    """The canonical layout of these octets; "" where they are no script. Laid out again it must stay as it is.

    Raises:
        Broken: it does not, or it took too long.
        Exception: the formatter raised something else than ScriptError.
    """
    began = time.process_time()
    try:
        once = formatted(Source(path, data), None, {})
    except ScriptError:
        return ""
    again = formatted(Source(path, once.encode("utf-8", "surrogateescape")), None, {})
    took, allowed = time.process_time() - began, 2 * max(SECONDS_AT_LEAST, len(data) * SECONDS_PER_OCTET)
    if again != once:
        raise Broken("laid out again, the script looks different")
    if took > allowed:
        raise Broken(f"{took:.2f} s for two layouts of {len(data)} octets; {allowed:.2f} s are allowed")
    return once


def _timed(data: bytes, path: str) -> tuple[Checked, float]:
    """What is found, and the seconds that the check and the slowest format took."""
    began = time.process_time()
    checked = check(Path(path), text=data)
    took = time.process_time() - began
    sizes, slowest = _shown(checked)
    if max(sizes.values()) > 2_000_000 + 200 * len(data):
        raise Broken(f"so many letters are printed: {sizes}")
    return checked, took + slowest


def _shown(checked: Checked) -> tuple[dict[str, int], float]:
    """How long the findings are in each format, and how many seconds the slowest one took."""
    written: dict[str, str] = {}
    slowest = 0.0
    for name, write in (
        ("short", short.write),
        ("json", as_json.write),
        ("sarif", sarif.write),
        ("human", lambda scripts, stream: human.write(scripts, stream, color=True, columns=80, quiet=False)),
    ):
        stream = io.StringIO()
        began = time.process_time()
        write([checked], stream)
        slowest = max(slowest, time.process_time() - began)
        written[name] = stream.getvalue()
    if set(written) != set(FORMATS):
        raise Broken(f"there are formats that are not tried: {set(FORMATS) - set(written)}")
    for name in ("json", "sarif"):
        json.loads(written[name])
    for name, text in written.items():
        text.encode()  # what cannot be encoded cannot be printed
        if any(letter in text for letter in "\0\x07\r\x08"):
            raise Broken(f"format {name} lets control letters of the script through")
    return {name: len(text) for name, text in written.items()}, slowest


def _looked_at(finding: Diagnostic) -> None:
    if finding.code not in catalogue():
        raise Broken(f"{finding.code} is explained nowhere")
    if not finding.message.strip():
        raise Broken(f"{finding.code} says nothing")
    for span in (finding.span, *(label.span for label in finding.labels)):
        _inside(span, finding)


def _inside(span: Span, finding: Diagnostic) -> None:
    starts = span.source.starts
    if not 1 <= span.line <= span.end_line <= len(starts):
        raise Broken(f"{finding}: its lines are not in the file")
    for line, column in ((span.line, span.column), (span.end_line, span.end_column)):
        end = starts[line] if line < len(starts) else len(span.source.text) + 1
        if not 1 <= column <= end - starts[line - 1]:
            raise Broken(f"{finding}: its columns are not in the line")
    if (span.line, span.column) > (span.end_line, span.end_column):
        raise Broken(f"{finding}: its place ends before it starts")
