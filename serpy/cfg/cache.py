"""What is kept between starts in the user's cache folder. Without a folder that can be written, nothing is."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any


def folder() -> Path | None:
    """`$XDG_CACHE_HOME/serpy` or `~/.cache/serpy`, made if need be; None when there is none of our own."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    if not os.path.isabs(base):  # the XDG rules: a relative path is ignored
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return None
        base = os.path.join(home, ".cache")
    path = Path(base, "serpy")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # what is kept is unpickled: nobody else may have written it
        status = path.stat()
    except OSError:
        return None
    ours = status.st_uid == os.getuid() and not status.st_mode & 0o022
    return path if ours and os.access(path, os.W_OK) else None


def load(name: str, key: str) -> Any:
    """The object kept under this name with this key; None when there is none."""
    place = folder()
    if place is None:
        return None
    # a file of an older version, or half a file, is no reason to fail: it is made anew
    with (
        contextlib.suppress(
            OSError, pickle.PickleError, EOFError, AttributeError, ImportError, IndexError, TypeError, ValueError
        ),
        open(place / name, "rb") as file,
    ):
        if pickle.load(file) == key:
            return pickle.load(file)
    return None


def store(name: str, key: str, value: Any) -> None:
    """Keep the object, in the place of what had this name before."""
    place = folder()
    if place is None:
        return
    temporary = place / f"{name}.{os.getpid()}"
    with contextlib.suppress(OSError, RecursionError):
        with open(temporary, "wb") as file:
            pickle.dump(key, file)
            pickle.dump(value, file)
        os.replace(temporary, place / name)
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)


def signature(*files: str) -> str:
    """Changes when the code that made an object changes: the version of Python, and the files' sizes and times."""
    marks = [sys.version]
    for file in files:
        status = os.stat(file)
        marks.append(f"{status.st_size}.{status.st_mtime_ns}")
    return " ".join(marks)
