"""Flow files in folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIX = ".flow"
_OTHERS = (".js", ".jsx", ".mjs", ".cjs", ".ts")
"""`index.js.flow` holds types of JavaScript."""
_TITLE = re.compile(r"^title:(.*(?:\r?\n  .*)*)", re.MULTILINE)
_HEAD = 4096
"""A title stands within so many octets."""
_SKIPPED = ("build", "dist", "node_modules", "__pycache__", "venv")


class NotFound(Exception):
    """A path that was asked for and is not there."""


def is_flow(name: str) -> bool:
    """Whether a file of this name is a flow file."""
    stem, suffix = os.path.splitext(name)
    return suffix == SUFFIX and bool(stem) and not stem.endswith(_OTHERS)


def find_flows(paths: Iterable[Path]) -> list[Path]:
    """The flow files that these paths name or hold, each once, in the order of the paths and then of their names.

    Hidden folders, virtual environments and what builds leave behind are looked into only when they are named.

    Raises:
        NotFound: there is no such path, or it is a file that is no flow.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            for file in _below(path):
                found.setdefault(file.resolve(), file)
        elif not path.exists():
            raise NotFound(f"there is no file or folder {path}")
        elif not is_flow(path.name):
            raise NotFound(f"{path} is no flow file: their names end in {SUFFIX}")
        else:
            found.setdefault(path.resolve(), path)
    return list(found.values())


def title_of(flow: Path) -> str:
    """What a flow file says it is about, read without judging it; the file's name where it says nothing."""
    found = _title(flow)
    title = " ".join(found[1].split()) if found else ""
    return title if title and title.isprintable() else flow.stem


def title_line(flow: Path) -> int:
    """The number of the line with the title; 1 where there is none."""
    found = _title(flow)
    return found.string.count("\n", 0, found.start()) + 1 if found else 1


def _title(flow: Path) -> re.Match[str] | None:
    try:
        with flow.open("rb") as file:
            return _TITLE.search(file.read(_HEAD).decode("utf-8", "replace"))
    except OSError:
        return None


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_skipped(here, name))
        yield from (Path(here, name) for name in sorted(files) if is_flow(name))


def _is_skipped(here: str, name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED or os.path.exists(os.path.join(here, name, "pyvenv.cfg"))
