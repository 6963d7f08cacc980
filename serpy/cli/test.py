"""`serpy test [PATH...]`: run flow files, and show where what happens differs from what was recorded."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..testing.ci import under_ci
from .terminal import has_color, showing_anything

if TYPE_CHECKING:
    from ..testing.coverage.output import Wanted as CoverageWanted
    from ..testing.flow.run import Outcome
    from ..testing.runner.select import Matches
    from ..testing.runner.show import Reporter

PASSED, FAILED, INTERRUPTED, USAGE, NOTHING = 0, 1, 2, 4, 5
"""Exit codes, as pytest's."""
WATCH_ENDED = 130
POLL = 0.3
"""Seconds between two looks at the files under `--watch`."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    paths: list[Path]
    matches: Matches | None
    jobs: int
    first_failure: bool
    update: bool
    junit: Path | None
    durations: int
    verbosity: int
    coverage: CoverageWanted | None


class _Usage(Exception):
    """The command line asks for what cannot be."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise _Usage(message)


def main(arguments: list[str]) -> int:
    """Carry out `serpy test ...`; the exit code."""
    from ..testing.runner.find import NotFound
    from ..testing.runner.select import WrongExpression

    with showing_anything(sys.stdout), showing_anything(sys.stderr):
        try:
            given = _parser().parse_args(arguments)
            wanted = _wanted(given)
            if given.expand:
                return _expand(wanted)
            if given.against is not None or given.server_command is not None:
                return _against(wanted, given)
            return _watch(wanted) if given.watch else _run_once(wanted)
        except (_Usage, NotFound, WrongExpression) as error:
            print(f"serpy test: {error}", file=sys.stderr)
            return USAGE


def _run_once(wanted: _Wanted) -> int:
    flows = _flows(wanted)
    if not flows:
        where = ", ".join(map(str, wanted.paths))
        print(f"serpy test: no flow file {'fits -k' if wanted.matches else 'found'} in {where}", file=sys.stderr)
        return NOTHING
    return _run(flows, wanted)


def _flows(wanted: _Wanted) -> list[Path]:
    """The flow files that are wanted.

    Raises:
        NotFound
    """
    from ..testing.runner.find import find_flows, title_of

    flows = find_flows(wanted.paths)
    if wanted.matches is None:
        return flows
    return [flow for flow in flows if wanted.matches(f"{flow} {title_of(flow)}")]


def _run(flows: Sequence[Path], wanted: _Wanted) -> int:
    from ..testing.runner.parallel import processes, run_all
    from ..testing.runner.show import GOOD, Reporter

    began, started = time.time(), time.perf_counter()
    reporter = Reporter(sys.stdout, color=has_color(sys.stdout), verbosity=wanted.verbosity)
    jobs = processes(len(flows), wanted.jobs)
    note, is_interrupted = "", False
    running = run_all(flows, jobs=jobs, update=wanted.update, cover=wanted.coverage is not None)
    try:
        reporter.start(len(flows))
        for outcome in running:
            reporter.add(outcome)
            if wanted.first_failure and outcome.status not in GOOD:
                note = "stopped at the first failure (-x)"
                break
    except KeyboardInterrupt:
        note, is_interrupted = "interrupted", True
    finally:
        reporter.stop()
        running.close()
    seconds = time.perf_counter() - started
    reporter.summary(seconds, jobs=jobs, durations=wanted.durations, note=note)
    if wanted.junit is not None:
        _write_junit(wanted.junit, reporter.outcomes, seconds, began)
    is_covered = wanted.coverage is None or _is_covered(reporter, wanted.coverage)
    if is_interrupted:
        return INTERRUPTED
    return PASSED if is_covered and all(one.status in GOOD for one in reporter.outcomes) else FAILED


