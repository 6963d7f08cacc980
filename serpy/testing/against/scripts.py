"""A script's copy in the run's own folder: addresses replaced, the files that it includes copied with it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from .mapping import Mapping

Change = Callable[[bytes], bytes]
_INCLUDE = re.compile(
    rb"""(?m)^(?P<lead>[ \t]*(?:[#!]!)?(?:include_file|import_file)[ \t]*)"""
    rb"""(?P<quote>["'])(?P<name>[^"'\r\n]+)(?P=quote)"""
)
_LISTEN = re.compile(rb"(?m)^[ \t]*listen[ \t]*=")
_LISTEN_LINE = re.compile(rb"(?m)^[ \t]*(?:listen|port)[ \t]*=[^\r\n]*")


def copied(text: bytes, origin: Path, folder: Path, change: Change) -> list[Path]:
    """The copies: of the script first, then of what it includes by a path that can be found.

    Args:
        origin: where the text comes from; paths start beside it.

    Raises:
        OSError
    """
    known: dict[Path, Path] = {}

    def copy(text: bytes, origin: Path) -> Path:
        made = known[origin] = folder / f"{len(known)}-{origin.stem}.cfg"

        def include(found: re.Match[bytes]) -> bytes:
            included = (origin.parent / os.fsdecode(found["name"])).resolve()
            if not included.is_file():
                return found[0]
            where = known.get(included) or copy(included.read_bytes(), included)
            return found["lead"] + b'"' + os.fsencode(where) + b'"'

        made.write_bytes(_INCLUDE.sub(include, change(text)))
        return made

    copy(text, origin.resolve())
    return list(known.values())


def listening(copies: Sequence[Path], address: str, is_localhost: bool) -> None:
    """Let a script that names no address to listen on have this one, and let it stay `localhost` where it was that."""
    lines = b"" if any(_LISTEN.search(one.read_bytes()) for one in copies) else f"listen={address}\n".encode()
    if is_localhost:
        lines += b"alias=localhost\n"
    text = copies[0].read_bytes()
    first, end, rest = text.partition(b"\n") if text.startswith(b"#!") else (b"", b"", text)
    copies[0].write_bytes(first + end + lines + rest)


def without_listen(mapping: Mapping) -> Change:
    """Addresses replaced, and nothing said of where to listen: the command line does."""
    return lambda text: _LISTEN_LINE.sub(b"", mapping.script(text))
