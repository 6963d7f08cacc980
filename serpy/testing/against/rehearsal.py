"""The flow on serpy, in virtual time: what the other server's run is compared with, and paced by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...host.network import Address
from ..flow.compare import Names
from ..flow.document import Block, Document
from ..flow.head import Head
from ..flow.run import load, turns
from ..flow.steps import Pass, Step, read_step
from ..flow.world import World
from .seen import Seen

_NAMED = re.compile(r"<[A-Za-z_][\w-]*>")
_LATE = re.compile(r" \([\d.]+s\)$")


@dataclass(slots=True)
class Turn:
    """A step, and what serpy made of it."""

    block: Block | None
    """None: what happens before the first step."""
    recorded: Sequence[Block]
    step: Step | None
    lines: list[str]
    arrived: int
    fresh: int
    lasts: float
    """Virtual seconds from the step's begin to the last thing that happened in it."""


@dataclass(slots=True)
class Rehearsal:
    """A whole flow on serpy."""

    turns: list[Turn]
    seen: Seen
    sockets: list[Address]
    """serpy's, the first one first."""
    domain: str


def rehearse(path: Path, document: Document, head: Head) -> Rehearsal:
    """Run a flow on serpy.

    Raises:
        FlowError, ScriptError
    """
    plain = replace(head, shows_routes=0, tables={}, log_level=None, shows_times=False)
    world = World(plain, load(path, head), path.parent)
    world.recorder = seen = Seen.instead_of(world.recorder)
    names, done = Names(), []
    try:
        for block, recorded in turns(document.blocks):
            began = seen.last_at = world.now
            step = None if block is None else step_of(block, names)
            until = (0.0 if step.how == "at" else began) + step.seconds if isinstance(step, Pass) else began
            seen.begin(step, until)
            if step is not None:
                world.carry_out(step)
            lines = seen.taken()
            bind(recorded, lines, names)
            done.append(Turn(block, recorded, step, lines, seen.arrived, seen.fresh, seen.last_at - began))
        world.finish()
        return Rehearsal(done, seen, list(world.lab.network.sockets), world.domain)
    finally:
        world.close()


def step_of(block: Block, names: Names) -> Step:
    """What a typed block tells to do.

    Raises:
        FlowError
    """
    return read_step(block, names.put_in(block.title), [names.put_in(line) for line in block.content])


def bind(recorded: Sequence[Block], happened: Sequence[str], names: Names) -> None:
    """Give the `<name>`s of recorded lines their values in this run."""
    for block in recorded:
        for number, line in enumerate(block.lines, block.line):
            if block.kind == "recorded" and _NAMED.search(line):
                any(names.bind(_LATE.sub("", line), one, number) for one in happened)
