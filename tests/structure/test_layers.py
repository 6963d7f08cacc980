"""The layers of the house (DESIGN section 2): who may import whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "serpy"
MODULES = ROOT / "modules"


def _imports(file: Path, package: str) -> Iterator[str]:
    """The absolute names of what a file imports, also inside functions; `package` is the one it belongs to."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _files(folder: Path, package: str) -> list[tuple[Path, str]]:
    """Each source file below a folder, with the package it belongs to."""
    return [
        (file, ".".join([package, *file.relative_to(folder).parent.parts])) for file in sorted(folder.rglob("*.py"))
    ]


def _offences(files: list[tuple[Path, str]], *forbidden: str) -> list[str]:
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file, package in files
        for name in _imports(file, package)
        if any(name == one or name.startswith(one + ".") for one in forbidden)
    ]


@pytest.mark.parametrize("layer", ["sip", "cfg"])
def test_messages_and_the_compiler_know_neither_the_server_nor_asyncio(layer: str) -> None:
    files = _files(PACKAGE / layer, f"serpy.{layer}")
    assert files
    assert _offences(files, "serpy.host", "asyncio", "serpy.testing", "serpy.cli", "serpy.db") == []


def test_the_engine_imports_no_script_module() -> None:
    assert _offences(_files(PACKAGE, "serpy"), "serpy.modules") == []


def test_script_modules_know_the_server_only_through_its_protocols() -> None:
    files = _files(MODULES, "serpy.modules")
    assert files
    assert _offences(files, "serpy.host", "serpy.testing", "serpy.cli") == []


def test_script_modules_import_relatively() -> None:
    """So that a third party can copy one as a start, and `modules` can lie beside `serpy` or in it."""
    absolute = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file, _ in _files(MODULES, "serpy.modules")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "serpy"
    ]
    assert absolute == []


@pytest.mark.parametrize("layer", ["sip", "cfg", "script", "db", "host"])
def test_only_the_bench_imports_the_bench(layer: str) -> None:
    assert _offences(_files(PACKAGE / layer, f"serpy.{layer}"), "serpy.testing", "serpy.cli") == []
