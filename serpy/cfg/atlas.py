"""What serpy does not have, by name: the modules, functions and global parameters of SER, Kamailio and OpenSIPS.

The names are in `grammar/atlas/`. Nothing here is read as long as a script uses known names only.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from functools import cache, cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

from ..dialect import Dialect

Program: TypeAlias = Literal["SER", "Kamailio", "OpenSIPS"]
Role: TypeAlias = Literal[
    "authenticates",
    "challenges",
    "checks_identity",
    "checks_domain",
    "checks_hops",
    "replies",
    "relays",
    "records_route",
    "follows_route",
]

CORE = "core"

_SER_FIRST: tuple[Program, ...] = ("SER", "Kamailio", "OpenSIPS")
_KAMAILIO_FIRST: tuple[Program, ...] = ("Kamailio", "SER", "OpenSIPS")


class Place(NamedTuple):
    """Where a name belongs."""

    program: Program
    module: str
    """`core` for what needs no module."""


class Atlas:
    """The names of one kind of script: its own program comes first where several have a name.

    Args:
        programs: the program of the script's dialect, and then the others.
    """

    def __init__(self, programs: tuple[Program, ...]) -> None:
        self.own = programs[0]
        self._modules: dict[str, Program] = {}
        self._places: dict[str, list[Place]] = {}
        self._parameters: dict[tuple[str, str], Program] = {}
        for program in programs:
            content = _content(program.lower())
            core = content["core"]
            tables: Iterable[tuple[str, str]] = [(CORE, core["functions"]), *content["modules"].items()]
            for module, functions in tables:
                self._modules.setdefault(module, program)
                for function in functions.split():
                    self._places.setdefault(function, []).append(Place(program, module))
            for parameter in core["parameters"].split():
                self._parameters.setdefault((CORE, parameter), program)
            for module, parameters in content.get("parameters", {}).items():
                for parameter in parameters.split():
                    self._parameters.setdefault((module, parameter), program)
        del self._modules[CORE]

    def program_of(self, module: str) -> Program | None:
        """Whose module it is; None when nobody is known to have one of this name."""
        return self._modules.get(module)

    def places(self, function: str) -> list[Place]:
        """The modules that have a function, those of the script's own program first, and of one program only."""
        found = self._places.get(function, [])
        return [place for place in found if place.program == found[0].program]

    def home(self, function: str, modules: Container[str]) -> str:
        """The one of these modules that has the function; "" when none has it. A module of SER and Kamailio has the
        functions of both, but not those of OpenSIPS, which went its own ways."""
        for program, module in self._places.get(function, ()):
            if module in modules and (program == "OpenSIPS") == (self._modules.get(module) == "OpenSIPS"):
                return module
        return ""

    def program_of_parameter(self, name: str, module: str = CORE) -> Program | None:
        """Whose global parameter it is, or whose parameter of a module that serpy has otherwise."""
        return self._parameters.get((module, name))

    @property
    def modules(self) -> Collection[str]:
        """The names of all modules."""
        return self._modules

    @cached_property
    def functions(self) -> Collection[str]:
        """The functions of the script's own program."""
        return [name for name, found in self._places.items() if found[0].program == self.own]


@cache
def names_for(dialect: Dialect) -> Atlas:
    """The atlas for scripts in this dialect."""
    return Atlas(_SER_FIRST if dialect.is_ser else _KAMAILIO_FIRST)


def old_name(function: str) -> str:
    """Today's name of what early versions of SER called so; "" when it is no old name."""
    return _table("old").get(function, "")


def dropped(function: str) -> str:
    """What to do about a command that early versions of SER had; "" for all others."""
    return _table("dropped").get(function, "")


def instead(name: str) -> str:
    """The next step where this command or parameter is missing; "" when there is nothing better than to take it out."""
    return _table("instead").get(name, "")


def foreign_form(command: str, arguments: int) -> tuple[str, str] | None:
    """Whose form of a command this is that takes so many arguments, and the way to say it here; None for nobody's."""
    form = _content("names")["forms"].get(command, {}).get(str(arguments))
    return None if form is None else (form[0], form[1])


def same_parameter(name: str) -> str:
    """serpy's name of a global parameter that another program calls so; "" if it has none."""
    return _table("same").get(name, "")


def exported_name(module: str) -> str:
    """The name under which a module's parameters are set: its own, but for a few."""
    return _table("exported").get(module, module)


def module_of(exported: str) -> str:
    """The module whose parameters are set under this name."""
    return next((module for module, name in _table("exported").items() if name == exported), exported)


def module_hint(module: str) -> str:
    """The next step where this module is missing; "" when there is nothing special about it."""
    return _table("hints").get(module, "")


def gone(module: str) -> str:
    """What is said of a module that its own program has given up (`which ...`); "" for the others."""
    return _table("gone").get(module, "")


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The name that was meant, out of very many: it must begin alike, and be nearer than among a few. "" for none."""
    from difflib import get_close_matches

    alike = [name for name in known if name[:1] == wrong[:1] and 2 * len(name) < 3 * len(wrong) < 5 * len(name)]
    return next(iter(get_close_matches(wrong, alike, n=1, cutoff=0.8)), "")


def functions_that(role: Role) -> frozenset[str]:
    """The functions that do this, whether serpy has them or not."""
    return frozenset(_table("roles")[role].split())


def _table(name: str) -> Mapping[str, str]:
    table: Mapping[str, str] = _content("names")[name]
    return table


@cache
def _content(name: str) -> dict[str, Any]:
    import tomllib
    from importlib.resources import files

    return tomllib.loads(files("serpy.grammar").joinpath("atlas", f"{name}.toml").read_text("utf-8"))
