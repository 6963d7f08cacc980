"""What a suspended route waits for, said in the script's own terms."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import FrameType
from typing import Any

from ...cfg.emit import MARK


def what_waits(loop: asyncio.AbstractEventLoop) -> str:
    """The suspended route, its place in the script, and the command: `route[0] waits in x.cfg:7 for Msilo.store`."""
    told = sorted(filter(None, map(_told, asyncio.all_tasks(loop))))
    return told[0] if told else "a route waits"


def _told(task: asyncio.Task[Any]) -> str:
    frames = _frames(task)
    places = [number for number, frame in enumerate(frames) if MARK in frame.f_globals]
    if not places:
        return ""
    place, *inner = frames[places[-1] :]
    what = f" for {inner[0].f_code.co_qualname}" if inner else ""
    return f"{task.get_name()} waits in {Path(place.f_code.co_filename).name}:{place.f_lineno}{what}"


def _frames(task: asyncio.Task[Any]) -> list[FrameType]:
    """The frames of a suspended task, the outermost first."""
    frames: list[FrameType] = []
    step: Any = task.get_coro()
    while step is not None:
        frame = getattr(step, "cr_frame", None) or getattr(step, "gi_frame", None)
        if frame is None:
            break
        frames.append(frame)
        # host.routes steps the route's coroutine by hand
        step = getattr(step, "cr_await", None) or getattr(step, "gi_yieldfrom", None) or frame.f_locals.get("route")
    return frames
