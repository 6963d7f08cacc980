"""The option `-A NAME[=VALUE]`, as Kamailio has it: words for the script's preprocessor."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _ActionsContainer  # a parser or a group of options; it has no public name


def add_defines(parser: _ActionsContainer) -> None:
    """Add the option; `defines` of what was parsed is a list of (name, value)."""
    parser.add_argument(
        "-A",
        dest="defines",
        metavar="NAME[=VALUE]",
        action="append",
        default=[],
        type=_define,
        help="define a word for the script's preprocessor; repeatable",
    )


def _define(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name.isidentifier():
        raise ArgumentTypeError(f"{text!r}: expected NAME or NAME=VALUE")
    return name, value
