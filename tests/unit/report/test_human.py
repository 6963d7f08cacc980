"""How findings look in a terminal."""

from __future__ import annotations

import io

import pytest

from serpy.cfg.diagnostics import Diagnostic, Label
from serpy.cfg.source import Source
from serpy.report.findings import Checked, in_order
from serpy.report.human import render, render_all, write

SOURCE = Source("a.cfg", b"debug=3\n\troute { frob(); }\nlast\n")


def at(source: Source, word: str, *, severity: str = "error", code: str = "x", message: str = "m") -> Diagnostic:
    start = source.text.index(word)
    severities = {"error": "error", "warning": "warning"}
    return Diagnostic(severities[severity], code, source.span(start, start + len(word)), message)  # type: ignore[arg-type]


def shown(text: str, word: str) -> list[str]:
    """The lines of the excerpt about a word in a text."""
    return render(at(Source("a", text.encode()), word), color=False).split("\n")[3:]


def test_a_finding_has_code_place_excerpt_caret_and_next_step() -> None:
    finding = Diagnostic("error", "no-frob", SOURCE.span(17, 23), "no frob", "write log")
    assert render(finding, color=False) == (
        "error[no-frob]: no frob\n"
        " --> a.cfg:2:10\n"
        "  |\n"
        "2 |     route { frob(); }\n"
        "  |             ^^^^^^\n"
        "  = help: write log"
    )


def test_a_finding_about_no_line_has_no_excerpt() -> None:
    finding = Diagnostic("error", "x", Source("none.cfg", b"").span(0, 0), "cannot be read", "look for it")
    assert render(finding, color=False) == "error[x]: cannot be read\n --> none.cfg:1:1\n  = help: look for it"


def test_the_caret_stands_under_wide_and_combining_characters() -> None:
    assert shown("x \u6f22\u5b57 e\u0301 y", "y") == ["1 | x \u6f22\u5b57 e\u0301 y", "  |          ^"]


def test_the_caret_is_as_wide_as_what_it_marks() -> None:
    assert shown("x \u6f22\u5b57 y", "\u6f22\u5b57")[1] == "  |   ^^^^"


def test_tabs_inside_a_line_go_to_the_next_stop() -> None:
    assert shown("ab\tc\td", "d") == ["1 | ab  c   d", "  |         ^"]


def test_a_carriage_return_is_not_shown() -> None:
    assert shown("one\r\ntwo\r\n", "two") == ["2 | two", "  | ^^^"]


@pytest.mark.parametrize("place", [0, 30, 90, 5000])
def test_an_excerpt_fits_the_terminal(place: int) -> None:
    source = Source("a", (b"x" * place + b"here" + b"y" * 5000)[:5004])
    finding = Diagnostic("error", "x", source.span(place, place + 4), "m")
    assert max(map(len, render(finding, color=False, columns=70).split("\n"))) <= 70


@pytest.mark.parametrize("place", [0, 1200, 4990])
def test_a_long_line_is_cut_around_the_caret(place: int) -> None:
    text = "x" * place + "here" + "y" * (5000 - place)
    source, under = shown(text, "here")
    assert "here" in source
    assert len(source) < 140
    assert source.index("here") == under.index("^^^^")
    assert ("...x" in source) is (place > 100)
    assert source.endswith("y...") is (place < 4900)


def test_two_distant_places_in_a_long_line_are_two_excerpts() -> None:
    source = Source("a", b"one" + b" " * 3000 + b"two")
    finding = Diagnostic("error", "x", source.span(3003, 3006), "m", labels=(Label(source.span(0, 3), "first"),))
    lines = render(finding, color=False).split("\n")[3:]
    assert [line.strip() for line in lines[1::2]] == ["| --- first", lines[3].strip()]
    assert lines[3].endswith("^^^")


def test_labels_of_one_file_are_one_excerpt_in_the_order_of_lines() -> None:
    finding = Diagnostic("warning", "x", SOURCE.span(9, 14), "m", labels=(Label(SOURCE.span(0, 5), "first here"),))
    assert render(finding, color=False).split("\n")[1:] == [
        " --> a.cfg:2:2",
        "  |",
        "1 | debug=3",
        "  | ----- first here",
        "2 |     route { frob(); }",
        "  |     ^^^^^",
    ]


def test_distant_lines_have_dots_between_and_a_single_line_is_shown() -> None:
    source = Source("a", b"one\n2\nthree\n4\n5\nsix\n")
    labels = (Label(source.span(0, 3), "a"), Label(source.span(6, 11), "b"))
    finding = Diagnostic("error", "x", source.span(16, 19), "m", labels=labels)
    lines = render(finding, color=False).split("\n")[3:]
    assert lines == ["1 | one", "  | --- a", "2 | 2", "3 | three", "  | ----- b", "...", "6 | six", "  | ^^^"]


def test_labels_in_one_line_are_told_one_below_the_other() -> None:
    source = Source("a", b"one two three")
    labels = (Label(source.span(0, 3), "first"), Label(source.span(4, 7), "second"))
    finding = Diagnostic("error", "x", source.span(8, 13), "m", labels=labels)
    assert render(finding, color=False).split("\n")[4:] == ["  | --- --- ^^^^^", "  | |   second", "  | first"]


def test_places_that_overlap_have_lines_of_their_own() -> None:
    source = Source("a", b"one two")
    finding = Diagnostic("error", "x", source.span(4, 7), "m", labels=(Label(source.span(0, 7), "all of it"),))
    assert render(finding, color=False).split("\n")[4:] == ["  |     ^^^", "  | ------- all of it"]


