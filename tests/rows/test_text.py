"""SER dialect 8, the rows about how a script is written and loaded."""

# ruff: noqa: N802 - names bear the numbers of decisions
from __future__ import annotations

import pytest

from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.load import Script, load_script
from serpy.dialect import Dialect
from serpy.script.core import Core
from serpy.testing.lab import Lab
from tests.unit.cfg.bench import REQUEST, Bench

DIALECTS = [Dialect.SER_0_8, Dialect.SER_0_9, Dialect.SER_2]


def load(text: str, dialect: Dialect | None = None) -> Script:
    """A script with serpy's own modules."""
    return load_script("row.cfg", text=text.encode(), dialect=dialect)


def wrong(text: str) -> list[str]:
    """The errors of a script."""
    with pytest.raises(ScriptError) as caught:
        load(text)
    return [diagnostic.message for diagnostic in caught.value.diagnostics if diagnostic.severity == "error"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("end", ["}", "};", "};;", "} ;"])
def test_row_10_a_semicolon_may_stand_behind_a_block(end: str, dialect: Dialect) -> None:
    assert Bench(f'route{{ if (good()) {{ note("a"); {end} note("b"); }}', dialect).notes() == ["good", "a", "b"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "body",
    ['if (bad()) good(); else note("E");', 'if (bad()) good() else note("E");', 'if (bad()) {;} else note("E");'],
)
def test_row_11_D32_both_styles_before_an_else_are_taken(body: str, dialect: Dialect) -> None:
    assert Bench(f"route{{ {body} }}", dialect).notes() == ["bad", "E"]


@pytest.mark.parametrize(
    ("number", "value"), [("10", 10), ("010", 8), ("0x1F", 31), ("0x1f", 31), ("0", 0), ("017", 15)]
)
def test_row_19_numbers_with_a_leading_0_are_octal(number: str, value: int) -> None:
    core = Bench(f"children={number}\nroute{{;}}").instances["core"]
    assert isinstance(core, Core)
    assert core.children == value


@pytest.mark.parametrize(("number", "value"), [("101b", 5), ("-3", -3), ("-010", -8), ("0x0a", 10), ("yes", 1)])
def test_row_19_numbers_of_ser_2(number: str, value: int) -> None:
    assert Bench(f"route{{ result({number}); }}", Dialect.SER_2).notes() == [f"result {value}"]


@pytest.mark.parametrize("text", ["012.0.0.1", '"012.0.0.1"', "012.00.0.01", "012.0.0.0/8"])
def test_row_19_octets_of_an_address_with_a_leading_0_are_octal(text: str) -> None:
    assert Bench(f'route{{ if (src_ip=={text}) note("T"); }}').notes() == ["T"]


def test_row_19_octets_are_octal_where_a_request_is_sent_to() -> None:
    bench = Bench("route{ forward(012.0.0.010, 5060); send(012.1); }".replace("send(012.1);", ""))
    bench.run()
    assert [target.host for _, target in bench.host.sent] == ["10.0.0.8"]


@pytest.mark.parametrize("address", ["08.0.0.1", "0400.0.0.1", "256.0.0.1", "1.2.3.999"])
def test_row_19_an_octet_that_is_none_is_an_error(address: str) -> None:
    assert wrong(f"route{{ forward({address}, 5060); }}")
    assert wrong(f'route{{ if (src_ip=={address}) log("x"); }}')


@pytest.mark.parametrize(
    ("literal", "dialect", "said"),
    [
        (r"'a\n\"b\\'", Dialect.SER_0_9, r"a\n\"b\\"),
        (r"'a\n'", Dialect.SER_0_8, r"a\n"),
        (r'"a\nb\\c"', Dialect.SER_0_8, "a\nb\\c"),
        (r'"a\"b"', Dialect.SER_0_9, 'a"b'),
        (r'"a\"', Dialect.SER_0_8, "a\\"),
        (r'"\."', Dialect.SER_0_8, r"\."),
        (r'"\.\+\1"', Dialect.SER_0_9, r"\.\+\1"),
        (r'"\x41\x4a\102"', Dialect.SER_0_9, "AJB"),
        (r'"\x41"', Dialect.SER_0_8, r"\x41"),
        ('"a\\\nb"', Dialect.SER_0_9, "ab"),
        ('"a\nb"', Dialect.SER_0_9, "a\nb"),
        ('"it\'s"', Dialect.SER_0_9, "it's"),
    ],
)
def test_row_20_what_strings_say(literal: str, dialect: Dialect, said: str) -> None:
    assert Bench(f"route{{ note({literal}); }}", dialect).notes() == [said]


@pytest.mark.parametrize(
    "comment", ["/* a */", "/* a /* b */ c */", "/*/*/**/*/*/", "# a /* b", "/* # */", "# at the end of the file"]
)
def test_row_21_comments_nest(comment: str) -> None:
    assert Bench(f'{comment}\nroute{{ note("x"); }}\n{comment}').notes() == ["x"]


def test_row_21_an_inner_comment_has_to_be_closed() -> None:
    assert wrong("/* /* */\nroute{;}") == ["this comment is never closed"]


def test_row_22_D32_names_with_dashes_digits_and_keywords_are_taken_with_and_without_quotes() -> None:
    names = ["a-b.example.org", "log.example.org", "9.example.org", "port.x", "user.net"]
    for quote in ("", '"'):
        alias = " ".join(f"{quote}{name}{quote}" for name in names)
        with Lab(f"listen=127.0.0.1\nalias={alias}\nroute{{;}}") as lab:
            assert [name for name in names if not lab.server.is_myself(name.encode())] == []


@pytest.mark.parametrize("script", ["port=5070\nlisten=127.0.0.1\n", "listen=127.0.0.1\nport=5070\n"])
def test_row_23_D50_port_is_that_of_every_socket_without_one_as_since_0_9(script: str) -> None:
    with Lab(script + "listen=192.0.2.1:5090\nroute{;}") as lab:
        assert list(lab.network.sockets) == [("127.0.0.1", 5070), ("192.0.2.1", 5090)]


def test_row_24_commands_are_told_apart_by_the_number_of_their_arguments() -> None:
    (message,) = wrong('loadmodule "tm.so"\nroute{ t_relay("x"); }')
    assert "argument" in message
    bench = Bench('debug=4\nroute{ log("a"); log(1, "b"); }')
    bench.host.log.debug_level = 4
    bench.run()
    assert bench.logged == ["a", "b"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_row_25_D32_numbers_are_taken_with_and_without_quotes(dialect: Dialect) -> None:
    assert Bench('route{ result("-3"); result(4); }', dialect).notes() == ["result -3", "result 4"]


def test_row_26_D2_a_module_may_be_loaded_below_its_use() -> None:
    script = load('route{ sl_send_reply("404", "x"); }\nmodparam("sl", "default_code", 501)\nloadmodule "sl.so"')
    assert list(script.modules) == ["sl"]


@pytest.mark.parametrize("value", ["7", '"7"', '"0x7"'])
def test_row_28_R12_a_number_may_stand_in_quotes(value: str) -> None:
    bench = Bench(f'loadmodule "probe.so"\nmodparam("probe", "number", {value})\nroute{{;}}')
    assert bench.instances["probe"].values == {"number": 7}


def test_row_28_a_word_is_no_number() -> None:
    (message,) = wrong('loadmodule "sl.so"\nmodparam("sl", "default_code", "many")\nroute{;}')
    assert "takes a number" in message


@pytest.mark.parametrize("name", ["sl", "sl_module", "SL", "s.", "tm|sl", "(sl|maxfwd)", "sl.*"])
def test_row_29_a_module_is_named_by_an_anchored_expression(name: str) -> None:
    with Lab(f'listen=127.0.0.1\nloadmodule "sl.so"\nmodparam("{name}", "default_code", 501)\nroute{{;}}') as lab:
        assert lab.module("sl").values == {"default_code": 501}


@pytest.mark.parametrize("name", ["l", "s", "tm|maxfwd", "sll"])
def test_row_29_the_expression_has_to_match_the_whole_name(name: str) -> None:
    assert wrong(f'loadmodule "sl.so"\nmodparam("{name}", "default_code", 501)\nroute{{;}}')


@pytest.mark.parametrize(("module", "exported"), [("maxfwd", "maxfwd_module"), ("print", "print_stdout")])
def test_row_29_old_scripts_use_the_exported_names(module: str, exported: str) -> None:
    cls = load(f'loadmodule "{module}.so"\nroute{{;}}').modules[module]
    assert exported in cls.aliases


def logged(text: str, dialect: Dialect = Dialect.SER_0_9) -> list[str]:
    """What a script logs at its own level."""
    bench = Bench(text, dialect)
    bench.host.log.debug_level = bench.host.core.debug
    bench.run(bench.call(REQUEST))
    return bench.logged


def test_row_30_log_has_level_4() -> None:
    assert logged('debug=3\nroute{ log("x"); }') == []
    assert logged('debug=4\nroute{ log("x"); }') == ["x"]


def test_row_97_level_1_is_shown_by_default_but_not_in_ser_2() -> None:
    script = 'route{ log(1, "one"); log(0, "zero"); log(3, "three"); log(-1, "error"); }'
    assert logged(script) == ["one", "zero", "error"]
    assert logged(script, Dialect.SER_2) == ["zero", "error"]
