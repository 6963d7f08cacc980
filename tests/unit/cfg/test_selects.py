"""SER dialect 2.7: what selects read, and what is said of those that read nothing."""

from __future__ import annotations

import pytest

from serpy.cfg.catalogue import Catalogue
from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.nodes import Select
from serpy.cfg.selects import find
from serpy.dialect import Dialect
from serpy.module import Module, Route, select
from serpy.script.call import Call
from serpy.script.core import Core
from tests.unit.cfg.bench import RESPONSE, Bench

FULL = b"\r\n".join(
    [
        b"REGISTER sip:bob:pw@here.org:5070;transport=udp;lr SIP/2.0",
        b"Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;rport;i=7;alias (first),"
        b" SIP/2.0/TCP [::1];branch=z9hG4bK2;x=y",
        b"v: SIP/2.0/TLS third.org;branch=z9hG4bK3;received=10.0.0.3",
        b'From: "Alice A" <sip:alice@There.org>;tag=1;x=z',
        b"To: <sips:bob@[::2]>",
        b'Contact: "Al" <sip:al@10.0.0.1:5071>;q=0.5;expires=60;methods="INVITE";+sip.instance="<urn:1>", <sip:b@c>',
        b"Record-Route: P <sip:p1.org;lr>;a=b, <sip:p2.org;lr>",
        b"CSeq: 17 REGISTER",
        b"Call-ID: 1@x",
        b"Event: presence",
        b"Subject: one",
        b"s: two",
        b'P-Asserted-Identity: "A" <tel:123>;p=q',
        b'Authorization: Digest username="al@dom", realm="other", nonce="n0"',
        b'Authorization: Digest username="alice@dom.org", realm="here", nonce="a,\\"b",'
        b' uri="sip:u@h:7", nc=00000001, qop=auth',
        b'Proxy-Authorization: Digest username="px", realm="here", response="r1", opaque="", algorithm=MD5, cnonce="c"',
        b"",
        b"",
    ]
)


def value(text: str, data: bytes = FULL, kind: Route = Route.REQUEST, name: str = "0") -> bytes | int | None:
    """What a script assigns from the select."""
    keyword = "route" if kind is Route.REQUEST else "onreply_route[1]"
    bench = Bench(f"{keyword} {{ $x = {text}; }}", Dialect.SER_2)
    call = bench.call(data, kind)
    bench.run(call, kind, "0" if kind is Route.REQUEST else "1")
    kept = call.values.get("core.attributes")
    found: bytes | int | None = kept.lists["fr", "x"][0].value if kept is not None else None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@method", b"REGISTER"),
        ("@ruri", b"sip:bob:pw@here.org:5070;transport=udp;lr"),
        ("@ruri.type", b"sip"),
        ("@ruri.user", b"bob"),
        ("@ruri.pwd", b"pw"),
        ("@ruri.host", b"here.org"),
        ("@ruri.port", b"5070"),
        ("@ruri.params", b"transport=udp;lr"),
        ("@ruri.params.transport", b"udp"),
        ("@ruri.params.lr", b""),
        ("@ruri.hostport", b"here.org:5070"),
        ("@next_hop.host", b"here.org"),
        ("@from", b'"Alice A" <sip:alice@There.org>;tag=1;x=z'),
        ("@from.uri", b"sip:alice@There.org"),
        ("@f.uri.host", b"There.org"),
        ("@from.uri.pwd", b""),
        ("@from.uri.port", b""),
        ("@from.uri.hostport", b"There.org:5060"),
        ("@from.tag", b"1"),
        ("@from.name", b'"Alice A"'),
        ("@from.params.x", b"z"),
        ("@to.uri.type", b"sips"),
        ("@to.uri.host", b"[::2]"),
        ("@to.uri.hostport", b"[::2]:5061"),
        ("@t.tag", b""),
        ("@contact.uri", b"sip:al@10.0.0.1:5071"),
        ("@m.uri.port", b"5071"),
        ("@contact.name", b'"Al"'),
        ("@contact.q", b"0.5"),
        ("@contact.expires", b"60"),
        ("@contact.methods", b'"INVITE"'),
        ("@contact.instance", b'"<urn:1>"'),
        ("@contact.params.q", b"0.5"),
        ("@via", b"SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;rport;i=7;alias"),
        ("@via[1].branch", b"z9hG4bK1"),
        ("@via.name", b"SIP"),
        ("@via.version", b"2.0"),
        ("@via.transport", b"UDP"),
        ("@via.host", b"10.0.0.1"),
        ("@via.port", b"5070"),
        ("@via.comment", b"first"),
        ("@via.rport", b""),
        ("@via.i", b"7"),
        ("@via.alias", b""),
        ("@via[2].host", b"[::1]"),
        ("@v[2].params.x", b"y"),
        ("@via[2].port", b""),
        ("@via[3].received", b"10.0.0.3"),
        ("@via[-1].transport", b"TLS"),
        ("@via[-2].branch", b"z9hG4bK2"),
        ("@record_route.uri", b"sip:p1.org;lr"),
        ("@rr.uri.host", b"p1.org"),
        ("@rr.name", b"P"),
        ("@rr.params.a", b"b"),
        ("@cseq", b"17 REGISTER"),
        ("@cseq.num", b"17"),
        ("@cseq.method", b"REGISTER"),
        ("@event", b"presence"),
        ('@msg["Subject"]', b"one"),
        ("@msg.subject[2]", b"two"),
        ("@msg.subject[-1]", b"two"),
        ("@msg.call_id", b"1@x"),
        ('@msg["P-Asserted-Identity"].nameaddr.uri', b"tel:123"),
        ("@msg.p_asserted_identity.nameaddr.uri.user", b"123"),
        ("@msg.p_asserted_identity[1].nameaddr.name", b'"A"'),
        ("@msg.p_asserted_identity.nameaddr.params.p", b"q"),
        ("@msg.p_asserted_identity.params.p", b"q"),
        ('@authorization["here"].username', b"alice@dom.org"),
        ('@authorization["here"].username.user', b"alice"),
        ('@authorization["here"].username.domain', b"dom.org"),
        ('@authorization["here"].nonce', b'a,"b'),
        ('@authorization["here"].uri', b"sip:u@h:7"),
        ('@authorization["here"].uri.port', b"7"),
        ('@authorization["here"].nc', b"00000001"),
        ('@authorization["other"].nonce', b"n0"),
        ('@proxy_authorization["here"].response', b"r1"),
        ('@proxy_authorization["here"].algorithm', b"MD5"),
        ("@src.ip", b"10.0.0.1"),
        ("@src.port", b"5070"),
        ("@src.ip_port", b"10.0.0.1:5070"),
        ("@dst.ip", b"127.0.0.1"),
        ("@dst.ip_port", b"127.0.0.1:5060"),
        ("@received.proto", b"udp"),
        ("@received.port", b"5060"),
        ("@received.proto_ip_port", b"udp:127.0.0.1:5060"),
    ],
)
def test_a_select_reads(text: str, expected: bytes) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@dst_uri",
        "@dst_uri.host",
        "@from.params.none",
        "@ruri.params.none",
        "@contact.received",
        "@msg.subject[3]",
        "@msg.none.nameaddr.uri.user",
        '@authorization["nowhere"].username',
        '@authorization["other"].qop',
        "@status",
    ],
)
def test_what_the_message_does_not_have_is_empty(text: str) -> None:
    assert value(text) == b""


