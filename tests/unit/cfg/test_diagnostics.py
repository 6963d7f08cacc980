"""Words for people, and places."""

from __future__ import annotations

import random
import time

import pytest

from serpy.cfg.diagnostics import Diagnostic, ScriptError, and_list, suggest
from serpy.cfg.source import Source

pytestmark = pytest.mark.usefixtures("no_collection")

SOURCE = Source("a.cfg", "debug=3\n\troute { frob(); }\nx \u6f22\u5b57 y\n".encode())


@pytest.mark.parametrize(
    ("wrong", "near"), [("t_relya", "t_relay"), ("t_rely", "t_relay or t_reply"), ("frob", ""), ("SAVE", "save")]
)
def test_suggestions(wrong: str, near: str) -> None:
    assert suggest(wrong, ["t_relay", "t_reply", "save"]) == near


def test_a_thousand_wrong_words_do_not_cost_seconds() -> None:
    dice = random.Random(1)
    known = ["".join(dice.choices("abcdefghijklmnop_", k=dice.randint(3, 16))) for _ in range(150)]
    started = time.process_time()
    for number in range(1000):
        suggest(f"w{number}_word", known)
    suggest("a" * 1_000_000, known)
    assert time.process_time() - started < 2


def test_lists_for_people() -> None:
    assert (and_list(["a"]), and_list(["a", "b"]), and_list(["a", "b", "c"], "and")) == ("a", "a or b", "a, b and c")


def test_spans_and_offsets_agree() -> None:
    span = SOURCE.span(17, 23)
    assert SOURCE.offset(span.line, span.column) == 17
    assert str(span) == "a.cfg:2:10"


def test_an_error_tells_all_its_findings() -> None:
    found = [Diagnostic("error", "x", SOURCE.span(0, 5), "one"), Diagnostic("warning", "y", SOURCE.span(9, 14), "two")]
    assert "error[x]: one" in str(ScriptError(found))
    assert "warning[y]: two" in str(ScriptError(found))
