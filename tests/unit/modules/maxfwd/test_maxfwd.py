"""Max-Forwards on its way through the proxy (SER dialect 6.3, BEHAVIOUR 2, decisions D21 and D22)."""

from __future__ import annotations

import pytest

from serpy.module import ParamError
from serpy.modules.maxfwd import Maxfwd
from tests.unit.modules.registrar.fakes import FakeHost, load, message, request_call, run


def process(value: str | None, argument: str = "10", **params: int) -> tuple[bool, str | None]:
    """What the command answers, and the header as it goes out (None: unchanged)."""
    host = FakeHost()
    headers = () if value is None else (f"Max-Forwards: {value}",)
    call = request_call(host, message("OPTIONS", "sip:bob@127.0.0.1", *headers))
    answer = run(load(Maxfwd, host, **params), call, "mf_process_maxfwd_header", argument)
    if not call.edits:
        return answer, None
    lines = call.edits.apply(call.message.data).decode().split("\r\n")
    return answer, next(line for line in lines if line.startswith("Max-Forwards"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("70", (True, "Max-Forwards: 69")),
        ("10", (True, "Max-Forwards:  9")),
        ("100", (True, "Max-Forwards:  99")),
        ("00070", (True, "Max-Forwards:    69")),
        ("1", (True, "Max-Forwards: 0")),
        ("255", (True, "Max-Forwards: 254")),
        ("0", (False, None)),
        ("000", (False, None)),
        (None, (True, "Max-Forwards: 10")),
        ("256", (True, "Max-Forwards:  10")),
        ("99999999999", (True, "Max-Forwards:          10")),
        ("9" * 5000, (True, "Max-Forwards: " + "10".rjust(5000))),
        ("abc", (True, "Max-Forwards:  10")),
        ("-1", (True, "Max-Forwards: 10")),
        ("7;x", (True, "Max-Forwards:  10")),
        ("", (True, "Max-Forwards: 10")),
    ],
)
def test_the_header_is_lowered_or_put_right(value: str | None, expected: tuple[bool, str | None]) -> None:
    answer, header = process(value)
    if value == "" and header is not None:
        header = header.rstrip()
    assert (answer, header) == expected


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        ("17", 16, "Max-Forwards: 16"),
        ("18", 16, "Max-Forwards: 16"),
        ("16", 16, "Max-Forwards: 15"),
        ("255", 16, "Max-Forwards:  16"),
        ("17", 0, "Max-Forwards: 16"),
        ("200", 0, "Max-Forwards: 199"),
        (None, 5, "Max-Forwards: 5"),
        ("abc", 5, "Max-Forwards:   5"),
    ],
)
def test_max_limit_bounds_the_value(value: str | None, limit: int, expected: str) -> None:
    assert process(value, max_limit=limit) == (True, expected)


def test_a_missing_header_is_put_before_all_others() -> None:
    host = FakeHost()
    call = request_call(host, message())
    run(load(Maxfwd, host), call, "process_maxfwd", "10")
    assert call.edits.apply(call.message.data).split(b"\r\n")[1] == b"Max-Forwards: 10"


def test_only_the_first_of_two_headers_counts() -> None:
    host = FakeHost()
    call = request_call(host, message("OPTIONS", "sip:bob@h", "Max-Forwards: 5", "Max-Forwards: 0"))
    assert run(load(Maxfwd, host), call, "mf_process_maxfwd_header", "10") is True
    assert b"Max-Forwards: 4\r\nMax-Forwards: 0" in call.edits.apply(call.message.data)


def test_a_second_call_sees_what_the_first_one_left() -> None:
    host = FakeHost()
    maxfwd = load(Maxfwd, host)
    call = request_call(host, message("OPTIONS", "sip:bob@h", "Max-Forwards: 1"))
    assert [run(maxfwd, call, "mf_process_maxfwd_header", "10") for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("value", "least", "expected"),
    [("5", "6", False), ("6", "6", True), ("7", "6", True), (None, "6", True), ("abc", "6", True)],
)
def test_lowlimit_is_false_below_its_bound(value: str | None, least: str, expected: bool) -> None:
    host = FakeHost()
    headers = () if value is None else (f"Max-Forwards: {value}",)
    call = request_call(host, message("OPTIONS", "sip:bob@h", *headers))
    assert run(load(Maxfwd, host), call, "mf_lowlimit", least) is expected


def test_lowlimit_sees_the_lowered_value() -> None:
    host = FakeHost()
    maxfwd = load(Maxfwd, host)
    call = request_call(host, message("OPTIONS", "sip:bob@h", "Max-Forwards: 6"))
    run(maxfwd, call, "mf_process_maxfwd_header", "10")
    assert run(maxfwd, call, "mf_lowlimit", "6") is False


@pytest.mark.parametrize("text", ["256", "-1", "ten", ""])
def test_an_argument_that_is_no_number_of_hops_is_refused_at_load(text: str) -> None:
    host = FakeHost()
    with pytest.raises(ValueError, match="is not a number of hops"):
        run(load(Maxfwd, host), request_call(host, message()), "mf_process_maxfwd_header", text)


@pytest.mark.parametrize("limit", [-1, 257])
def test_a_max_limit_that_is_no_number_of_hops_is_refused(limit: int) -> None:
    with pytest.raises(ParamError, match="is not a number of hops"):
        load(Maxfwd, FakeHost(), max_limit=limit)
