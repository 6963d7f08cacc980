"""Every script that Debian's package `kamailio` ships is read; those in SER's language are resolved as well, but for
what serpy does not have yet, which is named."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from serpy.cfg import dialect as dialects
from serpy.cfg.diagnostics import Diagnostic, ScriptError
from serpy.cfg.lexemes import flavour_of
from serpy.cfg.load import load_script
from serpy.cfg.nodes import EventRoute, RouteBlock, Tree
from serpy.cfg.parse import parse
from serpy.cfg.preprocess import Preprocessor
from serpy.cfg.routes import statements
from serpy.cfg.source import Source
from tests.conftest import TABLE

EXAMPLES = Path("/usr/share/doc/kamailio/examples")
STOCK = Path("/etc/kamailio")
NOT_SCRIPTS = {"tls.cfg": "the settings of the module tls, in a format of their own"}

BROKEN = {
    "pkg/sip-router-basic.cfg": "lonely-directive",
    "pkg/sip-router-oob.cfg": "open-condition",
    "kemi/kamailio-basic-kemi.cfg": "no-include",
}
"""What is wrong with them as they are shipped: an #!endif too many, one too few, a path of another machine."""

TO_COME = {"module-to-come", "command-to-come", "parameter-to-come", "other-program", "module-gone", "old-name"}
"""serpy does not have it yet; the finding names it."""


class Found(NamedTuple):
    """One script."""

    name: str
    path: Path


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """All of them, in a copy where the samples bear the names by which they are included."""
    if not EXAMPLES.is_dir() or not (STOCK / "kamailio.cfg").exists():
        text = "Debian's package kamailio is not installed (or without its examples)"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    folder = tmp_path_factory.mktemp("kamailio")
    shutil.copytree(EXAMPLES, folder / "examples")
    shutil.copytree(
        STOCK, folder / "etc", ignore=lambda _, names: [name for name in names if not name.endswith(".cfg")]
    )
    for sample in (folder / "examples").rglob("*.cfg.sample"):
        sample.rename(sample.with_suffix(""))
    found = sorted(path for path in folder.rglob("*.cfg") if path.name not in NOT_SCRIPTS)
    return [Found(str(path.relative_to(folder)).removeprefix("examples/"), path) for path in found]


def read(path: Path) -> tuple[Tree, list[Diagnostic], str]:
    """The tree, what is wrong, and the dialect."""
    source = Source.read(path)
    choice = dialects.declared(source) or dialects.detect(source)[0]
    reader = Preprocessor(flavour_of(choice.dialect, source.text), {})
    parsed = parse(source, reader, choice.dialect)
    return parsed.tree, parsed.diagnostics, choice.dialect.value


def places(tree: Tree) -> Iterator[bool]:
    """Whether each node stands inside its file."""
    for item in tree.items:
        nodes = statements(item.body.statements) if isinstance(item, RouteBlock | EventRoute) else ()
        for node in (item, *nodes):
            span = node.span
            lines = span.source.lines
            inside = 1 <= span.line <= span.end_line <= len(lines)
            yield inside and 1 <= span.column <= len(lines[span.line - 1]) + 1


def test_every_script_is_read_with_its_places(scripts: list[Found], request: pytest.FixtureRequest) -> None:
    wrong: list[str] = []
    for name, path in scripts:
        tree, found, dialect = read(path)
        codes = {finding.code for finding in found}
        if codes != ({BROKEN[name]} if name in BROKEN else set()) or not tree.items or not all(places(tree)):
            wrong.append(f"{name}: {[str(finding) for finding in found]}")
        routes = sum(isinstance(item, RouteBlock | EventRoute) for item in tree.items)
        note = f"; as shipped: {BROKEN[name]}" if name in BROKEN else ""
        request.config.stash[TABLE].append(
            f"{name:<44} {dialect:<9} {len(tree.items):>3} items, {routes:>2} routes{note}"
        )
    assert wrong == []
    assert len(scripts) > 50


def test_those_of_ser_are_resolved_but_for_what_is_named(scripts: list[Found], request: pytest.FixtureRequest) -> None:
    wrong: list[str] = []
    for name, path in scripts:
        if name in BROKEN or read(path)[2] == "kamailio":
            continue
        try:
            load_script(path)
            missing: Counter[str] = Counter()
        except ScriptError as error:
            errors = [finding for finding in error.diagnostics if finding.severity == "error"]
            wrong.extend(f"{name}: {finding.message}" for finding in errors if finding.code not in TO_COME)
            missing = Counter(finding.message for finding in errors if finding.code in TO_COME)
        told = "resolved" if not missing else "but for:"
        request.config.stash[TABLE].append(f"{name:<44} {told}")
        request.config.stash[TABLE].extend(f"{'':<46}{message}" for message in missing)
    assert wrong == []
