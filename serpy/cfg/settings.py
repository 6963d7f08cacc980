"""Global parameters, `loadmodule` and `modparam`: what they set, on which class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..module import Module, Param
from ..registry import missing_needs, module_name
from ..script.core import Core
from ..script.kinds import parse_socket
from ..script.regex import Pattern
from .catalogue import Catalogue
from .diagnostics import Label, and_list, suggest
from .nodes import Assignment, Literal, LoadModule, ModParam, Number, Text, Tree, Word
from .report import Report
from .source import Span


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


def read_settings(tree: Tree, catalogue: Catalogue, report: Report) -> Settings:
    """Find the modules and parameters; the order of `loadmodule` and `modparam` is free (D2)."""
    settings = Settings({}, {}, [])
    for item in tree.items:
        if isinstance(item, Assignment):
            _assign(item, settings, report)
    catalogue.mpath.extend(
        Path(folder)
        for setting in settings.values
        if setting.param.name == "mpath"
        for folder in str(setting.value).split(":")
    )
    for item in tree.items:
        if isinstance(item, LoadModule):
            _load(item, catalogue, settings, report)
    for item in tree.items:
        if isinstance(item, ModParam):
            _modparam(item, catalogue, settings, report)
    for cls, missing in missing_needs(settings.modules.values()):
        report.error(
            "missing-module",
            settings.loaded_at[cls.name],
            f"{cls.name} needs {missing}, which is not loaded",
            f'add loadmodule "{missing}.so"',
        )
    return settings


# global parameters


def _assign(item: Assignment, settings: Settings, report: Report) -> None:
    param = Core.params.get(item.name)
    if param is None:
        near = suggest(item.name, Core.params)
        report.error(
            "unknown-parameter",
            item.name_span,
            f"there is no global parameter {item.name}",
            f"did you mean {near}?" if near else "a module's parameter is set by modparam",
        )
        return
    if not param.accumulates and len(item.values) > 1:
        report.error(
            "one-value",
            item.values[1].span,
            f"{item.name} takes one value",
            "remove this, or put the value in quotes",
        )
        return
    for value in item.values:
        converted = _plain_value(value, param) if not isinstance(value, Word) else _word_value(value, param)
        if converted is None:
            _wrong_type(value, param, item.name, report)
            continue
        if param.accumulates and not _is_socket(str(converted), value.span, report):
            continue
        settings.values.append(Setting(Core.name, param, converted, value.span))


def _word_value(value: Word, param: Param[Any]) -> str | None:
    return value.text if param.kind is str else None


def _is_socket(text: str, span: Span, report: Report) -> bool:
    try:
        parse_socket(text)
    except ValueError as error:
        report.error("bad-socket", span, str(error), "write for example udp:127.0.0.1:5060, or a host name in quotes")
        return False
    return True


def _plain_value(value: Literal, param: Param[Any]) -> int | str | None:
    """The value in the parameter's type: numbers and strings of digits are taken for each other (R12); None if it
    cannot be."""
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
    else:
        found = f'the string "{value.value}"'
        boolean = isinstance(value, Text) and value.value.lower() in ("yes", "no", "true", "false", "on", "off")
        unit = {"s": "seconds", "ms": "milliseconds"}.get(param.unit, param.unit)
        hint = "write it without quotes" if boolean else f"write a number{f' of {unit}' if unit else ''}"
    report.error("wrong-type", value.span, f"{name} takes {wanted}, not {found}", hint)


# modules

_SER_MODULES = frozenset(
    [
        "acc",
        "auth",
        "auth_db",
        "auth_diameter",
        "auth_radius",
        "avp",
        "avp_db",
        "avpops",
        "cpl-c",
        "ctl",
        "dbtext",
        "db_text",
        "dispatcher",
        "diversion",
        "domain",
        "enum",
        "eval",
        "exec",
        "ext",
        "flatstore",
        "gflags",
        "group",
        "group_radius",
        "jabber",
        "lcr",
        "mangler",
        "mediaproxy",
        "nathelper",
        "options",
        "osp",
        "pa",
        "pdt",
        "permissions",
        "pike",
        "postgres",
        "db_postgres",
        "presence_b2b",
        "rr",
        "sms",
        "speeddial",
        "timer",
        "uac",
        "unixsock",
        "uri",
        "uri_db",
        "uri_radius",
        "vm",
        "xlog",
        "xmlrpc",
    ]
)
"""Modules of SER (and Kamailio's names for its drivers) that a script may load and that are not here yet."""


def _load(item: LoadModule, catalogue: Catalogue, settings: Settings, report: Report) -> None:
    name = module_name(item.path.value)
    cls = catalogue.find(name)
    if cls is None:
        if name in _SER_MODULES:
            told = f"serpy does not have SER's module {name} yet"
            report.error("module-to-come", item.path.span, told, "remove the line and what uses the module")
            return
        near = suggest(name, catalogue.names())
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


def _modparam(item: ModParam, catalogue: Catalogue, settings: Settings, report: Report) -> None:
    wanted = item.module.value
    try:
        chosen = [cls for cls in settings.modules.values() if _is_named(cls, wanted)]
    except ValueError as error:
        report.error("bad-regex", item.module.span, f"the expression for module names cannot be used: {error}")
        return
    if not chosen:
        _no_such_module(item, catalogue, settings, report)
        return
    for cls in chosen:
        param = cls.params.get(item.param.value)
        if param is None:
            near = suggest(item.param.value, cls.params)
            names = sorted({param.name for param in cls.params.values()})
            known = f"its parameters are {and_list(names, 'and')}" if 0 < len(names) <= 12 else "see its documentation"
            report.error(
                "unknown-parameter",
                item.param.span,
                f"the module {cls.name} has no parameter {item.param.value}",
                f"did you mean {near}?" if near else known if names else "it has no parameters",
            )
            continue
        value = None if isinstance(item.value, Word) else _plain_value(item.value, param)
        if value is None:
            _wrong_type(item.value, param, item.param.value, report)
            continue
        settings.values.append(Setting(cls.name, param, value, item.value.span))


def _is_named(cls: type[Module], wanted: str) -> bool:
    """Whether this module is meant: its name, or an expression that matches all of its name (SER dialect 2.2)."""
    names = (cls.name, *cls.aliases)
    if wanted in names:
        return True
    if wanted.isidentifier():
        return wanted.lower() in (name.lower() for name in names)
    pattern = Pattern(f"^({wanted})$")
    return any(pattern.search(name.encode()) for name in names)


def _no_such_module(item: ModParam, catalogue: Catalogue, settings: Settings, report: Report) -> None:
    wanted = item.module.value
    cls = catalogue.find(wanted) if wanted.isidentifier() else None
    if cls is not None:
        report.error(
            "module-not-loaded",
            item.module.span,
            f"the module {wanted} is not loaded",
            f'add loadmodule "{cls.name}.so"',
        )
        return
    near = suggest(wanted, [*settings.modules, *catalogue.names()])
    report.error(
        "unknown-module",
        item.module.span,
        f"there is no module {wanted}" if wanted.isidentifier() else f"no loaded module is named like {wanted}",
        f"did you mean {near}?" if near else "write the name of a loaded module",
    )
