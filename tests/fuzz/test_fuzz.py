"""A short run of the fuzz target, the same each time; `make fuzz` looks further."""

from __future__ import annotations

import random
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from serpy.cfg import cache

from . import inputs, scripts
from .heaps import HEAPS
from .target import PATH, check_any

SIZE, SLACK = 4_000, 3.0
_MOST_SECONDS, _MOST_MEMORY = 10.0, 2_000_000_000
"""Where an input is stopped that would take the machine down, long after it has broken the rules."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(cache, "folder", lambda: None)
    monkeypatch.chdir(tmp_path)
    Path(PATH).write_text(f'include_file "{PATH}"\n')  # an input may include itself
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, before[1]))
    signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, _MOST_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    resource.setrlimit(resource.RLIMIT_AS, before)


def _too_long(number: int, frame: object) -> None:
    raise TimeoutError(f"the checker is still busy after {_MOST_SECONDS:.0f} seconds")


@pytest.mark.parametrize("share", range(4))
def test_odd_inputs_are_checked(share: int) -> None:
    dice = random.Random(share)
    for _ in range(25):
        kind, data = inputs.one(dice, scripts.ours(), 2_000)
        try:
            check_any(data, slack=SLACK)
        except Exception as error:
            raise AssertionError(f"broken by {kind}: {data!r}") from error


@pytest.mark.parametrize("name", sorted(HEAPS))
def test_heaps_of_one_thing_are_checked(name: str) -> None:
    check_any(HEAPS[name](SIZE), slack=SLACK)
