"""The regular expressions of scripts against those of this machine's C library, which SER used."""

from __future__ import annotations

import ctypes
import random
import re
import subprocess
import sys
from typing import Any

import pytest

from serpy.script.regex import Pattern

pytestmark = pytest.mark.usefixtures("no_collection")

# what serpy means to have in common with the C library: D48 has the rest
ATOMS = [
    *("a", "b", "A", ".", "[ab]", "[^a]", "[[:alpha:]]", "[]a]", "[^]a]", "[a-b]", "[b-]", r"[\]", "\u00e9"),
    *("(a)", "(ab|b)", "(a|ab)(ba|a)", "(b*)", "|", r"\.", r"\\", r"\{", r"\b", r"\B", r"\w", r"\W", r"\s", r"\S"),
    *("*", "+", "?", "{2}", "{1,}", "{,1}", "{0}", "{1,2}"),
]
TEXT = "abAB.\n -]\\{\u00e9"
EXTENDED, ICASE, NEWLINE = 1, 2, 4


class _Place(ctypes.Structure):
    _fields_ = [("start", ctypes.c_int), ("end", ctypes.c_int)]


def _is_glibc() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "gnu_get_libc_version")


def regcomp(pattern: bytes, data: bytes, flags: int) -> tuple[int, int] | str | None:
    """Where the C library finds it; "refused" when it does not take the expression."""
    library = ctypes.CDLL(None)
    compiled = ctypes.create_string_buffer(256)  # glibc's regex_t has 64 octets
    if library.regcomp(compiled, pattern, EXTENDED | flags):
        return "refused"
    place = (_Place * 1)()
    found = library.regexec(compiled, data, 1, place, 0) == 0
    library.regfree(compiled)
    return (place[0].start, place[0].end) if found else None


def serpy(pattern: str, data: bytes, *, lines: bool) -> Any:
    match = Pattern(pattern, lines=lines).search(data)
    return None if match is None else match.span()


def compare(count: int, seed: int) -> list[tuple[str, bytes, object, object]]:
    """Random expressions that the two do not agree about. It runs in the C locale, as SER does."""
    chance = random.Random(seed)
    differing: list[tuple[str, bytes, object, object]] = []
    for _ in range(count):
        pattern = "".join(chance.choice(ATOMS) for _ in range(chance.randint(1, 5)))
        begins, ends = chance.choice(["", "^"]), chance.choice(["", "$"])
        data = "".join(chance.choice(TEXT) for _ in range(chance.randint(0, 7))).encode()
        for lines in (False, True):
            # only where lines are searched may ^ and $ stand in the middle of an alternative
            written = f"{begins}({pattern}){ends}" if begins or ends else pattern
            theirs = regcomp(written.encode(), data, ICASE | (NEWLINE if lines else 0))
            if theirs == "refused":
                continue
            ours = serpy(written, data, lines=lines)
            if ours != theirs:
                differing.append((written, data, ours, theirs))
    return differing


@pytest.mark.skipif(not _is_glibc(), reason="the C library of this machine is not glibc")
def test_ten_thousand_expressions_find_what_the_c_library_finds() -> None:
    # in a process of its own, since Python has set the locale of this one
    code = (
        "import locale; locale.setlocale(locale.LC_ALL, 'C')\n"
        "from tests.unit.script.test_regcomp import compare\n"
        "found = compare(10_000, 7)\n"
        "print(found[:5] or 'the same')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "the same\n"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "back references"),
        ("[[.a.]]", "collating elements"),
        ("[[=a=]]", "collating elements"),
        ("a)", "unexpected )"),
        ("a{1001}", "repetition"),
    ],
)
def test_what_is_refused_says_why(pattern: str, reason: str) -> None:
    """D48."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        Pattern(pattern)


def test_the_end_of_the_whole_text() -> None:
    r"""D48: GNU's \` and \' are ^ and $ where there are no lines, and refused where there are."""
    assert serpy(r"\`a\'", b"a", lines=False) == (0, 1)
    assert serpy(r"\`a\'", b"a\na", lines=False) is None
    with pytest.raises(ValueError, match="end of the whole text"):
        Pattern(r"a\'", lines=True)


def test_an_escaped_letter_is_that_letter() -> None:
    r"""D48: \d is no digit."""
    assert serpy(r"\d", b"1d", lines=False) == (1, 2)


def test_a_brace_that_begins_no_repetition_is_a_brace() -> None:
    """The C library refuses it, serpy does not mind."""
    assert serpy("a{x", b"a{x", lines=False) == (0, 3)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(a|a?)+$", "(.*)(.*)(.*)(.*)(.*)x", "(x+x+)+y", "([a-z]+)*[0-9]"]
)
def test_the_classic_traps_take_no_time(pattern: str) -> None:
    import time

    compiled = Pattern(pattern)
    for character in (b"a", b"x"):
        text = character * 60_000 + b"!"
        began = time.process_time()
        compiled.search(text)
        assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("pattern", "data", "places"),
    [
        ("a*", b"baac", [(0, 0), (1, 3), (4, 4)]),
        ("", b"ab", [(0, 0), (1, 1), (2, 2)]),
        ("$", b"ab\n", [(2, 2), (3, 3)]),
        ("^", b"ab\ncd", [(0, 0), (3, 3)]),
        ("b*|c", b"abc", [(0, 0), (1, 2), (2, 3)]),
        ("(a|ab)(c|bcd)?", b"abcdab", [(0, 4), (4, 6)]),
        ("x", b"", []),
    ],
)
def test_all_places_are_found_once(pattern: str, data: bytes, places: list[tuple[int, int]]) -> None:
    """As sed has it: an empty place does not follow another one at once."""
    assert [match.span() for match in Pattern(pattern, lines=True).finditer(data)] == places
