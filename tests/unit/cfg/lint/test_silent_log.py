"""Texts that are never printed."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import found, labels, told


def test_a_text_without_a_level() -> None:
    finding = told("silent-log", 'debug=2\nroute { log("x"); drop; }')
    assert finding.message == "this text is never printed: log without a level has level 4, and debug is 2"
    assert labels(finding) == [("2", "set here")]


def test_one_finding_stands_for_all() -> None:
    finding = told("silent-log", 'debug=1\nroute { log(2, "x"); log("y"); log(1, "z"); drop; }')
    assert "and 1 more like it: it has level 2, and debug is 1" in finding.message
    assert finding.hint == "write log(1, ...) for what must be seen, or debug=2"


@pytest.mark.parametrize("text", ['log(2, "x")', 'log(1, "x")', 'log(-1, "x")'])
def test_what_is_printed_where_debug_is_not_set(text: str) -> None:
    assert not found("silent-log", f"route {{ {text}; drop; }}")


def test_what_is_printed_with_the_debug_of_the_script() -> None:
    assert not found("silent-log", 'debug=9\nroute { log("x"); log(5, "y"); drop; }')


def test_ser_2_is_quiet_unless_told_otherwise() -> None:
    assert found("silent-log", 'route { log(1, "x"); exit; }') == ['log(1, "x")']
