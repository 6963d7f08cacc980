"""What is read says what was meant, and in its canonical layout it says it still."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.nodes import Tree
from serpy.cfg.same import difference
from serpy.cfg.source import Source
from serpy.dialect import Dialect
from serpy.fmt.script import formatted

from .choices import Choices
from .derive import TEXTS, deriver
from .kamailio import KamailioGrower
from .kamailio_writer import KamailioWriter
from .reader import parsed
from .ser import Grower
from .writer import Writer

ROUND_TRIPS = settings(
    max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
OCTETS = st.binary(min_size=50, max_size=400)


def laid_out(text: str, dialect: Dialect | None) -> str:
    # without the formatter's own look at its work: this is the look at it
    return formatted(Source("made.cfg", text.encode("utf-8", "surrogateescape")), dialect, {}, verify=False)


def stays_the_same(tree: Tree, text: str, dialect: Dialect | None) -> None:
    """Formatting keeps the meaning, and formatting again changes nothing."""
    once = laid_out(text, dialect)
    where = difference(tree, parsed(once, dialect))
    assert where is None, f"{where}\nFrom:\n{text}\nTo:\n{once}"
    again = laid_out(once, dialect)
    assert again == once, f"Once:\n{once}\nAgain:\n{again}"


@pytest.mark.parametrize("dialect", [Dialect.SER_0_8, Dialect.SER_0_9, Dialect.SER_2], ids=lambda it: it.value)
def test_scripts_of_ser_keep_their_meaning(dialect: Dialect) -> None:
    @ROUND_TRIPS
    @given(OCTETS)
    def check(data: bytes) -> None:
        choices = Choices(data)
        made = Grower(choices, dialect).program()
        stays_the_same(made, Writer(choices, dialect).write(made), dialect)

    check()


@pytest.mark.parametrize("mixed", [False, True], ids=["kamailio", "with attributes"])
def test_scripts_of_kamailio_are_read_as_they_are_meant(mixed: bool) -> None:
    @ROUND_TRIPS
    @given(OCTETS)
    def check(data: bytes) -> None:
        choices = Choices(data)
        made = KamailioGrower(choices, mixed).program()
        text = KamailioWriter(choices, mixed).write(made)
        where = difference(made, parsed(text, Dialect.KAMAILIO))
        assert where is None, f"{where}\n{text}"
        stays_the_same(made, text, Dialect.KAMAILIO)

    check()


def test_every_terminal_of_the_grammar_has_a_text() -> None:
    assert deriver().terminals == set(TEXTS)


@pytest.mark.parametrize("dialect", [Dialect.SER_2, Dialect.KAMAILIO], ids=lambda it: it.value)
def test_what_the_grammar_allows_is_laid_out_if_it_can_be_read(dialect: Dialect) -> None:
    read: list[bool] = []

    @ROUND_TRIPS
    @given(OCTETS)
    def check(data: bytes) -> None:
        choices = Choices(data)
        items = [deriver().derive(choices, "item") for _ in range(1 + choices.below(4))]
        text = "\n".join([*(["#!ALL"] if dialect is Dialect.KAMAILIO else []), *items, "route { ; }"])
        try:
            tree = parsed(text, dialect)
        except ScriptError:
            read.append(False)
            return
        read.append(True)
        stays_the_same(tree, text, dialect)

    check()
    # what a word is depends on what stands around it, which the grammar does not know
    assert sum(read) > len(read) / 3
