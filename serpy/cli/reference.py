"""The reference pages of modules and of the global parameters, made from the classes: as text and as Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..cfg.diagnostics import and_list
from ..module import Command, Module, Param, Route

MADE = "<!-- made by `serpy doc {} --markdown` from the code (`make docs`) -->"
EVERYWHERE = "0.8 0.9 2.0"
_KINDS = (Route.REQUEST, Route.FAILURE, Route.ONREPLY, Route.BRANCH, Route.ONSEND)
_SECTION = re.compile(r"(?:Args|Raises|Returns|Yields):")


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a parameter."""

    name: str
    head: str
    """How it is written in a script."""
    facts: str
    """In a few words: the type, where it may stand."""
    text: str
    cells: tuple[str, ...]
    """The entry as a row of its section's table."""

    def as_text(self, columns: int, lead: str = "  ") -> str:
        """For a terminal; `lead` stands before it."""
        head, facts = f"{lead}{self.head}", f"({self.facts})"
        first = f"{head}  {facts}" if len(head) + len(facts) + 2 <= columns else f"{head}\n      {facts}"
        return f"{first}\n{folded(' ' * 6, self.text, columns)}" if self.text else first


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    text: str
    columns: tuple[str, ...]
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Page:
    """What is said about one module, or about the global parameters."""

    name: str
    """As `serpy doc` takes it."""
    title: str
    text: list[str]
    sections: list[Section]

    def as_text(self, columns: int) -> str:
        """For a terminal."""
        parts = [textwrap.fill(f"{self.title}: {self.text[0]}", columns), *(_wrapped(self.text[1:], columns))]
        for section in self.sections:
            parts.append(f"{section.title}{f': {section.text}' if section.text else ''}")
            parts.extend(entry.as_text(columns) for entry in section.entries)
        return "\n\n".join(parts) + "\n"

    def as_markdown(self) -> str:
        """For the manual."""
        parts = [f"# {self.title}", *self.text, MADE.format(self.name)]
        for section in self.sections:
            parts.append(f"## {section.title}")
            if section.text:
                parts.append(f"`{section.text}`")
            rows = [section.columns, ("---",) * len(section.columns), *(entry.cells for entry in section.entries)]
            parts.append("\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows))
        return "\n\n".join(parts) + "\n"


def module_page(module: type[Module]) -> Page:
    """The page of one module."""
    text = [_paragraphs(module.__doc__ or "")]
    is_core = module.name == "core"
    if not is_core:
        text.append(f'Load it by `loadmodule "{module.name}.so"`.')
    needs = [needed.module for needed in module.needs.values() if needed.required]
    wants = [needed.module for needed in module.needs.values() if not needed.required]
    if needs:
        text.append(f"It needs {and_list(needs, 'and')}.")
    if wants:
        text.append(f"It uses {and_list(wants, 'and')} where loaded.")
    if module.aliases:
        text.append(f"modparam also knows it as {and_list(module.aliases)}.")
    if module.schemes:
        text.append(f"It serves database URLs that begin with {and_list([f'{one}://' for one in module.schemes])}.")
    sections = []
    if module.commands:
        heads = ("command", "may stand in", "what it does")
        sections.append(Section("Commands", "", heads, list(_commands(module))))
    if is_core:
        text.append("Its parameters are the global ones: `serpy doc params`.")
    elif module.params:
        how = f'modparam("{module.name}", "NAME", VALUE)'
        titles = ("parameter", "type", "default", "unit", "what it means")
        entries = [_module_parameter(param) for param in _distinct(module.params.values())]
        sections.append(Section("Parameters", how, titles, entries))
    return Page(module.name, module.name, text, sections)


def parameters_page(core: type[Module]) -> Page:
    """The page of the global parameters: those with an effect first."""
    text = [
        "what a script sets outside of route blocks, as NAME=VALUE.",
        "Numbers may be written yes and no, on and off, true and false, for 1 and 0. serpy takes all parameters of "
        "SER, so that a script runs unchanged; those without an effect here are listed at the end.",
    ]
    columns = ("parameter", "type", "default", "unit", "SER", "what it means")
    params = _distinct(core.params.values())
    sections = [
        Section(title, "", columns, [_global_parameter(param) for param in params if param.effect is has_effect])
        for title, has_effect in (("With an effect", True), ("Without an effect in serpy", False))
    ]
    return Page("params", "Global parameters", text, sections)


def first_sentence(module: type[Module]) -> str:
    """What a module is for, on one line."""
    return " ".join((module.__doc__ or "").strip().split("\n\n")[0].split())


def folded(lead: str, text: str, columns: int) -> str:
    """`lead` and the text behind it, further lines indented under the text."""
    return textwrap.fill(text, columns, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False)


def signature(command: Command) -> str:
    """`m_store([mode[, next_hop]])`."""
    shown, brackets = "", 0
    for argument in command.arguments:
        comma = ", " if shown else ""
        shown += f"[{comma}{argument.name}" if argument.optional else f"{comma}{argument.name}"
        brackets += argument.optional
    return f"{command.name}({shown}{']' * brackets})"


def _commands(module: type[Module]) -> Iterable[Entry]:
    for name in sorted(module.commands):
        for command in module.commands[name]:
            may = [kind.keyword for kind in _KINDS if kind in command.routes]
            routes = "any route" if len(may) == len(_KINDS) else and_list(may, "and")
            takes = "; ".join(f"{argument.name}: {argument.kind.name}" for argument in command.arguments)
            text = " ".join(part for part in (_paragraphs(command.doc), f"{takes}." if takes else "") if part)
            head = signature(command)
            yield Entry(name, head, f"in {routes}", text, (f"`{head}`", routes, text))


def _module_parameter(param: Param[Any]) -> Entry:
    kind, default = _kind(param), _default(param)
    facts = ", ".join([kind, *([param.unit] if param.unit else []), *([] if param.effect else ["no effect here"])])
    text = _with_aliases(param, "" if param.effect else "No effect in serpy. ")
    return Entry(
        param.name,
        f"{param.name} = {default}",
        facts,
        text,
        (f"`{param.name}`", kind, f"`{default}`", param.unit, text),
    )


def _global_parameter(param: Param[Any]) -> Entry:
    kind, default = _kind(param), _default(param)
    versions = (param.versions or EVERYWHERE).replace(" ", ", ")
    where = "only Kamailio's" if versions == "kamailio" else f"SER {versions}"
    facts = ", ".join([kind, *([param.unit] if param.unit else [])]) + f"; {where}"
    text = _with_aliases(param, "")
    shown = "-" if versions == "kamailio" else versions
    cells = (f"`{param.name}`", kind, f"`{default}`", param.unit, shown, text)
    return Entry(param.name, f"{param.name} = {default}", facts, text, cells)


def _with_aliases(param: Param[Any], lead: str) -> str:
    also = f" Also written {and_list(param.aliases)}." if param.aliases else ""
    return f"{lead}{param.doc}{also}"


def _kind(param: Param[Any]) -> str:
    if param.accumulates:
        return "list"
    return "number" if param.kind is int else "string"


def _default(param: Param[Any]) -> str:
    value = param.default
    if param.accumulates or value is None:
        return "none"
    if isinstance(value, str):
        return f'"{value}"'
    # the rights of a file
    return f"0{value:o}" if param.name.endswith("_mode") and value > 7 else str(value)


def _distinct(params: Iterable[Param[Any]]) -> list[Param[Any]]:
    """Each once, though aliases name it too."""
    return list({id(param): param for param in params}.values())


def _paragraphs(doc: str) -> str:
    """A docstring without the sections for programmers."""
    paragraphs = textwrap.dedent(doc).strip().split("\n\n")
    return " ".join(" ".join(one.split()) for one in paragraphs if not _SECTION.match(one.strip()))


def _wrapped(texts: Sequence[str], columns: int) -> list[str]:
    return ["\n".join(textwrap.fill(text, columns, break_on_hyphens=False) for text in texts)] if texts else []


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
