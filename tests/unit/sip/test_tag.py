from __future__ import annotations

import re

from serpy.sip.tag import ReplyTags
from serpy.sip.via import Via, read_via


def via(text: bytes) -> Via:
    return read_via(b"Via: SIP/2.0/UDP " + text + b"\r\n\r\n", 0, 4)


TAGS = ReplyTags(b"127.0.0.1:5060")


def test_a_tag_has_a_part_of_the_server_and_one_of_the_request() -> None:
    assert re.fullmatch(rb"[0-9a-f]{32}\.[0-9a-f]{4}", TAGS.stateless(via(b"a;branch=x")))
    assert re.fullmatch(rb"[0-9a-f]{32}-[0-9a-f]{4}", TAGS.stateful(via(b"a;branch=x")))


def test_a_retransmission_gets_the_same_tag() -> None:
    assert TAGS.stateless(via(b"a:1;branch=x")) == TAGS.stateless(via(b"a:1;rport;branch=x"))


def test_another_host_port_or_branch_gets_another_tag() -> None:
    texts = (b"a:1;branch=x", b"b:1;branch=x", b"a:2;branch=x", b"a:1;branch=y", b"a:1")
    assert len({TAGS.stateful(via(text)) for text in texts}) == len(texts)


def test_another_server_gives_other_tags() -> None:
    assert ReplyTags(b"127.0.0.2:5060").stateless(via(b"a")) != TAGS.stateless(via(b"a"))
