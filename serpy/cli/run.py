"""`serpy FILE`: load a script and serve it until told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from ..cfg.load import Script, ScriptError, load_script
from ..db.api import DatabaseError
from ..db.choose import DatabaseChooser
from ..db.embedded import default_state_dir
from ..host.listen import ListenError
from ..host.network import Network
from ..host.server import Server
from ..host.udp import SystemNetwork
from ..log import Log
from ..report.short import brief
from .banner import banner_rows, print_banner, print_ready
from .daemon import PidFile, PidFileError, in_background
from .logs import log_to_stderr, log_to_syslog
from .options import Options, parse_options
from .privileges import PrivilegeError, become
from .terminal import print_findings
from .unread import advice

if TYPE_CHECKING:
    from ..testing.capture.live import FlowRecorder

OK, CANNOT_SERVE, WRONG_SCRIPT = 0, 1, 2
GARBAGE = (50_000, 10, 10)
"""The collector's thresholds: measured, a rare collection costs least (performance notes, section 8)."""


def main(arguments: list[str]) -> int:
    """Carry out `serpy [run] ...`; the exit code."""
    options = parse_options(arguments)
    # loading makes many objects that stay: the collector would look at them again and again in vain
    gc.set_threshold(*GARBAGE)
    if options.check_only:
        from . import check

        return check.main([str(options.file), *_check_options(options)])
    try:
        service = Service(options, _load(options))
    except ScriptError as error:
        return _wrong_script(error)
    except OSError as error:
        print(f"serpy: cannot read {options.file}: {error.strerror}. {advice(options.file)}", file=sys.stderr)
        return WRONG_SCRIPT
    except (PidFileError, ValueError) as error:
        return _fail(error)
    if options.foreground:
        return service.serve(lambda: None)
    return in_background(service.serve, keep_stderr=service.logs_to_stderr)


def _load(options: Options) -> Script:
    return load_script(options.file, dialect=options.dialect, defines=options.defines)


def _check_options(options: Options) -> list[str]:
    """What of the command line matters to the checker."""
    given = [f"-A{name}={value}" if value else f"-A{name}" for name, value in options.defines.items()]
    return [*given, *(["--dialect", options.dialect.value] if options.dialect else [])]


def _wrong_script(error: ScriptError) -> int:
    print_findings(error.diagnostics, sys.stderr)
    return WRONG_SCRIPT


def _fail(error: Exception) -> int:
    print(f"serpy: {error}", file=sys.stderr)
    return CANNOT_SERVE


