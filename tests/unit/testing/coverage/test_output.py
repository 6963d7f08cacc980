"""How coverage is told: table, pages, tracefile, verdict."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from serpy.testing.coverage.hits import Branch, Coverage, Entry, Line, Part
from serpy.testing.coverage.html import index_page, page, page_name
from serpy.testing.coverage.lcov import lcov
from serpy.testing.coverage.output import Wanted, finish
from serpy.testing.coverage.report import files, shown_percent
from serpy.testing.coverage.table import table, too_low

SCRIPT = """route {
  if (method == "<A>" || good()) {
    a();
  }
  b();
}
failure_route[1] { c(); }
"""


@pytest.fixture
def coverage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Coverage:
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / "a.cfg")
    Path(path).write_text(SCRIPT)
    return Coverage(
        lines={Line(path, 1): 3, Line(path, 2): 3, Line(path, 3): 3, Line(path, 5): 3, Line(path, 7): 0},
        branches={Branch(path, 2, 3, True, 3): 3, Branch(path, 2, 3, False, 5): 0},
        routes={Entry(path, 1, "route"): 3, Entry(path, 7, "failure_route[1]"): 0},
        parts={
            Part(path, 2, 7, 2, 22, True): 3,
            Part(path, 2, 7, 2, 22, False): 0,
            Part(path, 2, 26, 2, 32, True): 0,
            Part(path, 2, 26, 2, 32, False): 0,
        },
    )


def test_the_table(coverage: Coverage) -> None:
    assert [text for text, _ in table(files(coverage))] == [
        "File   Lines  Missed  Branches  Partial  Cover  Missing",
        "-" * 55,
        "a.cfg      5       1         2        1    71%  2->5, 7",
        "never entered in a.cfg: failure_route[1]",
    ]


def test_several_files_have_a_total(coverage: Coverage, tmp_path: Path) -> None:
    coverage.add(Coverage(lines={Line(str(tmp_path / "b.cfg"), 1): 1}))
    assert [text for text, _ in table(files(coverage))][5] == "Total      6       1         2        1    75%"


def test_no_script_at_all_is_said() -> None:
    assert "no script" in table([])[0][0]


@pytest.mark.parametrize(("value", "shown"), [(0, "0%"), (0.2, "1%"), (99.9, "99%"), (100, "100%"), (66.6, "67%")])
def test_only_what_is_complete_is_100(value: float, shown: str) -> None:
    assert shown_percent(value) == shown


def test_the_verdict(coverage: Coverage) -> None:
    assert too_low(files(coverage), 71) == ""
    assert too_low(files(coverage), 80) == "coverage is 71.43 %, which is under 80 %"


def test_the_tracefile(coverage: Coverage, tmp_path: Path) -> None:
    assert lcov(files(coverage)).splitlines() == [
        "TN:",
        f"SF:{tmp_path / 'a.cfg'}",
        "FN:1,route",
        "FN:7,failure_route[1]",
        "FNDA:3,route",
        "FNDA:0,failure_route[1]",
        "FNF:2",
        "FNH:1",
        "BRDA:2,0,0,3",
        "BRDA:2,0,1,0",
        "BRF:2",
        "BRH:1",
        "DA:1,3",
        "DA:2,3",
        "DA:3,3",
        "DA:5,3",
        "DA:7,0",
        "LF:5",
        "LH:4",
        "end_of_record",
    ]


class _Balance(HTMLParser):
    """Checks that each tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_html_that_holds_the_script_as_it_is(coverage: Coverage) -> None:
    parser = _Balance()
    parser.feed(page(files(coverage)[0]))
    assert parser.open == []
    for line in SCRIPT.splitlines():
        assert line in parser.text


def test_the_page_needs_nothing_else(coverage: Coverage) -> None:
    text = page(files(coverage)[0])
    assert "http" not in text
    assert "src=" not in text
    assert "prefers-color-scheme: dark" in text


def test_lines_are_shaded_and_say_why(coverage: Coverage) -> None:
    rows = [row for row in page(files(coverage)[0]).splitlines() if 'class="row' in row]
    assert [row.split('"')[1] for row in rows] == [
        "row hit", "row part", "row hit", "row", "row hit", "row", "row missed"
    ]  # fmt: skip
    assert "never false (it never went on to line 5)" in rows[1]


def test_a_test_that_only_came_out_one_way_is_said(coverage: Coverage, tmp_path: Path) -> None:
    for branch in coverage.branches:
        coverage.branches[branch] = 1
    text = page(files(coverage)[0])
    assert "method == &quot;&lt;A&gt;&quot; was never false" in text
    assert "good() was never" not in text  # it was never made: the first one decided


def test_two_files_of_one_name_have_two_pages(tmp_path: Path) -> None:
    coverage = Coverage(lines={Line(str(tmp_path / "a/x.cfg"), 1): 1, Line(str(tmp_path / "b/x.cfg"), 1): 1})
    first, second = files(coverage)
    assert page_name(first) != page_name(second)
    assert page_name(first) in index_page([first, second])


def test_a_file_that_vanished_has_a_page_too(tmp_path: Path) -> None:
    assert "cannot be read" in page(files(Coverage(lines={Line(str(tmp_path / "x.cfg"), 1): 1}))[0])


def test_octets_that_are_no_utf8_do_not_matter(coverage: Coverage, tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_bytes(b"route {\n \xff\xfe<b>\n}\n")
    lines, suffices = finish(coverage, Wanted(html=tmp_path / "out"))
    assert suffices
    assert lines[-1][0] == f"wrote {tmp_path / 'out' / 'index.html'}"
    assert "&lt;b&gt;" in (tmp_path / "out" / page_name(files(coverage)[0])).read_text()


def test_everything_at_once(coverage: Coverage, tmp_path: Path) -> None:
    lines, suffices = finish(coverage, Wanted(tmp_path / "deep/html", tmp_path / "deep/x/lcov.info", 90))
    assert not suffices
    assert (tmp_path / "deep/x/lcov.info").read_text() == lcov(files(coverage))
    assert lines[-1] == ("coverage is 71.43 %, which is under 90 %", "bold red")
