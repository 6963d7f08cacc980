"""Flow files as tests of pytest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .flow.run import Outcome

_UPDATED = ("serpy", "updated")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".flow":
        return None
    from .runner.find import is_flow

    if not is_flow(file_path.name):
        return None
    made: pytest.Collector = FlowFile.from_parent(parent, path=file_path)
    return made


class FlowFile(pytest.File):
    """A flow file; it holds one scenario."""

    def collect(self) -> Iterator[FlowItem]:
        from .runner.find import title_of

        yield FlowItem.from_parent(self, name=title_of(self.path))


class FlowItem(pytest.Item):
    """A scenario, named by its title."""

    def runtest(self) -> None:
        from .runner.parallel import run_one

        outcome = run_one(self.path, update=self.config.getoption("serpy_update"))
        if outcome.status == "updated":
            self.user_properties.append(_UPDATED)
        elif outcome.status != "passed":
            raise FlowFailed(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, FlowFailed):
            return excinfo.value.told
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        from .runner.find import title_line

        return self.path, title_line(self.path) - 1, self.name


class FlowFailed(Exception):
    """A scenario that did not go as it was recorded."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error or outcome.diff)
        self.told = _Told(outcome)


class _Told:
    """How pytest shows it; as text when it comes from a process of xdist."""

    def __init__(self, outcome: Outcome) -> None:
        from .runner.show import told

        self._lines = told(outcome)

    def __str__(self) -> str:
        return "\n".join(text for text, _ in self._lines)

    def toterminal(self, writer: Any) -> None:
        for text, style in self._lines:
            writer.line(text, **dict.fromkeys(style.split(), True))


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    if report.when == "call" and report.passed and list(_UPDATED) in map(list, report.user_properties):
        return "updated", "U", "UPDATED"
    return None
