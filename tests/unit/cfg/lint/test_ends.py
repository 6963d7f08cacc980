"""What stands behind the end of its route."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import found


@pytest.mark.parametrize("word", ["drop", "break", "exit", "return"])
def test_behind_the_end(word: str) -> None:
    assert found("never-reached", f'route {{ if (uri==myself) {{ {word}; log(1, "x"); }} drop; }}') == ['log(1, "x")']


def test_behind_a_block_that_ends() -> None:
    assert not found("never-reached", 'route { if (uri==myself) { drop; } log(1, "x"); drop; }')


def test_the_method_of_a_reply() -> None:
    text = 'route { t_on_reply("1"); t_relay(); } onreply_route[1] { if (method=="INVITE") { log(1, "x"); } }'
    assert found("method-of-reply", text) == ['method=="INVITE"']
    assert not found("method-of-reply", text.replace("method", "status"))
