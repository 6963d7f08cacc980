"""The modules that a script can load, as the resolver asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from .. import registry
from ..module import Module


class Catalogue:
    """Built-in modules, those of installed packages, and those in `mpath` folders."""

    def __init__(self, mpath: Sequence[Path] = ()) -> None:
        self.mpath = list(mpath)
        self._found: dict[tuple[str, int], type[Module] | None] = {}

    def find(self, name: str) -> type[Module] | None:
        """The class that `loadmodule` means; None when there is none."""
        key = name, len(self.mpath)  # the script may add folders
        if key not in self._found:
            found = registry.find_module(name)
            for folder in self.mpath:
                found = found or registry.find_in_folder(folder, name)
            self._found[key] = found
        return self._found[key]

    def names(self) -> Iterable[str]:
        """What there is, for suggestions."""
        return self._names

    @cached_property
    def _names(self) -> list[str]:
        return registry.builtin_names()

    def classes(self) -> Iterable[type[Module]]:
        """All classes; this imports them, so it is for messages only."""
        return registry.builtin_modules()

    def commands(self) -> dict[str, str]:
        """All commands, each with the name of its module; it imports all classes too."""
        return {command: cls.name for cls in self.classes() for command in cls.commands}


class FixedCatalogue(Catalogue):
    """Exactly these modules: for tests."""

    def __init__(self, modules: Mapping[str, type[Module]]) -> None:
        super().__init__()
        self._modules = dict(modules)

    def find(self, name: str) -> type[Module] | None:
        return self._modules.get(name)

    def names(self) -> Iterable[str]:
        return sorted(self._modules)

    def classes(self) -> Iterable[type[Module]]:
        return list(self._modules.values())
