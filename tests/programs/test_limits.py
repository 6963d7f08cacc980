"""How large and how deep a script may be: up to there it works, beyond there is one finding that says so."""

from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.source import LARGEST
from serpy.dialect import Dialect
from serpy.module import Route

from .machine import Machine
from .messages import REQUESTS
from .reader import parsed

DEEPEST = 200
LINKS = 2000
FORMS = {
    "blocks": ("if (good()) {", "note('x');", "}"),
    "blocks after else": ("if (bad()) ; else {", "note('x');", "}"),
    "ifs without braces": ("if (good()) ", "note('x');", ""),
    "blocks as conditions": ("if ({", "note('x');", "}) good();"),
    "ifs as conditions": ("if (", "if (good()) note('x');", ") good();"),
}
CONDITIONS = {
    "parentheses": ("(", "good()", ")"),
    "nots": ("!", "good()", ""),
    "nots in parentheses": ("!(", "good()", ")"),
    "ands in ors": ("(bad() or (good() and ", "good()", "))"),
}


def refused(text: str, dialect: Dialect | None = Dialect.SER_0_9) -> list[str]:
    """The codes of the errors for which a script cannot be read."""
    with pytest.raises(ScriptError) as caught:
        parsed(text, dialect)
    return [finding.code for finding in caught.value.diagnostics]


def trace(text: str) -> list[str]:
    return [step.command for step in Machine(text, Dialect.SER_0_9).run(Route.REQUEST, "0", REQUESTS[0]).trace]


def nested(form: tuple[str, str, str], levels: int) -> str:
    opening, inner, closing = form
    return f'loadmodule "probe.so"\nroute {{ {opening * levels}{inner}{closing * levels} }}'


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_half_of_the_deepest_nesting_runs(form: tuple[str, str, str]) -> None:
    assert "note x" in trace(nested(form, 90))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_statements_nested_more_deeply_than_allowed_are_one_finding(form: tuple[str, str, str]) -> None:
    assert refused(nested(form, DEEPEST + 50)) == ["too-deep"]
    assert refused(nested(form, 20 * DEEPEST)) == ["too-deep"]


def test_two_hundred_blocks_may_be_nested() -> None:
    # the block of the route is the first one
    form = ("if 1 {", "drop;", "}")
    assert len(parsed(nested(form, DEEPEST - 1), Dialect.SER_0_9).items) == 2
    assert refused(nested(form, DEEPEST)) == ["too-deep"]


@pytest.mark.parametrize("form", CONDITIONS.values(), ids=CONDITIONS)
def test_conditions_nest_as_deeply(form: tuple[str, str, str]) -> None:
    opening, inner, closing = form
    levels = DEEPEST // (opening.count("(") + opening.count("!") or 1) // 2

    def script(count: int) -> str:
        return f'loadmodule "probe.so"\nroute {{ if ({opening * count}{inner}{closing * count}) note("x"); }}'

    assert "good" in trace(script(levels))
    assert refused(script(20 * DEEPEST)) == ["too-deep"]


def test_two_hundred_parentheses_may_be_nested() -> None:
    # blocks count too
    def script(count: int) -> str:
        return f'loadmodule "probe.so"\nroute {{ if {"(" * count}src_port > 5000{")" * count} note("x"); }}'

    assert trace(script(DEEPEST - 1)) == ["note x"]
    assert refused(script(DEEPEST)) == ["too-deep"]


@pytest.mark.parametrize("style", ["{{ {} }}", "{}"], ids=["with braces", "without braces"])
def test_a_chain_of_else_if_may_be_long(style: str) -> None:
    links = "".join(f'if (method=="M{number}") {style.format("drop;")}\nelse ' for number in range(LINKS))
    text = f'loadmodule "probe.so"\nroute {{ {links}note("the last"); note("behind"); }}'
    assert trace(text) == ["note the last", "note behind"]


def test_a_link_of_a_long_chain_runs() -> None:
    links = "".join(f'if (method=="M{number}") drop; else ' for number in range(LINKS))
    text = f'loadmodule "probe.so"\nroute {{ {links} if (method=="MESSAGE") note("it"); else {links} note("no"); }}'
    assert trace(text) == ["note it"]


def test_a_long_chain_of_ifs_is_not_a_deep_one_for_the_default_dialect() -> None:
    links = "if (uri==myself) drop; else " * LINKS
    assert len(parsed(f"route {{ {links} drop; }}", None).items) == 1


def test_a_long_row_of_conditions_is_not_deep() -> None:
    text = f'loadmodule "probe.so"\nroute {{ if ({"isflagset(3) or " * LINKS}good()) note("x"); }}'
    assert trace(text)[-2:] == ["good", "note x"]


def test_many_blocks_after_each_other_are_not_deep() -> None:
    blocks = "if (isflagset(3)) { note(1); }" * LINKS
    text = f'loadmodule "probe.so"\nroute {{ {blocks} note("x"); }}'
    assert trace(text)[-1] == "note x"


def test_a_script_may_have_two_million_octets() -> None:
    text = "# a comment\n" * (LARGEST // 12 - 2) + "route { ; }"
    assert LARGEST == 2_000_000
    assert len(parsed(text.ljust(LARGEST), Dialect.SER_0_9).items) == 1
    assert refused(text.ljust(LARGEST + 1)) == ["too-large"]


def test_a_script_that_is_too_large_is_told_apart_from_one_that_is_wrong() -> None:
    assert refused("{" * (LARGEST + 1), None) == ["too-large"]
