"""The head: each key, and what is said about a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.dialect import Dialect
from serpy.log import Level
from serpy.testing.flow.document import FlowError, read_document
from serpy.testing.flow.head import Head, read_head

BASE = "title: x\nscript:\n  route { }\n"


def head(more: str = "", base: str = BASE) -> Head:
    return read_head(read_document(base + more), Path("."))


def test_everything_can_be_said() -> None:
    said = head(
        "dialect: ser-0.9\n"
        "peers: alice 10.0.0.1, bob sip:bob@example.org 10.0.0.2:5070\n  carl [2001:DB8::1]:5060\n"
        "show: log DBG, table silo, times\n"
        "headers: via, CONTACT\n"
        'modparam: tm.fr_timer = 5\nmodparam: msilo.registrar = "sip:a b"\n'
        "define: A=1\ndefine: B\n"
        'rows: silo\n  mid=1 body="hello bob"\n'
        "clock: 2026-01-01T12:00:00Z\n"
        "dns: p.example.org A 10.0.0.9\nhosts: q 10.0.0.8\n"
        "fails: t_reply 2\nack: manual\ndiffers: kamailio < bob <*> because it is slow\n"
    )
    assert said.dialect is Dialect.SER_0_9
    assert {name: (one.aor, one.address) for name, one in said.peers.items()} == {
        "alice": (None, ("10.0.0.1", 5060)),
        "bob": ("sip:bob@example.org", ("10.0.0.2", 5070)),
        "carl": (None, ("2001:db8::1", 5060)),
    }
    assert (said.log_level, list(said.tables), said.shows_times) == (Level.DBG, ["silo"], True)
    assert said.headers == ("Via", "Contact")
    assert said.modparams == {"tm.fr_timer": 5, "msilo.registrar": "sip:a b"}
    assert said.defines == {"A": "1", "B": ""}
    assert said.rows[0].rows == [{"mid": "1", "body": "hello bob"}]
    assert said.time == 1767268800.0
    assert (said.dns, said.hosts) == ({"p.example.org": ["10.0.0.9"]}, {"q": ["10.0.0.8"]})
    assert (said.failing[0].command, said.failing[0].call, said.acks) == ("t_reply", 2, False)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("titel: y", "unknown key 'titel' in the head .did you mean title"),
        ("title: y", "title is there already, in line 1"),
        ("dialect: ser-3", "unknown dialect"),
        ("peers: alice", "names no peer"),
        ("peers: alice 10.0.0", "is no address"),
        ("peers: alice 10.0.0.1:99999", "is no address"),
        ("peers: alice 10.0.0.1:0", "is no address"),
        ("define: 1 2 3", "defines no name"),
        ("headers:", "which headers"),
        ("differs: foo", "tells no difference"),
        ("peers: alice tcp 10.0.0.1:5060", "alice would speak TCP, which serpy does not yet"),
        ("peers: alice 10.0.0.1, alice 10.0.0.2", "two peers named alice"),
        ("peers: alice 10.0.0.1, bob 10.0.0.1:5060", "bob and alice have the same address"),
        ("show: rows", "cannot be shown"),
        ("modparam: fr_timer 5", "sets no parameter"),
        ("db: mysql", "no database 'mysql'"),
        ("rows: silo\n  mid", "sets no column"),
        ('rows: silo\n  body="x', "a quote is not closed"),
        ("clock: noon", "is no time"),
        ("dns: a.example SRV x", "asks for no SRV records yet"),
        ("dns: a.example", "is no DNS record"),
        ("hosts: a", "gives no name an address"),
        ("fails: t_reply two", "says not what fails"),
        ("ack: never", "ack is manual or automatic"),
        ("kamailio-script: nowhere.cfg", "there is no file nowhere.cfg"),
    ],
)
def test_a_wrong_line_is_told(more: str, says: str) -> None:
    with pytest.raises(FlowError, match=says) as caught:
        head(more + "\n")
    assert caught.value.line == (4 if "\n" not in more else 5)


@pytest.mark.parametrize(("base", "says"), [("script:\n  x\n", "no title"), ("title: x\n", "names no script")])
def test_what_every_flow_needs(base: str, says: str) -> None:
    with pytest.raises(FlowError, match=says):
        head(base=base)
