"""One flow against another server, from its file to the verdict."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from errno import EADDRNOTAVAIL
from pathlib import Path
from time import perf_counter
from typing import Literal

from ...cfg.diagnostics import ScriptError
from ...db.api import DatabaseError
from ...host.listen import ListenError
from ...host.network import Address
from ..flow.compare import Names
from ..flow.document import Document, FlowError, read_document
from ..flow.duration import shown
from ..flow.head import Head, read_head
from ..flow.steps import Pass, Step, Switch
from .differs import Known, read_known
from .mapping import Mapping, TooMany, free_network
from .others import Other
from .rehearsal import Rehearsal, Turn, bind, rehearse, step_of
from .seen import Seen
from .server import NotStarted, OtherServer
from .verdict import sides, unified
from .world import RealWorld

SLACK = 0.3
"""Seconds that a shortened wait lasts beyond what serpy did last in it."""
Status = Literal["same", "differs", "skipped", "error"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing one flow."""

    path: Path
    title: str
    status: Status
    diff: str = ""
    """From serpy to the other server."""
    told: tuple[str, ...] = ()
    """`FILE:LINE: what`: why it was skipped, what was not compared, what went wrong."""
    accepted: tuple[str, ...] = ()
    """Differences that the flow tells of, with their reasons."""
    log: str = ""
    """The last lines that the other server printed."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A flow that was run on serpy and can be played."""

    path: Path
    document: Document
    head: Head
    rehearsal: Rehearsal
    known: Known


def prepare(path: Path, other: Other) -> Prepared | Comparison:
    """Run a flow on serpy; a comparison if there is nothing to play then."""
    title = path.stem
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape").replace("\r\n", "\n")
        document = read_document(text)
        head = read_head(document, path.parent)
        title = head.title
        reason = other.why_not(path, head) or _only_virtual(head)
        if reason:
            return Comparison(path, title, "skipped", told=(f"{path}: {reason}",))
        known = read_known(head, document.blocks, other.name, other.script(path, head))
        rehearsal = rehearse(path, document, head)
        for turn in rehearsal.turns:
            if isinstance(turn.step, Switch):
                reason = f"{path}:{turn.step.line}: only the simulated world has `{turn.step.what} {turn.step.state}`"
                return Comparison(path, title, "skipped", told=(reason,))
        return Prepared(path, document, head, rehearsal, known)
    except FlowError as error:
        return Comparison(path, title, "error", told=(f"{path}:{error.line}: {error}",))
    except ScriptError as error:
        return Comparison(path, title, "error", told=(f"{path}: the script cannot be run by serpy:\n{error}",))
    except (ListenError, DatabaseError, OSError) as error:
        return Comparison(path, title, "error", told=(f"{path}: serpy does not start: {error}",))


