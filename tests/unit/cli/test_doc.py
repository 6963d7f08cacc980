"""`serpy doc`: modules and parameters from their classes, and the pages of the manual made from them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from serpy.cli import reference, run_command_line
from serpy.module import Module
from serpy.registry import builtin_modules
from serpy.script.core import Core

ROOT = Path(__file__).parents[3]
MODULES: list[type[Module]] = [Core, *builtin_modules()]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run_command_line(["doc", *arguments]) == 0
    return capsys.readouterr().out


def test_a_module_is_shown_with_commands_and_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "msilo")
    assert text.startswith("msilo: Keeps messages for those who are offline")
    assert "It needs tm." in text
    assert "  m_store([mode[, next_hop]])  (in route and failure_route)\n" in text
    assert '  db_table = "silo"  (string)\n      The table that keeps the messages.' in text
    assert "  expire_time = 259200  (number, s)\n" in text


def test_global_parameters_are_shown_with_versions_and_effect(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "params")
    served, ignored = text.split("Without an effect in serpy")
    assert "  debug = 2  (number; SER 0.8, 0.9, 2.0)\n" in served
    assert "  tcp_max_connections = 2048  (number; SER 2.0)\n" in ignored
    assert "  sock_mode = 0660  (number; SER 0.8, 0.9)\n" in ignored
    assert "written mem_log." in ignored


def test_without_a_name_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys)
    assert all(f"\n{module.name} " in text for module in MODULES)
    assert "\nparams " in text


def test_a_command_or_parameter_is_found_in_its_module(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "t_relay")
    assert text.startswith("tm: t_relay()  (in route and failure_route)\n      Send the request")
    assert "\n\ntm: t_relay(host, port)" in text
    assert printed(capsys, "check_via").startswith("params: check_via = 0  (number; SER 0.8, 0.9, 2.0)\n")


def test_an_unknown_name_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["doc", "msil"]) == 2
    assert "did you mean msilo?" in capsys.readouterr().err
    assert run_command_line(["doc", "t_relya"]) == 2
    assert "did you mean t_relay?" in capsys.readouterr().err


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_page_fits_eighty_columns_and_leaves_nothing_out(module: type[Module]) -> None:
    text = reference.module_page(module).as_text(80)
    assert max(map(len, text.split("\n"))) <= 80
    assert all(f"  {name}(" in text for name in module.commands)
    if module is not Core:
        assert all(f"  {param.name} = " in text for param in module.params.values())
        assert all(param.doc for param in module.params.values())
    assert all(command.doc for commands in module.commands.values() for command in commands)


def test_the_page_of_parameters_fits_and_leaves_nothing_out() -> None:
    text = reference.parameters_page(Core).as_text(80)
    assert max(map(len, text.split("\n"))) <= 80
    assert all(f"  {param.name} = " in text and param.doc for param in Core.params.values())


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_page_of_a_module_in_the_manual_is_current(module: type[Module]) -> None:
    """`make docs` writes it."""
    page = ROOT / "docs" / "modules" / f"{module.name}.md"
    assert page.read_text() == reference.module_page(module).as_markdown()


def test_the_page_of_parameters_in_the_manual_is_current() -> None:
    """`make docs` writes it."""
    assert (ROOT / "docs" / "parameters.md").read_text() == reference.parameters_page(Core).as_markdown()


def read_by_the_engine() -> set[str]:
    """The global parameters that some code asks for: `core.debug`, in the core's own class `self.debug`."""
    found: set[str] = {"mpath"}  # by its name, in cfg/settings.py
    for folder in ("serpy", "modules"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
                    continue
                owner = node.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if name == "core" or (name == "self" and file == ROOT / "serpy" / "script" / "core.py"):
                    found.add(node.attr)
    return found


def test_a_parameter_is_marked_to_have_an_effect_if_and_only_if_code_asks_for_it() -> None:
    read = read_by_the_engine()
    marked = {param.name for param in Core.params.values() if param.effect}
    assert marked == {param.name for param in Core.params.values() if param.name in read}
