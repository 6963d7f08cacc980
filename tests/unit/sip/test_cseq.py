from __future__ import annotations

import pytest

from serpy.sip.cseq import CSeq, parse_cseq
from serpy.sip.errors import BadHeader


@pytest.mark.parametrize(
    ("value", "cseq"),
    [
        (b"1 INVITE", CSeq(1, b"INVITE")),
        (b"0009\r\n  INVITE", CSeq(9, b"INVITE")),
        (b"0 x-y.z", CSeq(0, b"x-y.z")),
        (b"4294967295\tACK", CSeq(4294967295, b"ACK")),
        (b"000000000000001 invite", CSeq(1, b"invite")),
    ],
)
def test_a_cseq_is_a_number_and_a_method(value: bytes, cseq: CSeq) -> None:
    assert parse_cseq(value) == cseq


@pytest.mark.parametrize(
    "value", [b"", b"1", b"INVITE", b"-1 INVITE", b"1INVITE", b"1 ", b"99999999999 A", b"1 A B", b"\xb9 A", b"1 A\0"]
)
def test_this_is_no_cseq(value: bytes) -> None:
    with pytest.raises(BadHeader):
        parse_cseq(value)
