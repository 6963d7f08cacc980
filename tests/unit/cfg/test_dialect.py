"""D32: which dialect a script is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.load import load_script
from serpy.dialect import Dialect


@pytest.mark.parametrize(
    ("text", "dialect", "reason"),
    [
        ("route { drop; }", Dialect.SER_0_9, "nothing newer is used"),
        ("route {\n exit;\n}", Dialect.SER_2, "line 2 uses exit"),
        ("route { return(1); }", Dialect.SER_2, "line 1 uses return"),
        ("route { ; }\nonsend_route { ; }", Dialect.SER_2, "line 2 uses onsend_route"),
        ('route { log("exit;"); } # return;', Dialect.SER_0_9, "nothing newer is used"),
        ("#!SER 0.8\nroute { exit; }", Dialect.SER_0_8, "first line"),
        ("#!SER 2\nroute { ; }", Dialect.SER_2, "first line"),
        ("#!SER\nroute { ; }", Dialect.SER_0_9, "nothing newer is used"),
        ("#!KAMAILIO\nroute { ; }", Dialect.KAMAILIO, "first line"),
        ("#!/usr/sbin/ser\nroute { ; }", Dialect.SER_0_9, "nothing newer is used"),
    ],
)
def test_the_script_tells_its_dialect(text: str, dialect: Dialect, reason: str) -> None:
    script = load_script("t.cfg", text=text.encode())
    assert (script.dialect, script.dialect_reason) == (dialect, reason)


def test_the_option_decides() -> None:
    assert load_script("t.cfg", text=b"#!SER 2\nroute{;}", dialect=Dialect.SER_0_8).dialect is Dialect.SER_0_8


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("request_route { ; }", "line 1 uses the block request_route"),
        ("#!define X\nroute { ; }", "line 1 uses #!define"),
        ("// a comment isn't code\nroute { ; }", "line 1 uses a comment with //"),
        ('loadpath "x"\nroute { ; }', "line 1 uses loadpath"),
        ("#!ALL\nroute { ; }", "first line"),
        ("# by hand\n#!KAMAILIO\nroute { ; }", "line 2"),
    ],
)
def test_kamailio_is_known_by_its_marks(text: str, reason: str) -> None:
    script = load_script("t.cfg", text=text.encode())
    assert (script.dialect, script.dialect_reason) == (Dialect.KAMAILIO, reason)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("route { $var(x) = 1; }", "the variable $var"),
        ('route { if ($rU == "x") drop; }', "the variable $rU"),
        ("route { while (1) { ; } }", "while"),
        ("a.b = 1\nroute { ; }", "the setting a.b"),
        ("event_route[a:b] { ; }\nroute { ; }", "event_route[a:b]"),
        ("#!KAMAILIO\nroute { switch (1) { case 1: ; } }", "switch"),
        ("#!KAMAILIO\nlisten=udp:1.2.3.4 advertise 5.6.7.8:5060\nroute { ; }", "listen with advertise"),
        ('#!KAMAILIO\nroute { log("a" + "b"); }', "the operator +"),
        ('#!KAMAILIO\nroute { route("a" + "b"); }', "route() with a name"),
    ],
)
def test_what_is_not_supported_yet_is_named(text: str, named: str) -> None:
    with pytest.raises(ScriptError) as caught:
        load_script("t.cfg", text=text.encode())
    assert any(finding.code == "not-supported-yet" and named in finding.message for finding in caught.value.diagnostics)


def test_what_is_not_supported_is_named_once() -> None:
    with pytest.raises(ScriptError) as caught:
        load_script("t.cfg", text=b"route { $var(x) = 1; $var(x) = 2; $var(y) = $var(x); }")
    (finding,) = [one for one in caught.value.diagnostics if one.severity == "error"]
    assert "the variable $var" in finding.message
    assert "4 times" in finding.message


def test_defines_have_no_effect_on_ser_scripts() -> None:
    assert load_script("t.cfg", text=b"route{;}", defines={"X": ""}).warnings[0].code == "no-defines"


@pytest.mark.parametrize(
    "text",
    [
        "/* once:\n#!KAMAILIO\n*/\nroute { drop; }",
        "/*\n#!define X\n*/\nroute { drop; }",
        'route { log("a\n#!define X\n"); drop; }',
    ],
)
def test_what_stands_in_a_comment_or_a_string_tells_nothing(text: str) -> None:
    assert load_script("t.cfg", text=text.encode()).dialect is Dialect.SER_0_9


def test_an_included_file_behind_a_ser_line_is_read(tmp_path: Path) -> None:
    (tmp_path / "part.cfg").write_text("route[A] { drop; }\n")
    (tmp_path / "main.cfg").write_text('#!SER\ninclude_file "part.cfg"\nroute { route(A); }\n')
    assert load_script(tmp_path / "main.cfg").dialect is Dialect.SER_2
