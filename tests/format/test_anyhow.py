"""However a script is written, its layout says the same and stays.

Blanks, line ends, comments and empty statements are thrown in at random. A script that does not parse then is left out:
half of them do.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.lexemes import KAMAILIO, MIXED, SER, Flavour
from serpy.cfg.source import Source
from serpy.dialect import Dialect
from serpy.fmt.pieces import pieces_of
from serpy.fmt.script import formatted
from tests.programs.choices import Choices
from tests.programs.ser import Grower
from tests.programs.writer import Writer

FOLDER = Path(__file__).parent
GAPS = (
    *("", " ", "  ", "\t", "\n", "\n\n", "\n\n\n", "\r\n", "\f", " # c\n", "\t# t\n", " # c\n\n", "\n# own\n"),
    *("\n\t\t# deep\n", " /* in */ ", "\n/* own */ ", "/* end */\n", "\n/* a\n * b */\n", "  /* a\n b */  # x\n"),
    *("\n#!word\n", "\n       # far\n"),
)
EMPTY = (";", " ;", "\n;", " # x\n;", " /* x */ ; # y\n")


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent")


def stays(text: str, dialect: Dialect | None) -> bool:
    """Whether it parses; if it does, its layout must say the same (`formatted` sees to that) and stay."""
    try:
        once = formatted(Source("t.cfg", text.encode("utf-8", "surrogateescape")), dialect, {})
    except ScriptError:
        return False
    again = formatted(Source("t.cfg", once.encode("utf-8", "surrogateescape")), dialect, {})
    assert again == once, text
    return True


def disturbed(text: str, flavour: Flavour, chance: random.Random) -> str:
    """The script with other gaps between its words."""
    share = chance.choice((0.02, 0.05, 0.2, 0.5))
    made: list[str] = []
    end = 0
    for piece in pieces_of(text, flavour):
        gap = text[end : piece.start]
        if chance.random() < share:
            other = chance.choice(GAPS) or (" " if gap else "")
            gap = other if chance.random() < 0.7 else gap + other
        made += gap, piece.text
        if piece.text in ("}", ";") and chance.random() < share / 5:
            made.append(chance.choice(EMPTY))
        end = piece.end
    return "".join(made) + text[end:]


@pytest.mark.parametrize("share", range(2))
@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.before.cfg")), ids=lambda file: file.name.partition(".")[0])
def test_a_disturbed_script_says_the_same(file: Path, share: int) -> None:
    chance = random.Random(share)
    text = file.read_text("utf-8", "surrogateescape")
    flavour = KAMAILIO if text.startswith("#!KAMAILIO") else MIXED if "#!ifdef" in text else SER
    assert sum(stays(disturbed(text, flavour, chance), None) for _ in range(20)) >= 4


@pytest.mark.parametrize("dialect", [Dialect.SER_0_8, Dialect.SER_0_9, Dialect.SER_2], ids=lambda it: it.value)
def test_random_programs_say_the_same(dialect: Dialect) -> None:
    chance = random.Random(dialect.value)
    parsed = 0
    for _ in range(60):
        choices = Choices(chance.randbytes(chance.randrange(50, 400)))
        parsed += stays(Writer(choices, dialect).write(Grower(choices, dialect).program()), dialect)
    assert parsed > 50