def test_a_place_that_spans_lines_is_marked_in_its_first_line() -> None:
    source = Source("a", b"if (x)  \n{ }")
    assert render(Diagnostic("error", "x", source.span(0, 12), "m"), color=False).split("\n")[4] == "  | ^^^^^^"


def test_another_file_has_an_excerpt_of_its_own() -> None:
    other = Source("b.cfg", b"x\ny = 1\n")
    finding = Diagnostic("error", "x", SOURCE.span(0, 5), "m", labels=(Label(other.span(2, 3), "there"),))
    assert render(finding, color=False).split("\n")[5:] == [" --> b.cfg:2:1", "  |", "2 | y = 1", "  | - there"]


def test_an_included_file_says_from_where() -> None:
    middle = Source("b.cfg", b"include_file", SOURCE.span(25, 26))
    inner = Source("c.cfg", b"frob", middle.span(0, 1))
    text = render(Diagnostic("error", "x", inner.span(0, 4), "m"), color=False)
    assert " --> c.cfg:1:1 (included from b.cfg:1, a.cfg:2)" in text


def test_colours_are_only_added_around_the_text() -> None:
    finding = at(SOURCE, "frob")
    assert "\x1b[" not in render(finding, color=False)
    assert "\x1b[1;31merror[x]\x1b[0m" in render(finding, color=True)


def test_control_characters_do_not_reach_the_terminal() -> None:
    source = Source("a\x1b", b"a\x1b[31m b\xff")
    finding = Diagnostic("error", "x", source.span(0, 1), "m\x1b", "h\x9b", (Label(source.span(0, 1), "\x07"),))
    text = render(finding, color=False)
    assert all(character == "\n" or character.isprintable() for character in text)


@pytest.mark.parametrize("scheme", ["mysql://", "mysql:/", "mysql//", "mysql:", ""])
def test_a_password_in_the_excerpt_is_covered(scheme: str) -> None:
    text = f'modparam("msilo", "db_url", "{scheme}ser:heslo@localhost/ser")'
    assert "heslo" not in shown(text, "localhost")[0]
    assert "***@localhost/ser" in shown(text, "localhost")[0]


def test_a_password_in_a_message_or_behind_the_cut_of_a_long_line_is_covered() -> None:
    text = "x" * 300 + ' "mysql://ser:' + "heslo" * 60 + "@localhost/ser"
    assert "heslo" not in "".join(shown(text, "localhost"))
    finding = Diagnostic("error", "x", SOURCE.span(0, 1), 'not the string "mysql://ser:heslo@localhost/ser"')
    assert "heslo" not in render(finding, color=False)


@pytest.mark.parametrize("text", ['uri=~"sip:alice@example"', 'uri=~"^sips:.*@"', "listen=udp:10.0.0.1:5060"])
def test_nothing_else_in_an_excerpt_is_covered(text: str) -> None:
    assert shown(text, text[:3])[0] == f"1 | {text}"


def test_what_would_be_said_again_is_listed_with_the_first() -> None:
    source = Source("a", b"frob\n" * 40)
    found = [Diagnostic("error", "x", source.span(5 * line, 5 * line + 4), "no frob", "h") for line in range(40)]
    [text] = render_all(found, color=False)
    assert text.count("no frob") == 1
    assert text.endswith("  = the same at 2:1, 3:1, 4:1, 5:1, 6:1, 7:1, 8:1, 9:1 and at 31 more places")


def test_thousands_of_findings_are_counted_and_not_all_shown() -> None:
    found = [Diagnostic("error", "x", SOURCE.span(0, 5), f"message {number}") for number in range(5000)]
    texts = render_all(found, color=False)
    assert len(texts) == 101
    assert texts[-1] == "... and 4900 more findings: serpy check --format short lists them all"


def test_long_sentences_are_folded_for_a_terminal_only() -> None:
    finding = Diagnostic("error", "x", SOURCE.span(0, 5), "long " * 30, "longer " * 30)
    assert max(map(len, render(finding, color=False).split("\n"))) > 150
    lines = render(finding, color=False, columns=60).split("\n")
    assert max(map(len, lines)) <= 60
    assert lines[-1].startswith(" " * 10 + "longer")


def test_the_counts_and_where_to_read_more_come_once_at_the_end() -> None:
    out = io.StringIO()
    found = [
        at(SOURCE, "debug", severity="warning", code="odd"),
        at(SOURCE, "frob", code="no-frob"),
        at(SOURCE, "last"),
    ]
    write([Checked("a.cfg", found), Checked("b.cfg", [], is_whole=False)], out, color=False)
    assert out.getvalue().endswith(
        "\n\n2 errors, 1 warning in 1 of 2 scripts\nMore about a word in brackets: serpy explain no-frob\n"
    )
    assert out.getvalue().count("serpy explain") == 1


def test_findings_come_in_reading_order_and_once() -> None:
    included = Source("b.cfg", b"x\ny", SOURCE.span(8, 9))  # line 2 of a.cfg
    first, inside, last = at(SOURCE, "debug"), at(included, "y"), at(SOURCE, "last")
    assert in_order([last, inside, first, at(SOURCE, "last")]) == [first, inside, last]


def test_many_findings_in_a_very_long_line_cost_no_more_than_in_short_ones() -> None:
    source = Source("a", b"a:b@c " * 300_000)
    findings = [Diagnostic("error", "x", source.span(6 * n, 6 * n + 5), str(n)) for n in range(0, 300_000, 1000)]
    assert len("".join(render_all(findings, color=False))) < 300 * 500
