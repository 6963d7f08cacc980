"""The atlas: what serpy does not have, and that it stays true while serpy grows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise

import pytest

from serpy.cfg import atlas
from serpy.cfg.atlas import Place
from serpy.dialect import Dialect
from serpy.module import Module
from serpy.registry import builtin_modules
from serpy.script.core import Core

PROGRAMS = ["ser", "kamailio", "opensips"]
SER = atlas.names_for(Dialect.SER_0_9)
KAMAILIO = atlas.names_for(Dialect.KAMAILIO)


def content(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files("serpy.grammar").joinpath("atlas", f"{name}.toml").read_text("utf-8"))


def ours() -> Iterator[tuple[str, type[Module]]]:
    """serpy's classes by all their names."""
    yield "core", Core
    for cls in builtin_modules():
        for name in (cls.name, *cls.aliases):
            yield name, cls


# what serpy has is not in the atlas


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_command_that_serpy_has_is_called_missing(program: str) -> None:
    """A module that comes to serpy, or a command that comes to a module, is taken out of `grammar/atlas/`."""
    modules = {**content(program)["modules"], "core": content(program)["core"]["functions"]}
    wrong = {
        name: here for name, cls in ours() if (here := sorted(cls.commands.keys() & set(modules.get(name, "").split())))
    }
    assert not wrong


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_module_that_serpy_has_whole_is_called_missing(program: str) -> None:
    modules = content(program)["modules"]
    assert not [name for name, _ in ours() if modules.get(name) == ""]


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_parameter_that_serpy_has_is_called_missing(program: str) -> None:
    parameters = {**content(program).get("parameters", {}), "core": content(program)["core"]["parameters"]}
    wrong = {
        name: here
        for name, cls in ours()
        if (here := sorted(cls.params.keys() & set(parameters.get(name, "").split())))
    }
    assert not wrong


def test_parameters_are_listed_of_modules_that_serpy_has() -> None:
    """A missing module is told of as a whole."""
    known = {name for name, _ in ours()}
    assert all(module in known for program in PROGRAMS for module in content(program).get("parameters", {}))


def test_old_and_dropped_names_are_not_those_of_commands() -> None:
    commands = {command for _, cls in ours() for command in cls.commands}
    assert not commands & (content("names")["old"].keys() | content("names")["dropped"].keys())


def test_old_names_lead_to_names_that_are_known() -> None:
    commands = {command for _, cls in ours() for command in cls.commands}
    assert all(new in commands or SER.places(new) for new in content("names")["old"].values())


def test_other_names_of_parameters_lead_to_parameters_that_serpy_has() -> None:
    same = content("names")["same"]
    assert all(here in Core.params for here in same.values())
    assert all(SER.program_of_parameter(there) for there in same)


def test_what_stands_in_for_a_name_stands_in_for_one_that_is_missing() -> None:
    for name in content("names")["instead"]:
        assert SER.places(name) or SER.program_of_parameter(name), name


def test_hints_are_for_modules_that_are_missing() -> None:
    for module in [*content("names")["hints"], *content("names")["gone"], *content("names")["exported"]]:
        assert SER.program_of(module), module


# the files


@pytest.mark.parametrize("program", PROGRAMS)
def test_names_are_names_and_stand_once_in_order(program: str) -> None:
    modules = content(program)["modules"]
    assert list(modules) == sorted(modules)
    for table in (content(program)["core"], modules, content(program).get("parameters", {})):
        for names in table.values():
            assert all(re.fullmatch(r"[A-Za-z_][\w-]*", name, re.ASCII) for name in names.split())
            assert all(one < other for one, other in pairwise(names.split()))


@pytest.mark.parametrize("role", content("names")["roles"])
def test_functions_with_a_role_are_known_somewhere(role: atlas.Role) -> None:
    commands = {command for _, cls in ours() for command in cls.commands}
    assert not [name for name in atlas.functions_that(role) if name not in commands and not SER.places(name)]


# what it answers


def test_a_script_s_own_program_comes_first() -> None:
    assert SER.places("has_totag") == [Place("SER", "uri")]
    assert KAMAILIO.places("has_totag") == [Place("Kamailio", "siputils")]
    assert SER.places("t_precheck_trans") == [Place("Kamailio", "tmx")]
    assert KAMAILIO.places("sip_validate") == [Place("OpenSIPS", "sipmsgops")]
    assert SER.places("frobnicate") == []


def test_a_function_may_be_in_several_modules() -> None:
    assert {place.module for place in KAMAILIO.places("decode_contact")} == {"mangler", "siputils"}


@pytest.mark.parametrize(
    ("module", "program"),
    [("jabber", "SER"), ("dbtext", "SER"), ("rr", "SER"), ("pv", "Kamailio"), ("proto_udp", "OpenSIPS"), ("xx", None)],
)
def test_a_module_is_some_program_s(module: str, program: str | None) -> None:
    assert SER.program_of(module) == program


def test_opensips_functions_are_not_those_of_kamailio_s_module() -> None:
    assert KAMAILIO.home("dlg_manage", ["dialog"]) == "dialog"
    assert KAMAILIO.home("create_dialog", ["dialog"]) == ""
    assert KAMAILIO.home("sip_validate", ["sipmsgops"]) == "sipmsgops"


def test_ser_s_functions_are_those_of_kamailio_s_module_too() -> None:
    assert KAMAILIO.home("force_rtp_proxy", ["nathelper"]) == "nathelper"


def test_only_a_near_name_is_suggested_out_of_thousands() -> None:
    assert atlas.nearest("recrod_route", SER.functions) == "record_route"
    assert atlas.nearest("nothing", SER.modules) == ""
