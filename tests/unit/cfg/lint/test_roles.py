"""Commands that serpy does not have, by what scripts have used their names for."""

from __future__ import annotations

import pytest

from tests.unit.cfg.lint.findings import HOPS, MODULES, of_any_modules

HEAD = f"{MODULES}\nroute {{ {HOPS}"


def codes(text: str) -> set[str]:
    return {one.code for one in of_any_modules(f"{HEAD} {text}")}


@pytest.mark.parametrize("test", ['www_authorize("", "subscriber")', "allow_trusted()", 'radius_www_authorize("")'])
def test_a_command_that_authenticates(test: str) -> None:
    text = f'if (!{test}) {{ www_challenge("", "0"); break; }} save("location"); }}'
    assert "unauthenticated-register" not in codes(text)


def test_a_command_that_authenticates_and_is_not_listened_to() -> None:
    text = 'www_authorize("", "subscriber"); save("location"); }'
    assert "unauthenticated-register" in codes(text)


def test_a_challenge_ends_only_the_route_it_stands_in_up_to_0_9() -> None:
    text = 'route(1); save("location"); } route[1] { if (!www_authorize("", "s")) { www_challenge("", "0"); } }'
    assert codes(text) >= {"unauthenticated-register", "reply-twice"}


@pytest.mark.parametrize("test", ["loose_route()", "has_totag()", "is_uri_host_local()", 'alias_db_lookup("x")'])
def test_a_command_that_says_where_the_request_goes(test: str) -> None:
    assert "open-relay" not in codes(f"if ({test}) {{ t_relay(); }} drop; }}")


@pytest.mark.parametrize("command", ["record_route();", 'xlog("x");', "fix_nated_contact();"])
def test_a_command_that_does_nothing_of_the_kind(command: str) -> None:
    assert "open-relay" in codes(f"{command} t_relay(); }}")


def test_a_command_that_nobody_knows_may_have_done_anything() -> None:
    assert not codes('if (my_own_check()) { save("location"); drop; } t_relay(); }')
