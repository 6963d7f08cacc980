"""SER dialect 8, the rows that are seen on the wire without transactions."""

# ruff: noqa: N802 - names bear the numbers of decisions
from __future__ import annotations

import pytest

from serpy.testing.lab import Lab
from tests.wire import Wire

LISTEN = "listen=10.0.0.9\n"
FORWARD = LISTEN + "route{ forward(10.0.0.2, 5060); }"
REPLY = LISTEN + 'loadmodule "sl.so"\nroute{{ {} sl_send_reply("{}", "Text"); }}'
ALICE = ("10.0.0.1", 5062)


def message(
    first: str = "MESSAGE sip:bob@10.0.0.9 SIP/2.0",
    via: str = "SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1",
    *more: str,
    to: str = "<sip:bob@10.0.0.9>",
) -> bytes:
    """A message of alice's."""
    lines = [first, f"Via: {via}", "Max-Forwards: 70", "From: <sip:alice@10.0.0.9>;tag=a1", f"To: {to}"]
    return "\r\n".join([*lines, "Call-ID: c1@lab", "CSeq: 1 MESSAGE", *more, "", ""]).encode()


def forwarded(data: bytes, script: str = FORWARD) -> Wire:
    """The request as it goes on."""
    with Lab(script) as lab:
        lab.send(data, ALICE)
        (sent,) = lab.take()
        return Wire(sent.data)


def replied(data: bytes, before: str = "", code: int = 404) -> tuple[Wire, tuple[str, int]]:
    """The stateless reply, and where it went."""
    with Lab(REPLY.format(before, code)) as lab:
        lab.send(data, ALICE)
        (sent,) = lab.take()
        return Wire(sent.data), sent.to


def test_row_53_a_reply_that_belongs_to_no_transaction_goes_by_its_second_via() -> None:
    vias = "SIP/2.0/UDP foreign.example;branch=z9hG4bKx, SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1"
    for check_via, count in ((0, 1), (1, 0)):
        with Lab(LISTEN + f"check_via={check_via}\n" + 'loadmodule "tm.so"\nroute{;}') as lab:
            lab.send(message("SIP/2.0 200 OK", vias), ("10.0.0.2", 5060))
            sent = lab.take()
            assert [one.to for one in sent] == [("10.0.0.1", 5070)] * count
            assert [Wire(one.data).all("via") for one in sent] == [
                ["SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1"] for _ in range(count)
            ]


def test_row_54_D23_a_stateless_branch_is_a_function_of_the_request() -> None:
    first, again = forwarded(message()), forwarded(message())
    other = forwarded(message(via="SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK2"))
    assert first.branch.startswith("z9hG4bK")
    assert first.branch == again.branch
    assert first.branch != other.branch


@pytest.mark.parametrize(
    ("via", "marked"),
    [
        ("SIP/2.0/UDP 10.0.0.1:5062;branch=x", "SIP/2.0/UDP 10.0.0.1:5062;branch=x"),
        ("SIP/2.0/UDP phone.example;branch=x", "SIP/2.0/UDP phone.example;received=10.0.0.1;branch=x"),
        ("SIP/2.0/UDP 10.0.0.1;received=9.9.9.9;branch=x", "SIP/2.0/UDP 10.0.0.1;received=10.0.0.1;branch=x"),
        ("SIP/2.0/UDP 10.0.0.10;branch=x", "SIP/2.0/UDP 10.0.0.10;received=10.0.0.1;branch=x"),
    ],
)
def test_row_55_received_is_added_where_the_via_does_not_name_the_source(via: str, marked: str) -> None:
    assert forwarded(message(via=via)).all("via")[1] == marked


@pytest.mark.parametrize("rport", [";rport", ";rport="])
def test_row_56_rport_is_answered_when_it_is_asked_for(rport: str) -> None:
    via = f"SIP/2.0/UDP 10.0.0.1:5070{rport};branch=x"
    assert ";rport=5062" in forwarded(message(via=via)).all("via")[1]
    reply, to = replied(message(via=via))
    assert ";rport=5062" in reply["via"]
    assert to == ALICE


@pytest.mark.parametrize(
    ("via", "before", "to"),
    [
        ("SIP/2.0/UDP 10.0.0.1:5070;branch=x", "", ("10.0.0.1", 5070)),
        ("SIP/2.0/UDP 10.0.0.1;branch=x", "", ("10.0.0.1", 5060)),
        ("SIP/2.0/UDP 192.0.2.7:5070;branch=x", "", ("10.0.0.1", 5070)),
        ("SIP/2.0/UDP 10.0.0.1:5070;branch=x", "force_rport();", ALICE),
        ("SIP/2.0/UDP 10.0.0.1:5070;branch=x", "setflag(1);", ("10.0.0.1", 5070)),
    ],
)
def test_row_57_a_local_reply_goes_to_the_source_at_the_port_of_the_via(
    via: str, before: str, to: tuple[str, int]
) -> None:
    assert replied(message(via=via), before)[1] == to


