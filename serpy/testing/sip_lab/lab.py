"""The lab: a server at work in virtual time, and the peers around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from ...dialect import Dialect
from ...host.network import Address
from ..flow.document import Block
from ..flow.head import Head, address
from ..flow.run import load
from ..flow.steps import Pass, Step, read_step
from ..flow.world import World
from ..lab import Lab
from .apart import apart
from .conditions import Names, TableRows, put_clock, put_names, put_rows, put_settings
from .errors import LabError, told
from .phone import Phone


class SipLab:
    """A server at work in virtual time, and the peers around it. Use it as a context manager, or `close` it.

    Args:
        script: the file, or the script's text.
        modparams: parameters set over the script's, as `{"tm.fr_timer": 5}`.
        defines: names for the preprocessor (`-A` of `serpy run`).
        dialect: `ser` or `kamailio` and so on, instead of what the script itself tells.
        clock: the time at the start: 2026-01-01 00:00 UTC, unless another is given; without a zone it is UTC.
        hosts: names as in /etc/hosts, with their addresses.
        dns: names that DNS knows, with their addresses.
        rows: rows that are in the script's tables from the start, as `{"silo": [{"mid": 1, "body": "hello"}]}`.
            All of these may also be the text that a flow's head has behind the key: `clock="2026-12-24T18:00:00Z"`.

    Raises:
        ScriptError: the script is wrong.
        LabError: the lab cannot be as the arguments say.
    """

    def __init__(
        self,
        script: Path | str,
        *,
        modparams: Mapping[str, int | str] | str | None = None,
        defines: Mapping[str, str] | str | None = None,
        dialect: Dialect | str | None = None,
        clock: datetime | str | None = None,
        hosts: Names | str | None = None,
        dns: Names | str | None = None,
        rows: TableRows | str | None = None,
    ) -> None:
        head = Head(
            title="a test in Python",
            dialect=Dialect(dialect) if dialect is not None else None,
        )
        with told():
            put_settings(head, "modparam", head.modparams, modparams or {})
            put_settings(head, "define", head.defines, defines or {})
            put_names(head, "hosts", head.hosts, hosts or {})
            put_names(head, "dns", head.dns, dns or {})
            put_rows(head, rows or {})
            if clock is not None:
                put_clock(head, clock)
        path = _path(script)
        if path is None:
            head.script_text = str(script)
        else:
            head.script = path
        self._is_open = False
        with told(), apart():
            self._world = World(head, load(path or Path("script.cfg"), head), Path())
        self._is_open = True
        self._phones: dict[str, Phone] = {}
        self._waits = False

    # -- the server ------------------------------------------------------------------------------------------------

    @property
    def lab(self) -> Lab:
        """What is below: the server, its modules, its network."""
        return self._world.lab

    @property
    def log(self) -> list[str]:
        """What the server logged: `LEVEL text`, and ` [Call-ID]` where there is one."""
        return self.lab.log_lines

    @property
    def elapsed(self) -> float:
        """The virtual seconds since the start."""
        return self._world.now

    @property
    def story(self) -> str:
        """What the server sent and what peers did by themselves, as a flow file would record it."""
        return "".join(f"{line}\n" for line in self._world.recorder.lines)

    def table(self, name: str) -> list[dict[str, Any]]:
        """All rows of a table, each by column name, in the order in which they came in."""
        return self.lab.rows(name)

    # -- what happens ----------------------------------------------------------------------------------------------

    def peer(self, name: str, at: str = "", *, aor: str = "", answers: bool = True) -> Phone:
        """The peer of this name; one that is new gets an address of its own.

        Args:
            at: its address, as `10.0.0.7:5062`.
            aor: its address of record, if it is not `sip:NAME@` the server's.
            answers: whether a new one answers every request with 200 by itself; without, it is silent until `answers`
                or `reply` is called, as the peers of a flow file.
        """
        known = self._phones.get(name)
        if known is not None:
            if at or aor:
                raise LabError(f"there is a peer {name} already; leave its address out, or take another name")
            return known
        with told():
            place = address(0, at) if at else self._free_address()
        twin = next((phone.name for phone in self._phones.values() if phone.address == place), "")
        if twin:
            raise LabError(f"{name} and {twin} would have the same address; give one of them another port")
        phone = self._phones[name] = Phone(self, self._world, name, place, aor or None)
        if answers:
            phone.answers("*")
        return phone

    def advance(self, seconds: float) -> None:
        """Let virtual time pass; what is due at its very end still happens."""
        self.carry_out(Pass(0, "wait", seconds))

    def quiet(self, seconds: float) -> None:
        """Let time pass in which nothing may happen.

        Raises:
            LabError: something did.
        """
        self.carry_out(Pass(0, "quiet", seconds))

    def do(self, line: str) -> None:
        """What a line of a flow file says: `db down`, `dns slow 3s`, `drop next to bob`, `unreachable bob`.

        Raises:
            LabError: it says nothing, or cannot be done.
        """
        title, *content = line.strip().split("\n")
        if not title:
            raise LabError("an empty line says nothing to do")
        with told():
            step = read_step(Block("typed", 0, (title,)), title, [text.removeprefix("  ") for text in content])
        self.carry_out(step)

    def wait_for(self, what: Callable[[], bool], within: float) -> bool:
        """Let time pass until something is so, or until `within` seconds are over; whether it is."""
        until = self.elapsed + within
        while not what() and (left := until - self.elapsed) > 0:
            self._waits = True
            try:
                self.carry_out(Pass(0, "wait", left))
            finally:
                self._waits = False
        self.advance(0)
        return what()

    def close(self) -> None:
        """Stop the server."""
        if self._is_open:
            self._is_open = False
            with apart():
                self._world.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def carry_out(self, step: Step) -> bytes:
        """Do what a step of a flow says; the octets that a peer sent.

        Raises:
            LabError
        """
        if not self._is_open:
            raise LabError("the lab is closed")
        with told(), apart():
            return self._world.carry_out(step)

    def something_came(self) -> None:
        """A peer received a message: who waits looks again."""
        if self._waits:
            self.lab.loop.stop()

    def _free_address(self) -> Address:
        taken = {phone.address[0] for phone in self._phones.values()}
        return next(host for host in (f"10.0.0.{last}" for last in range(1, 255)) if host not in taken), 5060


class MakeLab(Protocol):
    """What the fixture `sip_lab` is; the arguments are those of `SipLab`."""

    def __call__(
        self,
        script: Path | str,
        *,
        modparams: Mapping[str, int | str] | str | None = None,
        defines: Mapping[str, str] | str | None = None,
        dialect: Dialect | str | None = None,
        clock: datetime | str | None = None,
        hosts: Names | str | None = None,
        dns: Names | str | None = None,
        rows: TableRows | str | None = None,
    ) -> SipLab: ...


def _path(script: Path | str) -> Path | None:
    """The file that is meant; None: it is the script itself."""
    if isinstance(script, Path):
        return script
    return None if "\n" in script or "{" in script else Path(script)
