"""What is stored and what is not (R2, R9, R14, D10, D11, D13, D15-D18, D38)."""

import re
from types import SimpleNamespace
from typing import cast

import pytest

from serpy.apis import Host, Listener
from serpy.modules.msilo.address import owner_rule
from serpy.modules.msilo.intake import LARGEST_BODY, NotStored, Rules, take_in
from serpy.modules.msilo.letter import Letter
from serpy.modules.msilo.schema import Columns, Layout
from serpy.script.call import Call
from serpy.sip.message import Request
from serpy.sip.parse import parse_message
from serpy.sip.uri import parse_uri

LISTENER = cast(Listener, SimpleNamespace(proto="udp", host="127.0.0.1", port=5060))
HEADERS = {
    "From": '"Alice" <sip:alice@example.com;x=1>;tag=a1',
    "To": "<sip:bob@example.com>",
    "Content-Type": "text/plain",
}
WIDE: dict[str, int | None] = dict.fromkeys(
    ("mid", "src_addr", "dst_addr", "r_uri", "inc_time", "exp_time", "ctype", "body")
)
NOW = 1000.9


def rules(sizes: dict[str, int | None] | None = None, registrar: bytes | None = None) -> Rules:
    layout = Layout("silo", Columns(), sizes or WIDE)
    return Rules(parse_uri(registrar) if registrar else None, 259200, owner_rule(None), layout)


def call(
    uri: str = "sip:bob@example.com",
    *,
    body: bytes = b"Hello",
    current: bytes | None = None,
    **changes: str | None,
) -> Call:
    """A MESSAGE at a command; a change of None leaves a header out (names with _ for -)."""
    headers = HEADERS | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"MESSAGE {uri} SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    data = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body
    message = parse_message(data, ("10.0.0.1", 5060), LISTENER)
    assert isinstance(message, Request)
    made = Call(cast(Host, SimpleNamespace()), message)
    if current is not None:
        made.uri = current
    return made


def stored(made: Call, mode: int = 0, rule: Rules | None = None) -> Letter:
    return take_in(made, mode, rule or rules(), NOW)


def refusal(made: Call, rule: Rules | None = None) -> str:
    with pytest.raises(NotStored) as caught:
        take_in(made, 0, rule or rules(), NOW)
    return str(caught.value)


def test_uris_are_stored_without_names_and_tags() -> None:
    letter = stored(call())
    assert (letter.src, letter.dst, letter.address) == (
        "sip:alice@example.com;x=1",
        "sip:bob@example.com",
        "sip:bob@example.com",
    )
    assert (letter.inc_time, letter.exp_time, letter.owner) == (1000, 260200, "bob")


@pytest.mark.parametrize(
    ("uri", "current", "mode", "address"),
    [
        ("sip:bob@example.com", b"sip:eve@example.com;x=1", 0, "sip:eve@example.com"),
        ("sip:bob@example.com", b"sip:example.com", 0, "sip:bob@example.com"),
        ("sip:example.com", b"sip:example.com", 0, "sip:to@example.com"),
        ("sip:bob@example.com", b"sip:bob@10.0.0.9:7777", 1, "sip:bob@example.com"),
        ("sip:example.com", b"sip:bob@10.0.0.9:7777", 1, "sip:to@example.com"),
        ("sip:bob@example.com", b"sip:bob@10.0.0.9:7777", 2, "sip:to@example.com"),
    ],
)
def test_the_mode_says_which_uri_is_the_address(uri: str, current: bytes, mode: int, address: str) -> None:
    assert stored(call(uri, current=current, To="<sip:to@example.com>"), mode).address == address


@pytest.mark.parametrize(
    "value", ["text/plain", "text/html;charset=x", 'multipart/mixed; boundary="a b"', "message/cpim", "text/html ; x"]
)
def test_the_content_type_is_kept_whole(value: str) -> None:
    assert stored(call(Content_Type=value)).ctype == value


def test_a_folded_content_type_is_unfolded() -> None:
    assert stored(call(Content_Type="text/plain;\r\n charset=utf-8")).ctype == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("60", 60),
        ("60;q=1", 60),
        ("0", 259200),
        ("-1", 259200),
        ("abc", 259200),
        ("259201", 259200),
        ("9" * 99, 259200),
    ],
)
def test_the_shorter_of_expires_and_expire_time_counts(value: str, seconds: int) -> None:
    assert stored(call(Expires=value)).exp_time == 1000 + seconds


