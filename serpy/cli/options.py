"""The options of `serpy FILE`, as users of SER and Kamailio type them."""

from __future__ import annotations

import argparse
import difflib
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..dialect import Dialect
from . import COMMANDS
from .define import add_defines

if TYPE_CHECKING:
    from ..db.choose import Mode

DATABASE_MODES = ("auto", "configured", "embedded")
FIRST_DEBUG = 2
"""`-d` counts from here: once is INFO (3), twice DBG (4)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    file: Path
    check_only: bool = False
    foreground: bool = True
    log_to_stderr: bool = False
    debug: int | None = None
    listen: list[str] = field(default_factory=list)
    children: int | None = None
    pid_file: Path | None = None
    workdir: Path | None = None
    defines: dict[str, str] = field(default_factory=dict)
    database: Mode = "auto"
    state_dir: Path | None = None
    database_wait: float = 60.0
    create_tables: bool = False
    grace: float = 2.0
    dialect: Dialect | None = None
    record: Path | None = None
    """The folder into which what passes is written as flow files."""

    @property
    def is_attended(self) -> bool:
        """Somebody started it by hand and looks at it: not a daemon, and not a unit of systemd."""
        return self.foreground and not under_systemd()


def under_systemd() -> bool:
    """True when systemd started this process as (part of) a service."""
    # INVOCATION_ID is in user sessions as well; the journal as stderr, or a notify socket, only a service has
    return "NOTIFY_SOCKET" in os.environ or ("INVOCATION_ID" in os.environ and "JOURNAL_STREAM" in os.environ)


def version_line() -> str:
    return f"serpy {__version__} (Python {platform.python_version()}, {platform.system()} {platform.machine()})"


def parse_options(arguments: Sequence[str]) -> Options:
    """The options; prints help or a usage error and raises SystemExit (0 or 2) as argparse does."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if len(given.script) > 1:
        near = difflib.get_close_matches(given.script[0], COMMANDS, 1)
        said = (
            f"there is no command {given.script[0]}; did you mean {near[0]}?" if near else "one server runs one script"
        )
        parser.error(said if near else f"{said}, not {' and '.join(given.script)}")
    given.script = given.script[0] if given.script else None
    for text in given.listen:
        if text.lower().startswith(("tcp:", "tls:")):
            parser.error(f"-l {text}: this version speaks UDP only; write -l udp:{text[4:]}")
    if given.file and given.script and given.file != given.script:
        parser.error(f"two scripts: {given.script} and (with -f) {given.file}; one server runs one script")
    file = given.file or given.script
    if not file:
        parser.error("which script? Type `serpy FILE`, for example `serpy examples/msilo.cfg`")
    return Options(
        file=Path(file),
        check_only=given.check_only,
        # a PID file is what scripts that start daemons ask for; who types `serpy FILE` wants to see it run
        foreground=given.pid_file is None or given.foreground > 0,
        log_to_stderr=given.log_to_stderr,
        debug=FIRST_DEBUG + given.debug if given.debug else None,
        listen=given.listen,
        children=given.children,
        pid_file=given.pid_file and Path(given.pid_file).absolute(),
        workdir=given.workdir and Path(given.workdir).absolute(),
        defines=dict(given.defines),
        database=given.database,
        state_dir=given.state_dir and Path(given.state_dir).absolute(),
        database_wait=given.database_wait,
        create_tables=given.create_tables,
        grace=given.grace,
        dialect=given.dialect and Dialect(given.dialect),
        record=given.record and Path(given.record).absolute(),
    )


_FURTHER = "further commands:\n" + "\n".join(f"  serpy {name:<7} {text}" for name, text in COMMANDS.items())

_EPILOG = f"""\
{_FURTHER}
  Each has its own --help. A script that bears such a name: serpy ./check

foreground or daemon:
  `serpy FILE` stays in the foreground and logs to stderr; Ctrl-C ends it.
  With -P PIDFILE (and without -D) it goes to the background as SER does, and logs to syslog
  (to stderr with -E or log_stderror=yes). The command returns when the server is ready.

exit codes: 0 ended as asked; 1 it could not serve (port, database); 2 the script or the command line is wrong
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy",
        usage="serpy [options] FILE",
        description="Run a SIP Express Router script.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("script", metavar="FILE", nargs="*", help="the script to run")
    add("-V", "--version", action="version", version=version_line(), help="show the version and end")
    group = parser.add_argument_group("script")
    add = group.add_argument
    add("-f", dest="file", metavar="FILE", help="the script, as SER and Kamailio take it")
    add("-c", dest="check_only", action="store_true", help="only check the script (`serpy check FILE`)")
    add_defines(group)
    add(
        "--dialect",
        choices=[dialect.value for dialect in Dialect],
        help="how to read the script (else: by its content)",
    )
    group = parser.add_argument_group("serving")
    add = group.add_argument
    add(
        "-l",
        dest="listen",
        metavar="ADDR",
        action="append",
        default=[],
        help="listen here, [udp:]HOST[:PORT], instead of the script's `listen` lines; repeatable",
    )
    add("-n", dest="children", metavar="N", type=int, help="accepted for SER's sake: one process serves all")
    add("-w", dest="workdir", metavar="DIR", help="change to this folder before serving")
    add(
        "--grace",
        metavar="SECONDS",
        type=_seconds,
        default=2.0,
        help="to finish what is in flight when told to stop (2)",
    )
    add(
        "--record",
        metavar="DIR",
        help="write what passes as flow files (tests) into this folder; they hold what people wrote and whom they "
        "called",
    )
    group = parser.add_argument_group("foreground, daemon and log")
    add = group.add_argument
    add("-D", dest="foreground", action="count", default=0, help="stay in the foreground, also with -P (-DD: the same)")
    add("-P", dest="pid_file", metavar="PIDFILE", help="write the process id here and, without -D, run as a daemon")
    add("-E", dest="log_to_stderr", action="store_true", help="log to stderr, also as a daemon")
    add(
        "-d",
        dest="debug",
        action="count",
        default=0,
        help="log at least INFO (-d) or DEBUG (-dd), whatever `debug` in the script says",
    )
    group = parser.add_argument_group("database")
    add = group.add_argument
    add(
        "--db",
        dest="database",
        choices=DATABASE_MODES,
        default=_database_mode(parser),
        help="`configured`: the script's URLs; `embedded`: an SQLite file instead; `auto`: as configured, but embedded "
        "where no database runs on this host (default: $SERPY_DB, else auto)",
    )
    add("--state-dir", metavar="DIR", help="where the embedded database is kept (the user's data folder)")
    add(
        "--db-wait",
        dest="database_wait",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help="as a daemon: wait so long for the database at start (60)",
    )
    add("--create-tables", action="store_true", help="make missing tables in the configured database")
    return parser


def _database_mode(parser: argparse.ArgumentParser) -> str:
    mode = os.environ.get("SERPY_DB") or "auto"
    if mode not in DATABASE_MODES:
        parser.error(f"SERPY_DB={mode}: expected one of {', '.join(DATABASE_MODES)}")
    return mode


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
