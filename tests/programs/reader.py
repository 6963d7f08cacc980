"""A script's text as a tree, by way of serpy's own front."""

from __future__ import annotations

from serpy.cfg.front import read_script
from serpy.cfg.nodes import Tree
from serpy.cfg.report import Report
from serpy.cfg.source import Source
from serpy.dialect import Dialect


def parsed(text: str, dialect: Dialect | None) -> Tree:
    """The tree.

    Raises:
        ScriptError: the text is no script.
    """
    report = Report()
    tree = read_script(Source("made.cfg", text.encode("utf-8", "surrogateescape")), dialect, report).tree
    report.stop_on_error()
    return tree
