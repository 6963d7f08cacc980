"""SER dialect 1.1 and 1.2: comments and strings."""

from __future__ import annotations

import pytest

from serpy.cfg.preprocess import Code, strip
from serpy.cfg.source import Source
from serpy.dialect import Dialect


def code(text: str, dialect: Dialect | None = None) -> Code:
    return strip(Source("x.cfg", text.encode("utf-8", "surrogateescape")), dialect)


def string(text: str, dialect: Dialect | None = None) -> str:
    """What the only string in the text says."""
    (value,) = code(text, dialect).strings.values()
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\nb"', "a\nb"),
        (r'"a\r\n"', "a\r\n"),
        (r'"\a\t\\"', "\a\t\\"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"\."', r"\."),
        (r'"\+"', r"\+"),
        (r'"\1"', r"\1"),
        (r'"\101"', "A"),
        (r'"\x41\x4"', "A\x04"),
        (r"'a\n\'", r"a\n" + "\\"),
        ("'a\"b'", 'a"b'),
        ('"a\'b"', "a'b"),
        ('"a\nb"', "a\nb"),
        ('"a\\\nb"', "ab"),
        ('""', ""),
        ('"# no comment /* at all"', "# no comment /* at all"),
    ],
)
def test_strings_say(text: str, value: str) -> None:
    """SER dialect 8, row 20."""
    assert string(text) == value


def test_a_quote_cannot_be_escaped_in_ser_0_8() -> None:
    """SER dialect 8, row 20."""
    assert string(r'"a\"', Dialect.SER_0_8) == "a\\"


def test_octets_survive() -> None:
    assert string(r'"\xff"').encode("utf-8", "surrogateescape") == b"\xff"
    assert code("# \udcff\n").text.strip() == ""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a # b\nc", "a    \nc"),
        ("a # b", "a    "),
        ("a /* b */ c", "a         c"),
        ("a /* /* b */ */ c", "a               c"),
        ("a /* b\n*/ c", "a     \n   c"),
        ('a "b # c" d', 'a "_____" d'),
        ("a \\\nb", "a  \nb"),
        ('# "\nb', "   \nb"),
    ],
)
def test_the_code_keeps_its_places(text: str, left: str) -> None:
    """SER dialect 8, row 21."""
    assert code(text).text == left


def test_a_slash_is_not_a_comment() -> None:
    assert code("a // b").text == "a // b"


def test_an_open_string_is_blamed_on_the_first_one_that_spans_lines() -> None:
    (finding,) = code('log("a);\nlog("b");\n').diagnostics
    assert (finding.code, finding.span.line, finding.labels[0].span.line) == ("open-string", 1, 2)


def test_an_open_comment_is_reported_where_it_starts() -> None:
    (finding,) = code("a\n/* b /* c */\n").diagnostics
    assert (finding.code, finding.span.line) == ("open-comment", 2)
