"""The cache folder is left alone: thousands of programs would fill it. What was parsed once
is kept for the compiler, which takes it once: `resolve` changes it."""

from __future__ import annotations

from typing import Any

import pytest

from serpy.cfg import cache


@pytest.fixture(autouse=True)
def _kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}

    def store(name: str, key: str, value: Any) -> None:
        kept.clear()
        kept[key] = value

    monkeypatch.setattr(cache, "folder", lambda: None)
    monkeypatch.setattr(cache, "load", lambda name, key: kept.pop(key, None))
    monkeypatch.setattr(cache, "store", store)
