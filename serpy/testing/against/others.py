"""The servers that serpy can be compared with, and how a flow starts one."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...host.network import Address
from ..flow.head import Head
from ..lab import modparam_lines
from .mapping import Mapping as Addresses
from .scripts import copied, listening, without_listen


class Missing(Exception):
    """The server that was asked for is not installed, or its command cannot be understood."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as somebody wrote it."""

    origin: Path
    """Its file, or the flow file that it stands in."""
    text: bytes


class Other(Protocol):
    """A kind of server."""

    @property
    def name(self) -> str:
        """As `differs:` writes it."""

    def script(self, path: Path, head: Head) -> Script | None:
        """What it will run for the flow of this file; None: the flow has nothing for it."""

    def why_not(self, path: Path, head: Head) -> str:
        """Why a flow cannot be played with it; empty when it can."""

    def command(
        self, path: Path, head: Head, mapping: Addresses, folder: Path, sockets: Sequence[Address]
    ) -> list[str]:
        """The command line, with everything that it needs written to the folder.

        Args:
            path: the flow file.
            sockets: serpy's, as the flow has them.

        Raises:
            OSError
        """


_TABLES = ("/usr/share/kamailio/dbtext/kamailio", "/usr/local/share/kamailio/dbtext/kamailio")
_MILLISECONDS = ("fr_timer", "fr_inv_timer", "wt_timer", "delete_timer", "retr_timer1", "retr_timer2")
"""Parameters of tm that SER's files write in seconds."""
_SAME = ("tm", "registrar", "usrloc", "msilo", "maxfwd", "sl")
"""Modules whose parameters mean the same in both, save those that only one of them has."""
_RENAMED = {"msilo.registrar": "msilo.from_address"}
_ONLY_SER = ("msilo.db_url", "usrloc.db_url")


@dataclass(frozen=True, slots=True)
class Kamailio:
    """Kamailio 5, by its own command line; every table of db_text is there and empty, `DB_URL` names the folder."""

    binary: str
    default_script: Path | None = None
    """For flows whose head names no kamailio-script."""
    name: str = "kamailio"

    @staticmethod
    def installed(default_script: Path | None = None) -> Kamailio:
        """The one on this machine.

        Raises:
            Missing
        """
        binary = shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin:/usr/local/sbin")
        if binary is None:
            raise Missing("kamailio is not installed here (Debian: `apt install kamailio`; or add its folder to PATH)")
        return Kamailio(binary, default_script)

    def script(self, path: Path, head: Head) -> Script | None:
        return _kamailio_script(path, head, self.default_script)

    def why_not(self, path: Path, head: Head) -> str:
        if self.script(path, head) is None:
            return "its head names no kamailio-script"
        for name in head.modparams:
            if name in _ONLY_SER or name.partition(".")[0] not in _SAME:
                return f"its head sets {name}, which Kamailio does not have in this form"
        return ""

    def command(
        self, path: Path, head: Head, mapping: Addresses, folder: Path, sockets: Sequence[Address]
    ) -> list[str]:
        written = self.script(path, head)
        assert written is not None  # else it was skipped
        script = copied(written.text, written.origin, folder, without_listen(mapping))[0]
        run = [self.binary, "-DD", "-E", "-f", str(script), "-Y", str(folder), "-w", str(folder), "-m", "32", "-M", "4"]
        for host, port in sockets:
            run += ["-l", f"udp:{mapping.real(host)}:{port}"]
        tables = next((Path(place) for place in _TABLES if Path(place).is_dir()), None)
        if tables is not None:
            _empty_tables(tables, folder / "db")
            run += ["-A", f'DB_URL="text://{folder / "db"}"']
        for define, value in head.defines.items():
            run += ["-A", f"{define}={value}" if value else define]
        _append(script, _of_kamailio(head.modparams))
        return run


def _append(script: Path, modparams: Mapping[str, int | str]) -> None:
    with script.open("ab") as end:
        end.write(modparam_lines(modparams))


def _kamailio_script(path: Path, head: Head, default: Path | None) -> Script | None:
    if head.kamailio_script_text is not None:
        return Script(path, head.kamailio_script_text.encode("utf-8", "surrogateescape"))
    file = head.kamailio_script or default
    return Script(file, file.read_bytes()) if file is not None else None


