"""How findings are shown."""

from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import Diagnostic, Label, and_list, render, suggest
from serpy.cfg.source import Source

SOURCE = Source("a.cfg", "debug=3\n\troute { frob(); }\nx \u6f22\u5b57 y\n".encode())


def test_a_finding_has_place_excerpt_caret_and_next_step() -> None:
    finding = Diagnostic("error", "x", SOURCE.span(17, 23), "no frob", "write log")
    assert render(finding, color=False) == (
        "a.cfg:2:10: error: no frob\n2 | \troute { frob(); }\n  | \t        ^^^^^^\n  = help: write log"
    )


def test_the_caret_stands_under_wide_characters() -> None:
    text = SOURCE.text
    finding = Diagnostic("error", "x", SOURCE.span(text.index("y"), text.index("y") + 1), "m")
    assert render(finding, color=False).split("\n")[2] == "  |        ^"


def test_labels_are_shown_with_their_lines() -> None:
    finding = Diagnostic("warning", "x", SOURCE.span(0, 5), "m", labels=(Label(SOURCE.span(9, 14), "here"),))
    assert render(finding, color=False).split("\n")[3:] == ["2 | \troute { frob(); }", "  | \t^^^^^ here"]


def test_colours_are_only_added_around_the_text() -> None:
    finding = Diagnostic("error", "x", SOURCE.span(0, 5), "m")
    assert "\x1b[" not in render(finding, color=False)
    assert "\x1b[1;31m" in render(finding, color=True)


def test_control_characters_do_not_reach_the_terminal() -> None:
    source = Source("a", b"a\x1b[31m b")
    assert "\x1b" not in render(Diagnostic("error", "x", source.span(0, 1), "m"), color=False)


@pytest.mark.parametrize("scheme", ["mysql://", "mysql:/", "mysql//", "mysql:", ""])
def test_a_password_in_the_excerpt_is_covered(scheme: str) -> None:
    source = Source("a", f'modparam("msilo", "db_url", "{scheme}ser:heslo@localhost/ser")'.encode())
    shown = render(Diagnostic("error", "x", source.span(28, 30), "m"), color=False)
    assert "heslo" not in shown
    assert "***@localhost/ser" in shown


@pytest.mark.parametrize("text", ['uri=~"sip:alice@example"', 'uri=~"^sips:.*@"', "listen=udp:10.0.0.1:5060"])
def test_nothing_else_in_an_excerpt_is_covered(text: str) -> None:
    shown = render(Diagnostic("error", "x", Source("a", text.encode()).span(0, 3), "m"), color=False)
    assert text in shown


@pytest.mark.parametrize(
    ("wrong", "near"), [("t_relya", "t_relay"), ("t_rely", "t_relay or t_reply"), ("frob", ""), ("SAVE", "save")]
)
def test_suggestions(wrong: str, near: str) -> None:
    assert suggest(wrong, ["t_relay", "t_reply", "save"]) == near


def test_lists_for_people() -> None:
    assert (and_list(["a"]), and_list(["a", "b"]), and_list(["a", "b", "c"], "and")) == ("a", "a or b", "a, b and c")


def test_spans_and_offsets_agree() -> None:
    span = SOURCE.span(17, 23)
    assert SOURCE.offset(span.line, span.column) == 17
    assert str(span) == "a.cfg:2:10"
