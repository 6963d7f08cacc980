"""Commands that look into messages and change them (SER dialect 6.4)."""

from __future__ import annotations

from typing import Any

import pytest

from serpy.dialect import Dialect
from serpy.module import Route
from serpy.modules.textops import Textops
from serpy.script.call import Call
from tests.unit.modules.registrar.fakes import FakeHost, load, message, request_call, run

HEADERS = ("Subject: One two", "Supported: path, 100rel", "f2: x", "Content-Length: 9")
DATA = message("MESSAGE", "sip:bob@127.0.0.1", *HEADERS, body="one\r\nTwo\n")


class Bench:
    """One message under the commands of textops."""

    def __init__(self, data: bytes = DATA, dialect: Dialect = Dialect.SER_0_9) -> None:
        self.host = FakeHost(dialect)
        self.call = request_call(self.host, data)
        self.textops = load(Textops, self.host)

    def run(self, name: str, *texts: str) -> Any:
        return run(self.textops, self.call, name, *texts)

    @property
    def out(self) -> bytes:
        """The message with all changes."""
        return self.call.edits.apply(self.call.message.data)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("^MESSAGE sip:", True),
        ("subject: one TWO", True),
        ("^two$", True),
        ("^one.two$", False),
        ("Subject.*path", False),
        ("^[^x]*Supported", True),
        ("^f2: [x]\r$", True),
        ("nowhere", False),
    ],
)
def test_search_goes_over_the_whole_message_line_by_line(expression: str, found: bool) -> None:
    assert Bench().run("search", expression) is found


def test_search_does_not_see_earlier_changes() -> None:
    bench = Bench()
    bench.run("append_hf", "X-New: 1\r\n")
    assert bench.run("search", "X-New") is False


@pytest.mark.parametrize(
    ("name", "texts", "before", "after"),
    [
        ("replace", ("one", "1"), b"Subject: One two", b"Subject: 1 two"),
        ("replace", ("^two$", "2"), b"\nTwo\n", b"\n2\n"),
        ("replace", ("sip:bob@127.0.0.1", "x"), b"To: <sip:bob@127.0.0.1>", b"To: <x>"),
        ("search_append", ("Subject: one", " more"), b"One two", b"One more two"),
        ("search_append", ("", "X"), b"Via", b"XVia"),
        ("subst", ("/Subject: (.*) two/Subject: two \\1/",), b"One two", b"two One"),
        ("subst", ("/SUBJECT/Thema/i",), b"Subject", b"Thema"),
        ("subst", ("/^CSeq: ([0-9]+)/CSeq: 1\\1/",), b"CSeq: 1 ", b"CSeq: 11 "),
    ],
)
def test_the_first_match_behind_the_first_line_is_changed(
    name: str, texts: tuple[str, ...], before: bytes, after: bytes
) -> None:
    bench = Bench()
    assert bench.run(name, *texts) is True
    first_line, rest = DATA.split(b"\r\n", 1)
    assert bench.out == first_line + b"\r\n" + rest.replace(before, after, 1)


def test_replace_all_changes_every_match() -> None:
    bench = Bench()
    assert bench.run("replace_all", "one", "1") is True
    assert bench.out.count(b"1 two") == 1
    assert bench.out.endswith(b"\r\n\r\n1\r\nTwo\n")


def test_subst_with_g_changes_every_match() -> None:
    bench = Bench()
    assert bench.run("subst", "/[oO]ne/\\0!/g") is True
    assert (bench.out.count(b"One!"), bench.out.count(b"one!")) == (1, 1)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("replace", ("^MESSAGE", "X")),
        ("replace_all", ("nowhere", "X")),
        ("search_append", ("nowhere", "X")),
        ("subst", ("/^MESSAGE/X/",)),
        ("subst", ("/SUBJECT/X/",)),
    ],
)
def test_without_a_match_nothing_is_changed(name: str, texts: tuple[str, ...]) -> None:
    bench = Bench()
    assert bench.run(name, *texts) is False
    assert bench.out == DATA


def test_of_two_changes_to_the_same_bytes_the_first_one_stands() -> None:
    bench = Bench()
    assert bench.run("replace", "Subject: One", "Subject: Eins") is True
    assert bench.run("replace", "One", "Uno") is False
    assert b"Subject: Eins two" in bench.out


def test_a_change_across_the_end_of_the_headers_is_refused() -> None:
    bench = Bench()
    assert bench.run("subst", "/9(.*)one/8/s") is False
    assert bench.out == DATA


