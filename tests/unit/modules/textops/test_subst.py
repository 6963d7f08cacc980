"""The argument of `subst` (SER dialect 6.4)."""

from __future__ import annotations

import pytest

from serpy.modules.textops.subst import parse_subst


@pytest.mark.parametrize(
    ("argument", "text", "expected"),
    [
        ("/b/X/", b"abcb", b"aXcb"),
        ("/b/X/g", b"abcb", b"aXcX"),
        ("/B/X/", b"abcb", None),
        ("/B/X/i", b"abcb", b"aXcb"),
        ("/(a)(b)/\\2\\1/", b"ab", b"ba"),
        ("/a(x)?b/[\\0\\1]/", b"ab", b"[ab]"),
        ("#a#/#", b"a", b"/"),
        ("/a\\/b/c/", b"a/b", b"c"),
        ("/a/\\//", b"a", b"/"),
        ("/a/\\r\\n\\t\\\\/", b"a", b"\r\n\t\\"),
        ("/a/<\\u>/", b"a", b"<sip:now@h>"),
        ("/a.b/X/", b"a\nb", None),
        ("/a.b/X/s", b"a\nb", b"X"),
        ("/^b/X/", b"a\nb", b"a\nX"),
        ("/^b/X/s", b"a\nb", None),
        ("/^/X/g", b"a\nb", b"Xa\nXb"),
        ("/x//", b"axb", b"ab"),
        ("/z/X/", b"a", None),
        ("/(.*)/sip:\\1/s", b"a", b"sip:a"),
    ],
)
def test_what_a_substitution_does(argument: str, text: bytes, expected: bytes | None) -> None:
    assert parse_subst(argument).apply(text, b"sip:now@h") == expected


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("", "is not of the form"),
        ("/a/b", "is missing"),
        ("/a", "is not of the form"),
        ("/abc", "is missing"),
        ("/a/b\\/", "is missing"),
        ("/a/b/x", "'x' is not a flag"),
        ("//b/", "the expression is empty"),
        ("/a/\\1/", "has 0 groups"),
        ("/a/\\q/", "has no meaning"),
        ("/(/b/", "missing"),
    ],
)
def test_what_is_wrong_with_a_substitution_is_told_at_load(argument: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_subst(argument)
