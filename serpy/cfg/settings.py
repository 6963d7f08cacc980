"""Global parameters, `loadmodule` and `modparam`: what they set, on which class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..dialect import Dialect
from ..module import Module, Param
from ..registry import missing_needs, module_name
from ..script.core import Core
from ..script.kinds import parse_socket
from ..script.regex import Pattern
from . import atlas
from .catalogue import Catalogue
from .diagnostics import Label, and_list
from .nodes import Assignment, Literal, LoadModule, ModParam, Number, Text, Tree, Variable, Word
from .report import Report
from .source import Span

_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter as the script sets it."""

    module: str
    param: Param[Any]
    value: int | str
    span: Span


@dataclass(slots=True)
class Settings:
    """What a script loads and sets."""

    modules: dict[str, type[Module]]
    """In load order, by their own names."""
    loaded_at: dict[str, Span]
    values: list[Setting]
    absent: dict[str, Span] = field(default_factory=dict)
    """The modules that it loads and that serpy does not have, by name: where."""
    orphans: dict[str, list[Span]] = field(default_factory=dict)
    """The modules whose parameters it sets and that are not loaded, or absent: where."""
    needs: list[tuple[type[Module], str]] = field(default_factory=list)
    """Loaded modules that need another one which is not loaded: (module, name of the missing one)."""


def read_settings(tree: Tree, catalogue: Catalogue, report: Report, dialect: Dialect = Dialect.SER_0_9) -> Settings:
    """Find the modules and parameters; the order of `loadmodule` and `modparam` is free (D2). What is missing of
    modules that are known is left for `Unknown`, which tells it together with the commands."""
    settings = Settings({}, {}, [])
    unknown: set[str] = set()
    for item in tree.items:
        if isinstance(item, Assignment) and item.name in Core.params:
            _assign(item, Core.params[item.name], settings, report)
        elif isinstance(item, Assignment) and item.name not in unknown:
            unknown.add(item.name)
            _unknown_parameter(item, dialect, report)
    catalogue.mpath.extend(
        Path(folder)
        for setting in settings.values
        if setting.param.name == "mpath"
        for folder in str(setting.value).split(":")
    )
    for item in tree.items:
        if isinstance(item, LoadModule):
            _load(item, catalogue, settings, dialect, report)
    for item in tree.items:
        if isinstance(item, ModParam):
            _modparam(item, catalogue, settings, dialect, report)
    settings.needs = missing_needs(settings.modules.values())
    return settings


# global parameters


def _unknown_parameter(item: Assignment, dialect: Dialect, report: Report) -> None:
    name, span = item.name, item.name_span
    program = atlas.names_for(dialect).program_of_parameter(name)
    if program and (same := atlas.same_parameter(name)):
        report.error("other-program", span, f"{name} is {program}'s name for {same}", f"write {same}")
    elif program == "OpenSIPS":
        told = f"{name} is a parameter of OpenSIPS, and serpy runs scripts for SER and Kamailio"
        report.error("other-program", span, told, atlas.instead(name) or "take the line out")
    elif program:
        told = f"{name} is a parameter of {program}, which serpy does not support yet"
        report.error("parameter-to-come", span, told, atlas.instead(name) or "take the line out")
    else:
        near = report.suggest(name, Core.params)
        report.error(
            "unknown-parameter",
            span,
            f"there is no global parameter {name}",
            f"did you mean {near}?" if near else "a module's parameter is set by modparam",
        )


def _assign(item: Assignment, param: Param[Any], settings: Settings, report: Report) -> None:
    if not param.accumulates and len(item.values) > 1:
        _surplus(item, report)
        return
    for value in item.values:
        converted = _plain_value(value, param) if not isinstance(value, Word) else _word_value(value, param)
        if converted is None:
            _wrong_type(value, param, item.name, report)
            continue
        if isinstance(converted, int) and not _is_in_range(converted, item.name, value.span, report):
            continue
        if param.accumulates and not _is_socket(str(converted), value.span, report):
            continue
        settings.values.append(Setting(Core.name, param, converted, value.span))