class Service:
    """One server as a process: its log, PID file, signals and end.

    Raises:
        ScriptError: the script cannot be compiled.
        PidFileError: another process holds the PID file.
        ValueError: the folder for recording cannot be used.
    """

    def __init__(self, options: Options, script: Script) -> None:
        self._options = options
        self._script = script
        self._log = Log()
        self._databases = DatabaseChooser(
            mode=options.database,
            state_dir=options.state_dir or default_state_dir(),
            foreground=options.is_attended,
            wait=options.database_wait,
            create_tables=options.create_tables,
            log=self._log,
        )
        network: Network = SystemNetwork()
        self._recorder = _recorder(options, self._log)
        if self._recorder is not None:
            network = self._recorder.over(network)
        self._server = Server(script, network=network, databases=self._databases, log=self._log)
        self._override()
        self._pid_file = PidFile(options.pid_file) if options.pid_file else None
        self._warnings: list[str] = []
        if options.record:
            self._warnings.append(f"what passes is recorded in {options.record}, with what people write")
        self.logs_to_stderr = options.foreground or options.log_to_stderr or bool(self._server.core.log_stderror)
        self._open_log()

    def serve(self, ready: Callable[[], None]) -> int:
        """Serve until a signal comes; `ready()` is called when traffic is served. The exit code."""
        loop = _new_loop()
        asyncio.set_event_loop(loop)
        try:
            return loop.run_until_complete(self._serve(ready))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            # the default executor is not waited for: a thread may hang in a name server that does not answer
            loop.close()

    async def _serve(self, ready: Callable[[], None]) -> int:
        told = _Signals()
        try:
            if not await told.first_during(self._start()):
                print("serpy: told to stop before it was ready", file=sys.stderr)
                return CANNOT_SERVE
        except ScriptError as error:
            return _wrong_script(error)
        except (ListenError, DatabaseError, PidFileError, PrivilegeError, _NoWorkdir) as error:
            return _fail(error)
        _settle_garbage()
        rows = banner_rows(self._server, self._databases.notes, [*self._script_warnings(), *self._warnings])
        print_banner(rows, sys.stderr)
        if not self.logs_to_stderr:
            for note in self._databases.notes:  # nobody sees a daemon's banner
                self._log.notice(note)
        print_ready(sys.stderr)
        ready()
        await told.first.wait()
        await self._stop(told)
        return OK

    async def _start(self) -> None:
        core = self._server.core
        workdir = self._options.workdir or core.workdir
        if workdir:
            try:
                os.chdir(workdir)
            except OSError as error:
                raise _NoWorkdir(f"cannot work in {workdir}: {error.strerror}") from None
        await self._server.start(bound=lambda: become(core.user, core.group))
        if self._pid_file:
            try:
                self._pid_file.write()
            except PidFileError:
                # what is open holds the port, and a database's thread would keep the process alive
                await self._server.stop(0)
                raise

    async def _stop(self, told: _Signals) -> None:
        grace = self._options.grace
        self._log.notice(f"told to stop; finishing what is in flight for at most {grace:g} s")
        stopping = asyncio.ensure_future(self._server.stop(grace))
        impatient = asyncio.ensure_future(told.second.wait())
        await asyncio.wait((stopping, impatient), return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            self._server.hurry()
        impatient.cancel()
        await stopping
        if self._recorder is not None:
            await self._recorder.close()
        if self._pid_file:
            self._pid_file.remove()

    def _override(self) -> None:
        """The command line's word counts above the script's."""
        core, options = self._server.core, self._options
        if options.listen:
            core.listen = options.listen
        if options.debug is not None:
            core.debug = max(core.debug, options.debug)
        if options.children is not None:
            core.children = options.children

    def _open_log(self) -> None:
        if self.logs_to_stderr:
            log_to_stderr(self._log)
            return
        try:
            log_to_syslog(self._log, self._server.core.log_facility)
        except (OSError, ValueError) as error:
            # a daemon that held on to stderr unasked would keep waiting whoever reads its output to the end
            self._warnings.append(f"no syslog: {error}. From `ready` on nothing is logged; -E logs to stderr")
            log_to_stderr(self._log)

    def _script_warnings(self) -> list[str]:
        warnings = brief(self._script.warnings)
        return [*warnings, f"`serpy check {self._script.path}` shows the lines and the next steps"] if warnings else []


def _recorder(options: Options, log: Log) -> FlowRecorder | None:
    """What records into a folder, if one is asked for.

    Raises:
        ValueError: the folder cannot be used.
    """
    if options.record is None:
        return None
    from ..testing.capture.live import FlowRecorder

    dialect = options.dialect and options.dialect.value
    try:
        return FlowRecorder(options.record, options.file, log, defines=options.defines, dialect=dialect)
    except OSError as error:
        raise ValueError(f"cannot record into {options.record}: {error.strerror}") from None


class _NoWorkdir(Exception):
    """The working directory cannot be entered; the text is for people."""


class _Signals:
    """SIGINT and SIGTERM: the first asks to finish, the second not to wait any longer."""

    def __init__(self) -> None:
        self.first, self.second = asyncio.Event(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._told)

    async def first_during(self, work: Coroutine[Any, Any, None]) -> bool:
        """Run the work; False when a signal came first, and the work was cancelled.

        Raises: what the work raises.
        """
        working = asyncio.ensure_future(work)
        signalled = asyncio.ensure_future(self.first.wait())
        await asyncio.wait((working, signalled), return_when=asyncio.FIRST_COMPLETED)
        signalled.cancel()
        if working.done():
            await working
            return True
        working.cancel()
        await asyncio.wait((working,))
        return False

    def _told(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _settle_garbage() -> None:
    """What lives now lives as long as the server: the collector need not look at it."""
    gc.collect()
    gc.freeze()
