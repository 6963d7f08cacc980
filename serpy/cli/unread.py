"""What to do about a script that cannot be read."""

from __future__ import annotations

from pathlib import Path


def advice(file: Path) -> str:
    """The next step, as a sentence without its full stop."""
    if file.is_dir():
        return "That is a folder; name the script in it"
    if file.exists():
        return "See its permissions with `ls -l`"
    return "Check the spelling, and the folder that you are in (`pwd`)"
