"""What counts as reached: lines, branches, routes, the tests of a joined condition."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.dialect import Dialect
from serpy.testing.coverage.collect import collecting
from serpy.testing.coverage.hits import Coverage, from_plain
from serpy.testing.coverage.report import files
from serpy.testing.lab import Lab

REQUEST = (
    b"%s sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 %s\r\nContent-Length: 0\r\n\r\n"
)


def reached(folder: Path, route: str, *methods: bytes) -> Coverage:
    """What requests of these methods reach."""
    script = folder / "a.cfg"
    script.write_text(f'loadmodule "sl"\nlisten=127.0.0.1\n{route}\n')
    with collecting() as coverage, Lab(script, dialect=Dialect.SER_0_9) as lab:
        for method in methods:
            lab.send(REQUEST % (method, method))
    return coverage


def missing(folder: Path, route: str, *methods: bytes) -> str:
    return files(reached(folder, route, *methods))[0].missing


CHAIN = """route {
  if (method == "A") {
    setflag(1);
  } else if (method == "B") {
    setflag(2);
  } else {
    setflag(3);
  }
  setflag(4);
}"""


def test_lines_that_no_request_reached(tmp_path: Path) -> None:
    one = files(reached(tmp_path, CHAIN, b"B"))[0]
    assert one.lines == {3: 1, 4: 1, 5: 0, 6: 1, 7: 1, 9: 0, 11: 1}
    assert one.missed == [5, 9]


def test_each_way_of_an_if_is_a_branch(tmp_path: Path) -> None:
    one = files(reached(tmp_path, CHAIN, b"B"))[0]
    assert [(branch.line, branch.outcome, branch.to, count) for branch, count in one.branches] == [
        (4, True, 5, 0),
        (4, False, 6, 1),
        (6, True, 7, 1),
        (6, False, 9, 0),
    ]


def test_all_is_reached(tmp_path: Path) -> None:
    one = files(reached(tmp_path, CHAIN, b"A", b"B", b"C"))[0]
    assert (one.missing, one.percent) == ("", 100.0)


def test_an_if_without_else_goes_on_behind_it(tmp_path: Path) -> None:
    assert missing(tmp_path, 'route {\n if (method == "A") {\n  setflag(1);\n }\n setflag(2);\n}', b"A") == "4->7"


def test_the_last_if_goes_on_to_the_end(tmp_path: Path) -> None:
    assert missing(tmp_path, 'route {\n if (method == "A") {\n  setflag(1);\n }\n}', b"A") == "4->end"


def test_an_if_on_one_line_has_words_instead_of_lines(tmp_path: Path) -> None:
    route = 'route {\n if (method == "A") { setflag(1); }\n setflag(2);\n}'
    assert missing(tmp_path, route, b"B") == "4 never true"


def test_a_way_to_a_line_that_is_missing_is_not_said_twice(tmp_path: Path) -> None:
    assert missing(tmp_path, 'route {\n if (method == "A") {\n  setflag(1);\n }\n setflag(2);\n}', b"B") == "5"


def test_a_condition_that_ends_the_route_takes_neither_way(tmp_path: Path) -> None:
    route = "route {\n if ({ return 0; }) {\n  setflag(1);\n }\n setflag(2);\n}"
    one = files(reached(tmp_path, route, b"A"))[0]
    assert [count for _, count in one.branches] == [0, 0]
    assert one.lines[4] == 1


def test_a_route_that_was_never_entered(tmp_path: Path) -> None:
    one = files(reached(tmp_path, "route {\n setflag(1);\n}\nfailure_route[1] {\n setflag(2);\n}", b"A"))[0]
    assert one.never_entered == ["failure_route[1]"]
    assert one.missing == "6-7"


def test_top_level_settings_are_no_lines(tmp_path: Path) -> None:
    assert 1 not in files(reached(tmp_path, "route { setflag(1); }", b"A"))[0].lines


def test_the_tests_of_a_joined_condition(tmp_path: Path) -> None:
    route = 'route {\n if (method == "A" || !uri =~ "bob") {\n  setflag(1);\n }\n}'
    one = files(reached(tmp_path, route, b"A", b"B"))[0]
    assert [(part.column, part.outcome, count) for part, count in one.parts] == [
        (6, False, 1),
        (6, True, 1),
        (24, False, 0),
        (24, True, 1),
    ]


def test_a_block_as_a_condition_counts(tmp_path: Path) -> None:
    route = 'route {\n if ({\n  if (method == "A") {\n   setflag(1);\n  }\n  return 1;\n }) {\n  setflag(2);\n }\n}'
    one = files(reached(tmp_path, route, b"B"))[0]
    assert one.missed == [6]
    assert {branch.line for branch, _ in one.branches} == {4, 5}


def test_a_chain_of_two_thousand(tmp_path: Path) -> None:
    links = "\nelse ".join(f'if (method == "M{number}") {{ setflag(1); }}' for number in range(2000))
    one = files(reached(tmp_path, f"route {{\n{links}\n}}", b"M1999"))[0]
    assert len(one.branches) == 4000
    assert one.missing.count("never true") == 1999


def test_runs_are_added(tmp_path: Path) -> None:
    first, second = reached(tmp_path, CHAIN, b"A"), reached(tmp_path, CHAIN, b"B", b"C")
    first.add(second)
    assert files(first)[0].missing == ""


def test_coverage_survives_the_way_through_plain_types(tmp_path: Path) -> None:
    coverage = reached(tmp_path, CHAIN, b"A")
    assert from_plain(coverage.plain()) == coverage


def test_a_script_that_is_no_file_is_left_out() -> None:
    with collecting() as coverage, Lab('loadmodule "sl"\nlisten=127.0.0.1\nroute { setflag(1); }') as lab:
        lab.send(REQUEST % (b"A", b"A"))
    assert coverage == Coverage()


def test_nothing_is_traced_when_nothing_is_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cfg").write_text('loadmodule "sl"\nlisten=127.0.0.1\nroute { setflag(1); }')
    monkeypatch.setattr("serpy.cfg.load.Script.traced", None)
    Lab(tmp_path / "a.cfg").close()


def test_an_inner_collection_does_not_count_for_the_outer(tmp_path: Path) -> None:
    with collecting() as outer:
        reached(tmp_path, CHAIN, b"A")
    assert outer == Coverage()
