"""Running flow files: the verdict on one, its new recording, its messages written out."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from ...atomic import replace
from ...cfg.diagnostics import ScriptError, suggest
from ...cfg.load import Script, load_script
from ...db.api import DatabaseError
from ...host.listen import ListenError
from ...report.codes import catalogue
from ..ci import under_ci
from ..lab import modparam_lines
from .compare import Names, merge
from .document import INDENT, Block, Document, FlowError, Unmet, read_document, write_document
from .head import Head, read_head
from .messages import as_raw
from .steps import Send, read_step
from .world import World

Status = Literal["passed", "failed", "error", "unrecorded", "updated"]
KEPT = 32
"""The most scripts that are kept ready."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one flow file."""

    path: Path
    title: str
    status: Status
    diff: str = ""
    """From what was recorded to what happens now, as a unified diff."""
    error: str = ""
    """Why it could not be run to its end, or what to do: `FILE:LINE: what (next step)`."""
    seconds: float = 0.0
    hits: Any = field(default=None, compare=False)
    """What the coverage of the script is made from."""


def run_flow(path: Path, *, update: bool = False) -> Outcome:
    """Run a flow file and compare it with its recording; with `update`, write what is different into it.

    Never raises for what is wrong with the flow or its script: that is an outcome too.
    """
    began = perf_counter()
    title = path.stem

    def outcome(status: Status, *, diff: str = "", error: str = "") -> Outcome:
        return Outcome(path, title, status, diff, error, perf_counter() - began)

    if update and under_ci():
        return outcome("error", error=f"{path}: flows are not recorded under CI (record where a person sees the diff)")
    try:
        text = _read(path)
        document = read_document(text)
        head = read_head(document, path.parent)
        title = head.title
        if head.fails_to_load is not None:
            _expect_failure(path, head, head.fails_to_load)
            return outcome("passed")
        played = play(path, document, head)
    except FlowError as error:
        return outcome("error", error=f"{path}:{error.line}: {error}")
    except ScriptError as error:
        return outcome("error", error=f"{path}: the script cannot be run:\n{error}")
    except (ListenError, DatabaseError) as error:
        return outcome("error", error=f"{path}: the server does not start: {error}")
    except OSError as error:
        return outcome("error", error=cannot_be_read(path, error))
    now = played.text if text.endswith("\n") else played.text.removesuffix("\n")
    diff = _diff(path, text, now)
    if played.error is not None:
        status: Status = "failed" if isinstance(played.error, Unmet) else "error"
        return outcome(status, diff=diff, error=f"{path}:{played.error.line}: {played.error}")
    if now == text:
        try:
            played.names.check()
        except FlowError as error:
            return outcome("error", error=f"{path}:{error.line}: {error}")
        return outcome("passed")
    if update:
        try:
            replace(path, _as_before(path, now))
        except OSError as error:
            reason = error.strerror or error
            told = f"{path}: the recording cannot be written: {reason} (look at the rights of the file and its folder)"
            return outcome("error", diff=diff, error=told)
        return outcome("updated", diff=diff)
    if not document.is_recorded:
        told = f"{path}: nothing was recorded yet (look at what happens, then run `serpy test --update {path}`)"
        return outcome("unrecorded", diff=diff, error=told)
    return outcome("failed", diff=diff)


def cannot_be_read(path: Path, error: OSError) -> str:
    """What is said of a flow that cannot be read, or whose script cannot."""
    other = f" {error.filename}" if error.filename and Path(error.filename) != path else ""
    reason = error.strerror or error
    return f"{path}:{other} cannot be read: {reason} (look at the path and the rights of the file)"


def expand(path: Path) -> str:
    """The flow with every typed message written out as it is sent, in raw blocks; the result is a flow too.

    Raises:
        FlowError, ScriptError, OSError
    """
    document = read_document(_read(path))
    head = read_head(document, path.parent)
    played = play(path, document, head, expanded=True)
    if played.error is not None:
        raise played.error
    return played.text


@dataclass(frozen=True, slots=True)
class Played:
    """A flow that was run."""

    text: str
    """The flow file as it is after this run; what was not reached is as it was."""
    names: Names
    error: FlowError | None = None
    """Why it ended early."""


def play(path: Path, document: Document, head: Head, *, expanded: bool = False) -> Played:
    """Run a flow; what is wrong before its first step is raised.

    Raises:
        FlowError, ScriptError
    """
    world = World(head, load(path, head), path.parent)
    names = Names()
    lines = list(document.head_lines)
    error: FlowError | None = None
    try:
        world.check_peers(head)
        for typed, recorded in turns(document.blocks):
            shown = [] if typed is None else list(typed.lines)
            behind = [line for block in recorded for line in block.lines]
            if error is None:
                try:
                    if typed is not None:
                        step = read_step(typed, names.put_in(typed.title), [*map(names.put_in, typed.content)])
                        sent = world.carry_out(step)
                        if expanded and isinstance(step, Send):
                            shown = _expanded(step, sent)
                except FlowError as problem:
                    error = problem
                happened = world.recorder.taken()
                if error is None or happened:
                    try:
                        behind = _recorded(typed, recorded, happened, names)
                    except FlowError as problem:
                        error = error or problem
            lines += [*shown, *behind]
        if error is None:
            try:
                world.finish()
            except FlowError as problem:
                error = problem
    finally:
        world.close()
    return Played(write_document(Document(document.head, tuple(lines), ())), names, error)


