"""From code to nodes.

The tree of a script is kept in the cache folder, so that a start with an unchanged script needs no parser at all.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import replace
from typing import NamedTuple

import serpy.grammar

from .. import __version__
from . import cache
from .diagnostics import Diagnostic
from .nodes import Tree
from .preprocess import Code

MOST_ERRORS = 20
_NEXT_ITEM = re.compile(
    r"^(?:loadmodule|modparam|route|failure_route|onreply_route|branch_route|onsend_route)\b", re.MULTILINE
)
_INPUTS = ("nodes.py", "build.py", "source.py", "preprocess.py")


class Parsed(NamedTuple):
    """The tree, as far as the script could be read, and what is wrong with the rest."""

    tree: Tree
    diagnostics: list[Diagnostic]


def parse(code: Code) -> Parsed:
    """The script as a tree. After an error the parser goes on at the next item, so that all errors are reported."""
    name = f"script-{_digest(os.path.abspath(code.source.path))[:16]}"
    key = _key(code)
    kept = cache.load(name, key)
    if isinstance(kept, Tree):
        return Parsed(kept, [])
    parsed = _parse_items(code)
    if not parsed.diagnostics:
        cache.store(name, key, parsed.tree)
    return parsed


def _key(code: Code) -> str:
    """Changes with the script, its dialect's strings, and the code and grammar that make a tree of it."""
    here = os.path.dirname(__file__)
    grammar = os.path.dirname(serpy.grammar.__file__ or "")
    made_by = [os.path.join(here, name) for name in _INPUTS] + [os.path.join(grammar, "script.lark")]
    try:
        marks = cache.signature(*made_by)
    except OSError:  # inside a zip file there are no times to look at; the version must do
        marks = __version__
    return _digest(repr((marks, __version__, code.source.path, code.source.text, sorted(code.strings.items()))))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _parse_items(code: Code) -> Parsed:
    from .mistakes import Reader  # brings the parser, which a script that is in the cache does not need

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
