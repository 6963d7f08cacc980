from __future__ import annotations

import pytest

from serpy.sip.head import Field, Head
from serpy.sip.lines import head_bounds


def head(headers: bytes, body: bytes = b"") -> Head:
    data = b"OPTIONS sip:a SIP/2.0\r\n" + headers + b"\r\n" + body
    return Head(data, 0, *head_bounds(data, 0))


@pytest.mark.parametrize(
    "line",
    [
        *(b"Call-ID: x\r\n", b"Call-ID:x\r\n", b"CALL-id:\t x \r\n", b"i: x\r\n", b"I:x\r\n", b"call-id : x\r\n"),
        *(b"Call-ID:\r\n x\r\n", b"i\t:\r\n\t \r\n x\r\n", b"Call-ID: x\n", b"i:x\n"),
    ],
)
def test_a_header_is_found_in_every_spelling(line: bytes) -> None:
    assert head(b"X-Call-ID: no\r\nSubject: a\r\n i: no\r\n" + line + b"Z: z\r\n").header(b"call-id") == b"x"


def test_a_header_in_the_body_is_none() -> None:
    assert head(b"A: b\r\n", b"\r\nCall-ID: no\r\ni: no\r\n\r\n").header(b"call-id") is None


def test_the_first_of_several_counts() -> None:
    assert head(b"Call-ID: 1\r\nCall-ID: 2\r\n").header(b"call-id") == b"1"
    assert head(b"i: 1\r\ncall-id: 2\r\n").header(b"call-id") == b"1"


def test_among_mixed_spellings_the_usual_one_counts() -> None:
    assert head(b"i: 1\r\nCall-ID: 2\r\n").header(b"call-id") == b"2"


def test_a_folded_value_comes_on_one_line() -> None:
    assert head(b"Subject: a\r\n  b\r\n\tc\r\nX: y\r\n").header(b"subject") == b"a b c"


def test_an_empty_value_is_not_an_absent_one() -> None:
    assert head(b"Subject:\r\n").header(b"subject") == b""
    assert head(b"Subject:\r\n").header(b"expires") is None


def test_names_that_nobody_knows_are_found_too() -> None:
    assert head(b"P-Asserted-Identity: x\r\n").header(b"p-asserted-identity") == b"x"
    assert head(b"X.Y+Z: x\r\n").header(b"x.y+z") == b"x"


def test_nul_and_non_ascii_bytes_are_values_like_others() -> None:
    assert head(b"Subject: \x00\xff\xc3\xa9\r\n").header(b"subject") == b"\x00\xff\xc3\xa9"


def test_a_field_tells_where_the_header_stands() -> None:
    found = head(b"A: b\r\nm : c \r\n  d\r\nZ: z\r\n")
    (field,) = found.fields(b"contact")
    assert found.data[field.start : field.end] == b"m : c \r\n  d\r\n"
    assert found.data[field.value_start : field.value_end] == b"c \r\n  d"
    assert field.name == b"contact"


def test_fields_of_a_name_come_in_order_and_in_every_spelling() -> None:
    found = head(b"v: 1\r\nVia: 2\r\nX: 3\r\nVIA : 4\r\n")
    assert found.values(b"via") == [b"1", b"2", b"4"]


def test_all_fields_cover_the_header_block_without_a_gap() -> None:
    found = head(b"Alpha: b\r\nno colon\r\n x: y\r\n: empty\r\nt:\r\nLast: \xff\n")
    fields = found.all_fields()
    assert [field.name for field in fields] == [b"alpha", b"", b"", b"to", b"last"]
    assert b"".join(found.data[field.start : field.end] for field in fields) == found.data[23 : found.head_end]


def test_a_field_of_all_is_the_field_of_its_name() -> None:
    found = head(b"A: b\r\nt:x\r\n y\r\nTo :\r\n")
    assert [field for field in found.all_fields() if field.name == b"to"] == found.fields(b"to")


def test_an_empty_value_has_no_width() -> None:
    assert head(b"A:  \r\n").fields(b"a") == [Field(b"a", 23, 25, 25, 29)]


@pytest.mark.parametrize("line", [b"Call-ID: x\r\n", b"i:  x \r\n", b"CALL-ID:\r\n x\r\n", b"Call-ID:\r\n", b""])
def test_field_stands_where_header_reads(line: bytes) -> None:
    one = head(b"A: b\r\n" + line + b"C: d\r\n")
    field = one.field(b"call-id")
    assert (None if field is None else one.data[field.value_start : field.value_end]) == one.header(b"call-id")


def test_the_next_field_is_the_first_from_there_on() -> None:
    one = head(b"Via: 1\r\nv: 2\r\nVIA: 3\r\n")
    first, second, third = one.fields(b"via")
    assert [one.next_field(b"via", at) for at in (first.start, first.end, third.start)] == [first, second, third]
    assert one.next_field(b"via", third.end) is None