def test_without_content_length_the_body_runs_to_the_end() -> None:
    assert stored(call(body=b"all\0of it\r\n")).body == b"all\0of it\r\n"


def test_a_shorter_content_length_cuts_the_body() -> None:
    assert stored(call(Content_Length="3")).body == b"Hel"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Content_Length": "6"}, "Content-Length is wrong"),
        ({"Content_Length": "abc"}, "Content-Length is wrong"),
        ({"Content_Length": "0"}, "no body"),
        ({"Content_Type": None}, "no Content-Type"),
        ({"Content_Type": ""}, "no Content-Type"),
        ({"Content_Type": "text"}, "type/subtype"),
        ({"Content_Encoding": "gzip"}, "encoded"),
        ({"From": None}, "no From"),
        ({"From": "<sip:alice@example.com"}, "From cannot be read"),
        ({"From": "<alice>"}, "From holds no URI"),
        ({"From": "<sip:al\udcffice@h>"}, "not UTF-8"),
        ({"To": None}, "no To"),
    ],
)
def test_what_is_not_stored_says_why(changes: dict[str, str | None], reason: str) -> None:
    assert reason in refusal(call(**changes))  # type: ignore[arg-type]


def test_an_empty_body_is_not_stored() -> None:
    assert "no body" in refusal(call(body=b""))


def test_without_any_complete_address_nothing_is_stored() -> None:
    assert "complete address" in refusal(call("sip:example.com", To="<tel:+4930>"))


@pytest.mark.parametrize(
    ("uri", "changes"),
    [
        ("sip:bob@example.com", {"From": "<sip:R@EXAMPLE.com:5060>;tag=1"}),
        ("sip:bob@example.com", {"To": "<sip:r@example.com>"}),
        ("sip:r@example.com", {}),
    ],
)
def test_nothing_from_or_to_the_registrar_is_stored(uri: str, changes: dict[str, str]) -> None:
    assert "registrar" in refusal(call(uri, **changes), rules(registrar=b"sip:r@example.com"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sizes", "changes", "reason"),
    [
        (
            {"ctype": 32},
            {"Content_Type": "text/plain;x=" + "y" * 30},
            "ctype would have 43 characters, the column takes 32",
        ),
        ({"src_addr": 20}, {}, "src_addr would have 25 characters"),
        ({"body": 4}, {}, "its body has 5 octets, the column takes 4"),
    ],
)
def test_what_does_not_fit_the_table_is_not_stored_and_both_sizes_are_named(
    sizes: dict[str, int | None], changes: dict[str, str], reason: str
) -> None:
    text = refusal(call(**changes), rules(WIDE | sizes))  # type: ignore[arg-type]
    assert reason in text
    assert "ALTER TABLE silo MODIFY" in text


def test_what_no_message_could_carry_back_is_not_stored() -> None:
    assert "a SIP message could carry" in refusal(call(body=b"x" * LARGEST_BODY))


@pytest.mark.parametrize(
    ("uri", "user", "host"),
    [
        ("sip:bob@example.com", "bob", "example.com"),
        ("sip:bob@127.0.0.1", "to", "example.org"),
        ("sip:bob@[::1]", "to", "example.org"),
    ],
)
def test_the_two_columns_of_ser_0_9_are_filled_as_it_does(uri: str, user: str, host: str) -> None:
    letter = stored(call(uri, To="<sip:to@example.org>"))
    assert (letter.user, letter.host) == (user, host)


@pytest.mark.parametrize("length", [255, 256, 511, 512])
def test_the_statement_that_widens_a_column_makes_it_wide_enough(length: int) -> None:
    sender = "sip:a@" + "h" * (length - 6)
    said = refusal(call(From=f"<{sender}>;tag=1"), rules({**WIDE, "src_addr": 200}))
    size = re.search(r"MODIFY src_addr VARCHAR\((\d+)\) NOT NULL DEFAULT '';", said)
    assert size is not None
    assert int(size[1]) >= length


def test_octets_count_where_a_message_must_fit_a_datagram() -> None:
    sender = "sip:" + "\U0001f600" * 200 + "@h"
    assert "octets" in refusal(call(From=f"<{sender}>;tag=1", body=b"x" * (LARGEST_BODY - 800)))
