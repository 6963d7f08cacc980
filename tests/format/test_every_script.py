"""What a script says is the same in its canonical layout, and that layout stays: for every script at hand."""

from __future__ import annotations

import builtins
import dis
import re
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import Any, cast

import pytest

from serpy.apis import Host
from serpy.cfg import emit
from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.load import load_script
from serpy.cfg.source import Source
from serpy.fmt.script import formatted
from tests.unit.cfg.bench import BenchHost

from .scripts import OURS, ROOT, SHIPPED, is_readable

_PLACE = re.compile(r"\{\d+:\d+\}")
"""A block that is a condition is a function named after its place."""

EVERY = [*OURS, *SHIPPED]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("file", EVERY, ids=str)
def test_a_script_says_the_same_and_its_layout_stays(file: Path) -> None:
    source = Source.read(file)
    try:
        once = formatted(source, None, {})  # compares the trees
    except ScriptError:
        return  # it does not parse; how many do is in the next test
    again = Source(source.path, once.encode("utf-8", "surrogateescape"))
    assert formatted(again, None, {}) == once


def test_most_scripts_are_tried() -> None:
    assert len(list(islice(filter(is_readable, OURS), 20))) == 20
    assert not SHIPPED or len(list(islice(filter(is_readable, SHIPPED), 60))) == 60


COMPILED = [*(ROOT / "examples").rglob("*.cfg"), *(ROOT / "tests" / "format").glob("compiled.before.cfg")]


@pytest.mark.parametrize("file", COMPILED, ids=lambda file: file.name)
def test_the_compiled_program_is_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()
    after = formatted(Source(str(file), before), None, {}).encode("utf-8", "surrogateescape")
    assert after != before
    first, second = _programs(file, before, monkeypatch), _programs(file, after, monkeypatch)
    assert len(first) > 1
    assert first == second


def _programs(file: Path, text: bytes, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The code of all routes of a script, without its positions."""
    made: list[CodeType] = []

    def noting(*arguments: Any, **options: Any) -> CodeType:
        made.append(builtins.compile(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(emit, "compile", noting, raising=False)
    script = load_script(file, text=text)
    script.compile(script.instances(cast(Host, BenchHost(script.dialect))))
    return [_plain(code) for code in made]


def _plain(code: CodeType) -> Any:
    # a NOP only marks a line
    steps = [step for step in dis.get_instructions(code) if step.opname != "NOP"]
    numbers = {step.offset: number for number, step in enumerate(steps)}
    offsets = sorted(numbers)

    def argument(step: dis.Instruction) -> Any:
        if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
            return numbers[next(offset for offset in offsets if offset >= step.argval)]
        return _value(step.argval)

    constants = [_value(each) for each in code.co_consts]
    names = [_PLACE.sub("{}", name) for name in (code.co_name, *code.co_names)]
    return names, code.co_varnames, constants, [(step.opname, argument(step)) for step in steps]


def _value(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _plain(value)
    return _PLACE.sub("{}", value) if isinstance(value, str) else value


def test_a_difference_in_the_program_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    file = ROOT / "examples" / "msilo.cfg"
    text = file.read_bytes()
    other = text.replace(b'"404", "Not found"', b'"404", "Not Found"')
    assert other != text
    assert _programs(file, text, monkeypatch) != _programs(file, other, monkeypatch)


def test_a_script_with_a_mistake_is_not_formatted() -> None:
    with pytest.raises(ScriptError):
        formatted(Source("t.cfg", b"route { frob() }"), None, {})
