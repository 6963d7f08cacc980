"""What the terminal can show."""

from __future__ import annotations

import os
from typing import TextIO


def has_color(stream: TextIO) -> bool:
    """Whether to write colours to a stream: a terminal that knows them, and no NO_COLOR (no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()
