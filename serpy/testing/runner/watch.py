"""Which flows a saved file affects."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ...cfg.diagnostics import ScriptError
from ...cfg.front import read_script
from ...cfg.report import Report
from ...cfg.source import Source
from ..flow.document import Document, FlowError, read_document
from ..flow.head import Head, read_head

Stamp = tuple[int, int, int] | None
"""When a file was changed, its size and its inode; None: it is not there."""


class Watcher:
    """Knows what each flow was made from, and what that looked like when it was last asked."""

    def __init__(self) -> None:
        self._needs: dict[Path, set[Path]] = {}
        self._stamps: dict[Path, Stamp] = {}

    def affected(self, flows: Iterable[Path]) -> list[Path]:
        """The flows that are new since the last call, or of whose files one was saved, came or went."""
        now: dict[Path, Stamp] = {}
        chosen = []
        for flow in flows:
            needs = self._needs.get(flow)
            for file in needs or ():
                if file not in now:
                    now[file] = _stamp(file)
            if needs is not None and all(now[file] == self._stamps.get(file) for file in needs):
                continue
            chosen.append(flow)
            needs = self._needs[flow] = needed(flow) | (needs or set() if _is_there(flow) else set())
            for file in needs:
                if file not in now:
                    now[file] = _stamp(file)
        self._stamps = {**self._stamps, **now}
        return chosen

    def note(self, flows: Iterable[Path]) -> None:
        """These flow files were just written by the run itself."""
        for flow in flows:
            self._stamps[flow] = _stamp(flow)


def needed(flow: Path) -> set[Path]:
    """The files that a flow is made from: itself, its script with what that includes, files that it sends.

    Of a script that is wrong, those that are named in its mistakes.
    """
    files = {flow}
    try:
        document = read_document(flow.read_bytes().decode("utf-8", "surrogateescape"))
        files.update(_sent(document, flow.parent))
        head = read_head(document, flow.parent)
    except (FlowError, OSError):
        return files | _named(flow)
    files.update(path for path in (head.script, head.kamailio_script) if path is not None)
    return files | _included(flow, head)


def _included(flow: Path, head: Head) -> set[Path]:
    try:
        if head.script is not None:
            source = Source.read(head.script)
        else:
            source = Source(str(flow), (head.script_text or "").encode("utf-8", "surrogateescape"))
        front = read_script(source, head.dialect, Report(), head.defines or None)
    except ScriptError as error:
        return {Path(one.span.source.path) for one in error.diagnostics}
    except OSError:
        return set()
    return {Path(name) for kind, name, _ in front.inputs if kind != "env"}


def _sent(document: Document, folder: Path) -> set[Path]:
    """Files of `> alice file PATH`."""
    said = (block.title.split() for block in document.blocks if block.kind == "typed")
    return {folder / words[3] for words in said if len(words) > 3 and words[0] == ">" and words[2] == "file"}


def _named(flow: Path) -> set[Path]:
    """The script of a flow whose head has a mistake, as a missing script is one."""
    try:
        lines = flow.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return set()
    values = (line.partition(":")[2].strip() for line in lines if line.startswith(("script:", "kamailio-script:")))
    return {flow.parent / value for value in values if value and "\0" not in value}


def _stamp(file: Path) -> Stamp:
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _is_there(file: Path) -> bool:
    return _stamp(file) is not None
