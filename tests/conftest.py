"""What all tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

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
