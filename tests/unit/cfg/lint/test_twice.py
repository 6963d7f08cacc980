"""Parameters that are set twice."""

from __future__ import annotations

from tests.unit.cfg.lint.findings import found, labels, told

END = "\nroute { drop; }"


def test_a_global_parameter_that_is_set_twice() -> None:
    finding = told("set-twice", "port=5060\nport=5070" + END)
    assert finding.message == "port is set twice: this value is the one that counts"
    assert labels(finding) == [("5060", "set here first")]


def test_a_modparam_that_is_set_twice() -> None:
    text = 'modparam("tm", "fr_timer", 10)\nmodparam("tm", "fr_timer", 12)' + END
    assert found("set-twice", text) == ["12"]


def test_a_modparam_that_an_expression_sets_again() -> None:
    text = 'modparam("usrloc", "use_domain", 1)\nmodparam("usrloc|registrar", "use_domain", 1)' + END
    assert told("set-twice", text).message.startswith("use_domain of usrloc is set twice")


def test_what_is_a_list_may_be_set_often() -> None:
    assert not found("set-twice", "listen=127.0.0.1\nlisten=127.0.0.2\nalias=a\nalias=b" + END)


def test_two_names_that_are_alike() -> None:
    assert not found("set-twice", 'modparam("tm", "fr_timer", 10)\nmodparam("tm", "fr_inv_timer", 10)' + END)
