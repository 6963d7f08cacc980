"""Where in the script an exception came up."""

from __future__ import annotations

from .emit import MARK


def script_frames(error: BaseException) -> list[tuple[str, int, str]]:
    """The places in the script that the exception passed, the outermost first: (file, line, route)."""
    frames: list[tuple[str, int, str]] = []
    step = error.__traceback__
    while step is not None:
        frame = step.tb_frame
        if MARK in frame.f_globals:
            # a block that stands as a condition is a function named after its route, with its place behind a blank
            frames.append((frame.f_code.co_filename, step.tb_lineno, frame.f_code.co_name.partition(" ")[0]))
        step = step.tb_next
    return frames
