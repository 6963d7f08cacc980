"""While coverage is collected, every lab tells what its script did.

with collecting() as coverage:
    run_flow(path)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...cfg.tracer import Tracer

if TYPE_CHECKING:
    from .hits import Coverage

_collected: list[Coverage] = []
"""Where to add, the innermost last."""


@contextmanager
def collecting() -> Iterator[Coverage]:
    """For the time of a block: what the labs that are closed in it, and were opened in it, have reached."""
    from .hits import Coverage

    coverage = Coverage()
    _collected.append(coverage)
    try:
        yield coverage
    finally:
        _collected.remove(coverage)


def tracer_of_coverage() -> Tracer | None:
    """A tracer for a new lab; None when no coverage is collected."""
    return Tracer() if _collected else None


def add_to_coverage(tracer: Tracer) -> None:
    """A lab is closed."""
    if _collected:
        from .hits import of_tracer

        _collected[-1].add(of_tracer(tracer))
