from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.testing.flow.stage import Stage


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A place for one flow file."""
    monkeypatch.delenv("CI", raising=False)
    return Stage(tmp_path / "test.flow")
