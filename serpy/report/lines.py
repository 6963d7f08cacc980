"""JSON with one finding in each line: short enough to read, and written by the fast encoder, which cannot indent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TextIO

_PLACE = "\0findings\0"


def write(value: dict[str, Any], place: list[Any], stream: TextIO) -> None:
    """Write an object. `place` is a list in it, whose entries get a line each; it is empty afterwards."""
    entries: Sequence[Any] = list(place)
    place[:] = [_PLACE]
    before, after = json.dumps(value, indent=2).split(json.dumps(_PLACE))
    place.clear()
    stream.write(before.rstrip() if not entries else before)
    indent = before[before.rindex("\n") :]
    stream.write(f",{indent}".join(map(json.dumps, entries)))
    stream.write(after.lstrip() if not entries else after)
    stream.write("\n")