def _is_covered(reporter: Reporter, wanted: CoverageWanted) -> bool:
    """Tell which lines of the scripts were reached; whether they suffice."""
    from ..testing.coverage.hits import Coverage
    from ..testing.coverage.output import finish

    coverage = Coverage()
    for one in reporter.outcomes:
        if one.hits is not None:
            coverage.add(one.hits)
    try:
        lines, suffices = finish(coverage, wanted)
    except OSError as error:
        raise _Usage(f"{error.filename} cannot be written: {error.strerror}") from None
    reporter.tell(lines)
    return suffices


def _write_junit(path: Path, outcomes: Sequence[Outcome], seconds: float, began: float) -> None:
    from ..testing.runner.junit import junit

    in_order = sorted(outcomes, key=lambda one: str(one.path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(junit(in_order, seconds, began))
    except OSError as error:
        raise _Usage(f"--junit {path} cannot be written: {error.strerror}") from None


def _watch(wanted: _Wanted) -> int:
    """Run what is affected by each save, until Ctrl-C."""
    from ..testing.flow.run import forget_scripts
    from ..testing.runner.find import NotFound
    from ..testing.runner.watch import Watcher

    watcher = Watcher()
    is_first = True
    try:
        while True:
            try:
                flows = _flows(wanted)
            except NotFound:
                if is_first:
                    raise
                flows = []  # an editor may take a file away for a moment
            affected = watcher.affected(flows)
            if affected:
                forget_scripts()
                code = _run(affected, wanted)
                if code == INTERRUPTED:
                    return WATCH_ENDED
                if wanted.update:
                    watcher.note(affected)
            if affected or is_first:
                print(f"watching {len(flows)} flow{'' if len(flows) == 1 else 's'}; Ctrl-C ends", flush=True)
            is_first = False
            pause()
    except KeyboardInterrupt:
        return WATCH_ENDED


def pause() -> None:
    """Wait until it is worth looking at the files again."""
    time.sleep(POLL)


def _expand(wanted: _Wanted) -> int:
    """Print the flows with every typed message written out."""
    from ..cfg.diagnostics import ScriptError
    from ..testing.flow.document import FlowError
    from ..testing.flow.run import cannot_be_read, expand

    flows = _flows(wanted)
    if not flows:
        print("serpy test: no flow file found to expand", file=sys.stderr)
        return NOTHING
    code = PASSED
    for flow in flows:
        try:
            text = expand(flow)
        except FlowError as error:
            print(f"{flow}:{error.line}: {error}", file=sys.stderr)
            code = FAILED
        except ScriptError as error:
            print(f"{flow}: the script cannot be run:\n{error}", file=sys.stderr)
            code = FAILED
        except OSError as error:
            print(cannot_be_read(flow, error), file=sys.stderr)
            code = FAILED
        else:
            sys.stdout.write((f"# {flow}\n" if len(flows) > 1 else "") + text)
    return code


def _against(wanted: _Wanted, given: argparse.Namespace) -> int:
    """Play the flows to another server, and tell where it differs."""
    from ..testing.against.others import Missing, other_server
    from ..testing.against.run import JOBS, MAX_WAIT, against

    alone = ("update", "watch", "junit", "first_failure", "cov", "cov_html", "cov_lcov")
    if any(getattr(given, name) for name in alone):
        raise _Usage("--against compares and does nothing else: leave the other options out, but for -k, -j, -v, -q")
    default = Path(given.kamailio_script) if given.kamailio_script else None
    if default is not None and not default.is_file():
        raise _Usage(f"--kamailio-script {default}: there is no such file")
    try:
        other = other_server(given.against, given.server_command, default)
    except Missing as error:
        raise _Usage(str(error)) from None
    flows = _flows(wanted)
    if not flows:
        print("serpy test: no flow file found to compare", file=sys.stderr)
        return NOTHING
    max_wait = MAX_WAIT if given.max_wait is None else _time(given.max_wait)
    jobs, color = given.jobs or JOBS, has_color(sys.stdout)
    try:
        return against(
            flows, other, stream=sys.stdout, max_wait=max_wait, jobs=jobs, color=color, verbosity=wanted.verbosity
        )
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        return INTERRUPTED


def _time(text: str) -> float:
    from ..testing.flow.duration import duration

    try:
        return float(text) if text.replace(".", "", 1).isdecimal() else duration(text)
    except ValueError:
        raise _Usage(f"--max-wait {text}: a time is written 5s, 2m or 500ms") from None


def _wanted(given: argparse.Namespace) -> _Wanted:
    if given.update and under_ci():
        raise _Usage("--update is refused under CI: record where a person sees the diff, and commit it")
    if given.update and given.expand:
        raise _Usage("--expand writes nothing; leave --update out")
    if given.jobs is not None and given.jobs < 1:
        raise _Usage("-j wants a number of processes, 1 or more")
    matches = None
    if given.expression is not None:
        from ..testing.runner.select import expression

        matches = expression(given.expression)
    return _Wanted(
        paths=[Path(path) for path in given.paths] or [Path()],
        matches=matches,
        jobs=given.jobs or _processors(),
        first_failure=given.first_failure,
        update=given.update,
        junit=Path(given.junit) if given.junit else None,
        durations=given.durations,
        verbosity=given.verbose - given.quiet,
        coverage=_coverage(given),
    )


def _coverage(given: argparse.Namespace) -> CoverageWanted | None:
    """What is asked for; None when no coverage is."""
    if not (given.cov or given.cov_html or given.cov_lcov or given.cov_fail_under is not None):
        return None
    from ..testing.coverage.output import Wanted

    if given.cov_fail_under is not None and not 0 <= given.cov_fail_under <= 100:
        raise _Usage("--cov-fail-under wants a percentage, 0 to 100")
    return Wanted(
        Path(given.cov_html) if given.cov_html else None,
        Path(given.cov_lcov) if given.cov_lcov else None,
        given.cov_fail_under,
    )


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="serpy test",
        description="Run flow files (*.flow): the real server in virtual time, compared with what was recorded.",
        epilog="Exit code 0: all passed; 1: some did not; 2: interrupted; 4: a mistake in the command line; 5: no flow "
        "found.",
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="a flow file, or a folder to search (default: this one)")
    add("-k", dest="expression", metavar="EXPR", help="only flows whose path or title holds a word; and, or, not, ( )")
    add("-x", dest="first_failure", action="store_true", help="stop at the first flow that does not pass")
    add("-j", dest="jobs", type=int, metavar="N", help="processes to use at most (default: one for each processor)")
    add("--update", action="store_true", help="record what happens now: writes what is different into the flows")
    add("--expand", action="store_true", help="print the flows with every typed message written out; record nothing")
    add("--watch", action="store_true", help="stay, and run again what a saved script, included file or flow affects")
    add("--against", metavar="SERVER", help="play the flows to another server too (kamailio), in real time on "
        "loopback, and show where it differs")  # fmt: skip
    add("--server-command", metavar="CMD", help="the same with any SIP server: 'ser -D -E -f {config}'; also "
        "{address}, {host}, {port}, {run} (its folder), {kamailio-config}")  # fmt: skip
    add("--max-wait", metavar="TIME", help="with these two: the longest wait that is waited for (default: 5s)")
    add("--kamailio-script", metavar="FILE", help="with --against kamailio: for flows whose head names none")
    add("--junit", metavar="FILE", help="write the outcomes as JUnit XML too")
    add("--cov", action="store_true", help="tell which lines and branches of the scripts no flow reached")
    add("--cov-html", metavar="DIR", help="write the scripts, shaded by it, as HTML pages")
    add("--cov-lcov", metavar="FILE", help="write it in the format of lcov, for editors")
    add("--cov-fail-under", type=float, metavar="N", help="fail when fewer than N per cent were reached")
    add("--durations", type=int, default=0, metavar="N", help="list the N slowest flows")
    add("-v", "--verbose", action="count", default=0, help="a line for each flow, and what --update changed")
    add("-q", "--quiet", action="count", default=0, help="no diffs")
    return parser
