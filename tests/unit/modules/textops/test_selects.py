"""`@hf_value`: what SER 2 scripts read of single header values."""

from __future__ import annotations

import pytest

from serpy.cfg.nodes import Select
from serpy.cfg.selects import find
from serpy.cfg.source import Source
from serpy.modules.textops import Textops
from tests.unit.modules.registrar.fakes import FakeHost, load, message, request_call

HEADERS = (
    "X-Y: one;a=1;b, two",
    "X-Y: three;c = 4",
    'P-Asserted-Identity: "A" <sip:a@b.org:5070>;p=q, <tel:5>',
)


def read(*parts: str | int) -> bytes | None:
    """What a script reads under these parts."""
    host = FakeHost()
    reader = find(Select(Source("x", b"").span(0, 0), "", list(parts)), [Textops])
    assert reader is not None
    call = request_call(host, message("INVITE", "sip:bob@h", *HEADERS))
    return reader.bind({"textops": load(Textops, host)})(call)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["hf_value", "x_y"], b"one;a=1;b"),
        (["hf_value", "X-Y", 2], b"two"),
        (["hf_value", "X-Y", 3], b"three;c = 4"),
        (["hf_value", "X-Y", -1], b"three;c = 4"),
        (["hf_value", "X-Y", 4], None),
        (["hf_value", "X-Y", 0], None),
        (["hf_value", "Z"], None),
        (["hf_value", "X-Y", "a"], b"1"),
        (["hf_value", "X-Y", "p", "a"], b"1"),
        (["hf_value", "X-Y", "params", "b"], b""),
        (["hf_value", "X-Y", "param", "c"], None),
        (["hf_value", "X-Y", 3, "c"], b"4"),
        (["hf_value", "X-Y", 3, "param", "c"], b"4"),
        (["hf_value", "p_asserted_identity", "uri"], b"sip:a@b.org:5070"),
        (["hf_value", "p_asserted_identity", "uri", "port"], b"5070"),
        (["hf_value", "p_asserted_identity", 2, "uri", "user"], b"5"),
        (["hf_value", "p_asserted_identity", "name"], b'"A"'),
        (["hf_value", "Z", "uri"], None),
        (["hf_value_exists", "X-Y", "TWO"], b"1"),
        (["hf_value_exists", "X-Y", "four"], b"0"),
    ],
)
def test_a_value_is_read(parts: list[str | int], expected: bytes | None) -> None:
    assert read(*parts) == expected
