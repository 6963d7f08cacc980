"""Whatever is changed in the example script, one of its flows notices it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.testing.flow.document import FlowError
from serpy.testing.flow.run import forget_scripts
from tests.mutation.flows import SCRIPT, Flow, flows_of_the_example
from tests.mutation.mutants import Mutant, mutants

PARTS = 4
"""So many tests share the mutants, for as many processes."""

_ONE_PROCESS = "serpy is one process in the foreground, whatever this says (D33, D34)"
_OWN_LOG = "the lab reads the log before it goes anywhere"
_NO_REVERSE = "serpy asks no DNS whether a Via tells the truth; it adds `received` as with `off`"
_DEFAULT = "what it sets is the default"
_UNUSED = "the script uses nothing of it"
_MEMORY = "flows have a database of their own, whatever its URL"
SURVIVORS = {
    "7: 9 -> 10": "no line of the log has a level above 4",
    "8: without fork=no": _ONE_PROCESS,
    "8: no -> yes": _ONE_PROCESS,
    "9: without log_stderror=yes": _OWN_LOG,
    "9: yes -> no": _OWN_LOG,
    "12: without children=2": _ONE_PROCESS,
    "12: 2 -> 3": _ONE_PROCESS,
    "13: without check_via=no": _DEFAULT,
    "14: without dns=off": _DEFAULT,
    "14: off -> on": _NO_REVERSE,
    "15: without rev_dns=off": _DEFAULT,
    "15: off -> on": _NO_REVERSE,
    "16: without port=5060": _DEFAULT,
    '22: without loadmodule "../sip_router/modu...print/print.so"': _UNUSED,
    '23: without loadmodule "../sip_router/modu...ops/textops.so"': _UNUSED,
    '26: without loadmodule "../sip_router/modu...mysql/mysql.so"': _MEMORY,
    '41: without modparam("usrloc", "db_mode", 0)': _DEFAULT,
    '45: without modparam("msilo","db_url","mys...7.0.0.1/msilo")': _MEMORY,
    '45: "mysql://user:xxx@127.0.0.1/msilo" -> "mysql://user:xxx@127.0.0.1/msilox"': _MEMORY,
    '101: "0" -> "1"': "where lookup has found nobody, the current Request-URI is still the received one",
}
"""Mutants that nobody can tell from the script in virtual time, each with the reason."""


_order = list(flows_of_the_example())
"""The flow that has caught the last mutant stands first: it often catches the next one too."""


def who_notices(mutant: Mutant, folder: Path, only: Collection[str] = ()) -> str:
    """The flow that fails with this mutant as its script, of those with such names if there are any; `""`: none."""
    script = folder / SCRIPT.name
    script.write_text(mutant.text, encoding="utf-8")
    forget_scripts()
    for place, flow in enumerate(_order):
        if only and flow.path.name not in only:
            continue
        if not _passes(flow, script):
            _order.insert(0, _order.pop(place))
            return flow.path.name
    return ""


def _passes(flow: Flow, script: Path) -> bool:
    try:
        played = flow.play(script)
    except (FlowError, ScriptError):
        return False
    return played.error is None and played.text == flow.text


@pytest.fixture(autouse=True)
def no_cache_of_mutants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield
    forget_scripts()


def test_the_script_itself_passes(tmp_path: Path) -> None:
    assert who_notices(Mutant("unchanged", SCRIPT.read_text(encoding="utf-8")), tmp_path) == ""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_change_of_the_example_is_noticed_by_a_flow(part: int, tmp_path: Path) -> None:
    every = [one for one in mutants(SCRIPT) if one.name not in SURVIVORS]
    size = -(-len(every) // PARTS)
    assert [one.name for one in every[part * size : (part + 1) * size] if not who_notices(one, tmp_path)] == []


def test_survivors_are_no_mistakes_that_any_flow_would_catch(tmp_path: Path) -> None:
    few = {
        "what_the_script_logs.flow",
        "busy.flow",
        "expires_header.flow",
        "reply_to_nobody.flow",
        "content_types.flow",
    }
    for one in mutants(SCRIPT):
        if one.name in SURVIVORS:
            assert (one.name, who_notices(one, tmp_path, few)) == (one.name, "")


def test_there_are_many_mutants_and_few_survivors() -> None:
    names = [one.name for one in mutants(SCRIPT)]
    assert len(set(names)) == len(names)
    assert len(names) - len(SURVIVORS) >= 100
    assert sorted(set(SURVIVORS) - set(names)) == []
