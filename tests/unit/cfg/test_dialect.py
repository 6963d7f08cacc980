"""D32: which dialect a script is in."""

from __future__ import annotations

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
    ("text", "named"),
    [
        ("request_route { ; }", "request_route"),
        ("#!define X\nroute { ; }", "#!define"),
        ("route { $var(x) = 1; }", "$var"),
        ("route { while (1) { ; } }", "while"),
        ("route { if (@method) { ; } }", "@method"),
        ('route { $f.x = "a"; }', "$f.x"),
    ],
)
def test_what_is_not_supported_yet_is_named(text: str, named: str) -> None:
    with pytest.raises(ScriptError) as caught:
        load_script("t.cfg", text=text.encode())
    assert caught.value.diagnostics[0].code == "not-supported-yet"
    assert named in caught.value.diagnostics[0].message


def test_defines_have_no_effect_on_ser_scripts() -> None:
    assert load_script("t.cfg", text=b"route{;}", defines={"X": ""}).warnings[0].code == "no-defines"
