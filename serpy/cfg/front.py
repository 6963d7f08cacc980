"""From a script's text to its tree: dialect found, directives carried out, parsed.

What came of it is kept in the cache folder: a start with an unchanged script needs neither the parser nor Lark.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import NamedTuple

import serpy.grammar

from .. import __version__
from ..dialect import Dialect
from . import cache
from .nodes import Choice, Tree
from .report import Report
from .source import LARGEST, Source, read_included

_MAKERS = (
    "nodes.py",
    "build.py",
    "source.py",
    "lexemes.py",
    "preprocess.py",
    "defines.py",
    "directives.py",
    "dialect.py",
    "mistakes.py",
    "parse.py",
    "precedence.py",
    "depth.py",
)


class Front(NamedTuple):
    """A script as it was read."""

    tree: Tree
    choice: Choice
    inputs: list[tuple[str, str, str | bytes | None]]
    """What was read besides the script: included files and variables of the environment."""


def read_script(
    source: Source,
    dialect: Dialect | None,
    report: Report,
    defines: Mapping[str, str] | None = None,
    *,
    keep: bool = True,
) -> Front:
    """The tree and the dialect of a script; `dialect` is the one that an option asks for. With `keep`, it is kept for
    the next time.

    Raises:
        ScriptError: it cannot be read.
    """
    if len(source.text) > LARGEST:
        limit = f"a script may have {LARGEST // 1_000_000} MB, with all that it includes"
        report.error("too-large", source.span(0, 0), "the script is too large", limit)
        report.stop_on_error()
    name = f"script-{_digest(os.path.abspath(source.path))[:16]}"
    key = _key(source, dialect, defines or {})
    kept = cache.load(name, key)
    if isinstance(kept, Front) and all(_is_unchanged(*each) for each in kept.inputs):
        return kept
    told = len(report.diagnostics)
    made = _read(source, dialect, report, defines or {})
    if keep and len(report.diagnostics) == told:  # what is kept says nothing
        cache.store(name, key, made)
    return made


def _read(source: Source, dialect: Dialect | None, report: Report, defines: Mapping[str, str]) -> Front:
    # only a script that is new or changed needs these, and Lark behind them
    from . import dialect as dialects
    from .depth import too_deep
    from .lexemes import flavour_of
    from .parse import parse
    from .preprocess import Preprocessor

    choice = Choice(dialect, "option") if dialect is not None else dialects.declared(source)
    lexemes = None
    if choice is None:
        choice, lexemes = dialects.detect(source)
    reader = Preprocessor(flavour_of(choice.dialect, source.text), defines)
    parsed = parse(source, reader, choice.dialect, lexemes)
    report.diagnostics.extend(parsed.diagnostics)
    report.stop_on_error()
    deep = too_deep(parsed.tree)
    if deep is not None:
        told = "statements and conditions are nested too deeply here"
        report.error("too-deep", deep, told, "move the inner part to a route of its own")
        report.stop_on_error()
    return Front(parsed.tree, choice, reader.inputs)


def _is_unchanged(kind: str, name: str, value: str | bytes | None) -> bool:
    if kind == "env":
        return os.environ.get(name) == value
    try:
        return read_included(name) == value
    except (OSError, ValueError):
        return value is None


def _key(source: Source, dialect: Dialect | None, defines: Mapping[str, str]) -> str:
    """Changes with the script, and with the code and the grammar that make a tree of it."""
    here = os.path.dirname(__file__)
    grammar = os.path.dirname(serpy.grammar.__file__ or "")
    makers = [os.path.join(here, name) for name in _MAKERS] + [os.path.join(grammar, "script.lark")]
    try:
        marks = cache.signature(*makers)
    except OSError:  # inside a zip file there are no times to look at; the version must do
        marks = ""
    where = os.path.abspath("") if "include_file" in source.text or "import_file" in source.text else ""
    return _digest(repr((marks, __version__, dialect, sorted(defines.items()), source.path, where, source.text)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
