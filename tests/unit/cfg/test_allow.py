"""Comments that silence warnings: `# serpy: allow CODE`."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.cfg.allow import allowed_in
from serpy.cfg.diagnostics import Diagnostic, ScriptError
from serpy.cfg.load import load_script
from serpy.cfg.source import Source
from serpy.dialect import Dialect


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


CODES = ("no-such-route", "never-reached", "unknown-command", "useless-allow")


def findings(body: str) -> list[Diagnostic]:
    """What is said with these codes about a main route with these lines; they start in line 2."""
    try:
        found = load_script("t.cfg", text=f"route {{\n{body}\n}}\n".encode()).warnings
    except ScriptError as error:
        found = error.diagnostics
    return [one for one in found if one.code in CODES]


def said(body: str) -> list[tuple[str, int]]:
    return [(one.code, one.span.line) for one in findings(body)]


def places(text: str, dialect: Dialect | None = None) -> set[tuple[str, int]]:
    return allowed_in(Source("t", text.encode()), dialect).places


def test_a_warning_is_there_without_the_comment() -> None:
    assert said("route(3);") == [("no-such-route", 2)]


@pytest.mark.parametrize(
    "body",
    [
        "route(3); # serpy: allow no-such-route",
        "route(3); #serpy:allow no-such-route",
        "route(3); # the other file has it # serpy: allow no-such-route",
        "# serpy: allow no-such-route\nroute(3);",
        "# serpy: allow no-such-route\n\n# another comment\n  route(3);",
        "/* serpy: allow no-such-route */ route(3);",
        "/* serpy: allow no-such-route\n */\nroute(3);",
        "/*\n * serpy: allow no-such-route\n */\nroute(3);",
        "route(3); # serpy: allow no-such-route (it comes with the next release)",
        "route(3); # serpy: allow no-such-route: it comes with the next release",
    ],
)
def test_a_comment_in_the_line_or_alone_above_it_silences(body: str) -> None:
    assert said(body) == []


def test_one_comment_can_name_several_codes() -> None:
    assert said("drop;\n# serpy: allow never-reached, no-such-route\nroute(3);") == []
    assert said("drop;\n# serpy: allow never-reached\n# serpy: allow no-such-route\nroute(3);") == []


def test_only_its_own_line_is_silenced() -> None:
    assert said("route(3); # serpy: allow no-such-route\nroute(3);") == [("no-such-route", 3)]
    assert said("# serpy: allow no-such-route\nroute(3);\nroute(3);") == [("no-such-route", 4)]


def test_a_comment_behind_code_is_not_for_the_next_line() -> None:
    found = findings("setflag(1); # serpy: allow no-such-route\nroute(3);")
    assert [(one.code, one.span.line) for one in found] == [("useless-allow", 2), ("no-such-route", 3)]
    assert "the nearest is in line 3" in found[0].hint


def test_strings_are_not_looked_into() -> None:
    assert said('log("# serpy: allow no-such-route"); route(3);') == [("no-such-route", 2)]


def test_a_comment_that_silences_nothing_is_warned_of() -> None:
    [found] = findings("setflag(1); # serpy: allow no-such-route")
    assert (found.code, found.message) == ("useless-allow", "this allows no-such-route, but there is none here")
    assert (found.span.line, found.span.column, found.span.end_column) == (2, 28, 41)


def test_a_misspelled_code_gets_a_suggestion() -> None:
    found = findings("route(3); # serpy: allow no-such-rout")
    assert [one.code for one in found] == ["no-such-route", "useless-allow"]
    assert found[1].hint == "did you mean no-such-route?"


def test_errors_cannot_be_allowed() -> None:
    found = findings("frob(); # serpy: allow unknown-command")
    assert [one.code for one in found] == ["unknown-command"]
    [found_alone] = findings("setflag(1); # serpy: allow unknown-command")
    assert "errors cannot be allowed" in found_alone.message


@pytest.mark.parametrize("comment", ["# serpy: alow no-such-route", "# serpy: allow", "/* serpy: */"])
def test_a_comment_to_serpy_that_says_something_else_is_warned_of(comment: str) -> None:
    [found] = findings(f"setflag(1); {comment}")
    assert found.code == "useless-allow"
    assert "serpy: allow CODE" in found.hint


def test_talking_about_serpy_is_no_comment_to_it() -> None:
    assert said("setflag(1); # we run serpy: it is good") == []


def test_a_useless_allow_can_be_allowed() -> None:
    assert said("setflag(1); # serpy: allow no-such-route, useless-allow") == []


def test_what_modules_warn_of_when_they_take_their_parameters_can_be_allowed() -> None:
    text = b"listen=tcp:127.0.0.1:5060 # serpy: allow odd-value\nroute { drop; }"
    assert load_script("t.cfg", text=text).warnings == []


def test_warnings_beside_errors_are_silenced_too() -> None:
    assert said("frob(); route(3); # serpy: allow no-such-route") == [("unknown-command", 2)]


def test_double_slashes_start_a_comment_in_kamailio_only() -> None:
    text = "a(); // serpy: allow x\n// serpy: allow y\nb();"
    assert places(text, Dialect.KAMAILIO) == {("x", 1), ("y", 3)}
    assert places(text, Dialect.SER_0_9) == set()


def test_comments_nest_in_ser() -> None:
    assert places("/* /* */ serpy: allow x */ a();", Dialect.KAMAILIO) == set()
    assert places("/* /* */\nserpy: allow x */ a();", Dialect.SER_0_9) == {("x", 2)}


def test_carriage_returns_do_no_harm() -> None:
    assert places("a(); # serpy: allow x\r\n# serpy: allow y\r\nb();\r\n") == {("x", 1), ("y", 3)}


@pytest.mark.parametrize("text", ["# serpy: allow x\n" * 20_000, "#" * 200_000 + " serpy:", "/*" * 50_000 + "serpy:"])
def test_no_text_is_too_much(text: str) -> None:
    places(text)
    places(text, Dialect.KAMAILIO)


def test_thousands_of_useless_comments_are_reported_but_not_all() -> None:
    body = "\n".join(f"setflag(1); # serpy: allow code-{number}" for number in range(3000))
    assert len(findings(body)) == 50


def test_comments_count_in_the_file_in_which_they_stand(tmp_path: Path) -> None:
    main, inner = tmp_path / "a.cfg", tmp_path / "b.cfg"
    main.write_text('#!KAMAILIO\n\ninclude_file "b.cfg"\n\n\nroute[Z] { exit; } # serpy: allow never-called\n')
    inner.write_text(
        "request_route {\n"
        "  route(X); // serpy: allow no-such-route\n"
        "  route(Y); # serpy: allow never-reached\n"
        "  exit;\n"
        "}\n"
    )
    found = [(one.code, one.span.source.path, one.span.line) for one in load_script(main).warnings]
    assert ("no-such-route", str(inner), 3) in found
    assert ("useless-allow", str(inner), 3) in found
    assert ("no-such-route", str(inner), 2) not in found
    assert [path for code, path, _ in found if code == "never-called" or path == str(main)] == []
