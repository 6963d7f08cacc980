"""`--update`: record what serpy says about the wrong scripts now."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write tests/diagnostics/scripts anew; read the difference")


@pytest.fixture
def is_update(request: pytest.FixtureRequest) -> bool:
    """Whether to record instead of to compare."""
    return bool(request.config.getoption("--update", default=False) or os.environ.get("SERPY_UPDATE"))
