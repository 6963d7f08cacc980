"""Database URLs as SER and Kamailio write them; the password never shows."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote

from .api import DatabaseError

MYSQL_PORT = 3306
USUAL_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock", "/run/mysql/mysql.sock")

_ENGINES: Mapping[str, str] = MappingProxyType(
    {
        "mysql": "mysql",
        "sql": "mysql",  # SER 0.8's spelling
        "sqlite": "sqlite",
        "text": "text",
        "dbtext": "text",
        "postgres": "postgres",
        "postgresql": "postgres",
    }
)
_LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})


class BadUrl(DatabaseError):
    """Not a database URL that serpy can use; says why and what one looks like."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """Where a database is and who asks. `repr` and `shown` leave the password out."""

    scheme: str
    engine: str
    """`mysql`, `sqlite`, `text` or `postgres`."""
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    """Without brackets; empty where there is a socket or a file."""
    port: int = 0
    """0: none given."""
    database: str = ""
    """The database's name; for files the path."""
    socket: str = ""

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return self._written(self.user)

    @property
    def typed(self) -> str:
        """The URL for a command line that a person completes: PASSWORD where one belongs."""
        return self._written(f"{self.user}:PASSWORD" if self.password else self.user)

    def _written(self, who: str) -> str:
        if self.engine in ("sqlite", "text"):
            return f"{self.scheme}://{self.database}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        socket = f"?socket={self.socket}" if self.socket else ""
        return f"{self.scheme}://{who}{'@' if who else ''}{host}{port}/{self.database}{socket}"

    @property
    def is_local(self) -> bool:
        """Whether it is on this very host: a loopback name or address, or a socket."""
        if self.socket or self.host.lower() in _LOOPBACK_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_url(text: str) -> DatabaseUrl:
    """The parts of a database URL.

    `mysql://user:password@host:port/database`; a user, password or database may have percent-escapes. The last `@`
    ends the password, so that `@`, `/` and `:` in a password need none. A socket is given as `?socket=/path` or, in
    the host's place, with its slashes escaped (`%2Frun%2Fmysqld%2Fmysqld.sock`). `sqlite:///path` names a file.

    Raises:
        BadUrl
    """
    scheme, separator, rest = text.strip().partition("://")
    scheme = scheme.lower()
    if not separator or not scheme.isidentifier():
        # nothing of the text: it may hold a password
        raise BadUrl("a database URL looks like mysql://user:password@host/database; this one has no scheme://")
    engine = _ENGINES.get(scheme)
    if engine is None:
        raise BadUrl(f"unknown kind of database {scheme}://; serpy knows mysql:// and sqlite://")
    if engine in ("sqlite", "text"):
        if not rest.strip("/"):
            raise BadUrl(f"{scheme}:// names no file; write {scheme}:///path/to/it")
        return DatabaseUrl(scheme, engine, database=unquote(rest))
    return _server_url(scheme, engine, rest)


def _server_url(scheme: str, engine: str, rest: str) -> DatabaseUrl:
    who, _, where = rest.rpartition("@")
    user, _, password = who.partition(":")
    place, _, path = where.partition("/")
    database, _, query = path.partition("?")
    options = dict(parse_qsl(query))
    host, port = _host_port(scheme, place)
    host = unquote(host)
    socket = options.get("socket") or options.get("unix_socket") or ""
    if host.startswith("/"):
        host, socket = "", host
    if not database.strip("/"):
        raise BadUrl(f"{scheme}://{host} names no database; write {scheme}://user:password@{host or 'host'}/database")
    return DatabaseUrl(
        scheme, engine, unquote(user), unquote(password), host or ("" if socket else "localhost"), port,
        unquote(database.strip("/")), socket,
    )  # fmt: skip


def _host_port(scheme: str, place: str) -> tuple[str, int]:
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = place.partition(":")
    if not port:
        return host, 0
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise BadUrl(f"{scheme}://{host}: the port is not a number from 1 to 65535")
    return host, int(port)


def mysql_addresses(url: DatabaseUrl) -> list[tuple[str, int] | Path]:
    """Where a MySQL client tries to connect, in this order: sockets as paths, else host and port.

    As MySQL's own client does, `localhost` without a port means the usual socket where there is one; TCP is tried
    next. A port, or an address such as 127.0.0.1, means TCP.
    """
    if url.socket:
        return [Path(url.socket)]
    if url.host.lower() != "localhost":
        return [(url.host, url.port or MYSQL_PORT)]
    # the name may lead to ::1 first, where MySQL's default does not listen
    tcp = ("127.0.0.1", url.port or MYSQL_PORT)
    if url.port:
        return [tcp]
    return [*(path for name in USUAL_SOCKETS if (path := Path(name)).is_socket()), tcp]
