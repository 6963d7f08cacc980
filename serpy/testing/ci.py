"""Whether nobody is looking: what CI runs is compared, never recorded."""

from __future__ import annotations

import os


def under_ci() -> bool:
    """True where the variable CI says so, as all CI services set it."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")
