"""SER dialect 2.2 and 2.8: loadmodule, modparam and global parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from serpy.cfg.catalogue import FixedCatalogue
from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.load import load_script
from serpy.dialect import Dialect
from serpy.module import Module, Param, ParamError, need
from serpy.script.core import Core
from tests.unit.cfg.bench import Bench, BenchHost


class First(Module):
    name = "first"
    second: Any = need("second")

    limit = Param(1)

    def prepare(self) -> None:
        if self.limit > 9:
            raise ParamError("limit", "too much", "write less")
        if self.limit == 9:
            self.warnings.append(ParamError("limit", "rather much"))


class Second(Module):
    name = "second"

    items = Param[list[str]]([], kind=str, accumulates=True)


CATALOGUE = FixedCatalogue({"first": First, "second": Second})
LOAD = 'loadmodule "first.so" loadmodule "second.so"\n'


def instances(text: str, load: str = LOAD) -> dict[str, Module]:
    script = load_script("t.cfg", text=f"{load}{text}\nroute{{;}}".encode(), catalogue=CATALOGUE)
    return script.instances(cast(Any, BenchHost(Dialect.SER_0_9)))


def codes(text: str) -> list[str]:
    with pytest.raises(ScriptError) as caught:
        instances(text)
    return [finding.code for finding in caught.value.diagnostics]


def core(text: str) -> Core:
    found = Bench(text + "\nroute{;}").instances["core"]
    assert isinstance(found, Core)
    return found


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ('modparam("probe", "number", 7)', 7),
        ('modparam("probe", "number", "7")', 7),
        ('modparam("probe", "number", yes)', 1),
        ('modparam("probe_module", "number", 7)', 7),
        ('modparam("PROBE", "number", 7)', 7),
        ('modparam("probe|usrloc", "number", 7)', 7),
        ('modparam("pro.*", "number", 7)', 7),
        ('modparam("probe", "number", 1) modparam("probe", "number", 7)', 7),
    ],
)
def test_modparam_sets_a_number(param: str, value: int) -> None:
    """SER dialect 8, rows 28 and 29; requirement R12."""
    assert Bench(f'loadmodule "probe"\n{param}\nroute{{;}}').instances["probe"].values["number"] == value


def test_modparam_sets_a_string() -> None:
    bench = Bench('loadmodule "probe"\nmodparam("probe", "text", 7)\nroute{;}')
    assert bench.instances["probe"].values["text"] == "7"


def test_names_of_modules_are_matched_from_end_to_end() -> None:
    with pytest.raises(ScriptError, match="no loaded module is named like"):
        Bench('loadmodule "probe"\nmodparam("prob|robe", "number", 1)\nroute{;}')


def test_a_parameter_may_be_set_before_its_module_is_loaded() -> None:
    """D2: order is free."""
    assert (
        instances('modparam("first", "limit", 3)', 'modparam("first", "limit", 2)' + LOAD)["first"].values["limit"] == 3
    )


def test_a_list_parameter_accumulates() -> None:
    made = instances('modparam("second", "items", "a") modparam("second", "items", "b")')
    assert made["second"].values["items"] == ["a", "b"]


def test_needs_are_bound_whatever_the_order() -> None:
    """D2."""
    made = instances("")
    assert cast(First, made["first"]).second is made["second"]


def test_a_missing_need_names_the_line_to_add() -> None:
    with pytest.raises(ScriptError) as caught:
        instances("", 'loadmodule "first.so"\n')
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.hint) == ("missing-module", 'add loadmodule "second.so"')


def test_the_path_of_a_module_does_not_matter() -> None:
    assert list(instances("", 'loadmodule "../x/second/second.so"\n')) == ["core", "second"]


def test_a_value_that_a_module_refuses_is_reported_at_its_place() -> None:
    with pytest.raises(ScriptError) as caught:
        instances('modparam("first", "limit", 10)')
    (finding,) = caught.value.diagnostics
    assert (finding.span.line, finding.message, finding.hint) == (2, "too much", "write less")


def test_what_a_module_finds_odd_becomes_a_warning() -> None:
    script = load_script("t.cfg", text=f'{LOAD}modparam("first", "limit", 9)\nroute{{;}}'.encode(), catalogue=CATALOGUE)
    script.instances(cast(Any, BenchHost(Dialect.SER_0_9)))
    assert [found.message for found in script.warnings if found.code == "odd-value"] == ["rather much"]


def test_two_servers_share_nothing() -> None:
    script = load_script("t.cfg", text=b"alias=a\nroute{;}", catalogue=CATALOGUE)
    one, two = (script.instances(cast(Any, BenchHost(Dialect.SER_0_9)))["core"] for _ in range(2))
    cast(Core, one).alias.append("b")
    assert cast(Core, two).alias == ["a"]


def test_global_parameters_have_sers_names() -> None:
    found = core("debug=9\nfork=no\nlisten=127.0.0.1 udp:10.0.0.1:5070\nlisten=::1\nmem_log=1\nuser=ser\nport=5070")
    assert (found.debug, found.fork, found.memlog, found.user, found.port) == (9, 0, 1, "ser", 5070)
    assert found.listen == ["127.0.0.1", "udp:10.0.0.1:5070", "::1"]


def test_defaults_are_sers_own() -> None:
    found = core("")
    assert (found.debug, found.port, found.listen, found.sip_warning, found.max_branches) == (2, 5060, [], 0, 12)


def test_ser_2_is_quiet_by_default() -> None:
    """SER dialect 8, row 97."""
    assert cast(Core, Bench("route{;}", Dialect.SER_2).instances["core"]).debug == 0
    assert cast(Core, Bench("debug=3\nroute{;}", Dialect.SER_2).instances["core"]).debug == 3


def test_all_errors_are_reported_at_once() -> None:
    assert codes('debug="x" frob=1 modparam("first", "x", 1) modparam("none", "x", 1)') == [
        "wrong-type",
        "unknown-parameter",
        "unknown-parameter",
        "unknown-module",
    ]


def test_modules_are_found_in_mpath(tmp_path: Path) -> None:
    (tmp_path / "third.py").write_text("from serpy.module import Module\nclass Third(Module):\n    name = 'third'\n")
    script = load_script("t.cfg", text=f'mpath="{tmp_path}"\nloadmodule "third"\nroute{{;}}'.encode())
    assert list(script.modules) == ["third"]
