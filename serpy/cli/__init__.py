"""The command line: `serpy FILE` serves, and one module for each further command."""

from __future__ import annotations

import importlib

COMMANDS = {
    "run": "serve a script (also without the word: `serpy FILE`)",
    "check": "look for mistakes in a script, without serving it",
    "db": "make, check and list the database tables that a script needs",
}
"""Each is a module of this package with `main(arguments) -> exit code`, imported when it is asked for."""


def run_command_line(arguments: list[str]) -> int:
    """Carry out one command line, without the program's name; the exit code."""
    name = "run"
    if arguments and arguments[0] in COMMANDS:
        name, *arguments = arguments
    module = importlib.import_module(f"{__name__}.{name}")
    code: int = module.main(arguments)
    return code
