"""The head of a flow file: what is tested, with whom, and under which conditions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from ...cfg.diagnostics import suggest
from ...dialect import Dialect
from ...host.network import Address
from ...log import Level
from .document import Document, Entry, FlowError
from .wire import canonical

LEVELS = {
    "ALERT": Level.ALERT,
    "CRIT": Level.CRIT,
    "ERR": Level.ERR,
    "ERROR": Level.ERR,
    "WARN": Level.WARN,
    "WARNING": Level.WARN,
    "NOTICE": Level.NOTICE,
    "INFO": Level.INFO,
    "DBG": Level.DBG,
    "DEBUG": Level.DBG,
}


@dataclass(frozen=True, slots=True)
class PeerAt:
    """A peer as the head introduces it."""

    line: int
    name: str
    aor: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class CommandFails:
    """`fails: t_reply 2`."""

    line: int
    command: str
    call: int
    """Which call fails; 0: every one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that are in a table before the server starts."""

    line: int
    table: str
    rows: list[dict[str, str]]


@dataclass(slots=True)
class Head:
    """What the head says."""

    title: str = ""
    script: Path | None = None
    script_text: str | None = None
    """The script itself, where it stands in the flow file."""
    script_line: int = 0
    kamailio_script: Path | None = None
    kamailio_script_text: str | None = None
    """The same for the other server, where it stands in the flow file."""
    dialect: Dialect | None = None
    peers: dict[str, PeerAt] = field(default_factory=dict)
    shows_routes: int = 0
    """The line that asks for them; 0: none does."""
    log_level: int | None = None
    shows_times: bool = False
    tables: dict[str, int] = field(default_factory=dict)
    """The shown tables, each with the line that asks for it."""
    headers: str | tuple[str, ...] = "changed"
    modparams: dict[str, int | str] = field(default_factory=dict)
    defines: dict[str, str] = field(default_factory=dict)
    rows: list[Rows] = field(default_factory=list)
    time: float | None = None
    dns: dict[str, list[str]] = field(default_factory=dict)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    fails_to_load: tuple[int, str] | None = None
    """(line, the code of a diagnostic): the script must not load."""
    failing: list[CommandFails] = field(default_factory=list)
    acks: bool = True
    """Whether peers send ACK and PRACK by themselves."""
    differs: list[tuple[int, str]] = field(default_factory=list)


def read_head(document: Document, folder: Path) -> Head:
    """What the head of a flow file in this folder says.

    Raises:
        FlowError
    """
    head = Head()
    seen: dict[str, int] = {}
    for entry in document.head:
        reader = _KEYS.get(entry.key)
        if reader is None:
            near = suggest(entry.key, _KEYS)
            raise FlowError(
                entry.line,
                f"unknown key {entry.key!r} in the head",
                f"did you mean {near}?" if near else f"the keys are {', '.join(_KEYS)}",
            )
        if entry.key in seen and entry.key not in _REPEATABLE:
            raise FlowError(entry.line, f"{entry.key} is there already, in line {seen[entry.key]}", "leave one of them")
        seen[entry.key] = entry.line
        reader(head, entry, folder)
    if not head.title:
        raise FlowError(1, "the flow has no title", "begin with `title: what happens, in one sentence`")
    if head.script is None and head.script_text is None:
        raise FlowError(1, "the flow names no script", "add `script: path/from/here/to.cfg` to its head")
    return head


def read_value(head: Head, key: str, text: str) -> None:
    """Put into a head what `key: text` says; further lines of the text are those below the key.

    Raises:
        FlowError
    """
    first, *more = text.strip().split("\n")
    _KEYS[key](head, Entry(0, key, first.strip(), tuple(line.strip() for line in more)), Path())


def words(line: int, text: str) -> list[str]:
    """Words, of which each may hold blanks in quotes.

    Raises:
        FlowError: a quote is not closed.
    """
    try:
        return shlex.split(text)
    except ValueError:
        raise FlowError(
            line, f"a quote is not closed in {text!r}", 'close it, or write \\" for the sign itself'
        ) from None


def address(line: int, text: str, default: int = 5060) -> Address:
    """`10.0.0.1:5060` or `[::1]:5060`; the port may be left out.

    Raises:
        FlowError
    """
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[0-9.]+)(?::(\d{1,5}))?", text)
    try:
        if found is None:
            raise ValueError
        host = str(ip_address(found[1].strip("[]")))
        port = int(found[2] or default)
        if not 0 < port < 65536:
            raise ValueError
    except ValueError:
        raise FlowError(
            line, f"{text!r} is no address", "an address is written 10.0.0.1:5060; ports go from 1 to 65535"
        ) from None
    return host, port


def _title(head: Head, entry: Entry, folder: Path) -> None:
    head.title = " ".join(text for _, text in entry.values())


def _script(head: Head, entry: Entry, folder: Path) -> None:
    if entry.value:
        if entry.more:
            raise FlowError(entry.line, "a path, and a script below it", "leave one of them")
        head.script = _file(entry, folder)
    elif entry.more:
        head.script_text, head.script_line = "".join(f"{line}\n" for line in entry.more), entry.line
    else:
        raise FlowError(entry.line, "script names no file", "write its path, or the script itself indented below")


def _kamailio_script(head: Head, entry: Entry, folder: Path) -> None:
    if entry.more and not entry.value:
        head.kamailio_script_text = "".join(f"{line}\n" for line in entry.more)
    else:
        head.kamailio_script = _file(entry, folder)


def _file(entry: Entry, folder: Path) -> Path:
    path = folder / entry.value
    if not path.is_file():
        raise FlowError(
            entry.line, f"there is no file {entry.value}", f"the path starts at the flow's own folder, {folder}"
        )
    return path


def _dialect(head: Head, entry: Entry, folder: Path) -> None:
    try:
        head.dialect = Dialect(entry.value)
    except ValueError:
        known = ", ".join(dialect.value for dialect in Dialect)
        raise FlowError(entry.line, f"unknown dialect {entry.value!r}", f"the dialects are {known}") from None


def _peers(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in _listed(entry):
        name, *rest = text.split()
        if "tcp" in (word.lower() for word in rest):
            raise FlowError(
                line,
                f"{name} would speak TCP, which serpy does not yet",
                "take udp until TCP is there: name the address only",
            )
        rest = [word for word in rest if word.lower() != "udp"]
        if not re.fullmatch(r"[A-Za-z_][\w.-]*", name) or len(rest) not in (1, 2):
            raise FlowError(line, f"{text!r} names no peer", "a peer is written `alice 10.0.0.1:5060`")
        if name in head.peers:
            raise FlowError(line, f"there are two peers named {name}", "give one of them another name")
        peer = PeerAt(line, name, rest[0] if len(rest) == 2 else None, address(line, rest[-1]))
        twin = next((other.name for other in head.peers.values() if other.address == peer.address), None)
        if twin:
            raise FlowError(line, f"{name} and {twin} have the same address", "give one of them another port")
        head.peers[name] = peer


def _show(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in _listed(entry):
        match text.split():
            case ["routes"]:
                head.shows_routes = line
            case ["times"]:
                head.shows_times = True
            case ["log"]:
                head.log_level = Level.NOTICE
            case ["log", level] if level.upper() in LEVELS:
                head.log_level = LEVELS[level.upper()]
            case ["table", name]:
                head.tables[name] = line
            case _:
                raise FlowError(
                    line, f"{text!r} cannot be shown", "what can be shown: routes, log, log LEVEL, table NAME, times"
                )


def _headers(head: Head, entry: Entry, folder: Path) -> None:
    if entry.value in ("changed", "all"):
        head.headers = entry.value
    else:
        head.headers = tuple(canonical(text) for _, text in _listed(entry))
        if not head.headers:
            raise FlowError(entry.line, "which headers?", "write `changed`, `all`, or names with commas between them")


def _modparam(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in entry.values():
        found = re.fullmatch(r"(\w+)[.,]\s*(\w+)\s*[=,]\s*(.*)", text)
        if found is None:
            raise FlowError(line, f"{text!r} sets no parameter", "a parameter is set by `tm.fr_timer = 5`")
        value = found[3].strip()
        if re.fullmatch(r"-?\d+", value):
            head.modparams[f"{found[1]}.{found[2]}"] = int(value)
        else:
            head.modparams[f"{found[1]}.{found[2]}"] = value[1:-1] if re.fullmatch(r'".*"', value) else value


def _define(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in entry.values():
        name, _, value = text.partition("=")
        if not re.fullmatch(r"[A-Za-z_]\w*", name.strip()):
            raise FlowError(line, f"{text!r} defines no name", "write `WITH_NAT` or `LIMIT=5`")
        head.defines[name.strip()] = value.strip()


def _db(head: Head, entry: Entry, folder: Path) -> None:
    if entry.value != "memory":
        raise FlowError(
            entry.line, f"a flow has no database {entry.value!r}", "write `db: memory`, or leave the line out"
        )


def _rows(head: Head, entry: Entry, folder: Path) -> None:
    if not re.fullmatch(r"\w+", entry.value):
        raise FlowError(entry.line, "rows of which table?", "write `rows: silo` and below it one row a line")
    rows = []
    for line, text in list(entry.values())[1:]:
        pairs = [word.partition("=") for word in words(line, text)]
        wrong = next((name for name, equals, _ in pairs if not equals), None)
        if wrong is not None:
            raise FlowError(line, f"{wrong!r} sets no column", 'a row is written `mid=1 body="hello bob"`')
        rows.append({name: value for name, _, value in pairs})
    head.rows.append(Rows(entry.line, entry.value, rows))


def _clock(head: Head, entry: Entry, folder: Path) -> None:
    try:
        when = datetime.fromisoformat(entry.value)
    except ValueError:
        raise FlowError(entry.line, f"{entry.value!r} is no time", "write it as 2026-01-01T12:00:00Z") from None
    head.time = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _dns(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in _listed(entry):
        match text.split():
            case [name, kind, ip] if kind.upper() in ("A", "AAAA"):
                head.dns.setdefault(name.lower(), []).append(address(line, f"[{ip}]" if ":" in ip else ip)[0])
            case [_, kind, *_] if kind.upper() in ("SRV", "NAPTR", "CNAME"):
                raise FlowError(line, f"serpy asks for no {kind.upper()} records yet", "give the name an A record")
            case _:
                raise FlowError(
                    line, f"{text!r} is no DNS record", "a record is written `proxy.example.org A 10.0.0.9`"
                )


def _hosts(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in _listed(entry):
        match text.split():
            case [name, ip]:
                head.hosts.setdefault(name.lower(), []).append(address(line, f"[{ip}]" if ":" in ip else ip)[0])
            case _:
                raise FlowError(line, f"{text!r} gives no name an address", "write `proxy.example.org 10.0.0.9`")


def _fails(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in _listed(entry):
        match text.split():
            case [code]:
                head.fails_to_load = (line, code)
            case [name, "always"]:
                head.failing.append(CommandFails(line, name, 0))
            case [name, number] if number.isdecimal() and int(number) > 0:
                head.failing.append(CommandFails(line, name, int(number)))
            case _:
                raise FlowError(
                    line,
                    f"{text!r} says not what fails",
                    "`t_reply 2`: its second call; `t_reply always`; `unknown-command`: why the script does not load",
                )


def _ack(head: Head, entry: Entry, folder: Path) -> None:
    if entry.value not in ("manual", "automatic"):
        raise FlowError(entry.line, f"ack is manual or automatic, not {entry.value!r}", "write `ack: manual`")
    head.acks = entry.value == "automatic"


def _differs(head: Head, entry: Entry, folder: Path) -> None:
    for line, text in entry.values():
        if not re.fullmatch(r"\S+\s+\S.*\s+because\s+\S.*", text):
            raise FlowError(
                line, f"{text!r} tells no difference", "write `differs: kamailio < alice 100 <*> because ...`"
            )
        head.differs.append((line, text))


def _listed(entry: Entry) -> list[tuple[int, str]]:
    """The values between commas and line ends."""
    return [(line, part.strip()) for line, text in entry.values() for part in text.split(",") if part.strip()]


_KEYS: dict[str, Callable[[Head, Entry, Path], None]] = {
    "title": _title,
    "script": _script,
    "kamailio-script": _kamailio_script,
    "dialect": _dialect,
    "peers": _peers,
    "show": _show,
    "headers": _headers,
    "modparam": _modparam,
    "define": _define,
    "db": _db,
    "rows": _rows,
    "clock": _clock,
    "dns": _dns,
    "hosts": _hosts,
    "fails": _fails,
    "ack": _ack,
    "differs": _differs,
}
_REPEATABLE = ("modparam", "define", "rows", "dns", "hosts", "fails", "differs", "show", "peers")
