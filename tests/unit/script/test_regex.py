"""SER dialect 2.5 and 6.4: the regular expressions of scripts."""

from __future__ import annotations

import pytest

from serpy.script.posix import to_re2
from serpy.script.regex import LINE_REGEX, REGEX, Pattern


def span(pattern: Pattern, data: bytes) -> tuple[int, int] | None:
    match = pattern.search(data)
    return None if match is None else match.span()


@pytest.mark.parametrize(
    ("text", "data", "found"),
    [
        ("^sip:(.*)@", b"SIP:bob@x", (0, 8)),
        ("bob", b"sip:BOB@x", (4, 7)),
        ("a.b", b"a\nb", (0, 3)),
        ("^b", b"a\nb", None),
        ("a$", b"a\nb", None),
        (r"[\.]", b"\\", (0, 1)),
        (r"[^\]]", b"a]", (0, 2)),
        ("[]a]", b"]", (0, 1)),
        ("[^]a]", b"]ab", (2, 3)),
        ("[[:digit:]]+", b"a12", (1, 3)),
        ("(a|ab)(c|bcd)", b"abcd", (0, 4)),
        ("a{,2}", b"aaa", (0, 2)),
        (r"\<bob\>", b"x bob y", (2, 5)),
        (r"\.", b"a.", (1, 2)),
        (r"\w+", b"-ab", (1, 3)),
        (r"\e", b"E", (0, 1)),
        ("\u00e9", "É".encode("latin-1"), None),
        ("", b"a", (0, 0)),
    ],
)
def test_the_core_searches_one_text_without_case(text: str, data: bytes, found: tuple[int, int] | None) -> None:
    """SER dialect 8, row 15: POSIX extended, longest match, not anchored."""
    assert span(Pattern(text), data) == found


@pytest.mark.parametrize(
    ("text", "data", "found"),
    [
        ("a.b", b"a\nb", None),
        ("^b$", b"a\nb\nc", (2, 3)),
        ("[^x]b", b"\nb", None),
        (r"[^x\n]b", b"\nb", None),
        ("^From:.*", b"To: a\r\nfrom: b\r\n", (7, 15)),
    ],
)
def test_textops_searches_lines(text: str, data: bytes, found: tuple[int, int] | None) -> None:
    """SER dialect 8, row 66."""
    assert span(Pattern(text, lines=True), data) == found


def test_subst_minds_case() -> None:
    """SER dialect 8, row 67."""
    assert span(Pattern("bob", ignore_case=False), b"BOB") is None


def test_a_dot_can_match_newlines_between_lines() -> None:
    assert span(Pattern("a.b", lines=True, dot_newline=True), b"a\nb") == (0, 3)


def test_groups_and_all_matches() -> None:
    pattern = Pattern("(a)(b)?")
    match = pattern.search(b"xa")
    assert match is not None
    assert (pattern.groups, match.span(1), match.span(2), match.group(2)) == (2, (1, 2), (-1, -1), None)
    assert [found.start() for found in pattern.finditer(b"a-ab")] == [0, 2]


@pytest.mark.parametrize("text", ["(", "a)", "[a", r"(a)\1", "a\\", "[[.a.]]", "a{2000}", "[z-a]"])
def test_a_bad_expression_says_why(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        REGEX.convert(text)


def test_an_expression_cannot_take_forever() -> None:
    assert span(Pattern("(a*)*(a|aa)+$"), b"a" * 5000 + b"b") is None


def test_an_expression_cannot_take_all_memory() -> None:
    with pytest.raises(ValueError, match="too large"):
        Pattern("(a{30}){30}" * 200)


def test_equal_expressions_are_equal() -> None:
    assert Pattern("a") == Pattern("a")
    assert Pattern("a") != Pattern("a", lines=True)
    assert REGEX.convert("a") is REGEX.convert("a")
    assert LINE_REGEX.convert("a") != REGEX.convert("a")


def test_brackets_are_written_for_re2() -> None:
    assert to_re2(r"[^\]x{,3}", lines=True) == r"[^\\\n]x{0,3}"


def test_an_expression_has_a_limited_number_of_groups() -> None:
    assert Pattern("(a)" * 500).search(b"a" * 500)
    with pytest.raises(ValueError, match="501 groups"):
        Pattern("(a)" * 501)
