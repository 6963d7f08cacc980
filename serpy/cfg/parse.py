"""From code to nodes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from .diagnostics import Diagnostic
from .mistakes import Reader
from .nodes import Tree
from .preprocess import Code

MOST_ERRORS = 20
_NEXT_ITEM = re.compile(
    r"^(?:loadmodule|modparam|route|failure_route|onreply_route|branch_route|onsend_route)\b", re.MULTILINE
)


class Parsed(NamedTuple):
    """The tree, as far as the script could be read, and what is wrong with the rest."""

    tree: Tree
    diagnostics: list[Diagnostic]


def parse(code: Code) -> Parsed:
    """The script as a tree. After an error the parser goes on at the next item, so that all errors are reported."""
    reader = Reader(code)
    start = 0
    while len(reader.diagnostics) < MOST_ERRORS:
        # what lies before `start` has been dealt with; blanks in its place keep the lines and columns right
        rest = re.sub(r"[^\n]", " ", code.text[:start]) + code.text[start:]
        tree = reader.read(replace(code, text=rest))
        if tree is not None:
            return Parsed(tree, reader.diagnostics)
        following = _NEXT_ITEM.search(code.text, max(reader.stopped_at, start + 1))
        if following is None:
            break
        start = following.start()
    return Parsed(Tree([]), reader.diagnostics)
