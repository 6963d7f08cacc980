"""From a script's file to routes that can be run: the pipeline, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..dialect import Dialect
from ..module import Kind, Module, ParamError, Route
from ..registry import start_order
from ..script.core import Core
from . import nodes
from .allow import judge
from .catalogue import Catalogue
from .diagnostics import Diagnostic, ScriptError
from .front import read_script
from .lint import Subject, lint
from .nodes import AvpFlags, Choice, Flags
from .report import Report
from .resolve import Resolver, avp_flag_numbers, flag_numbers
from .routes import MAIN, Key, RouteBody, collect, statements
from .send_from import warn_of_sockets
from .settings import Settings, read_settings
from .source import Source, Span
from .transport import warn_of_transports
from .unknown import Unknown
from .unsupported import foreign, unsupported

if TYPE_CHECKING:
    from ..apis import Host
    from ..script.call import Call
    from .tracer import Tracer

T = TypeVar("T")


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
        self._tracer: Tracer | None = None

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
        report = Report(self.dialect)
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

        compiled = Emitter(self._routes, self.dialect, instances, self._tracer).compile()
        return Program(
            {
                key: RouteCode(*key, run, awaits, self.path, self._routes[key].span.line)
                for key, (run, awaits) in compiled.items()
            }
        )

    def traced(self, tracer: Tracer) -> Script:
        """The same script; its routes will tell the tracer what they do."""
        script = copy(self)
        script._tracer = tracer
        return script

    def arguments(self, kind: Kind[T]) -> Iterator[tuple[T, Span]]:
        """What the routes give to commands as arguments of this kind, each with its place."""
        for route in self._routes.values():
            for node in statements(route.statements):
                if isinstance(node, nodes.Call):
                    for (argument, value), written in zip(node.values, node.arguments, strict=False):
                        if argument.kind is kind and not isinstance(value, nodes.Attribute | nodes.Select):
                            yield value, written.span

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
    keep: bool = True,
) -> Script:
    """Read a script and check all that can be known without a server.

    Args:
        path: the file; only its name matters when `text` is given.
        dialect: instead of what the file itself tells (D32).
        defines: from the command line (`-A`); Kamailio's preprocessor uses them.
        mpath: folders with further modules.
        catalogue: what can be loaded, instead of serpy's own modules.
        keep: keep the tree for the next time; what changes with every look is not worth it.

    Raises:
        OSError: the file cannot be read.
        ScriptError: it cannot be run; with all findings of the stage that failed.
    """
    source = Source.read(path) if text is None else Source(str(path), text)
    report = Report()
    start = source.span(0, 0)
    tree, choice, _ = read_script(source, dialect, report, defines, keep=keep)
    report.dialect = choice.dialect
    if choice.dialect.is_ser:
        foreign(tree, report)
    else:
        unsupported(tree, report)
    if defines and choice.dialect.is_ser:
        report.warning("no-defines", start, "-A has no effect here", "SER's scripts have no preprocessor")
    modules = catalogue or Catalogue([Path(folder) for folder in mpath])
    settings = read_settings(tree, modules, report, choice.dialect)
    routes = collect(tree, choice.dialect, report)
    if MAIN not in routes:
        report.warning("no-route", start, "there is no route block: requests are ignored", "add route { ... }")
        routes[MAIN] = RouteBody(*MAIN, start, [])
    flags = flag_numbers([flag for item in tree.items if isinstance(item, Flags) for flag in item.flags], report)
    unknown = Unknown(settings, modules, choice.dialect, report)
    avp_flags = avp_flag_numbers(flag for item in tree.items if isinstance(item, AvpFlags) for flag in item.flags)
    Resolver(settings.modules, routes, flags, unknown, report, avp_flags, modules.classes).resolve()
    unknown.tell()
    # what is wrong is no reason to say nothing of the rest: commands that nobody knows may do anything there
    lint(Subject(tree, choice, settings, routes), report)
    warn_of_transports(routes, report)
    warn_of_sockets(routes, settings, report)
    judge(tree, source, report)
    report.stop_on_error()
    return Script(source.path, choice, settings, routes, report)


__all__ = ["Diagnostic", "Program", "RouteCode", "Script", "ScriptError", "load_script"]