def _of_kamailio(modparams: Mapping[str, int | str]) -> dict[str, int | str]:
    """Parameters of a SER script in Kamailio's words."""
    settings: dict[str, int | str] = {}
    for parameter, setting in modparams.items():
        module, _, name = parameter.partition(".")
        if module == "tm" and name in _MILLISECONDS and isinstance(setting, int) and setting < 1000:
            setting *= 1000
        settings[_RENAMED.get(parameter, parameter)] = setting
    return settings


def _empty_tables(installed: Path, folder: Path) -> None:
    """Tables for db_text, which has no defaults: a column that a module leaves out has to allow null."""
    folder.mkdir()
    for table in installed.iterdir():
        columns, end, rows = table.read_text().partition("\n")
        if table.name != "version":
            columns = re.sub(r"\((int|string|str|double)\)", r"(\1,null)", columns)
        (folder / table.name).write_text(columns + end + rows)


@dataclass(frozen=True, slots=True)
class Command:
    """Any server, by a command line with places to fill: {config}, {kamailio-config}, {address}, {host}, ..."""

    words: tuple[str, ...]

    @staticmethod
    def read(text: str) -> Command:
        """The command that a person wrote.

        Raises:
            Missing
        """
        try:
            words = shlex.split(text)
        except ValueError:
            raise Missing(f"a quote is not closed in --server-command {text!r}") from None
        if not words:
            raise Missing("--server-command is empty; write it as 'ser -D -E -f {config}'")
        for place in re.findall(r"\{([^{}]*)\}", text):
            if place not in _PLACES:
                known = ", ".join(f"{{{name}}}" for name in _PLACES)
                raise Missing(f"--server-command has a place {{{place}}} that nothing fills; there are {known}")
        if shutil.which(words[0]) is None:
            raise Missing(f"there is no command {words[0]}; name it by its whole path")
        return Command(tuple(words))

    @property
    def name(self) -> str:
        return Path(self.words[0]).name

    @property
    def is_kamailio(self) -> bool:
        return "{kamailio-config}" in "".join(self.words)

    def script(self, path: Path, head: Head) -> Script | None:
        if self.is_kamailio:
            return _kamailio_script(path, head, None)
        if head.script is not None:
            return Script(head.script, head.script.read_bytes())
        return Script(path, (head.script_text or "").encode("utf-8", "surrogateescape"))

    def why_not(self, path: Path, head: Head) -> str:
        if self.script(path, head) is None:
            return "its head names no kamailio-script"
        return "its head defines a name, which another server does not take" if head.defines else ""

    def command(
        self, path: Path, head: Head, mapping: Addresses, folder: Path, sockets: Sequence[Address]
    ) -> list[str]:
        host, port = sockets[0]
        real = mapping.real(host)
        fill = {"address": f"{real}:{port}", "host": real, "port": str(port), "run": str(folder)}
        written = self.script(path, head)
        assert written is not None  # else it was skipped
        copies = copied(written.text, written.origin, folder, mapping.script)
        listening(copies, real, host.startswith("127."))
        _append(copies[0], _of_kamailio(head.modparams) if self.is_kamailio else head.modparams)
        fill["kamailio-config" if self.is_kamailio else "config"] = str(copies[0])
        return [re.sub(r"\{([^{}]*)\}", lambda found: fill.get(found[1], found[0]), word) for word in self.words]


_PLACES = ("config", "kamailio-config", "address", "host", "port", "run")


def other_server(against: str | None, command: str | None, default_script: Path | None = None) -> Other:
    """The server that the command line asks for.

    Args:
        against: `kamailio`.
        command: as `--server-command` takes it; it wins.
        default_script: what Kamailio runs where a flow names nothing.

    Raises:
        Missing
    """
    if command is not None:
        return Command.read(command)
    if against not in (None, "kamailio"):
        raise Missing(
            f"serpy does not know how to start {against!r}; there is `--against kamailio`, and --server-command"
        )
    return Kamailio.installed(default_script)
