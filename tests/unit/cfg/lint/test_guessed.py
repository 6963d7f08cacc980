"""What another version would run otherwise."""

from __future__ import annotations

from tests.unit.cfg.lint.findings import found, labels, told

DROPS = 'route[1] { if (method=="SUBSCRIBE") { drop; } }'


def test_drop_in_a_route_behind_whose_call_something_follows() -> None:
    finding = told("drop-by-version", f'route {{ route(1); sl_send_reply("404", "No"); }} {DROPS}')
    assert finding.message.startswith("drop ends route[1] only")
    assert labels(finding) == [("route(1)", "the caller goes on here")]


def test_what_follows_may_stand_behind_the_block() -> None:
    text = f'route {{ if (uri==myself) {{ route(1); }} sl_send_reply("404", "No"); }} {DROPS}'
    assert found("drop-by-version", text) == ["drop"]


def test_a_script_that_says_its_version() -> None:
    assert not found("drop-by-version", f'route {{ route(1); sl_send_reply("404", "No"); }} {DROPS}', "#!SER 0.9")


def test_a_call_behind_which_nothing_follows() -> None:
    assert not found("drop-by-version", f"route {{ if (uri==myself) {{ route(1); drop; }} route(1); }} {DROPS}")


def test_break_means_the_same_in_all_versions() -> None:
    text = 'route { route(1); sl_send_reply("404", "No"); } route[1] { if (method=="SUBSCRIBE") { break; } }'
    assert not found("drop-by-version", text)
