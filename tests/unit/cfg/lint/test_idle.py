"""Parameters without an effect."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import found, told

END = "\nroute { drop; }"


@pytest.mark.parametrize("line", ['fifo="/tmp/ser_fifo"', "mcast_ttl=5", 'modparam("tm", "fr_timer_avp", "x")'])
def test_what_is_asked_for_in_vain(line: str) -> None:
    assert len(found("no-effect", line + END)) == 1


def test_the_module_is_named() -> None:
    assert told("no-effect", 'modparam("tm", "fr_timer_avp", "x")' + END).message == (
        "fr_timer_avp of tm has no effect in serpy"
    )


@pytest.mark.parametrize("line", ["port=5070", "debug=4", 'modparam("tm", "fr_timer", 10)'])
def test_what_has_an_effect(line: str) -> None:
    assert not found("no-effect", line + END)


@pytest.mark.parametrize("line", ["children=4", "memlog=1", "fork=no"])
def test_what_nobody_misses(line: str) -> None:
    assert not found("no-effect", line + END)


@pytest.mark.parametrize("line", ["mcast_ttl=-1", "enable_tls=no", "disable_tls=yes"])
def test_what_asks_for_nothing(line: str) -> None:
    assert not found("no-effect", line + END)
