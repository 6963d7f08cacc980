"""JUnit XML that any reader takes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from serpy.testing.flow.run import Outcome
from serpy.testing.runner.junit import junit

PATH = Path("../tests/flows/a.flow")


def test_counts_stand_at_the_top() -> None:
    outcomes = [Outcome(PATH, "t", status) for status in ("passed", "failed", "error", "unrecorded", "updated")]
    root = ET.fromstring(junit(outcomes, 1.5, 0.0))
    assert root.tag == "testsuites"
    for counts in (root, root[0]):
        assert (counts.attrib["tests"], counts.attrib["failures"], counts.attrib["errors"]) == ("5", "2", "1")
        assert counts.attrib["time"] == "1.500"
    assert root[0].attrib["timestamp"] == "1970-01-01T00:00:00+00:00"
    assert [[inner.tag for inner in case] for case in root[0]] == [[], ["failure"], ["error"], ["failure"], []]


def test_a_case_is_named_by_path_and_title() -> None:
    case = ET.fromstring(junit([Outcome(PATH, "bob is back", "passed", seconds=0.01)], 1, 0))[0][0]
    assert case.attrib == {
        "classname": "tests.flows.a",
        "name": "bob is back",
        "file": "../tests/flows/a.flow",
        "time": "0.0100",
    }


def test_what_xml_cannot_hold_is_escaped() -> None:
    outcome = Outcome(PATH, "t\0\udcff", "failed", diff="-\x1b[31m\n+<&>\ud800")
    case = ET.fromstring(junit([outcome], 1, 0))[0][0]
    assert case.attrib["name"] == "t\\x00\\xff"
    assert case[0].text == "-\\x1b[31m\n+<&>\\x00"
