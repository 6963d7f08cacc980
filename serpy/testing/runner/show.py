"""How outcomes are told: progress while flows run, then what failed, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from ..flow.messages import escaped
from ..flow.run import Outcome, Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

GOOD: tuple[Status, ...] = ("passed", "updated")
_ORDER: tuple[Status, ...] = ("failed", "error", "unrecorded", "updated", "passed")
_STYLES = {"failed": "bold red", "error": "bold red", "unrecorded": "bold yellow", "updated": "cyan", "passed": "green"}
_WORDS = {"error": "with errors", "unrecorded": "not recorded"}
_REFRESH = 0.05


class Reporter:
    """Tells of one run. On a terminal it shows progress and colours, elsewhere it prints plain lines.

    Args:
        verbosity: above 0: a line for each flow, and what `--update` wrote; below 0: no diffs.
    """

    def __init__(self, stream: TextIO, *, color: bool, verbosity: int = 0) -> None:
        self.outcomes: list[Outcome] = []
        self._stream = stream
        self._verbosity = verbosity
        self._console: Console | None = None
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._refreshed = 0.0
        if color:
            from rich.console import Console

            self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def start(self, flows: int) -> None:
        """So many flows are about to run."""
        if self._console is None or not self._console.is_terminal or self._verbosity < 0:
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        # without a thread of its own: processes are forked while it shows
        self._progress = Progress(*columns, console=self._console, transient=True, auto_refresh=False)
        self._task = self._progress.add_task("flows", total=flows)
        self._progress.start()

    def add(self, outcome: Outcome) -> None:
        """A flow has ended."""
        self.outcomes.append(outcome)
        if self._verbosity > 0:
            word = f"{outcome.status:<10} "
            self._say(f"{word}{outcome.title}  ({outcome.path}, {_time(outcome.seconds)})", _STYLES[outcome.status])
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=1)
            if monotonic() - self._refreshed > _REFRESH:
                self._refreshed = monotonic()
                self._progress.refresh()

    def stop(self) -> None:
        """No further flow will be told of; the progress vanishes."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def summary(self, seconds: float, *, jobs: int = 1, durations: int = 0, note: str = "") -> None:
        """What failed, the slowest flows if they are wanted, and the counts; `note`: why it ended early."""
        self.stop()
        outcomes = sorted(self.outcomes, key=lambda one: str(one.path))
        for one in outcomes:
            self._details(one)
        if durations:
            self._durations(outcomes, durations)
        counts = Counter(one.status for one in outcomes)
        parts = [f"{counts[word]} {_WORDS.get(word, word)}" for word in _ORDER if counts[word]]
        worst = next((word for word in _ORDER if counts[word]), "passed")
        how = f" in {_time(seconds)}" + (f" ({jobs} processes)" if jobs > 1 else "")
        self._say(f"{', '.join(parts) or 'no flow ran'}{how}{f'; {note}' if note else ''}", _STYLES[worst])

    def tell(self, lines: Sequence[tuple[str, str]]) -> None:
        """Print lines, each with the style that rich gives it."""
        for text, style in lines:
            self._say(text, style)

    def _details(self, one: Outcome) -> None:
        if one.status in GOOD and not (one.status == "updated" and self._verbosity > 0):
            if one.status == "updated":
                self._say(f"updated {one.path}", _STYLES["updated"])
            return
        self._say(f"{one.status.upper()} {one.title}", _STYLES[one.status])
        if self._verbosity < 0:
            self._say(f"  {one.path}")
            return
        for text, style in told(one):
            self._say(text, style)
        self._say("")

    def _durations(self, outcomes: Sequence[Outcome], wanted: int) -> None:
        slowest = sorted(outcomes, key=lambda one: -one.seconds)[:wanted]
        self._say(f"slowest {len(slowest)}", "bold")
        for one in slowest:
            self._say(f"  {_time(one.seconds):>8}  {one.title}  ({one.path})")
        self._say("")

    def _say(self, text: str, style: str = "") -> None:
        safe = escaped(text) if not text.isprintable() else text
        if self._console is None:
            print(safe, file=self._stream)
        else:
            from rich.text import Text

            self._console.print(Text(safe, style=style), soft_wrap=True)


def told(one: Outcome) -> list[tuple[str, str]]:
    """The lines about a flow that did not pass, each with the style that rich gives it."""
    lines = []
    for text in one.error.splitlines():
        finding = "bold red" if text.startswith("error[") else "bold yellow" if text.startswith("warning[") else ""
        lines.append((text, finding))
    return [*lines, *((text, _diff_style(text)) for text in one.diff.split("\n") if one.diff)]


def _diff_style(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