def test_row_58_what_a_local_reply_takes_from_the_request() -> None:
    data = message(
        "MESSAGE sip:bob@10.0.0.9 SIP/2.0",
        "SIP/2.0/UDP phone.example;branch=x",
        "Record-Route: <sip:10.0.0.7;lr>",
        "Contact: <sip:alice@10.0.0.1>",
        "Timestamp: 1",
        "Subject: x",
    )
    names = [name for name, _ in replied(data)[0].headers]
    assert names == ["via", "from", "to", "call-id", "cseq", "server", "content-length"]
    assert "record-route" in [name for name, _ in replied(data, code=200)[0].headers]
    assert replied(data)[0]["via"] == "SIP/2.0/UDP phone.example;branch=x;received=10.0.0.1"


def test_row_59_D24_D25_server_is_shown_and_warning_only_when_asked_for() -> None:
    reply, _ = replied(message())
    assert reply["server"].startswith("serpy (")
    assert reply.get("warning") is None
    with Lab("sip_warning=1\nserver_signature=no\n" + REPLY.format("", 404)) as lab:
        lab.send(message(), ALICE)
        noisy = Wire(lab.take()[0].data)
    assert noisy.get("server") is None
    assert noisy["warning"].startswith("392 ")


def test_row_60_content_length_is_added_to_local_replies_and_not_to_what_is_forwarded_over_udp() -> None:
    assert replied(message())[0]["content-length"] == "0"
    assert forwarded(message()).get("content-length") is None


def test_row_61_a_3xx_names_the_branches_and_the_uri_if_it_was_rewritten() -> None:
    branch = 'append_branch("sip:b@10.0.0.3", "0.5");'
    assert replied(message(), branch, 302)[0]["contact"] == "<sip:b@10.0.0.3>;q=0.5"
    both = replied(message(), f'rewriteuri("sip:a@10.0.0.2"); {branch}', 302)[0]["contact"]
    assert both == "<sip:a@10.0.0.2>, <sip:b@10.0.0.3>;q=0.5"
    assert replied(message(), branch, 404)[0].get("contact") is None


def test_row_62_to_tags() -> None:
    stateless = replied(message())[0].to_tag or ""
    assert len(stateless.split(".")) == 2
    assert replied(message())[0].to_tag == stateless
    assert replied(message(), code=100)[0].to_tag is None
    assert replied(message(to="<sip:bob@10.0.0.9>;tag=own"))[0].to_tag == "own"
    with Lab(LISTEN + 'loadmodule "tm.so"\nroute{ t_newtran(); t_reply("404", "Text"); }') as lab:
        lab.send(message(), ALICE)
        assert len((Wire(lab.take()[0].data).to_tag or "").split("-")) == 2


def test_row_88_an_alias_without_a_port_is_ours_at_every_port() -> None:
    script = LISTEN + "alias=any.example one.example:5070\nroute{ if (uri==myself) forward(10.0.0.2, 5060); }"
    with Lab(script) as lab:
        for uri in ("any.example", "any.example:9999", "ANY.example", "one.example:5070", "one.example", "10.0.0.9"):
            lab.send(message(f"MESSAGE sip:bob@{uri} SIP/2.0"), ALICE)
        ours = [Wire(sent.data).uri for sent in lab.take()]
    assert ours == [
        "sip:bob@any.example",
        "sip:bob@any.example:9999",
        "sip:bob@ANY.example",
        "sip:bob@one.example:5070",
        "sip:bob@10.0.0.9",
    ]


def test_row_89_D31_a_request_that_cannot_be_read_is_answered_400_where_that_is_possible() -> None:
    with Lab(FORWARD) as lab:
        lab.send(message("MESSAGE  sip:bob@10.0.0.9  SIP/2.0"), ALICE)
        (sent,) = lab.take()
        assert Wire(sent.data).code == 400
        lab.send(message("ACK  sip:bob@10.0.0.9  SIP/2.0"), ALICE)
        lab.send(message(via="nonsense"), ALICE)
        assert lab.take() == []


@pytest.mark.parametrize("data", [b"", b"\0", b"\r\n\r\n", b"x" * 31])
def test_row_90_a_very_short_datagram_is_a_keep_alive(data: bytes) -> None:
    with Lab(FORWARD) as lab:
        lab.send(data)
        assert (lab.take(), lab.stats["received.keepalive"], lab.stats["drop.bad_message"]) == ([], 1, 0)


def test_row_91_D33_fork_no_serves_all_sockets() -> None:
    with Lab("fork=no\nlisten=10.0.0.8\n" + FORWARD) as lab:
        for host in ("10.0.0.8", "10.0.0.9"):
            lab.send(message(), ALICE, to=(host, 5060))
        assert [sent.source[0] for sent in lab.take()] == ["10.0.0.8", "10.0.0.9"]


def test_row_99_what_is_put_before_the_first_header_stands_above_the_new_via() -> None:
    script = LISTEN + 'loadmodule "maxfwd.so"\nroute{ mf_process_maxfwd_header("10"); forward(10.0.0.2, 5060); }'
    data = message().replace(b"Max-Forwards: 70\r\n", b"")
    assert [name for name, _ in forwarded(data, script).headers][:3] == ["max-forwards", "via", "via"]
