"""Findings for other programs: short, JSON, SARIF."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from serpy import __version__
from serpy.cfg.diagnostics import Diagnostic, Label
from serpy.cfg.source import Source
from serpy.report import as_json, sarif, short
from serpy.report.findings import Checked

MAIN = Source("etc/a b.cfg", b'loadmodule "tm.so"\nroute { frob(); }\n')
INNER = Source("/opt/inner.cfg", b"frob", MAIN.span(19, 24))


@pytest.fixture
def checked() -> list[Checked]:
    first = Diagnostic(
        "error",
        "unknown-command",
        MAIN.span(27, 31),
        "there is no command\nfrob",
        "write log",
        (Label(INNER.span(0, 4), "also here"),),
    )
    second = Diagnostic("warning", "third-party-code", INNER.span(0, 4), "odd \udcff")
    clean = Checked("b.cfg", [], "ser-2", "option", ("tm",), is_whole=True)
    return [Checked(MAIN.path, [first, second]), clean]


def written(form: Any, checked: list[Checked]) -> str:
    out = io.StringIO()
    form.write(checked, out)
    return out.getvalue()


def test_short_is_a_line_for_each_finding_as_gcc_has_it(checked: list[Checked]) -> None:
    lines = written(short, checked).splitlines()
    assert lines == [
        "etc/a b.cfg:2:9: error: there is no command frob [unknown-command]",
        "/opt/inner.cfg:1:1: warning: odd \ufffd [third-party-code]",
    ]
    assert all(re.fullmatch(r".+:\d+:\d+: (error|warning): .+ \[[a-z0-9-]+\]", line) for line in lines)


def test_json_has_the_documented_shape(checked: list[Checked]) -> None:
    data = json.loads(written(as_json, checked))
    assert list(data) == ["version", "serpy", "files", "findings", "counts"]
    assert data["counts"] == {"files": 2, "errors": 1, "warnings": 1}
    assert data["files"][1] == {
        "path": "b.cfg",
        "dialect": "ser-2",
        "dialect_reason": "option",
        "modules": ["tm"],
        "whole": True,
        "errors": 0,
        "warnings": 0,
    }
    assert data["findings"][0] == {
        "script": "etc/a b.cfg",
        "severity": "error",
        "code": "unknown-command",
        "message": "there is no command frob",
        "hint": "write log",
        "path": "etc/a b.cfg",
        "line": 2,
        "column": 9,
        "end_line": 2,
        "end_column": 13,
        "labels": [
            {"text": "also here", "path": "/opt/inner.cfg", "line": 1, "column": 1, "end_line": 1, "end_column": 5}
        ],
        "included_from": [],
    }
    assert data["findings"][1]["included_from"] == [{"path": "etc/a b.cfg", "line": 2}]
    assert data["findings"][1]["hint"] is None


def only(data: dict[str, Any], required: set[str], optional: set[str]) -> None:
    """The object has all required properties and no unknown one (SARIF forbids others in these objects)."""
    assert required <= set(data) <= required | optional


def message_of(data: dict[str, Any]) -> None:
    only(data, {"text"}, {"markdown", "id", "arguments"})
    assert data["text"]


def physical(data: dict[str, Any]) -> None:
    only(data, {"artifactLocation", "region"}, {"contextRegion"})
    only(data["artifactLocation"], {"uri"}, {"uriBaseId", "index"})
    assert re.fullmatch(r"[A-Za-z0-9/:._~%-]+", data["artifactLocation"]["uri"])
    region = data["region"]
    only(region, {"startLine", "startColumn", "endLine", "endColumn"}, {"snippet"})
    assert all(isinstance(value, int) and value >= 1 for value in region.values())
    assert (region["endLine"], region["endColumn"]) >= (region["startLine"], region["startColumn"])


def test_sarif_has_what_version_2_1_0_requires(checked: list[Checked]) -> None:
    """SARIF 2.1.0 sections 3.13 (log), 3.14 (run), 3.18, 3.19 (tool), 3.27 (result), 3.49 (rule)."""
    log = json.loads(written(sarif, checked))
    only(log, {"version", "runs", "$schema"}, set())
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    only(run, {"tool", "results"}, {"columnKind", "invocations", "artifacts"})
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert [list(invocation) for invocation in run["invocations"]] == [["executionSuccessful"]]
    driver = run["tool"]["driver"]
    only(driver, {"name"}, {"semanticVersion", "rules", "informationUri"})
    assert driver["semanticVersion"] == __version__
    for rule in driver["rules"]:
        optional = {"shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"}
        only(rule, {"id"}, optional)
        for name in optional - {"defaultConfiguration", "properties"}:
            if name in rule:
                message_of(rule[name])
        assert rule.get("defaultConfiguration", {"level": "none"})["level"] in ("none", "note", "warning", "error")
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for result in run["results"]:
        only(result, {"message", "ruleId", "ruleIndex", "level", "locations"}, {"relatedLocations"})
        message_of(result["message"])
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        for location in result["locations"] + result.get("relatedLocations", []):
            only(location, {"physicalLocation"}, {"id", "message"})
            physical(location["physicalLocation"])
    assert len(run["results"]) == 2


def test_sarif_names_relative_files_as_the_repository_does(checked: list[Checked]) -> None:
    results = sarif.as_object(checked)["runs"][0]["results"]
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results]
    assert uris == ["etc/a%20b.cfg", "file:///opt/inner.cfg"]


def test_sarif_rules_tell_what_explain_tells(checked: list[Checked]) -> None:
    rules = sarif.as_object(checked)["runs"][0]["tool"]["driver"]["rules"]
    assert "no such command" in rules[0]["shortDescription"]["text"]
    assert rules[1] == {"id": "third-party-code"}


def test_a_banner_has_a_line_for_each_kind_of_finding(checked: list[Checked]) -> None:
    [error, warning] = checked[0].findings
    assert short.brief([error, warning, warning, warning]) == [
        "etc/a b.cfg:2:9: there is no command frob [unknown-command]",
        "/opt/inner.cfg:1:1: odd \ufffd [third-party-code] and 2 more places",
    ]
