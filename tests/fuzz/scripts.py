"""Scripts of people, to be damaged: those of the repository, and those that a Kamailio package brings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_OURS = ("examples", "tests/diagnostics/scripts", "tests/flows", "tests/rows", "tests/live")
_INSTALLED = ("/usr/share/doc/kamailio/examples", "/etc/kamailio")
_MOST = 200


@cache
def ours() -> tuple[bytes, ...]:
    """The scripts in the repository, always in the same order."""
    return _read([_ROOT / folder for folder in _OURS])


@cache
def everything() -> tuple[bytes, ...]:
    """Those and the installed ones."""
    return ours() + _read([Path(folder) for folder in _INSTALLED])


def _read(folders: list[Path]) -> tuple[bytes, ...]:
    paths = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*.cfg"))]
    texts = []
    for path in paths[:_MOST]:
        try:
            texts.append(path.read_bytes())
        except OSError:  # what the package keeps for its own user
            continue
    return tuple(texts)
