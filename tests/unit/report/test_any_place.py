"""Whatever a finding is about, it can be shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serpy.cfg.diagnostics import Diagnostic, Label
from serpy.cfg.source import Source
from serpy.report.human import render
from serpy.report.shown import width

PIECES = ["a", "\t", "\n", "\r\n", "\u6f22", "e\u0301", "\x1b[0m", "\0", "mysql://u:pw@h", "x" * 90, " ", "\U0001f600"]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=40).map("".join)
PLACES = st.tuples(st.integers(0, 900), st.integers(0, 300))


def place(source: Source, at: tuple[int, int]) -> tuple[int, int]:
    start = min(at[0], len(source.text))
    return start, min(start + at[1], len(source.text))


@given(TEXTS, PLACES, st.lists(PLACES, max_size=4), st.sampled_from([0, 20, 60, 100]), st.booleans())
def test_any_place_in_any_text_can_be_shown(
    text: str, main: tuple[int, int], others: list[tuple[int, int]], columns: int, color: bool
) -> None:
    source = Source("a.cfg", text.encode("utf-8", "surrogatepass"))
    labels = tuple(Label(source.span(*place(source, at)), "label") for at in others)
    finding = Diagnostic("error", "x", source.span(*place(source, main)), "message", "hint", labels)
    lines = render(finding, color=color, columns=columns).split("\n")
    assert all(character.isprintable() for line in lines for character in line.replace("\x1b[", ""))
    if text and not color:
        assert any("^" in line for line in lines[3:])
        carets = [line for line in lines if line.strip(" |^-") == "" and "^" in line]
        assert all(width(line) <= 2 * max(columns, 140) for line in carets)


@given(st.integers(0, 6000), st.integers(0, 3000))
def test_the_mark_in_a_long_line_stands_under_its_place(start: int, length: int) -> None:
    text = "".join(chr(0x100 + number % 0x80) for number in range(6000))
    source = Source("a.cfg", text.encode())
    finding = Diagnostic("error", "x", source.span(start, min(6000, start + length)), "m")
    _, _, _, shown, under = render(finding, color=False).split("\n")
    first = under.index("^")
    if start < 6000:
        assert shown[first] == text[start]
    else:
        assert first == len(shown)
