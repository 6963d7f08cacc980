"""`pytest --serpy-cov`: which lines and branches of the scripts the tests reached, flow files and labs alike."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .coverage.collect import collecting
from .coverage.output import Wanted, finish

if TYPE_CHECKING:
    from .coverage.hits import Coverage

_OUTPUT = "serpy_cov"


def _wanted(config: pytest.Config) -> Wanted:
    html, lcov = config.getoption("serpy_cov_html"), config.getoption("serpy_cov_lcov")
    fail_under = config.getoption("serpy_cov_fail_under")
    return Wanted(Path(html) if html else None, Path(lcov) if lcov else None, fail_under)


class CoverageOfScripts:
    """Collects from the start of the session to its end; the processes of xdist send what they have."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._coverage: Coverage = self._open.enter_context(collecting())
        self._lines: list[tuple[str, str]] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A process of xdist has ended."""
        from .coverage.hits import from_plain

        sent = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if sent is not None:
            self._coverage.add(from_plain(sent))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = self._coverage.plain()
            return
        try:
            self._lines, suffices = finish(self._coverage, _wanted(session.config))
        except OSError as error:
            self._lines, suffices = [(f"{error.filename} cannot be written: {error.strerror}", "bold red")], False
        if not suffices and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._lines:
            return
        terminalreporter.section("coverage of scripts")
        for text, style in self._lines:
            terminalreporter.write_line(text, **{word: True for word in style.split() if word in _MARKUP})

    def pytest_unconfigure(self) -> None:
        self._open.close()


_MARKUP = ("bold", "red", "green", "yellow")
