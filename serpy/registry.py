"""From the name in `loadmodule` to the module's class, and the order in which modules start."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from .module import Module

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "serpy.modules"
"""The entry point group by which other packages offer modules."""


def module_name(path: str) -> str:
    """The module that a `loadmodule` path means: the stem of its file name."""
    name = PurePosixPath(path).name
    return name.removesuffix(".so")


def find_module(name: str) -> type[Module] | None:
    """The class of a built-in module or one that another package offers; None when there is none."""
    # Kamailio's names for SER's database modules: db_mysql is mysql
    for candidate in (name, name.removeprefix("db_")):
        if not candidate.isidentifier():
            continue
        if importlib.util.find_spec(f"serpy.modules.{candidate}") is not None:
            return _class_in(f"serpy.modules.{candidate}")
        for entry in _offers(candidate):
            found: type[Module] = entry.load()
            return found
    return None


def find_in_folder(folder: Path, name: str) -> type[Module] | None:
    """The class in `folder/name/__init__.py` or `folder/name.py` (the script's `mpath`)."""
    for file in (folder / name / "__init__.py", folder / f"{name}.py"):
        if file.is_file():
            spec = importlib.util.spec_from_file_location(f"serpy_mpath_{name}", file)
            if spec is None or spec.loader is None:
                return None
            package = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = package
            spec.loader.exec_module(package)
            return _class_in(spec.name)
    return None


def _offers(name: str | None = None) -> Iterable[EntryPoint]:
    """What other packages offer, under this name or any."""
    return [entry for entry in _all_offers() if name in (None, entry.name)]


@cache
def _all_offers() -> Sequence[EntryPoint]:
    from importlib.metadata import entry_points  # costs 20 ms, and most scripts load built-in modules only

    return tuple(entry_points(group=GROUP))


def _class_in(package: str) -> type[Module]:
    content = vars(importlib.import_module(package))
    for value in content.values():
        if isinstance(value, type) and issubclass(value, Module) and value.name and value.__module__ == package:
            return value
    raise TypeError(f"{package} holds no subclass of Module with a name")


def builtin_names() -> list[str]:
    """The names of the modules that come with serpy or that installed packages offer."""
    package = importlib.import_module("serpy.modules")
    names = {entry.name for entry in pkgutil.iter_modules(package.__path__)}
    names.update(entry.name for entry in _offers())
    return sorted(names)


def builtin_modules() -> list[type[Module]]:
    """The classes behind `builtin_names`; imports them all, so for messages and documentation only."""
    return [found for name in builtin_names() if (found := find_module(name)) is not None]


def start_order(modules: Mapping[str, Module]) -> list[Module]:
    """The modules so that each stands behind those it needs or wants; otherwise in the script's order (D2)."""
    ordered: list[Module] = []
    done: set[str] = set()

    def visit(name: str, behind: Sequence[str]) -> None:
        if name in done or name in behind or name not in modules:
            return
        instance = modules[name]
        for needed in type(instance).needs.values():
            visit(needed.module, (*behind, name))
        done.add(name)
        ordered.append(instance)

    for name in modules:
        visit(name, ())
    return ordered


def missing_needs(classes: Collection[type[Module]]) -> list[tuple[type[Module], str]]:
    """Each module that needs another one which is not loaded: (module, name of the missing one)."""
    loaded = {cls.name for cls in classes}
    return [
        (cls, needed.module)
        for cls in classes
        for needed in cls.needs.values()
        if needed.required and needed.module not in loaded
    ]
