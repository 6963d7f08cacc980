"""The CSeq header (RFC 3261 20.16)."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import BadHeader

_CSEQ = re.compile(rb"0*([0-9]{1,10})[ \t\r\n]++([A-Za-z0-9.!%*_+`'~-]++)\Z")


class CSeq(NamedTuple):
    """The number of a request within its dialog, and its method."""

    number: int
    method: bytes


def parse_cseq(value: bytes) -> CSeq:
    """The number and the method of a CSeq value.

    Raises:
        BadHeader
    """
    digits, _, method = value.partition(b" ")
    if digits.isdigit() and method.isalpha() and len(digits) <= 10:
        return CSeq(int(digits), method)
    found = _CSEQ.match(value)
    if found is None:
        raise BadHeader(b"cseq", "it is not a number and a method")
    return CSeq(int(found[1]), found[2])
