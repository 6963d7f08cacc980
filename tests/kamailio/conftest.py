"""The table of `test_shipped_scripts` is printed at the end of the run, also with several workers."""

from __future__ import annotations

from typing import Any

import pytest

TABLE: pytest.StashKey[list[str]] = pytest.StashKey()
_SENT = "kamailio scripts"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_SENT] = session.config.stash[TABLE]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[TABLE].extend(getattr(node, "workeroutput", {}).get(_SENT, []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash[TABLE]
    if lines:
        terminalreporter.section("scripts of Debian's kamailio package")
        for line in lines:
            terminalreporter.write_line(line)
