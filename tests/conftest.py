"""What all tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest


def pytest_collection_finish() -> None:
    """Thousands of tests are a large heap: looking through it again and again is not what a test should pay for."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def no_collection() -> Iterator[None]:
    """For tests that look at CPU time: the garbage of other tests is not collected meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


# The table of tests/kamailio is printed at the end of the run, also with several workers: those do not print.

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