@pytest.mark.parametrize(
    ("name", "argument", "uri", "expected"),
    [
        ("subst_uri", "/bob@/alice@/", b"sip:bob@h", b"sip:alice@h"),
        ("subst_uri", "/^sip:(.*)$/sips:\\1/", b"sip:bob@h;x", b"sips:bob@h;x"),
        ("subst_uri", "/nowhere/x/", b"sip:bob@h", None),
        ("subst_uri", "/@h/ @h/", b"sip:bob@h", None),
        ("subst_uri", "/@h/@h\\r\\nEvil: 1/", b"sip:bob@h", None),
        ("subst_uri", "/b/bbbbbbbbbbbbbbbbbbbbbb/g", b"sip:" + b"b" * 60 + b"@h", None),
        ("subst_user", "/^0/+49/", b"sip:030123:pw@h:5070;x", b"sip:+4930123:pw@h:5070;x"),
        ("subst_user", "/h/x/", b"sip:bob@h", None),
        ("subst_user", "/bob/b ob/", b"sip:bob@h", None),
        ("subst_user", "/^$/new/", b"sip:h", b"sip:new@h"),
        ("subst_user", "/bob/x/", b"urn:bob", None),
    ],
)
def test_the_request_uri_is_changed_if_it_stays_one(
    name: str, argument: str, uri: bytes, expected: bytes | None
) -> None:
    bench = Bench()
    bench.call.uri = uri
    assert bench.run(name, argument) is (expected is not None)
    assert bench.call.uri == (expected or uri)


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("X-A: 1\r\n", b"X-A: 1\r\n"),
        ("X-A: 1", b"X-A: 1\r\n"),
        ("X-A: 1\n", b"X-A: 1\r\n"),
        ("X-A: 1\r\nX-B: 2\r\n", b"X-A: 1\r\nX-B: 2\r\n"),
        ("X-A: 1\r\n\r\nInjected", b"X-A: 1\r\nInjected\r\n"),
    ],
)
def test_an_appended_header_is_whole_and_ends_the_headers(text: str, added: bytes) -> None:
    bench = Bench()
    assert bench.run("append_hf", text) is True
    assert bench.out == DATA.replace(b"\r\n\r\none", b"\r\n" + added + b"\r\none")


def test_an_empty_header_is_refused_at_load() -> None:
    with pytest.raises(ValueError, match="the header is empty"):
        Bench().run("append_hf", "\r\n")


def test_append_urihf_takes_the_uri_as_received() -> None:
    bench = Bench()
    bench.call.uri = b"sip:rewritten@h"
    assert bench.run("append_urihf", "CC-Diversion: <", ">") is True
    assert b"\r\nCC-Diversion: <sip:bob@127.0.0.1>\r\n\r\n" in bench.out


def test_headers_for_replies_are_queued_in_order() -> None:
    bench = Bench()
    bench.run("append_to_reply", "X-A: 1")
    bench.run("append_time")
    assert bench.call.reply_headers == [b"X-A: 1\r\n", b"Date: Tue, 14 Nov 2023 22:30:00 GMT\r\n"]
    assert not bench.call.edits


COMPACT = message("INVITE", "sip:bob@h", "m: <sip:a@h>", "Subject: x", "SUBJECT : y", "Subject-Not: z")


@pytest.mark.parametrize(
    ("name", "dialect", "present"),
    [
        ("Subject", Dialect.SER_0_9, True),
        ("subject:", Dialect.SER_0_9, True),
        ("Contact", Dialect.SER_0_9, False),
        ("m", Dialect.SER_0_9, True),
        ("Contact", Dialect.KAMAILIO, True),
        ("Sub", Dialect.SER_0_9, False),
        ("Expires", Dialect.KAMAILIO, False),
    ],
)
def test_a_header_is_known_by_its_spelling(name: str, dialect: Dialect, present: bool) -> None:
    assert Bench(COMPACT, dialect).run("is_present_hf", name) is present


def test_remove_hf_takes_out_every_header_of_the_name() -> None:
    bench = Bench(COMPACT)
    assert bench.run("remove_hf", "Subject") is True
    assert bench.out == COMPACT.replace(b"Subject: x\r\nSUBJECT : y\r\n", b"")
    assert bench.run("remove_hf", "Contact") is False


def test_remove_hf_takes_continuation_lines_with_it() -> None:
    data = message("INVITE", "sip:bob@h", "X: a\r\n b\r\n\tc", "Y: d")
    bench = Bench(data)
    assert bench.run("remove_hf", "x") is True
    assert bench.out == data.replace(b"X: a\r\n b\r\n\tc\r\n", b"")


def test_remove_hf_re_looks_at_names() -> None:
    bench = Bench(COMPACT)
    assert bench.run("remove_hf_re", "^sub") is True
    assert b"ubject" not in bench.out
    assert bench.run("remove_hf_re", "sip:a") is False


@pytest.mark.parametrize("name", ["", "a b", "Sub\r\nject"])
def test_what_is_no_header_name_is_refused_at_load(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a header"):
        Bench().run("is_present_hf", name)


@pytest.mark.parametrize(
    ("name", "routes"),
    [
        ("search", Route.ONREPLY | Route.ONSEND),
        ("replace", Route.FAILURE | Route.ONREPLY),
        ("append_hf", Route.ONREPLY | Route.BRANCH),
        ("append_urihf", Route.FAILURE),
        ("hf_value_exists", Route.BRANCH),
    ],
)
def test_where_a_command_may_stand(name: str, routes: Route) -> None:
    (declared,) = Textops.commands[name]
    assert routes | Route.REQUEST in declared.routes


def test_no_message_is_touched_by_looking() -> None:
    bench = Bench()
    for name, argument in (("search", "one"), ("is_present_hf", "To")):
        bench.run(name, argument)
    assert isinstance(bench.call, Call)
    assert not bench.call.edits
