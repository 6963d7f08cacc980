"""SER dialect 1.1 and 1.2, Kamailio dialect 1.2 to 1.4: comments, strings and directives."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.cfg.diagnostics import Diagnostic
from serpy.cfg.lexemes import KAMAILIO, SER, SER_0_8, Flavour
from serpy.cfg.preprocess import Preprocessor
from serpy.cfg.source import Source


def read(text: str, flavour: Flavour = SER, path: str = "x.cfg", **defines: str) -> tuple[list[str], list[Diagnostic]]:
    """The texts of the tokens, and what is wrong."""
    reader = Preprocessor(flavour, defines)
    tokens = [str(token) for token in reader.tokens(Source(path, text.encode("utf-8", "surrogateescape")))]
    return tokens, reader.diagnostics


def words(text: str, flavour: Flavour = SER, **defines: str) -> str:
    """The tokens in one line; nothing is wrong."""
    tokens, diagnostics = read(text, flavour, **defines)
    assert diagnostics == []
    return " ".join(tokens)


def complaint(text: str, flavour: Flavour = KAMAILIO, path: str = "x.cfg") -> tuple[str, int]:
    """The code and the line of the only finding."""
    (finding,) = read(text, flavour, path)[1]
    return finding.code, finding.span.line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\nb"', "a\nb"),
        (r'"a\r\n"', "a\r\n"),
        (r'"\a\t\\"', "\a\t\\"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"\."', r"\."),
        (r'"\+"', r"\+"),
        (r'"\1"', r"\1"),
        (r'"\101"', "A"),
        (r'"\x41\x4"', "A\x04"),
        (r"'a\n\'", r"a\n" + "\\"),
        ("'a\"b'", 'a"b'),
        ('"a\'b"', "a'b"),
        ('"a\nb"', "a\nb"),
        ('"a\\\nb"', "ab"),
        ('""', ""),
        ('"# no comment /* at all"', "# no comment /* at all"),
    ],
)
def test_strings_say(text: str, value: str) -> None:
    """SER dialect 8, row 20."""
    assert read(text) == ([value], [])


def test_a_quote_cannot_be_escaped_in_ser_0_8() -> None:
    """SER dialect 8, row 20."""
    assert read(r'"a\"', SER_0_8)[0] == ["a\\"]


def test_octets_survive() -> None:
    (value,) = read(r'"\xff"')[0]
    assert value.encode("utf-8", "surrogateescape") == b"\xff"
    assert read("# \udcff\n") == ([], [])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a # b\nc", "a c"),
        ("a # b", "a"),
        ("a /* b */ c", "a c"),
        ("a /* /* b */ */ c", "a c"),
        ("a /* b\n*/ c", "a c"),
        ("a \\\nb", "a b"),
        ('# "\nb', "b"),
        ("#!SER 0.9\na", "a"),
        ("\ufeffa", "a"),
    ],
)
def test_comments_are_left_out(text: str, left: str) -> None:
    """SER dialect 8, row 21."""
    assert words(text) == left


def test_comments_do_not_nest_in_kamailio() -> None:
    assert words("a /* /* b */ c // d\ne", KAMAILIO) == "a c e"


def test_slashes_start_no_comment_in_ser() -> None:
    assert read("a // b\nc") == (["a", "// b", "c"], [])


def test_a_directive_is_a_comment_in_ser_and_that_is_said_once() -> None:
    tokens, diagnostics = read("#!define a b\n#!endif\na")
    assert tokens == ["a"]
    assert [(finding.code, finding.span.line) for finding in diagnostics] == [("odd-comment", 1)]


def test_an_open_string_is_blamed_on_the_first_one_that_spans_lines() -> None:
    (finding,) = read('log("a);\nlog("b");\n')[1]
    assert (finding.code, finding.span.line, finding.labels[0].span.line) == ("open-string", 1, 2)


def test_an_open_comment_is_reported_where_it_starts() -> None:
    assert complaint("a\n/* b /* c */\n", SER) == ("open-comment", 2)


# directives


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("#!define A b\nA", "b"),
        ("!!define A b\nA", "b"),
        ("#!define A B c\n#!define B d\nA", "d c"),
        ("#!define A A b\nA", "A b"),
        ("#!define A\nx A y", "x y"),
        ("#!define N 5\nroute[N] { route(N); }", "route [ 5 ] { route ( 5 ) ; }"),
        ("#!define A b \\\nc\nA", "b c"),
        ('#!define A "b"\n"A" A', "A b"),
        ("#!define A 1\n#!redefine A 2\nA", "2"),
        ("#!define A 1\n#!trydef A 2\nA", "1"),
        ("#!define A 1\n#!undef A\nA", "A"),
        ("#!tryundef A\nA", "A"),
        ("#!define A 1.2.3.4\nlisten=udp:A:5060", "listen = udp:1.2.3.4:5060"),
        ("#!define A\n#!ifdef A\nx\n#!else\ny\n#!endif\nz", "x z"),
        ("#!ifdef A\nx\n#!else\ny\n#!endif\nz", "y z"),
        ("#!ifndef A\nx\n#!else\ny\n#!endif", "x"),
        ("#!ifdef A\n it's \"open /*\n#!ifdef B\n#!else\n#!endif\n#!else\ny\n#!endif", "y"),
        ("#!ifdef A\n#!ifdef KAMAILIO_5\n#!endif\n#!endif\nz", "z"),
        ("#!ifdef KAMAILIO_5\n5\n#!endif", "5"),
        ('loadmodule "a/tm.so"\n#!ifdef MOD_tm\nx\n#!endif', "loadmodule a/tm.so x"),
        ("#!define N 5\n#!ifexp N > 4 && !X\nx\n#!endif", "x"),
        ("#!define N 5\n#!defexp M N * (2 + 1) % 4\nM", "3"),
        ('#!defexps M "a" + 1\nM', "a1"),
        ('#!subst "/a(.)/<\\1>/g"\n"abac"', "<b><c>"),
        ('#!subst "!ABA!x!i"\n"abaaba" \'ABA\'', "xaba x"),
        ('#!substdef "!IP!1.2.3.4!g"\n"sip:IP" IP', "sip:1.2.3.4 1.2.3.4"),
        ('#!substdefs "!IP!1.2.3.4!g"\nIP', "1.2.3.4"),
        ('#!subst "/x/y/"\n$(hdr(x))', "$(hdr(y))"),
        ("#!trydefenv NO_SUCH_VARIABLE_HERE\nx", "x"),
        ("#! a comment\n#!unknown\nx", "x"),
    ],
)
def test_directives(text: str, left: str) -> None:
    """Kamailio dialect 1.4."""
    assert words(text, KAMAILIO) == left


def test_the_command_line_defines() -> None:
    assert words("#!ifdef A\nA\n#!endif\n#!define A 2\nA", KAMAILIO, A="1") == "1 1"


def test_the_environment_defines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIP_HOST", "here")
    assert words("#!defenv SIP_HOST\n#!defenvs H=SIP_HOST\nSIP_HOST H", KAMAILIO) == "here here"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#!define A 1\n#!define A 2", ("defined-twice", 2)),
        ("#!define", ("bad-directive", 1)),
        ("#!define WITH-X", ("bad-directive", 1)),
        ("#!undef A", ("bad-directive", 1)),
        ("#!ifdef A\nx", ("open-condition", 1)),
        ("x\n#!endif", ("lonely-directive", 2)),
        ("#!ifdef A\n#!else\n#!else\n#!endif", ("lonely-directive", 3)),
        ("#!ifexp 1 +\n#!endif", ("bad-directive", 1)),
        ("#!ifexp (((1\n#!endif", ("bad-directive", 1)),
        ("#!ifexp 1 / 0\n#!endif", ("bad-directive", 1)),
        ("#!defenv NO_SUCH_VARIABLE_HERE", ("no-environment", 1)),
        ('#!subst "/a/b"', ("bad-directive", 1)),
        ('#!subst "/a(/b/"', ("bad-directive", 1)),
        ("#!subst /a/b/", ("bad-directive", 1)),
        ('#!subst "/a/b/x"', ("bad-directive", 1)),
        ('include_file "no-such-file.cfg"', ("no-include", 1)),
        ("#!include_file no-quotes", ("bad-directive", 1)),
    ],
)
def test_wrong_directives(text: str, found: tuple[str, int]) -> None:
    assert complaint(text) == found


def test_few_defines_do_not_make_many_words() -> None:
    chain = "\n".join(f"#!define A{number} A{number + 1} A{number + 1}" for number in range(40))
    assert complaint(f"{chain}\nA0")[0] == "too-large"


# included files


def test_files_are_included_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_text('b\ninclude_file "c.cfg"\n')
    (tmp_path / "c.cfg").write_text("#!define D d\nc")
    text = '#!include_file "a.cfg"\nimport_file "none.cfg"\nD'
    reader = Preprocessor(KAMAILIO, {})
    tokens = list(reader.tokens(Source(str(tmp_path / "main.cfg"), text.encode())))
    assert [str(token) for token in tokens] == ["b", "c", "d"]
    inner = tokens[1].span.source
    assert inner.included_from is not None
    assert (inner.included_from.source.path, inner.included_from.line) == (str(tmp_path / "a.cfg"), 2)


def test_a_file_that_includes_itself_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_text('include_file "b.cfg"')
    (tmp_path / "b.cfg").write_text('x\ninclude_file "a.cfg"')
    assert complaint('include_file "a.cfg"', path=str(tmp_path / "main.cfg")) == ("circular-include", 2)


def test_includes_have_a_limit_of_depth(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.cfg").write_text(f'include_file "{number + 1}.cfg"')
    assert complaint('include_file "0.cfg"', path=str(tmp_path / "main.cfg"))[0] == "deep-include"


def test_substitutions_apply_to_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_text("a")
    text = '#!subst "/X/a/"\ninclude_file "X.cfg"'
    assert read(text, KAMAILIO, str(tmp_path / "main.cfg")) == (["a"], [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("".join(f"#!define A{n} A{n + 1}\n" for n in range(1000)) + "A0", "too-large"),
        ('#!define Y0 "ab"\n' + "".join(f"#!defexps Y{n + 1} Y{n} + Y{n}\n" for n in range(40)), "bad-directive"),
        (f'#!subst "/a/{"b" * 20_000}/g"\n"{"a" * 9_000}"', "too-large"),
        ("".join(f'#!subst "/a{n}/b/"\n' for n in range(400)) + '"x"' * 1000, "too-large"),
        ("#!defexp M " + "*".join(["999999999999"] * 50), "bad-directive"),
        ("#!define L " + "a();" * 10_000 + "\n" + "L " * 100, "too-large"),
    ],
    ids=["chain", "text", "replacement", "many", "product", "words"],
)
def test_a_few_lines_cannot_make_much_work(text: str, code: str) -> None:
    assert code in {finding.code for finding in read(text, KAMAILIO)[1]}


def test_many_open_variables_are_read_in_one_pass() -> None:
    tokens, _ = read("$(a " * 20_000, KAMAILIO)
    assert len(tokens) >= 20_000
