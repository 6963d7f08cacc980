"""Single values and parameters of headers (the `*_hf_value` commands of SER 2)."""

from __future__ import annotations

import pytest

from serpy.modules.textops import Textops
from tests.unit.modules.registrar.fakes import FakeHost, load, message, request_call, run

HEADERS = (
    "Supported: path, 100rel",
    "X: one;a=1;b, two",
    "X: three",
    'Authorization: Digest realm="a, b", nonce="n", uri="u"',
)


def change(name: str, *texts: str) -> tuple[bool, list[str]]:
    """The command's answer, and the message's own headers afterwards."""
    host = FakeHost()
    call = request_call(host, message("INVITE", "sip:bob@h", *HEADERS))
    answer = run(load(Textops, host), call, name, *texts)
    lines = call.edits.apply(call.message.data).decode().split("\r\n")[1:-2]
    usual = ("Via", "From", "To", "Call-ID", "CSeq")
    return answer, [line for line in lines if not line.startswith(usual)]


def with_changed(at: int, *lines: str) -> list[str]:
    changed = list(HEADERS)
    changed[at : at + 1] = lines
    return changed


@pytest.mark.parametrize(
    ("name", "texts", "headers"),
    [
        ("append_hf_value", ("X", "new"), [*HEADERS, "X: new"]),
        ("append_hf_value", ("X[1]", "new"), with_changed(1, "X: one;a=1;b, new, two")),
        ("append_hf_value", ("X[-1]", "new"), with_changed(2, "X: three, new")),
        ("append_hf_value", ("X[9]", "new"), [*HEADERS, "X: new"]),
        ("append_hf_value", ("Y[1]", "new"), [*HEADERS, "Y: new"]),
        ("insert_hf_value", ("X", "new"), ["X: new", *HEADERS]),
        ("insert_hf_value", ("X[2]", "new"), with_changed(1, "X: one;a=1;b, new, two")),
        ("insert_hf_value", ("X[3]", "new"), with_changed(2, "X: new, three")),
        ("remove_hf_value", ("X",), with_changed(1, "X: two")),
        ("remove_hf_value", ("X[2]",), with_changed(1, "X: one;a=1;b")),
        ("remove_hf_value", ("x[-1]",), with_changed(2)),
        ("remove_hf_value", ("X[*]",), [HEADERS[0], HEADERS[3]]),
        ("remove_hf_value", ("X.a",), with_changed(1, "X: one;b, two")),
        ("remove_hf_value", ("X[1].B",), with_changed(1, "X: one;a=1, two")),
        ("remove_hf_value", ("X.p.b",), with_changed(1, "X: one;a=1, two")),
        ("assign_hf_value", ("X", "new"), with_changed(1, "X: new, two")),
        ("assign_hf_value", ("X[3]", "new"), with_changed(2, "X: new")),
        ("assign_hf_value", ("X[*]", "new"), [HEADERS[0], HEADERS[3], "X: new"]),
        ("assign_hf_value", ("X.a", "2"), with_changed(1, "X: one;a=2;b, two")),
        ("assign_hf_value", ("X.b", "2"), with_changed(1, "X: one;a=1;b=2, two")),
        ("assign_hf_value", ("X[2].c", "3"), with_changed(1, "X: one;a=1;b, two;c=3")),
        ("include_hf_value", ("Supported", "timer"), with_changed(0, "Supported: path, 100rel, timer")),
        ("include_hf_value", ("Supported", "PATH"), list(HEADERS)),
        ("include_hf_value", ("Require", "path"), [*HEADERS, "Require: path"]),
        ("exclude_hf_value", ("Supported", "path"), with_changed(0, "Supported: 100rel")),
        ("exclude_hf_value", ("Supported", "100REL"), with_changed(0, "Supported: path")),
        ("exclude_hf_value", ("Supported", "timer"), list(HEADERS)),
        ("hf_value_exists", ("Supported", "Path"), list(HEADERS)),
        (
            "remove_hf_value2",
            ("Authorization.realm",),
            with_changed(3, 'Authorization: Digest nonce="n", uri="u"'),
        ),
        (
            "remove_hf_value2",
            ("Authorization.uri",),
            with_changed(3, 'Authorization: Digest realm="a, b", nonce="n"'),
        ),
        (
            "assign_hf_value2",
            ("Authorization[1].nonce", '"m"'),
            with_changed(3, 'Authorization: Digest realm="a, b", nonce="m", uri="u"'),
        ),
        (
            "assign_hf_value2",
            ("Authorization.opaque", '"o"'),
            with_changed(3, 'Authorization: Digest realm="a, b", nonce="n", uri="u", opaque="o"'),
        ),
    ],
)
def test_one_value_is_changed_and_the_rest_stays(name: str, texts: tuple[str, ...], headers: list[str]) -> None:
    assert change(name, *texts) == (True, headers)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("remove_hf_value", ("X[4]",)),
        ("remove_hf_value", ("Y",)),
        ("remove_hf_value", ("Y[*]",)),
        ("remove_hf_value", ("X.z",)),
        ("assign_hf_value", ("Y", "new")),
        ("hf_value_exists", ("Supported", "timer")),
        ("hf_value_exists", ("Y", "timer")),
        ("remove_hf_value2", ("Authorization.cnonce",)),
        ("remove_hf_value2", ("Y.a",)),
        ("assign_hf_value2", ("Y.a", "1")),
    ],
)
def test_what_is_not_there_is_not_changed(name: str, texts: tuple[str, ...]) -> None:
    assert change(name, *texts) == (False, list(HEADERS))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("append_hf_value", ("X.a", "v")),
        ("append_hf_value", ("X[*]", "v")),
        ("append_hf_value", ("X", "v\r\nEvil: 1")),
        ("append_hf_value", ("", "v")),
        ("remove_hf_value", ("X[0]",)),
        ("remove_hf_value", ("X[*].a",)),
        ("remove_hf_value2", ("Authorization",)),
        ("include_hf_value", ("X[1]", "v")),
    ],
)
def test_a_place_that_cannot_be_meant_is_refused_at_load(name: str, texts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"is not of the form|expected here|one line|counted from 1|no parameter"):
        change(name, *texts)
