"""The script that a captured server ran: where it listens when a flow runs it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...cfg.load import load_script
from ...dialect import Dialect
from ...host.network import Address
from ..lab import Lab


@dataclass(frozen=True, slots=True)
class ScriptAt:
    """A script, and its sockets in the lab."""

    path: Path
    sockets: tuple[Address, ...]
    text: str
    defines: Mapping[str, str]
    dialect: Dialect | None

    def head_lines(self) -> list[str]:
        """What the flow's head has to say of it besides its path."""
        lines = [f"define: {name}={value}" if value else f"define: {name}" for name, value in self.defines.items()]
        return lines + ([f"dialect: {self.dialect.value}"] if self.dialect else [])

    def seen_from(self, folder: Path) -> str:
        """Its path for a flow file in this folder: a relative one, so that both can move together."""
        return Path(os.path.relpath(self.path.resolve(), folder.resolve())).as_posix()


def open_script(path: Path, defines: Mapping[str, str], dialect: Dialect | None = None) -> ScriptAt:
    """Load a script and see where it listens.

    Raises:
        ScriptError, OSError, ListenError, DatabaseError
    """
    script = load_script(path, dialect=dialect, defines=dict(defines) or None)
    with Lab(script) as lab:
        sockets = tuple((one.host, one.port) for one in lab.server.listeners)
    text = path.read_bytes().decode("utf-8", "replace")
    return ScriptAt(path, sockets, text, defines, dialect)


def places(servers: Sequence[Address], sockets: Sequence[Address]) -> dict[Address, Address]:
    """Which of the script's sockets each captured address of the server's is."""
    found: dict[Address, Address] = {}
    for server in servers:
        same_port = next((one for one in sockets if one[1] == server[1]), sockets[0])
        found[server] = server if server in sockets else same_port
    return found
