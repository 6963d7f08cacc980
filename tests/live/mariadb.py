"""A private MariaDB server for live tests, on a free port, in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pymysql

USER, PASSWORD = "user", "xxx"
START_TIMEOUT = 30.0


class Missing(Exception):
    """MariaDB is not installed; says which program was looked for."""


def _program(*names: str) -> str:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise Missing(f"no {' or '.join(names)}; install the package mariadb-server")


class Mariadb:
    """The server: `url(database)` for serpy, `query(sql)` for the test, `stop()` and `start()` for an outage."""

    def __init__(self, folder: Path) -> None:
        self._server = _program("mariadbd", "mysqld")
        install = _program("mariadb-install-db", "mysql_install_db")
        self.folder = folder
        self.socket = folder / "mariadb.sock"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user = ["--user=mysql"] if os.geteuid() == 0 else []
        data, self._tmp = folder / "data", folder / "tmp"
        for made in (data, self._tmp):
            made.mkdir(parents=True)
        self._give_to_server(folder, data, self._tmp)
        ended = subprocess.run(
            [install, "--no-defaults", *self._as_user, f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal", *self._options()],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if ended.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}")
        self.start()
        for host in ("localhost", "%"):
            self.query(f"CREATE USER '{USER}'@'{host}' IDENTIFIED BY '{PASSWORD}'")
            self.query(f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'{host}'")

    def url(self, database: str, *, user: str = USER, password: str = PASSWORD) -> str:
        """The URL of a database over TCP; the database is made where it is missing."""
        self.query(f"CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4")
        return f"mysql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def query(self, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """The rows of a statement carried out by root; committed."""
        connection = pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database, autocommit=True, charset="utf8mb4"
        )
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def start(self) -> None:
        """Start the server, and return when it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._server, "--no-defaults", *self._as_user, f"--datadir={self.folder / 'data'}",
                 f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1",
                 f"--pid-file={self.folder / 'pid'}", "--skip-name-resolve", "--skip-log-bin", *self._options()],
                stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                text = (self.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"MariaDB did not start:\n{text[-3000:]}")
            # the only sign of readiness is that it answers
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:  # PyMySQL leaves its socket open where nobody listens
            if probe.connect_ex(str(self.socket)) != 0:
                return False
        try:
            self.query("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    def stop(self, *, kill: bool = False) -> None:
        """Stop the server in order, or as a power cut does."""
        if self._process is None:
            return
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        self._process.wait(30)
        self._process = None

    def pause(self) -> None:
        """Let the server stop answering, with its connections open."""
        assert self._process is not None
        self._process.send_signal(19)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(18)

    def _options(self) -> list[str]:
        return [
            f"--tmpdir={self._tmp}",  # a server that starts removes the temporary tables of others in a shared one
            "--innodb-flush-log-at-trx-commit=1",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-file-size=16M",
            "--performance-schema=OFF",
        ]

    @staticmethod
    def _give_to_server(*folders: Path) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("mysql")
            for folder in folders:
                os.chown(folder, owner.pw_uid, owner.pw_gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
