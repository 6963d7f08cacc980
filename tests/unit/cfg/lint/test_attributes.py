"""Attributes that are written in vain, or read in vain."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import found


def test_an_attribute_that_nothing_reads() -> None:
    assert found("never-read", 'route { $caller = "a"; exit; }') == ["$caller"]


@pytest.mark.parametrize(
    "use",
    [
        'if ($caller == "a") { exit; }',
        "if ($f.caller) { exit; }",
        "$other = $caller; if ($other) exit;",
        'append_hf("P-Caller: $caller\\r\\n");',
        "setuser($caller);",
    ],
)
def test_an_attribute_that_something_reads(use: str) -> None:
    assert not found("never-read", f'route {{ $caller = "a"; {use} exit; }}')


def test_attributes_that_are_kept_in_the_database() -> None:
    assert not found("never-read", 'route { $fu.mail = "a"; $g.count = 1; exit; }')


def test_an_attribute_that_nothing_sets() -> None:
    assert found("never-set", "route { if ($gateway) { exit; } exit; }") == ["$gateway"]


@pytest.mark.parametrize("set_it", ['$gateway = "a";', '$t.gateway = "a";', 'append_hf("$gateway\\r\\n");'])
def test_an_attribute_that_something_sets(set_it: str) -> None:
    assert not found("never-set", f"route {{ {set_it} if ($gateway) {{ exit; }} exit; }}")


def test_an_attribute_that_a_module_may_set() -> None:
    text = 'modparam("registrar", "aor_attr", "$mine")\nroute { if ($mine) { exit; } if ($code) exit; exit; }'
    assert not found("never-set", text)
