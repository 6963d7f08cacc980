"""`serpy doc`: modules, their commands and parameters, and the global parameters, from the classes themselves."""

from __future__ import annotations

import argparse
import sys

from ..cfg.diagnostics import suggest
from ..module import Module
from ..registry import builtin_modules, builtin_names, find_module
from ..script.core import Core
from . import reference
from .terminal import columns, showing_anything

OK, WRONG = 0, 2
PARAMS = "params"
_WIDEST = 80


def main(arguments: list[str]) -> int:
    """Carry out `serpy doc ...`; the exit code: 0, or 2 for a name that is none."""
    given = _parser().parse_args(arguments)
    width = min(columns(sys.stdout) or _WIDEST, _WIDEST)
    with showing_anything(sys.stdout):
        if given.name is None:
            print(listing(width))
            return OK
        if page := _page(given.name):
            print(page.as_markdown() if given.markdown else page.as_text(width), end="")
            return OK
        found = _entries(given.name)
        if found:
            print("\n\n".join(entry.as_text(width, f"{owner}: ") for owner, entry in found))
            return OK
    near = suggest(given.name, [PARAMS, Core.name, *builtin_names(), *(entry.name for _, entry in _entries())])
    step = f"did you mean {near}?" if near else "`serpy doc` lists what there is"
    print(f"serpy: there is no module, command or parameter {given.name}; {step}", file=sys.stderr)
    return WRONG


def _page(name: str) -> reference.Page | None:
    """The page of this name: `params`, or a module."""
    if name == PARAMS:
        return reference.parameters_page(Core)
    module = Core if name == Core.name else find_module(name)
    return reference.module_page(module) if module is not None else None


def _entries(name: str | None = None) -> list[tuple[str, reference.Entry]]:
    """The commands and parameters of this name, or all, with their modules."""
    modules: list[type[Module]] = [Core, *builtin_modules()]
    pages = [reference.parameters_page(Core), *map(reference.module_page, modules)]
    return [
        (page.name, entry)
        for page in pages
        for section in page.sections
        for entry in section.entries
        if name is None or name == entry.name
    ]


def listing(width: int) -> str:
    """What there is documentation for, a line each."""
    rows = [(PARAMS, "the global parameters of a script"), (Core.name, reference.first_sentence(Core))]
    rows += [(module.name, reference.first_sentence(module)) for module in builtin_modules()]
    longest = max(len(name) for name, _ in rows)
    lines = [reference.folded(f"{name:<{longest}}  ", text, width) for name, text in rows]
    return "\n".join(["serpy doc NAME says more:", "", *lines])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy doc",
        description="Show what a script can use: `params`, the global parameters; or a module with its commands and "
        "parameters (`core` has the commands that need no module); or one command or parameter. Without a name: list "
        "them.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="params, core, a module; or a command or parameter")
    parser.add_argument("--markdown", action="store_true", help="as in docs/modules/ and docs/parameters.md")
    return parser
