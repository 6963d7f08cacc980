from __future__ import annotations

from collections.abc import Callable

import pytest

from serpy.sip.message import Request
from serpy.sip.received import needs_received, source_changes


@pytest.mark.parametrize(
    ("via", "source", "needed"),
    [
        (b"10.0.0.1:7100", "10.0.0.1", False),
        (b"10.0.0.1", "10.0.0.11", True),
        (b"10.0.0.11", "10.0.0.1", True),
        (b"a.example", "10.0.0.1", True),
        (b"10.0.0.1;received=10.0.0.1", "10.0.0.1", True),
        (b"10.0.0.1;rport", "10.0.0.1", False),
        (b"[2001:DB8:0::1]", "2001:db8::1", False),
        (b"[2001:db8::2]", "2001:db8::1", True),
        (b"[1:2]", "2001:db8::1", True),
    ],
)
def test_received_is_noted_when_the_via_names_another_host(
    request_from: Callable[..., Request], via: bytes, source: str, needed: bool
) -> None:
    request = request_from(b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP " + via + b"\r\n\r\n")
    assert needs_received(request.via, source) is needed


@pytest.mark.parametrize(
    ("via", "force", "forwarded", "replied"),
    [
        (b"10.0.0.1;branch=x", False, b"10.0.0.1;branch=x", b"10.0.0.1;branch=x"),
        (b"a:1;branch=x", False, b"a:1;received=10.0.0.1;branch=x", b"a:1;branch=x;received=10.0.0.1"),
        (b"10.0.0.1;rport;branch=x", False, b"10.0.0.1;rport=7;branch=x", b"10.0.0.1;rport=7;branch=x"),
        (b"10.0.0.1;branch=x", True, b"10.0.0.1;rport=7;branch=x", b"10.0.0.1;branch=x;rport=7"),
        (b"10.0.0.1;rport=9;y", False, b"10.0.0.1;rport=7;y", b"10.0.0.1;rport=7;y"),
        (b"a;branch=x;rport", False, b"a;received=10.0.0.1;branch=x;rport=7", b"a;branch=x;rport=7;received=10.0.0.1"),
        (b"a;rport", False, b"a;received=10.0.0.1;rport=7", b"a;rport=7;received=10.0.0.1"),
        (b"a;x", True, b"a;received=10.0.0.1;rport=7;x", b"a;x;rport=7;received=10.0.0.1"),
        (b"a; ", False, b"a;received=10.0.0.1; ", b"a;;received=10.0.0.1 "),
        (b"a;branch= ", False, b"a;received=10.0.0.1;branch= ", b"a;branch=;received=10.0.0.1 "),
        (b"a;received=6.6.6.6;y", False, b"a;received=10.0.0.1;y", b"a;received=10.0.0.1;y"),
        (
            b"a ;\r\n rport ;y , SIP/2.0/UDP b",
            False,
            b"a;received=10.0.0.1 ;rport=7 ;y",
            b"a ;rport=7 ;y;received=10.0.0.1",
        ),
    ],
)
def test_the_source_is_noted_at_these_places(
    request_from: Callable[..., Request], via: bytes, force: bool, forwarded: bytes, replied: bytes
) -> None:
    request = request_from(b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP " + via + b"\r\n\r\n", ("10.0.0.1", 7))
    for at_end, expected in ((False, forwarded), (True, replied)):
        data = request.data
        for start, end, text in reversed(source_changes(request, force_rport=force, at_end=at_end)):
            data = data[:start] + text + data[end:]
        assert b"Via: SIP/2.0/UDP " + expected in data