async def play(prepared: Prepared, other: Other, max_wait: float) -> Comparison:
    """Play a flow to the other server and compare.

    Args:
        max_wait: no wait lasts longer than so many seconds.
    """
    path, began = prepared.path, perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="serpy-against-"))
    try:
        played = await _played(prepared, other, folder, max_wait)
    except (NotStarted, TooMany) as error:
        told = f"{path}: {other.name} cannot be asked: {error}"
        return Comparison(path, prepared.head.title, "error", told=(told,), seconds=perf_counter() - began)
    except OSError as error:
        hint = "only Linux has the whole of 127.0.0.0/8" if error.errno == EADDRNOTAVAIL else "see `ss -lunp` for ports"
        told = f"{path}: {other.name} cannot be asked: {error} ({hint})"
        return Comparison(path, prepared.head.title, "error", told=(told,), seconds=perf_counter() - began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _judged(prepared, other, played, perf_counter() - began)


@dataclass(slots=True)
class _Played:
    lines: list[list[str]]
    """Of each step that was played."""
    seen: Seen
    told: list[str]
    stuck: str = ""
    """Why a step could not be played."""
    error: str = ""
    """Why the other server could not go on."""
    is_whole: bool = True
    """Whether every step was played."""
    log: str = ""


async def _played(prepared: Prepared, other: Other, folder: Path, max_wait: float) -> _Played:
    head, rehearsal, path = prepared.head, prepared.rehearsal, prepared.path
    server = rehearsal.sockets[0]
    mapping = Mapping(free_network(server[1]))
    asker = mapping.real("asks whether it is ready")
    command = other.command(path, head, mapping, folder, rehearsal.sockets)
    place: Address = (mapping.real(server[0]), server[1])
    seen = Seen(dict(rehearsal.seen.names), rehearsal.sockets, head.headers)
    done = _Played([], seen, [])
    world = RealWorld(head, mapping, seen, server, rehearsal.domain, path.parent)
    try:
        async with OtherServer(command, folder, place, asker) as process:
            world.begin()
            names = Names()
            for number, turn in enumerate(rehearsal.turns):
                try:
                    goes_on = await _step(prepared, number, names, world, max_wait, done.told)
                except FlowError as error:
                    done.stuck = f"{path}:{error.line}: with {other.name}: {error}"
                    goes_on = False
                lines = seen.taken()
                if goes_on or done.stuck:
                    bind(turn.recorded, lines, names)
                    done.lines.append(lines)
                if not process.is_running():
                    line = turn.step.line if turn.step is not None else 1
                    done.error = f"{path}:{line}: {other.name} has ended:\n{process.log}"
                    goes_on = False
                if not goes_on:
                    done.is_whole = False
                    break
            done.log = process.log
    finally:
        world.close()
    return done


async def _step(
    prepared: Prepared, number: int, names: Names, world: RealWorld, max_wait: float, told: list[str]
) -> bool:
    """Play one step; whether the ones behind it can be played too."""
    turns = prepared.rehearsal.turns
    turn = turns[number]
    if turn.block is None:
        return True
    step = step_of(turn.block, names)
    cut: float | None = None
    if isinstance(step, Pass):
        seconds = _seconds(step, world)
        cut = cut_of(turns, number, seconds, max_wait)
        place = f"{prepared.path}:{step.line}: `{turn.block.title}`"
        if cut is None:
            told.append(f"{place} is longer than --max-wait {shown(max_wait)}: it and what follows was not compared")
            return False
        if cut < seconds:
            told.append(f"{place} was cut to {shown(round(cut, 1))}")
    following = turns[number + 1].step if number + 1 < len(turns) else None
    world.waits_next = isinstance(following, Pass) and not isinstance(step, Pass) and (
        cut_of(turns, number + 1, _seconds(following, world), max_wait) is not None
    )  # fmt: skip
    await world.carry_out(step, turn, cut)
    return True


def _seconds(step: Pass, world: RealWorld) -> float:
    return step.seconds - world.schedule if step.how == "at" else step.seconds


def cut_of(turns: Sequence[Turn], number: int, seconds: float, max_wait: float) -> float | None:
    """How long to wait in place of so many seconds; None: it would take too long, or would mean something else.

    What is silent for long and has steps behind it is there to let something run out, which must not be cut short.
    """
    if seconds <= max_wait:
        return seconds
    lasts = turns[number].lasts
    if lasts > max_wait or (not lasts and _steps_behind(turns, number)):
        return None
    return min(seconds, lasts + SLACK)


def _steps_behind(turns: Sequence[Turn], number: int) -> list[Step]:
    return [turn.step for turn in turns[number + 1 :] if turn.step is not None and not isinstance(turn.step, Pass)]


def _judged(prepared: Prepared, other: Other, played: _Played, seconds: float) -> Comparison:
    path, known = prepared.path, prepared.known
    turns = prepared.rehearsal.turns
    told, error = list(played.told), played.error
    try:
        rows = sides(turns, prepared.rehearsal.seen, played.lines, played.seen, known)
    except FlowError as problem:  # a pattern of `differs` is none
        told.append(f"{path}:{problem.line}: {problem}")
        return Comparison(path, prepared.head.title, "error", told=tuple(told), seconds=seconds)
    diff = unified(rows, path, other.name)
    status: Status = "differs" if diff else "same"
    accepted = tuple(f"{one} because {one.reason}" for one in known.used())
    if played.stuck and not diff and accepted:
        told.append(f"{played.stuck}; as the flow tells of a difference before that, what follows was not compared")
    elif played.stuck or error:
        told += [one for one in (played.stuck, error) if one]
        status = "error"
    if played.is_whole:
        for one in known.of_flow():
            if not one.uses:
                told.append(f"{path}:{one.line}: `differs: {one.server} {one}` fits nothing that differs "
                            "(take it out, or see its pattern)")  # fmt: skip
                status = "error" if status == "same" else status
    return Comparison(path, prepared.head.title, status, diff, tuple(told), accepted, played.log, seconds)


def _only_virtual(head: Head) -> str:
    """Why a flow can be run in the simulated world alone; empty when it cannot."""
    if head.fails_to_load is not None:
        return "it is about a script that does not load"
    if head.failing:
        return f"it lets {head.failing[0].command} fail, which cannot be asked of another server"
    if head.rows:
        return f"it puts rows into {head.rows[0].table}, a table of serpy's"
    if head.dns or head.hosts:
        return "it has names of its own (dns, hosts), which another server would ask the real DNS for"
    if any(":" in peer.address[0] for peer in head.peers.values()):
        return "it has IPv6 addresses, of which the loopback has only one"
    return ""
