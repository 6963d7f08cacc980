from __future__ import annotations

import pytest

from serpy.sip.params import find_param, quoted_end, split_list, split_params


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"a, b,c", [b"a", b"b", b"c"]),
        (b" , a,,", [b"a"]),
        (b'"a,\\",b",c', [b'"a,\\",b"', b"c"]),
        (b"<a,b>,c", [b"<a,b>", b"c"]),
        (b'a,"b,c', [b"a", b'"b,c']),
        (b"a,<b,c", [b"a", b"<b,c"]),
        (b'a,"b\\', [b"a", b'"b\\']),
        (b"", []),
    ],
)
def test_a_list_is_split_at_the_commas_that_are_in_the_open(text: bytes, values: list[bytes]) -> None:
    assert split_list(text) == values


def test_parameters_are_split_at_semicolons() -> None:
    assert split_params(b'a=1;b="x;y";c') == [b"a=1", b'b="x;y"', b"c"]


@pytest.mark.parametrize(
    ("name", "value"), [(b"a", b"1"), (b"b", b'";c=2"'), (b"c", b""), (b"d", None), (b"e", b"x=y")]
)
def test_a_parameter_is_found_by_its_name(name: bytes, value: bytes | None) -> None:
    assert find_param(b'A = 1 ;b=";c=2";c;a=2;e=x=y', name) == value


def test_a_quoted_string_ends_at_its_quote() -> None:
    assert quoted_end(b'x"a\\"b"c', 1) == 7
    assert quoted_end(b'"a', 0) == -1
    assert quoted_end(b'"a\\"', 0) == -1