def _surplus(item: Assignment, report: Report) -> None:
    """Say what is wrong with the second value of a parameter that takes one."""
    second, *further = item.values[1:]
    span = second.span
    # a word at the start of a line, and a value behind it: `fork no`
    is_name = isinstance(second, Word) and not span.source.lines[span.line - 1][: span.column - 1].strip()
    if isinstance(second, Word) and is_name and further and further[0].span.line == span.line:
        report.error("missing-operator", span.end, "a = is missing here", f"write {second.text}=...")
        return
    report.error("one-value", span, f"{item.name} takes one value", "remove this, or put the value in quotes")


def _is_in_range(number: int, name: str, span: Span, report: Report) -> bool:
    if name.endswith("port") and not 0 <= number <= _LAST_PORT:
        report.error("bad-value", span, f"{number} is not a port", f"ports go from 1 to {_LAST_PORT}")
        return False
    if name == "children" and number < 0:
        report.error("bad-value", span, f"there cannot be {number} children", "write how many processes there are")
        return False
    if not -(2**31) <= number < 2**32:
        report.error("bad-value", span, "the number does not fit into 32 bits", "write a smaller one")
        return False
    return True


def _word_value(value: Word, param: Param[Any]) -> str | None:
    return value.text if param.kind is str else None


def _is_socket(text: str, span: Span, report: Report) -> bool:
    try:
        parse_socket(text)
    except ValueError as error:
        report.error("bad-socket", span, str(error), "write for example udp:127.0.0.1:5060, or a host name in quotes")
        return False
    return True


def _plain_value(value: Literal, param: Param[Any], is_strict: bool = False) -> int | str | None:
    """The value in the parameter's type; None if it cannot be. Numbers and strings of digits are taken for each other
    (R12), but not where it `is_strict`."""
    if is_strict and isinstance(value, Text if param.kind is int else Number):
        return None
    if isinstance(value, Number):
        return value.value if param.kind is int else str(value.value)
    if param.kind is str:
        return value.value if isinstance(value, Text) else None
    if isinstance(value, Text):
        try:
            return int(value.value.strip(), 16 if value.value.strip().startswith("0x") else 10)
        except ValueError:
            return None
    return None


def _wrong_type(value: Literal, param: Param[Any], name: str, report: Report) -> None:
    wanted = "a number" if param.kind is int else "a string"
    if isinstance(value, Word):
        found = value.text
        hint = "put it in quotes" if param.kind is str else "write a number, or yes or no"
    elif isinstance(value, Number):
        found, hint = f"the number {value.value}", "put it in quotes"
    else:
        found = f'the string "{value.value}"'
        boolean = value.value.lower() in ("yes", "no", "true", "false", "on", "off")
        unit = {"s": "seconds", "ms": "milliseconds"}.get(param.unit, param.unit)
        digits = value.value.strip().isdigit()
        hint = "write it without quotes" if boolean or digits else f"write a number{f' of {unit}' if unit else ''}"
    report.error("wrong-type", value.span, f"{name} takes {wanted}, not {found}", hint)


# modules


def _load(item: LoadModule, catalogue: Catalogue, settings: Settings, dialect: Dialect, report: Report) -> None:
    name = module_name(item.path.value)
    cls = catalogue.find(name)
    if cls is None:
        if atlas.names_for(dialect).program_of(name):
            settings.absent.setdefault(name, item.path.span)
            return
        near = report.suggest(name, catalogue.names())
        if not near and report.may_suggest() and (near := atlas.nearest(name, atlas.names_for(dialect).modules)):
            near += ", which serpy does not have yet"
        report.error(
            "unknown-module",
            item.path.span,
            f"there is no module {name or item.path.value!r}",
            f"did you mean {near}?" if near else f"there are {and_list(list(catalogue.names()), 'and')}",
        )
        return
    if cls.name in settings.modules:
        first = Label(settings.loaded_at[cls.name], "first loaded here")
        report.warning("loaded-twice", item.span, f"{cls.name} is loaded already", "remove this line", first)
        return
    settings.modules[cls.name] = cls
    settings.loaded_at[cls.name] = item.span


