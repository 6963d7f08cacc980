from __future__ import annotations

import pytest

from serpy.sip.errors import BadHeader
from serpy.sip.nameaddr import parse_nameaddr


@pytest.mark.parametrize(
    ("text", "display", "uri", "params"),
    [
        (b"<sip:a@b>;tag=1", b"", b"sip:a@b", b"tag=1"),
        (b"sip:a@b;tag=1", b"", b"sip:a@b", b"tag=1"),
        (b"Ann Lee <sip:a@b;lr>", b"Ann Lee", b"sip:a@b;lr", b""),
        (b'"A <x>, \\"B\\"" <sip:a@b> ;tag=1', b'"A <x>, \\"B\\""', b"sip:a@b", b"tag=1"),
        (b'"A"<sip:a@b>;x="a,b>;c"', b'"A"', b"sip:a@b", b'x="a,b>;c"'),
        (b"<sip:a,b@c>", b"", b"sip:a,b@c", b""),
        (b"Caf\xc3\xa9 <sip:a@b>", b"Caf\xc3\xa9", b"sip:a@b", b""),
    ],
)
def test_an_address_has_these_parts(text: bytes, display: bytes, uri: bytes, params: bytes) -> None:
    address = parse_nameaddr(text)
    assert (address.display, address.uri, address.params) == (display, uri, params)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"<>", b"<sip:a@b", b'"A <sip:a@b>', b"<sip:a@b> x", b"sip:a @b", b'A "B" <sip:a@b>', b'"A" x <sip:a>'),
        *(b"<sip:a@b>, <sip:c@d>", b'"A"', b"sip:a@b, sip:c@d"),
    ],
)
def test_this_is_no_address(text: bytes) -> None:
    with pytest.raises(BadHeader) as wrong:
        parse_nameaddr(text, b"to")
    assert wrong.value.header == b"to"


@pytest.mark.parametrize(
    ("params", "tag"),
    [
        (b"", None),
        (b";tag=1928301774", b"1928301774"),
        (b";x=1; Tag = a-b ", b"a-b"),
        (b";tag", b""),
        (b";xtag=1", None),
        (b';x=";tag=no";tag=yes', b"yes"),
        (b";tag=a.b;x", b"a.b"),
    ],
)
def test_the_tag_is_one_of_the_parameters(params: bytes, tag: bytes | None) -> None:
    assert parse_nameaddr(b"<sip:a@b>" + params).tag == tag