@pytest.mark.parametrize("text", ["@via[4].host", "@via[9]", "@to.uri.user", "@contact.uri", "@from.uri"])
def test_what_cannot_be_read_assigns_nothing(text: str) -> None:
    broken = FULL.replace(b"<sips:bob@[::2]>", b"<sips:b o b>").replace(b'"Al" <sip:al', b'"Al <sip:al')
    broken = broken.replace(b'From: "Alice A" <', b'From: "Alice A" ').replace(b"Contact", b"Kontact")
    assert value(text, broken) is None


def test_selects_read_replies() -> None:
    assert value("@status", RESPONSE, Route.ONREPLY) == b"180"
    assert value("@cseq.method", RESPONSE, Route.ONREPLY) == b"INVITE"
    assert value("@ruri", RESPONSE, Route.ONREPLY) == b""


def test_the_request_uri_is_the_current_one() -> None:
    bench = Bench('route { rewritehost("new.org"); if (@ruri.host == "new.org") note("T"); }', Dialect.SER_2)
    assert bench.notes() == ["T"]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("@from.uri.usr", "did you mean @from.uri.user?"),
        ("@frm", "did you mean @from?"),
        ("@via[1].hst", "did you mean @via[1].host?"),
        ("@src", "behind @src may stand ip, ip_port or port"),
        ("@cseq.zzz", "behind @cseq may stand method or num"),
        ('@via["x"].host', "behind @via may stand "),
        ("@from.tag.user", "nothing may stand behind @from.tag"),
        ("@ruri.user.host", "nothing may stand behind @ruri.user"),
        ("@zzz", "known are @authorization, @contact, "),
    ],
)
def test_an_unknown_select_is_explained(text: str, advice: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Bench(f"route {{ $x = {text}; }}", Dialect.SER_2)
    (found,) = [one for one in caught.value.diagnostics if one.severity == "error"]
    assert (found.code, found.message) == ("unknown-select", f"there is nothing to read under {text}")
    assert found.hint.startswith(advice)


class Weather(Module):
    """A module of somebody else's."""

    name = "weather"

    @select("weather", "weather.*", "weather.*.*")
    def report(self, call: Call, place: str = "here", day: int = 1) -> bytes:
        return b"%b %d" % (place.encode(), day)

    @select("weather.link", uri=True)
    def link(self, call: Call) -> bytes:
        return b"sip:rain@weather.org"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["weather"], b"here 1"),
        (["weather", "rome"], b"rome 1"),
        (["weather", "rome", 3], b"rome 3"),
        (["weather", "link"], b"sip:rain@weather.org"),
        (["weather", "link", "user"], b"rain"),
    ],
)
def test_a_module_declares_its_own(parts: list[str | int], expected: bytes) -> None:
    bench = Bench("route { ; }")
    node = Select(next(iter(bench.script._routes.values())).span, "@weather", parts)
    reader = find(node, [Core, Weather])
    assert reader is not None
    assert reader.bind({"weather": Weather(bench.host)})(bench.call()) == expected  # type: ignore[arg-type]


def test_what_a_module_does_not_declare_is_not_found() -> None:
    span = next(iter(Bench("route { ; }").script._routes.values())).span
    assert find(Select(span, "", ["weather", 3]), [Core, Weather]) is None
    assert find(Select(span, "", ["weather", "rome", "x"]), [Core, Weather]) is None
    assert find(Select(span, "", ["weather", "rome"]), [Core]) is None


def test_no_method_of_a_select_is_hidden_by_another() -> None:
    classes: list[type[Module]] = [Core, *Catalogue().classes()]
    assert any(cls.selects for cls in classes[1:])
    for cls in classes:
        declared = [path for base in cls.__mro__ for one in vars(base).values() for path in selects_of(one)]
        known = [one for paths in cls.selects.values() for one in paths]
        assert len(known) == len(declared), cls
        assert all(getattr(cls, one.method) is one.function for one in known), cls


def selects_of(member: object) -> list[object]:
    """What is declared on a member of a class."""
    return list(getattr(member, "__serpy_selects__", ()))
