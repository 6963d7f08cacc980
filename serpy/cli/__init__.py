"""The command line: `serpy FILE` serves, and one module for each further command."""

from __future__ import annotations

import importlib

COMMANDS = {
    "run": "serve a script (also without the word: `serpy FILE`)",
    "check": "look for mistakes in a script, without serving it",
    "test": "run flow files: a script's tests, in virtual time",
    "trace": "follow one message through a script: why did it do that?",
    "record": "turn a capture (pcap) of a SIP server into a flow file",
    "fmt": "rewrite scripts in one canonical layout",
    "explain": "say more about a finding of the checker",
    "doc": "show what modules and global parameters there are",
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
