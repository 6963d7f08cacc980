"""What a test in Python is told when something cannot be, or does not come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..flow.document import FlowError


class LabError(Exception):
    """Something that a test asks of the lab and that cannot be; with the next step."""


class NoAnswer(AssertionError):
    """What was waited for did not come."""


@contextmanager
def told() -> Iterator[None]:
    """What a flow would say at a line, a test in Python is told as `LabError`."""
    try:
        yield
    except FlowError as error:
        raise LabError(str(error)) from None
