"""From a script's text to its tree: comments and strings out, dialect found, parsed.

What came of it is kept in the cache folder: a start with an unchanged script needs neither the parser nor Lark.
"""

from __future__ import annotations

import hashlib
import os
from typing import NamedTuple

import serpy.grammar

from .. import __version__
from ..dialect import Dialect
from . import cache
from .nodes import Choice, Tree
from .report import Report
from .source import Source

_MAKERS = ("nodes.py", "build.py", "source.py", "preprocess.py", "dialect.py", "mistakes.py", "parse.py")


class Front(NamedTuple):
    """A script as it was read."""

    tree: Tree
    choice: Choice


def read_script(source: Source, dialect: Dialect | None, report: Report) -> Front:
    """The tree and the dialect of a script; `dialect` is the one that an option asks for.

    Raises:
        ScriptError: it cannot be read.
    """
    name = f"script-{_digest(os.path.abspath(source.path))[:16]}"
    key = _key(source, dialect)
    kept = cache.load(name, key)
    if isinstance(kept, Front):
        return kept
    made = _read(source, dialect, report)
    cache.store(name, key, made)
    return made


def _read(source: Source, dialect: Dialect | None, report: Report) -> Front:
    # only a script that is new or changed needs these, and Lark behind them
    from . import dialect as dialects
    from .parse import parse
    from .preprocess import strip

    given = Choice(dialect, "option") if dialect is not None else dialects.declared(source)
    code = strip(source, given.dialect if given else None)
    report.diagnostics.extend(code.diagnostics)
    report.stop_on_error()
    choice = given or dialects.detect(code)
    report.diagnostics.extend(dialects.not_supported(code, choice.dialect))
    report.stop_on_error()
    parsed = parse(code)
    report.diagnostics.extend(parsed.diagnostics)
    report.stop_on_error()
    return Front(parsed.tree, choice)


def _key(source: Source, dialect: Dialect | None) -> str:
    """Changes with the script, and with the code and the grammar that make a tree of it."""
    here = os.path.dirname(__file__)
    grammar = os.path.dirname(serpy.grammar.__file__ or "")
    makers = [os.path.join(here, name) for name in _MAKERS] + [os.path.join(grammar, "script.lark")]
    try:
        marks = cache.signature(*makers)
    except OSError:  # inside a zip file there are no times to look at; the version must do
        marks = ""
    return _digest(repr((marks, __version__, dialect, source.path, source.text)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