def _recorded(typed: Block | None, blocks: Sequence[Block], happened: Sequence[str], names: Names) -> list[str]:
    """What belongs behind a step."""
    is_new = bool(happened) and not any(block.kind == "recorded" for block in blocks)
    if typed is None:  # the start: it stands behind the empty line that ends the head
        lead = list(blocks[0].lines) if blocks else [""] if happened else []
        rest = merge(blocks[1:], () if is_new else happened, names)
        apart = [""] if is_new and (not rest or rest[0]) else []
        return [*lead, *(happened if is_new else ()), *apart, *rest]
    # behind a body it is easier to read with an empty line
    return [*([""] if is_new and "" in typed.content else []), *merge(blocks, happened, names)]


def load(path: Path, head: Head) -> Script:
    """The flow's script, with its parameters; one that is the same as before is not read again.

    Raises:
        ScriptError, OSError
    """
    more = modparam_lines(head.modparams) if head.modparams else b""
    if head.script is not None:
        where, text = head.script, head.script.read_bytes()
    else:
        # empty lines in front, so that a line of the script has the number that it has in the flow file
        written = head.script_text or ""
        lead = "" if written.startswith("#!") else "\n" * head.script_line
        where, text = path, (lead + written).encode("utf-8", "surrogateescape")
    key = (where, text + more, head.dialect, tuple(head.defines.items()))
    script = _scripts.get(key)
    if script is None:
        script = load_script(where, text=text + more, dialect=head.dialect, defines=head.defines or None)
        if b"include_file" in text or b"import_file" in text:
            return script  # what it includes may change
        while len(_scripts) >= KEPT:
            del _scripts[next(iter(_scripts))]
        _scripts[key] = script
    return script


_scripts: dict[Any, Script] = {}


def forget_scripts() -> None:
    """Read every script again."""
    _scripts.clear()


def turns(blocks: Sequence[Block]) -> Iterator[tuple[Block | None, Sequence[Block]]]:
    """Each typed block with what was recorded behind it; first what was recorded of the start.

    Gaps behind the last recorded line belong to the next step: what is new is written above them.
    """
    typed: Block | None = None
    behind: list[Block] = []
    for block in [*blocks, None]:
        if block is not None and block.kind != "typed":
            behind.append(block)
            continue
        yield typed, behind
        typed, behind = block, []


def _expanded(step: Send, sent: bytes) -> list[str]:
    port = f" from {step.port}" if step.port is not None else ""
    to = f" to {step.to[0]}:{step.to[1]}" if step.to is not None else ""
    return [f"> {step.peer} raw{port}{to}", *(f"{INDENT}{line}" if line else "" for line in as_raw(sent))]


def _expect_failure(path: Path, head: Head, expected: tuple[int, str]) -> None:
    line, code = expected
    if code not in catalogue():
        near = suggest(code, catalogue())
        hint = f"did you mean {near}?" if near else "`serpy explain` lists them; of a command write `t_reply 2`"
        raise FlowError(line, f"no diagnostic has the code {code}", hint)
    try:
        World(head, load(path, head), path.parent).close()
    except ScriptError as error:
        found = [diagnostic.code for diagnostic in error.diagnostics if diagnostic.severity == "error"]
        if code not in found:
            raise FlowError(
                line,
                f"the script fails with {', '.join(found)}, not with {code}",
                f"write `fails: {found[0]}` if it should",
            ) from None
        return
    raise FlowError(line, f"the script loads, though it should fail with {code}", "take `fails` out, or see the script")


def _read(path: Path) -> str:
    return path.read_bytes().removeprefix(BOM_UTF8).decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def _as_before(path: Path, text: str) -> bytes:
    """The octets of a file's new text, with the line ends that it has, and the mark that some editors put in front."""
    octets, before = text.encode("utf-8", "surrogateescape"), path.read_bytes()
    if before.partition(b"\n")[0].endswith(b"\r"):
        octets = octets.replace(b"\n", b"\r\n")
    return BOM_UTF8 + octets if before.startswith(BOM_UTF8) else octets


def _diff(path: Path, old: str, new: str) -> str:
    lines = unified_diff(old.splitlines(), new.splitlines(), f"{path} (recorded)", f"{path} (now)", lineterm="")
    return "\n".join(lines)
