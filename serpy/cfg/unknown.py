"""Commands that no loaded module has, told once for each cause and not once for each call.

A module that is not loaded, or that serpy does not have, takes all its commands with it: one finding names them with
their numbers. The settings leave here what belongs to the same story: `loadmodule` lines of modules that serpy does
not have, `modparam` lines for modules that are not loaded, and what modules need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..dialect import Dialect
from ..module import Module
from ..script.core import Core
from . import atlas
from .atlas import CORE, Atlas, Place
from .catalogue import Catalogue
from .diagnostics import Label, and_list, suggest
from .nodes import Call
from .report import Report
from .settings import Settings

_SHOWN = 8
"""So many names stand in one message; the others are counted."""
_LABELS = 5
"""So many places are shown with it."""
_KEYWORDS = ("drop", "break", "exit", "return", "route", "else")
_OURS = "serpy runs scripts for SER and Kamailio"


@dataclass(slots=True)
class Missing:
    """What a script says of one module that it cannot have: the calls by command."""

    calls: dict[str, list[Call]] = field(default_factory=dict)

    def add(self, calls: Sequence[Call]) -> None:
        """Note the calls of one command."""
        self.calls[calls[0].name] = list(calls)

    @property
    def first(self) -> Call:
        """The first call, as the script is walked through."""
        return next(iter(self.calls.values()))[0]

    @property
    def listed(self) -> str:
        """The commands for a message: `record_route (2 times) and loose_route`."""
        shown = [_counted(name, len(calls)) for name, calls in list(self.calls.items())[:_SHOWN]]
        more = len(self.calls) - len(shown)
        if more:
            shown.append(f"{more} more")
        return and_list(shown, "and")

    def labels(self, start: int = 0) -> list[Label]:
        """The places of the commands' first calls, from this command on."""
        firsts = list(self.calls.values())[start : start + _LABELS]
        return [Label(calls[0].name_span, f"{calls[0].name} is used here") for calls in firsts]


