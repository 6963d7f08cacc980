"""Going to the background, and the PID file."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path


class PidFileError(Exception):
    """The PID file cannot be used; the text is for people."""


def in_background(work: Callable[[Callable[[], None]], int], *, keep_stderr: bool) -> int:
    """Run `work(ready)` in a process of its own session; must be called before any event loop or thread exists.

    In the calling process this returns when the work has called `ready` (0) or has ended before (its exit code); what
    the work writes to stderr until then is seen on the terminal. In the new process it does not return.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as answer:
            code = answer.read(1)
        return code[0] if code else 1
    os.close(reading)
    os.setsid()
    if os.fork():  # the session's leader ends, so that no terminal can become ours again
        os._exit(0)
    code_sent = False

    def send(code: int) -> None:
        nonlocal code_sent
        if not code_sent:
            code_sent = True
            with contextlib.suppress(BrokenPipeError):  # whoever started us did not wait
                os.write(writing, bytes([code]))
            os.close(writing)

    def ready() -> None:
        _silence(sys.stdout)
        if not keep_stderr:
            _silence(sys.stderr)
        send(0)

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    result = 1
    try:
        result = work(ready)
    finally:
        # also after an exception: the caller waits for one octet
        send(result)
    sys.exit(result)


def _silence(stream: object) -> None:
    number = 1 if stream is sys.stdout else 2
    (sys.stdout if number == 1 else sys.stderr).flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)


class PidFile:
    """A file that holds the process id while the server runs."""

    def __init__(self, path: Path) -> None:
        """Check that no living process holds it, and that its folder is there: before anything is opened.

        Raises:
            PidFileError
        """
        self._path = path
        if not path.parent.is_dir():
            raise PidFileError(
                f"cannot write the PID file {path}: there is no folder {path.parent}. Make it, or name another file: "
                "-P FILE"
            )
        try:
            text = path.read_text("ascii", "replace").strip()
        except FileNotFoundError:
            return
        except OSError as error:
            raise PidFileError(f"cannot read the PID file {path}: {error.strerror}") from None
        if text.isdigit() and int(text) and _is_alive(int(text)):
            raise PidFileError(
                f"the PID file {path} names process {text}, which is running. Stop it with `kill {text}`, "
                "or remove the file if that is another program"
            )

    def write(self) -> None:
        """Write this process's id.

        Raises:
            PidFileError
        """
        try:
            self._path.write_text(f"{os.getpid()}\n", "ascii")
        except OSError as error:
            raise PidFileError(
                f"cannot write the PID file {self._path}: {error.strerror}. Name a file that this user may write: "
                "-P FILE"
            ) from None

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
