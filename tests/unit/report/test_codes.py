"""The catalogue of codes is true: it holds what the code says, and its examples do what they claim."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from serpy.cli.check import check
from serpy.dialect import Dialect
from serpy.report.codes import Code, catalogue

ROOT = Path(__file__).parents[3]
WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ELSEWHERE = {
    "unreadable-file": "test_check.py",
    "too-large": "the diagnostics tests",
    "too-deep": "the diagnostics tests",
    "deep-include": "the diagnostics tests",
    "no-defines": "test_check.py",
    "no-such-socket": "the server's tests",
    "password-readable": "the lint's tests",
    "unknown-class": "the lexer knows the classes already",
}
"""What a piece of script alone cannot show, and where it is shown."""


def strings(node: ast.expr, scope: ast.AST) -> Iterator[str]:
    """The texts that an expression can be: constants, choices between them, names that are given them nearby."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from strings(node.body, scope)
        yield from strings(node.orelse, scope)
    elif isinstance(node, ast.Name):
        for one in ast.walk(scope):
            if not isinstance(one, ast.Assign):
                continue
            for target in one.targets:
                pairs = [(target, one.value)]
                if isinstance(target, ast.Tuple) and isinstance(one.value, ast.Tuple):
                    pairs = list(zip(target.elts, one.value.elts, strict=True))
                for name, value in pairs:
                    if isinstance(name, ast.Name) and name.id == node.id:
                        yield from strings(value, scope)


def reported(file: Path) -> Iterator[tuple[str, str]]:
    """(severity, code) of each finding that this file can make; severity "" where the code does not tell."""
    tree = ast.parse(file.read_bytes())
    for call in ast.walk(tree):
        if isinstance(call, ast.Return) and isinstance(call.value, ast.Tuple) and len(call.value.elts) >= 3:
            # code, message, hint
            yield from (
                ("", word) for word in strings(call.value.elts[0], tree) if "-" in word and WORD.fullmatch(word)
            )
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        arguments = call.args
        if name in ("error", "warning", "_error", "_warning", "_warn") and len(arguments) >= 2:
            severity = "warning" if name.strip("_").startswith("warn") else "error"
            yield from ((severity, word) for word in strings(arguments[0], tree) if WORD.fullmatch(word))
        elif name == "Diagnostic" and len(arguments) >= 4:
            severities = list(strings(arguments[0], tree)) or [""]
            yield from ((s, word) for s in severities for word in strings(arguments[1], tree))
        else:
            for keyword in call.keywords:
                if keyword.arg == "code":
                    yield from (("", word) for word in strings(keyword.value, tree) if WORD.fullmatch(word))


def is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def engine() -> list[Path]:
    """The files that make findings."""
    folders = [ROOT / "serpy" / "cfg", ROOT / "serpy" / "cli", ROOT / "serpy" / "host", ROOT / "modules"]
    return [file for folder in folders for file in sorted(folder.rglob("*.py"))]


def all_reported() -> dict[str, set[str]]:
    """The codes that the engine and its modules can report, with their severities."""
    found: dict[str, set[str]] = {}
    for file in engine():
        for severity, word in reported(file):
            found.setdefault(word, set()).add(severity)
    for mistake in tomllib.loads((ROOT / "grammar" / "mistakes.toml").read_text())["mistake"]:
        found.setdefault(mistake["code"], set()).add("error")
    return found


def test_every_code_is_explained() -> None:
    assert sorted(set(all_reported()) - set(catalogue())) == []


def test_every_explained_code_is_used() -> None:
    texts = {node.value for file in engine() for node in ast.walk(ast.parse(file.read_bytes())) if is_text(node)}
    assert sorted(set(catalogue()) - set(all_reported()) - texts) == []


def test_severities_are_those_of_the_code() -> None:
    codes = catalogue()
    wrong = {
        word: severities
        for word, severities in all_reported().items()
        if word in codes and not severities - {""} <= set(codes[word].severities)
    }
    assert wrong == {}


@pytest.mark.parametrize("code", catalogue().values(), ids=lambda code: code.word)
def test_an_explanation_is_short_and_whole(code: Code) -> None:
    assert WORD.fullmatch(code.word)
    assert len(code.word.split("-")) <= 4
    assert not code.title.endswith(".")
    assert 2 <= len(re.findall(r"[.?!](?:\s|$)", code.explanation)) <= 8
    assert (code.wrong != "") is (code.word not in ELSEWHERE)
    assert (code.right != "") is (code.wrong != "")
    assert max(map(len, [*code.wrong.split("\n"), *code.right.split("\n")])) <= 76


def found_in(code: Code, text: str, folder: Path) -> list[tuple[str, str]]:
    for name, content in code.files.items():
        (folder / name).write_text(content)
    script = folder / "t.cfg"
    setup = f"{code.setup}\n" if code.setup else ""
    script.write_text(f"{setup}{text}\n")
    script.chmod(0o600)
    found = check(script, Dialect(code.dialect) if code.dialect else None)
    return [(one.severity, one.code) for one in found.findings]


@pytest.mark.parametrize("code", [code for code in catalogue().values() if code.wrong], ids=lambda code: code.word)
def test_an_example_shows_its_code_and_the_right_one_does_not(
    code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    wrong = found_in(code, code.wrong, tmp_path)
    assert {severity for severity, word in wrong if word == code.word} <= set(code.severities)
    assert code.word in [word for _, word in wrong]
    right = found_in(code, code.right, tmp_path)
    assert code.word not in [word for _, word in right]
    if "kamailio" not in code.dialect:  # what serpy cannot run yet is an error there
        assert [word for severity, word in right if severity == "error"] == []