def _modparam(item: ModParam, catalogue: Catalogue, settings: Settings, dialect: Dialect, report: Report) -> None:
    wanted = item.module.value
    try:
        is_meant = _matcher(wanted)
    except ValueError as error:
        report.error("bad-regex", item.module.span, f"the expression for module names cannot be used: {error}")
        return
    chosen = [cls for cls in settings.modules.values() if any(map(is_meant, (cls.name, *cls.aliases)))]
    absent = [name for name in settings.absent if is_meant(name) or is_meant(atlas.exported_name(name))]
    for name in absent:
        settings.orphans.setdefault(name, []).append(item.module.span)
    if not chosen and not absent:
        parts = wanted.split("|")
        known = [name for part in parts if (name := _known_module(part, catalogue, dialect))]
        for name in known:
            settings.orphans.setdefault(name, []).append(item.module.span)
        if not known:
            _no_such_module(item, catalogue, settings, report)
        return
    if isinstance(item.value, Variable):  # of modparamx, which is not supported yet: it was said where it stands
        return
    is_strict = dialect is Dialect.KAMAILIO and item.form == "modparam"  # Kamailio dialect 1.5
    for cls in chosen:
        param = cls.params.get(item.param.value)
        if param is None:
            _no_such_parameter(item, cls, dialect, report)
            continue
        value = None if isinstance(item.value, Word) else _plain_value(item.value, param, is_strict)
        if value is None and is_strict and isinstance(item.value, Text) and item.value.value.startswith("$"):
            told = f"a variable of Kamailio as {item.param.value} of {cls.name} is not supported yet"
            report.error("not-supported-yet", item.value.span, told, "take the line out")
            continue
        if value is None:
            _wrong_type(item.value, param, item.param.value, report)
            continue
        settings.values.append(Setting(cls.name, param, value, item.value.span))


def _no_such_parameter(item: ModParam, cls: type[Module], dialect: Dialect, report: Report) -> None:
    name = item.param.value
    missing = atlas.names_for(dialect)
    if program := missing.program_of_parameter(name, cls.name):
        whose = "the" if program == missing.own else f"{program}'s"
        told = f"serpy's {cls.name} does not have {whose} parameter {name} yet"
        report.error("parameter-to-come", item.param.span, told, "take the line out")
        return
    near = report.suggest(name, cls.params)
    names = sorted({param.name for param in cls.params.values()})
    many = f"serpy doc {cls.name} lists its parameters"
    listed = f"its parameters are {and_list(names, 'and')}" if len(names) <= 12 else many
    report.error(
        "unknown-parameter",
        item.param.span,
        f"the module {cls.name} has no parameter {name}",
        f"did you mean {near}?" if near else listed if names else "it has no parameters",
    )


def _matcher(wanted: str) -> Callable[[str], bool]:
    """Whether a module of this name is meant: by the name, or by an expression for all of it (SER dialect 2.2).

    Raises:
        ValueError: it is neither.
    """
    if wanted.isidentifier():
        low = wanted.lower()
        return lambda name: name.lower() == low
    pattern = Pattern(f"^({wanted})$")
    return lambda name: name == wanted or pattern.search(name.encode()) is not None


def _known_module(wanted: str, catalogue: Catalogue, dialect: Dialect) -> str:
    """The module that has this name or exports it, loaded or not; "" when there is none."""
    for name in (wanted, wanted.lower()):
        cls = catalogue.find(name) if name.isidentifier() else None
        if cls is not None:
            return cls.name
        exporting = atlas.module_of(name)
        if atlas.names_for(dialect).program_of(exporting):
            return exporting
    return ""


def _no_such_module(item: ModParam, catalogue: Catalogue, settings: Settings, report: Report) -> None:
    wanted = item.module.value
    near = report.suggest(wanted, [*settings.modules, *catalogue.names()])
    report.error(
        "unknown-module",
        item.module.span,
        f"there is no module {wanted}" if wanted.isidentifier() else f"no loaded module is named like {_short(wanted)}",
        f"did you mean {near}?" if near else "write the name of a loaded module",
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
