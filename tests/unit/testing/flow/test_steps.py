"""What typed blocks mean, and what is said about those that mean nothing."""

from __future__ import annotations

import pytest

from serpy.testing.flow.document import Block, FlowError
from serpy.testing.flow.duration import duration, shown
from serpy.testing.flow.steps import Answer, Impair, Pass, Rule, Send, Step, Switch, read_step


def step(title: str, *content: str) -> Step:
    return read_step(Block("typed", 7, (title,)), title, content)


def test_a_request() -> None:
    said = step('> alice MESSAGE sip:bob@127.0.0.1 expires=600 subject="a b" from 5070 to 127.0.0.1:5061')
    assert isinstance(said, Send)
    assert (said.peer, said.verb, said.method, said.uri) == ("alice", "request", "MESSAGE", "sip:bob@127.0.0.1")
    assert said.options == (("expires", "600"), ("subject", "a b"))
    assert (said.port, said.to) == (5070, ("127.0.0.1", 5061))


def test_a_reply() -> None:
    said = step("> bob reply 404 Not to be found to INVITE")
    assert isinstance(said, Send)
    assert (said.code, said.reason, said.method) == (404, "Not to be found", "INVITE")


def test_a_rule() -> None:
    assert step("bob answers INVITE 180 after 1s, 486 Gone to lunch after 5s") == Rule(
        7, "bob", "INVITE", (Answer(180, "", 1.0), Answer(486, "Gone to lunch", 5.0)), ()
    )
    assert step("bob answers *") == Rule(7, "bob", "*", (Answer(200, "", 0.0),), ())
    assert step("bob ignores BYE") == Rule(7, "bob", "BYE", (), ())


def test_time_and_trouble() -> None:
    assert step("quiet 1m30s") == Pass(7, "quiet", 90.0)
    assert step("drop next 2 to bob") == Impair(7, "drop", 2, "to", "bob", 0.0)
    assert step("delay next 500ms") == Impair(7, "delay", 1, "", "", 0.5)
    assert step("db slow 3s") == Switch(7, "db", "slow", 3.0)


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("> alice", "who sends what"),
        ("> alice message sip:bob@x", "'message' is no method"),
        ("> alice replay 200", "did you mean `reply`"),
        ("> alice MESSAGE sip:b@x urgent", "'urgent' is no option"),
        ("> bob reply", "with which code"),
        ("> bob reply 99", "with which code"),
        ("> alice again and again", "is not understood"),
        ("> alice MESSAGE sip:b@x to INVITE", "belongs to a reply"),
        ('> alice MESSAGE "sip:b@x', "a quote is not closed"),
        ("wiat 4s", "did you mean `wait`"),
        ("wait", "it reads `wait 4s`"),
        ("wait long", "'long' is no time"),
        ("drop next from", "is not understood"),
        ("delay next to bob", "it reads `delay next from alice 2s`"),
        ("reorder next 1", "is not understood"),
        ("db slow", "it reads `db down`"),
        ("bob answers", "bob answers what"),
        ("bob answers INVITE soon", "is no answer"),
        ("bob ignores INVITE 200", "is not understood"),
        ("hello", "is no block"),
    ],
)
def test_a_block_that_means_nothing(title: str, says: str) -> None:
    with pytest.raises(FlowError, match=says) as caught:
        step(title)
    assert caught.value.line == 7


def test_nothing_stands_below_a_wait() -> None:
    with pytest.raises(FlowError, match="nothing can stand below `wait 4s`"):
        step("wait 4s", "Subject: x")


def test_times() -> None:
    assert [duration(text) for text in ("500ms", "4s", "1.5s", "1h30m", "1d")] == [0.5, 4.0, 1.5, 5400.0, 86400.0]
    assert [shown(seconds) for seconds in (0.0, 0.5, 4.0, 64.005, 3600.0)] == ["0s", "0.5s", "4s", "64.005s", "3600s"]
    for wrong in ("", "4", "s", "4 s", "-1s", "4sec"):
        with pytest.raises(ValueError, match="is no time"):
            duration(wrong)
