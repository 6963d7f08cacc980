from __future__ import annotations

import pytest

from serpy.sip.phrases import reason


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        (100, b"Trying"),
        (202, b"Accepted"),
        (299, b"OK"),
        (483, b"Too Many Hops"),
        (499, b"Bad Request"),
        (999, b"Unknown"),
    ],
)
def test_a_code_has_a_phrase(code: int, phrase: bytes) -> None:
    assert reason(code) == phrase