class Unknown:
    """The commands of one script that its modules do not have."""

    def __init__(self, settings: Settings, catalogue: Catalogue, dialect: Dialect, report: Report) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._dialect = dialect
        self._report = report
        self._calls: dict[str, list[Call]] = {}

    def note(self, call: Call) -> None:
        """Remember a call of a command that no loaded module has."""
        self._calls.setdefault(call.name, []).append(call)

    def tell(self) -> None:
        """Report all that was noted, and what the settings have left to tell."""
        if not (self._calls or self._settings.absent or self._settings.orphans or self._settings.needs):
            return
        absent = {name: Missing() for name in self._settings.absent}
        unloaded: dict[str, Missing] = {}
        elsewhere: dict[tuple[tuple[Place, ...], str], Missing] = {}
        for name, calls in self._calls.items():
            if home := self._atlas.home(name, absent):
                absent[home].add(calls)
            elif own := self._offered.get(name):
                unloaded.setdefault(own, Missing()).add(calls)
            elif old := self._old_name(name):
                self._tell_old(name, old, calls)
            elif hint := atlas.dropped(name):
                told = f"{_counted(name, len(calls))} is a command of early versions of SER"
                self._report.error("old-name", calls[0].name_span, told, hint)
            elif places := self._atlas.places(name):
                alone = name if self._stands_alone(places, name) else ""
                elsewhere.setdefault((tuple(places), alone), Missing()).add(calls)
            else:
                self._tell_nothing_known(name, calls)
        for module, missing in absent.items():
            self._tell_absent(module, missing)
        for module in dict.fromkeys([*unloaded, *self._needed, *self._orphans_of_ours]):
            self._tell_unloaded(module, unloaded.get(module, Missing()))
        for (owners, _), missing in elsewhere.items():
            self._tell_elsewhere(owners, missing)
        covered = {*absent, *(place.module for owners, _ in elsewhere for place in owners)}
        for module in self._settings.orphans:
            if module not in covered and module not in self._orphans_of_ours:
                self._tell_orphan(module)

    # what is known

    @cached_property
    def _atlas(self) -> Atlas:
        return atlas.names_for(self._dialect)

    @cached_property
    def _offered(self) -> Mapping[str, str]:
        """serpy's own commands, loaded or not: the module of each."""
        return self._catalogue.commands()

    @cached_property
    def _needed(self) -> dict[str, list[type[Module]]]:
        needed: dict[str, list[type[Module]]] = {}
        for cls, module in self._settings.needs:
            needed.setdefault(module, []).append(cls)
        return needed

    @cached_property
    def _orphans_of_ours(self) -> list[str]:
        """Modules of serpy's own whose parameters are set although they are not loaded."""
        return [module for module in self._settings.orphans if self._catalogue.find(module) is not None]

    def _old_name(self, name: str) -> str:
        """Today's name, where that is what was meant: Kamailio uses some of the old names anew."""
        old = atlas.old_name(name)
        return old if old and (self._dialect.is_ser or not self._atlas.places(name)) else ""

    def _stands_alone(self, places: Sequence[Place], name: str) -> bool:
        """Whether a command gets a message of its own: its module is here without it, or something replaces it."""
        return bool(atlas.instead(name)) or any(self._is_ours(place.module) for place in places)

    def _is_ours(self, module: str) -> bool:
        return module == CORE or self._catalogue.find(module) is not None

    # messages

    def _tell_absent(self, module: str, missing: Missing) -> None:
        """A `loadmodule` line for a module that serpy does not have."""
        program = self._atlas.program_of(module)
        code, told = "module-to-come", f"serpy does not have {self._titled(module)} yet"
        if program == "OpenSIPS":
            code, told = "other-program", f"{module} is a module of OpenSIPS, and {_OURS}"
        elif program != "SER" or not self._dialect.is_ser:
            given_up = atlas.gone(module)
            told = f"serpy does not have {self._titled(module)}, {given_up}" if given_up else told
        with_it = ["its modparam lines"] if module in self._settings.orphans else []
        if missing.calls:
            told += f"; the script uses {missing.listed}"
            with_it.append("these commands" if len(missing.calls) > 1 else "this command")
        usual = f"take the line out, with {and_list(with_it or ['what uses the module'], 'and')}"
        span = self._settings.absent[module]
        self._report.error(code, span, told, atlas.module_hint(module) or usual, *missing.labels())

    def _tell_unloaded(self, module: str, missing: Missing) -> None:
        """A module of serpy's own that some line is missing for: its commands, parameters, or who needs it."""
        hint = f'add loadmodule "{module}.so"'
        needing = self._needed.get(module, [])
        also = [Label(self._settings.loaded_at[cls.name], f"{cls.name} needs it too") for cls in needing]
        if missing.calls:
            belong = "belongs" if len(missing.calls) == 1 else "belong"
            told = f"{missing.listed} {belong} to the module {module}, which is not loaded"
            self._report.error("module-not-loaded", missing.first.name_span, told, hint, *missing.labels(1), *also)
        elif needing:
            verb = "needs" if len(needing) == 1 else "need"
            told = f"{and_list([cls.name for cls in needing], 'and')} {verb} {module}, which is not loaded"
            self._report.error("missing-module", also[0].span, told, hint, *also[1:])
        else:
            told = f"the module {module} is not loaded"
            self._report.error("module-not-loaded", self._settings.orphans[module][0], told, hint)

    def _tell_elsewhere(self, places: tuple[Place, ...], missing: Missing) -> None:
        """Commands of modules that the script does not load, and that serpy does not have."""
        place = next((place for place in places if self._is_ours(place.module)), places[0])
        belong = "belongs" if len(missing.calls) == 1 else "belong"
        them = "it" if len(missing.calls) == 1 else "them"
        only = next(iter(missing.calls)) if len(missing.calls) == 1 else ""
        if place.program == "OpenSIPS":
            owner = "OpenSIPS's core" if place.module == CORE else f"OpenSIPS's module {place.module}"
            code, told = "other-program", f"{missing.listed} {belong} to {owner}, and {_OURS}"
        elif self._is_ours(place.module):
            owner = "core" if place.module == CORE else place.module
            whose = "" if place.program == self._atlas.own else f"{place.program}'s "
            code, told = "command-to-come", f"serpy's {owner} does not have {whose}{missing.listed} yet"
        else:
            title = self._titled_all(places)
            code, told = "module-to-come", f"{missing.listed} {belong} to {title}, which serpy does not have yet"
        hint = (atlas.instead(only) if only else "") or atlas.module_hint(place.module) or f"take {them} out"
        self._report.error(code, missing.first.name_span, told, hint, *missing.labels(1))

    def _tell_orphan(self, module: str) -> None:
        """`modparam` for a module that is known, but neither loaded nor here."""
        first = self._settings.orphans[module][0]
        program = self._atlas.program_of(module)
        code = "other-program" if program == "OpenSIPS" else "module-to-come"
        told = f"serpy does not have {self._titled(module)} yet"
        if program == "OpenSIPS":
            told = f"{module} is a module of OpenSIPS, and {_OURS}"
        self._report.error(code, first, told, "take the line out")

    def _tell_old(self, name: str, old: str, calls: Sequence[Call]) -> None:
        told = f"{_counted(name, len(calls))} is the old name of {old}"
        loaded = {command for cls in self._settings.modules.values() for command in cls.commands}
        offered = self._offered.get(old)
        places = self._atlas.places(old)
        if old not in loaded and offered:
            told += f", of the module {offered}, which is not loaded"
        elif old not in loaded and places:
            told += f", of {self._titled(places[0].module, places[0].program)}, which serpy does not have yet"
        self._report.error("old-name", calls[0].name_span, told, f"write {old}")

    def _tell_nothing_known(self, name: str, calls: Sequence[Call]) -> None:
        near = ""
        if self._report.may_suggest():
            near = suggest(name, self._known(any(call.bare for call in calls)))
            if not near and (near := atlas.nearest(name, self._atlas.functions)):
                place = self._atlas.places(near)[0]
                near += "" if place.module == CORE else f", of {self._titled(place.module, place.program)}"
        count = f" (used {len(calls)} times)" if len(calls) > 1 else ""
        self._report.error(
            "unknown-command",
            calls[0].name_span,
            f"there is no command {name}{count}",
            f"did you mean {near}?" if near else "is a loadmodule missing, or a module that serpy does not have?",
        )

    def _known(self, bare: bool) -> Iterable[str]:
        from . import operands

        loaded = (command for cls in self._settings.modules.values() for command in cls.commands)
        return {*_KEYWORDS, *Core.commands, *loaded, *self._offered, *(operands.NAMES if bare else ())}

    # words

    def _titled(self, module: str, program: str | None = None) -> str:
        program = program or self._atlas.program_of(module)
        return f"the module {module}" if program in (None, self._atlas.own) else f"{program}'s module {module}"

    def _titled_all(self, places: Sequence[Place]) -> str:
        if len(places) == 1:
            return self._titled(places[0].module, places[0].program)
        whose = "the" if places[0].program == self._atlas.own else f"{places[0].program}'s"
        return f"{whose} modules {and_list([place.module for place in places])}"


def _counted(name: str, count: int) -> str:
    return name if count == 1 else f"{name} ({count} times)"
