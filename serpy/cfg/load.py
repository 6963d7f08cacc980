"""From a script's file to routes that can be run: the pipeline, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..dialect import Dialect
from ..module import Module, ParamError, Route
from ..registry import start_order
from ..script.core import Core
from .catalogue import Catalogue
from .diagnostics import Diagnostic, ScriptError
from .front import read_script
from .lint import lint
from .nodes import Choice, Flags
from .report import Report
from .resolve import Resolver, flag_numbers
from .routes import MAIN, Key, RouteBody, collect
from .settings import Settings, read_settings
from .source import Source, Span

if TYPE_CHECKING:
    from ..apis import Host
    from ..script.call import Call


@dataclass(frozen=True, slots=True)
class RouteCode:
    """One route block, compiled."""

    kind: Route
    name: str
    run: Callable[[Call], Any]
    """Runs the route: the result (an int), or a coroutine that gives it. Above 0 and below 0 as SER has it (SER dialect
    3.3); 0: the script ended early."""
    awaits: bool
    """Whether `run` gives a coroutine."""
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Program:
    """All routes of a script, bound to the module instances of one server."""

    routes: Mapping[Key, RouteCode]
    """The route for requests is (Route.REQUEST, "0"); it is always there."""


class Script:
    """A script that was read, checked and resolved; it knows classes of modules, but no server yet."""

    def __init__(
        self, path: str, choice: Choice, settings: Settings, routes: Mapping[Key, RouteBody], report: Report
    ) -> None:
        self.path = path
        self.dialect = choice.dialect
        self.dialect_reason = choice.reason
        """How the dialect was found, for people."""
        self.modules: dict[str, type[Module]] = settings.modules
        """The loaded modules by name, in load order; without the core."""
        self.warnings: list[Diagnostic] = report.warnings
        self._settings = settings
        self._routes = routes

    def instances(self, host: Host) -> dict[str, Module]:
        """A new instance of each module with its parameters as the script sets them, the core ("core") first.

        `host.core` is set here. `prepare` has been run, in the order of start.

        Raises:
            ScriptError: a parameter's value cannot be used.
        """
        core = Core(host)
        host.core = core
        made: dict[str, Module] = {Core.name: core}
        made.update((name, cls(host)) for name, cls in self.modules.items())
        for setting in self._settings.values:
            values = made[setting.module].values
            if setting.param.accumulates:
                values.setdefault(setting.param.name, []).append(setting.value)
            else:
                values[setting.param.name] = setting.value
        report = Report()
        for instance in start_order(made):
            for attribute, needed in type(instance).needs.items():
                instance.bound[attribute] = made.get(needed.module)
            try:
                instance.prepare()
            except ParamError as error:
                report.error("bad-value", self._set_at(instance.name, error.param), str(error), error.hint)
            for warning in instance.warnings:
                report.warning("odd-value", self._set_at(instance.name, warning.param), str(warning), warning.hint)
        report.stop_on_error()
        self.warnings = [*self.warnings, *report.warnings]
        return made

    def compile(self, instances: Mapping[str, Module]) -> Program:
        """The routes as functions that call these instances."""
        from .emit import Emitter  # the checker compiles nothing

        compiled = Emitter(self._routes, self.dialect, instances).compile()
        return Program(
            {
                key: RouteCode(*key, run, awaits, self.path, self._routes[key].span.line)
                for key, (run, awaits) in compiled.items()
            }
        )

    def _set_at(self, module: str, param: str) -> Span:
        """Where a parameter was set last; where its module is loaded, if the script leaves it at its default."""
        places = [
            setting.span for setting in self._settings.values if (setting.module, setting.param.name) == (module, param)
        ]
        if places:
            return places[-1]
        return self._settings.loaded_at.get(module) or self._routes[MAIN].span


def load_script(
    path: Path | str,
    *,
    text: bytes | None = None,
    dialect: Dialect | None = None,
    defines: Mapping[str, str] | None = None,
    mpath: Sequence[Path | str] = (),
    catalogue: Catalogue | None = None,
) -> Script:
    """Read a script and check all that can be known without a server.

    Args:
        path: the file; only its name matters when `text` is given.
        dialect: instead of what the file itself tells (D32).
        defines: from the command line (`-A`); Kamailio's preprocessor uses them.
        mpath: folders with further modules.
        catalogue: what can be loaded, instead of serpy's own modules.

    Raises:
        OSError: the file cannot be read.
        ScriptError: it cannot be run; with all findings of the stage that failed.
    """
    source = Source.read(path) if text is None else Source(str(path), text)
    report = Report()
    start = source.span(0, 0)
    tree, choice = read_script(source, dialect, report)
    if defines and choice.dialect.is_ser:
        report.warning("no-defines", start, "-A has no effect here", "SER's scripts have no preprocessor")
    modules = catalogue or Catalogue([Path(folder) for folder in mpath])
    settings = read_settings(tree, modules, report)
    routes = collect(tree, choice.dialect, report)
    if MAIN not in routes:
        report.warning("no-route", start, "there is no route block: requests are ignored", "add route { ... }")
        routes[MAIN] = RouteBody(*MAIN, start, [])
    flags = flag_numbers([flag for item in tree.items if isinstance(item, Flags) for flag in item.flags], report)
    Resolver(settings.modules, routes, flags, modules, report).resolve()
    report.stop_on_error()
    lint(routes, report)
    return Script(source.path, choice, settings, routes, report)


__all__ = ["Diagnostic", "Program", "RouteCode", "Script", "ScriptError", "load_script"]
