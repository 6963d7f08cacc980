"""SER dialect 1.1, 1.4 and 2: what may be written how."""

from __future__ import annotations

import pytest

from serpy.cfg.build import number_of
from serpy.cfg.lexemes import flavour_of
from serpy.cfg.mistakes import known_mistakes
from serpy.cfg.nodes import Assignment, Call, RouteBlock, Text, Tree, Word
from serpy.cfg.parse import parse
from serpy.cfg.preprocess import Preprocessor
from serpy.cfg.source import Source
from serpy.dialect import Dialect
from tests.unit.cfg.bench import Bench


def tree(text: str, dialect: Dialect = Dialect.SER_0_9) -> Tree:
    parsed = parse(Source("x.cfg", text.encode()), Preprocessor(flavour_of(dialect, text), {}), dialect)
    assert parsed.diagnostics == []
    return parsed.tree


def values(text: str) -> list[object]:
    """The values of the only assignment."""
    (item,) = tree(text).items
    assert isinstance(item, Assignment)
    return [value.text if isinstance(value, Word) else value.value for value in item.values]


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("10", 10), ("010", 8), ("08", 8), ("0x1f", 31), ("101b", 5), ("-3", -3), ("yes", 1), ("disable", 0)],
)
def test_numbers(text: str, value: int) -> None:
    """SER dialect 8, row 19."""
    assert number_of(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("listen=127.0.0.1", ["127.0.0.1"]),
        ("listen=udp:127.0.0.1:5062", ["udp:127.0.0.1:5062"]),
        ("listen=tcp:[::1]:5062 ::1", ["tcp:[::1]:5062", "::1"]),
        ("listen=eth0", ["eth0"]),
        ("listen=*:5060", ["*:5060"]),
        ("alias=a b.c d-e.f", ["a", "b.c", "d-e.f"]),
        ('alias="log.example.org" port.x', ["log.example.org", "port.x"]),
        ("log_facility=LOG_LOCAL0", ["LOG_LOCAL0"]),
        ("dns=off", [0]),
        ("debug = 9", [9]),
    ],
)
def test_values_of_global_parameters(text: str, expected: list[object]) -> None:
    """SER dialect 8, row 22: quotes are not needed."""
    assert values(text) == expected


def test_a_list_of_values_ends_where_the_next_parameter_starts() -> None:
    assert [item.name for item in tree("alias=a b\nport=5060").items if isinstance(item, Assignment)] == [
        "alias",
        "port",
    ]


@pytest.mark.parametrize(
    "body",
    [
        'if (good()) { note("A"); };',
        'if (good()) { note("A"); }',
        'if (good()) note("A");',
        'if (good()) note("A"); else note("B");',
        'if (good()) note("A") else note("B");',
        'if (bad()) { note("B"); } else { note("A"); }',
        'if (bad()) note("B"); else if (bad()) note("C"); else note("A");',
        'if (bad()) { if (good()) note("B"); else note("C"); } else note("A");',
        'if good() { note("A"); }',
        ';; note("A"); ;',
        'if (good()) ; note("A");',
    ],
)
def test_statements_in_all_styles(body: str) -> None:
    """SER dialect 8, rows 9 to 11."""
    assert [note for note in Bench(f"route{{ {body} }}").notes() if note.isupper()] == ["A"]


def test_an_else_belongs_to_the_nearest_if() -> None:
    assert Bench('route{ if (good()) if (bad()) note("A"); else note("B"); }').notes() == ["good", "bad", "B"]


def test_semicolons_may_stand_between_items() -> None:
    assert len(tree('debug=3; loadmodule "a"; modparam("a", "b", 1); route { ; };').items) == 4


def test_an_empty_route_is_taken() -> None:
    assert Bench("route{ }").run() == 1


@pytest.mark.parametrize("name", ["1", "main", '"a b"', "10"])
def test_routes_have_numbers_or_names(name: str) -> None:
    (block,) = tree(f"route[{name}] {{ ; }}").items
    assert isinstance(block, RouteBlock)
    assert block.name == name.strip('"')


def test_arguments_may_be_numbers() -> None:
    """SER dialect 8, row 25."""
    assert Bench("route{ result(-3); }").run() == -3


def test_strings_side_by_side_are_one_argument() -> None:
    (block,) = tree('route{ note("a" "b"); }').items
    assert isinstance(block, RouteBlock)
    (call,) = block.body.statements
    assert isinstance(call, Call)
    (argument,) = call.arguments
    assert isinstance(argument, Text)
    assert argument.value == "ab"


def test_keywords_are_only_whole_words() -> None:
    (block,) = tree("route{ iffy(); logger(); routes(); }").items
    assert isinstance(block, RouteBlock)
    assert [call.name for call in block.body.statements if isinstance(call, Call)] == ["iffy", "logger", "routes"]


def test_nodes_know_their_places() -> None:
    (block,) = tree('# comment\nroute{\n    note("é", "x");\n}').items
    assert isinstance(block, RouteBlock)
    (call,) = block.body.statements
    assert isinstance(call, Call)
    assert call.span[1:] == (3, 5, 3, 19)
    assert call.arguments[1].span[1:] == (3, 15, 3, 18)


def test_a_long_chain_of_else_if_is_no_trouble() -> None:
    chain = " else ".join(f'if (method=="M{number}") {{ bad(); }}' for number in range(1000))
    assert Bench(f'route{{ {chain} else {{ note("end"); }} }}').notes() == ["end"]


def test_the_examples_of_mistakes_are_wrong() -> None:
    assert len({mistake.code for mistake in known_mistakes().values()}) >= 10
