"""Files that cannot be stored as cases: binary ones, UTF-16, too large, too deep; and that nothing takes long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from serpy.cfg.diagnostics import Diagnostic
from serpy.cli.check import check

pytestmark = pytest.mark.usefixtures("no_collection")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def findings(text: bytes) -> list[Diagnostic]:
    return check("t.cfg", text=text).findings


def only(text: bytes) -> str:
    """The one finding: its message and next step."""
    (finding,) = findings(text)
    assert finding.severity == "error"
    return f"{finding.code}: {finding.message} ({finding.hint})"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0", "a compiled program"),
        (b"\0" * 100, "a binary file"),
        (b'route { log("a\0b"); drop; }\n', "a binary file"),
        ("route { drop; }\n".encode("utf-16-le"), "UTF-16 text without a mark"),
    ],
)
def test_a_binary_file_is_no_script(text: bytes, told: str) -> None:
    assert only(text) == (
        f"not-text: the file is no script: it looks like {told} (it holds NUL characters) "
        "(give the script's own file, as plain text)"
    )


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_named(order: str) -> None:
    text = "\ufeffroute { drop; }\n".encode(order)
    assert only(text).startswith("not-text: the file is UTF-16 text (save it as UTF-8")


def test_an_included_file_may_be_binary_too(tmp_path: Path) -> None:
    (tmp_path / "other.cfg").write_bytes(b"\x7fELF\0\0")
    main = tmp_path / "main.cfg"
    main.write_text('#!KAMAILIO\ninclude_file "other.cfg"\nroute { drop; }\n')
    (finding,) = check(main).findings
    assert (finding.code, Path(finding.span.source.path).name) == ("not-text", "other.cfg")


def test_a_file_above_two_megabytes_is_too_large() -> None:
    assert only(b"# a comment\n" * 170_000) == (
        "too-large: the script is too large (a script may have 2 MB, with all that it includes)"
    )


@pytest.mark.parametrize("deep", [b"if (a()) { ", b"(", b"{ ", b"!(", b'if (uri=~"a" && ('])
def test_nesting_has_a_limit(deep: bytes) -> None:
    (finding,) = findings(b"route { if (" + deep * 250)
    assert finding.code == "too-deep"


def test_long_chains_of_else_if_have_none() -> None:
    chain = b'route { if (method=="A") { drop; }' + b' else if (method=="B") { drop; }' * 2_000 + b" drop; }"
    assert [finding for finding in findings(chain) if finding.severity == "error"] == []


LINES = {
    "missing semicolons": ("route {\n", "    setflag(1)\n"),
    "missing parentheses": ("route {\n", '    if (method=="INVITE" { setflag(1); }\n'),
    "blocks not closed": ("", "route[1] { if (a()) { b(); }\n"),
    "blocks closed twice": ("route {\n", "    setflag(1); }\n"),
    "quotes inside strings": ("route {\n", '    log("a "b" c");\n'),
    "pasted quotes": ("route {\n", "    log(\u201ca\u201d);\n"),
    "pasted blanks": ("route {\n", "\u00a0   drop;\n"),
    "merges": ("route {\n", "<<<<<<< a\na();\n=======\nb();\n>>>>>>> b\n"),
    "half a merge": ("route {\n", "=======\n"),
    "misspelled keywords": ("", "rout[1] { a() b() }\n"),
    "comments of C": ("#!SER 0.9\nroute {\n", "drop; // x\n"),
    "loops of C": ("route {\n", "for (a; b; c) { b(); }\n"),
    "variables not closed": ("#!KAMAILIO\nroute {\n", "$var(x = 5;\n"),
    "one long line": ("route { ", "a() b "),
    "nonsense": ("", "x%$@ && foo bar ) ( \n"),
    "directives": ("#!KAMAILIO\n", "#!defin x\n#!ifdef\n"),
    "quotes": ("", "'a' b '"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_file_with_a_mistake_in_each_line_is_checked_soon(name: str) -> None:
    start, line = LINES[name]
    text = (start + line * (100_000 // len(line))).encode()
    assert findings(b"route { a( }")  # the grammar's tables are made once
    before = time.process_time()
    assert findings(text)
    assert time.process_time() - before < 2
