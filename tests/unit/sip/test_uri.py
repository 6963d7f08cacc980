from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serpy.sip.uri import (
    BadUri,
    parse_uri,
    prefix_user,
    set_host,
    set_host_port,
    set_port,
    set_user,
    set_user_password,
    strip_user,
    strip_user_tail,
    unescape,
)


@pytest.mark.parametrize(
    ("text", "user", "password", "host", "port", "params", "headers"),
    [
        (b"sip:a.example", None, None, b"a.example", 0, b"", b""),
        (b"sip:bob@a.example:5070", b"bob", None, b"a.example", 5070, b"", b""),
        (b"SIPS:bob:pw@a.example;lr;x=1?Subject=hi", b"bob", b"pw", b"a.example", 0, b"lr;x=1", b"Subject=hi"),
        (b"sip:bob@[2001:db8::1]:5070;lr", b"bob", None, b"2001:db8::1", 5070, b"lr", b""),
        (b"sip:a;day=tuesday@a.example", b"a;day=tuesday", None, b"a.example", 0, b"", b""),
        (b"sip:a?b@a.example", b"a?b", None, b"a.example", 0, b"", b""),
        (b"sip:bob:@a.example", b"bob", b"", b"a.example", 0, b"", b""),
        (b"sip:caf\xc3\xa9@a.example", b"caf\xc3\xa9", None, b"a.example", 0, b"", b""),
        (b"sip:bob@a.example:0", b"bob", None, b"a.example", 0, b"", b""),
        (b"tel:+1-201-555;phone-context=x", b"+1-201-555", None, b"", 0, b"phone-context=x", b""),
    ],
)
def test_a_uri_has_these_parts(
    text: bytes, user: bytes | None, password: bytes | None, host: bytes, port: int, params: bytes, headers: bytes
) -> None:
    uri = parse_uri(text)
    assert (uri.user, uri.password, uri.host, uri.port) == (user, password, host, port)
    assert (uri.params, uri.headers, uri.text) == (params, headers, text)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"bob", b"sip:", b"sip:bob@", b"sip:@a.example", b"*", b"sip:bob@[::1", b"sip:bob@a:x", b"sip:a b@c"),
        *(
            b"sip:bob@a:",
            b"sip:bob@a:70000",
            b"http://a.example",
            b"urn:service:sos",
            b"sip:bob@a\0",
            b"tel:",
            b"sip:a@b@c",
        ),
        *(b"sip:bob@a\r\n", b"<sip:bob@a>", b"sip:bob@a:99999999999999999999"),
    ],
)
def test_this_is_no_uri(text: bytes) -> None:
    with pytest.raises(BadUri):
        parse_uri(text)


def test_the_scheme_is_in_lower_case() -> None:
    assert parse_uri(b"SipS:a.example").scheme == b"sips"


def test_parameter_names_have_no_case_and_flags_are_empty() -> None:
    uri = parse_uri(b"sip:a.example;LR;Transport=TCP")
    assert (uri.param(b"lr"), uri.transport, uri.param(b"maddr")) == (b"", b"tcp", None)


def test_only_an_ipv6_host_is_ipv6() -> None:
    assert parse_uri(b"sip:[::1]").is_ipv6
    assert not parse_uri(b"sip:127.0.0.1").is_ipv6


@pytest.mark.parametrize(
    ("text", "plain"),
    [(b"bob", b"bob"), (b"%62ob", b"bob"), (b"a%2", b"a%2"), (b"%zz%41", b"%zzA"), (b"%00%FF", b"\x00\xff")],
)
def test_escapes_are_decoded(text: bytes, plain: bytes) -> None:
    assert unescape(text) == plain


WHOLE = b"sip:bob:pw@a.example:5070;lr?X=1"


@pytest.mark.parametrize(
    ("change", "before", "argument", "after"),
    [
        (set_user, WHOLE, b"ann", b"sip:ann:pw@a.example:5070;lr?X=1"),
        (set_user, WHOLE, b"", b"sip:a.example:5070;lr?X=1"),
        (set_user, b"sip:a.example", b"ann", b"sip:ann@a.example"),
        (set_user_password, WHOLE, b"ann:x", b"sip:ann:x@a.example:5070;lr?X=1"),
        (set_user_password, WHOLE, b"ann", b"sip:ann@a.example:5070;lr?X=1"),
        (set_host, WHOLE, b"b.example", b"sip:bob:pw@b.example:5070;lr?X=1"),
        (set_host, b"sips:bob@a.example", b"b.example", b"sip:bob@b.example"),
        (set_host, b"tel:123", b"b.example", b"sip:123@b.example"),
        (set_host_port, WHOLE, b"b.example", b"sip:bob:pw@b.example;lr?X=1"),
        (set_host_port, WHOLE, b"b.example:1;x", b"sip:bob:pw@b.example:1;x;lr?X=1"),
        (set_port, WHOLE, b"1", b"sip:bob:pw@a.example:1;lr?X=1"),
        (set_port, WHOLE, b"", b"sip:bob:pw@a.example;lr?X=1"),
        (set_port, b"sip:[::1]", b"1", b"sip:[::1]:1"),
        (prefix_user, WHOLE, b"00", b"sip:00bob:pw@a.example:5070;lr?X=1"),
        (prefix_user, b"sip:a.example", b"00", b"sip:00@a.example"),
        (strip_user, WHOLE, 1, b"sip:ob:pw@a.example:5070;lr?X=1"),
        (strip_user, WHOLE, 4, b"sip:a.example:5070;lr?X=1"),
        (strip_user_tail, WHOLE, 1, b"sip:bo:pw@a.example:5070;lr?X=1"),
        (strip_user_tail, WHOLE, 0, WHOLE),
        (strip_user_tail, WHOLE, 4, b"sip:a.example:5070;lr?X=1"),
    ],
)
def test_a_rewrite_changes_one_part(
    change: Callable[[bytes, bytes | int], bytes], before: bytes, argument: bytes | int, after: bytes
) -> None:
    assert change(before, argument) == after


def test_a_tel_uri_has_no_user_to_set_before_it_has_a_host() -> None:
    with pytest.raises(BadUri, match="no host"):
        set_user(b"tel:123", b"ann")


USERS = st.text("abcXYZ019-_.!~*'()&=+$,;?/%", min_size=1, max_size=12).map(str.encode)
HOSTS = st.sampled_from([b"a.example", b"10.0.0.1", b"[2001:db8::1]"])
URIS = st.builds(
    lambda scheme, user, host, port, params: scheme + user + host + port + params,
    st.sampled_from([b"sip:", b"sips:"]),
    st.one_of(st.just(b""), USERS.map(lambda user: user + b"@"), USERS.map(lambda user: user + b":pw@")),
    HOSTS,
    st.sampled_from([b"", b":5070"]),
    st.sampled_from([b"", b";lr", b";a=b;c?H=1"]),
)


@given(URIS, USERS, HOSTS, st.integers(1, 65535), st.integers(0, 15))
def test_what_is_rewritten_parses_again(text: bytes, user: bytes, host: bytes, port: int, count: int) -> None:
    for changed in (set_user(text, user), prefix_user(text, user), set_user_password(text, user + b":x")):
        assert parse_uri(changed).user is not None
    assert parse_uri(set_host(text, host)).port == parse_uri(text).port
    assert parse_uri(set_port(text, b"%d" % port)).port == port
    for changed in (set_host_port(text, b"%b:1" % host), strip_user(text, count), strip_user_tail(text, count)):
        assert parse_uri(changed).params == parse_uri(text).params
