"""Colours of a terminal, or none."""

from __future__ import annotations

from typing import Literal

Tone = Literal["error", "warning"]

_TONES = {"error": "1;31", "warning": "1;33"}


class Paint:
    """Puts colours around texts; with `on` False it leaves them as they are."""

    def __init__(self, on: bool, tone: Tone = "error") -> None:
        self._on = on
        self._tone = _TONES[tone]

    def main(self, text: str) -> str:
        """In the colour of the finding's severity."""
        return self._in(self._tone, text)

    def dim(self, text: str) -> str:
        """For what frames: numbers of lines, arrows, further places."""
        return self._in("34", text)

    def bold(self, text: str) -> str:
        return self._in("1", text)

    def next_step(self, text: str) -> str:
        return self._in("36", text)

    def good(self, text: str) -> str:
        """For what is right."""
        return self._in("1;32", text)

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._on else text
