"""Commands that no loaded module has: one finding for each cause, with the names and the next step."""

from __future__ import annotations

from typing import Any

import pytest

from serpy.cfg import atlas, unknown
from serpy.cfg.catalogue import Catalogue, FixedCatalogue
from serpy.cfg.diagnostics import Diagnostic, ScriptError
from serpy.cfg.load import load_script
from serpy.cfg.source import Span
from serpy.dialect import Dialect
from serpy.module import Module, need


class Base(Module):
    name = "base"


class One(Module):
    name = "one"
    base: Any = need("base")


class Two(Module):
    name = "two"
    base: Any = need("base")


def findings(text: str, dialect: Dialect = Dialect.SER_0_9) -> list[Diagnostic]:
    """What is wrong with a script."""
    with pytest.raises(ScriptError) as caught:
        load_script("t.cfg", text=text.encode(), dialect=dialect, catalogue=Catalogue())
    return [finding for finding in caught.value.diagnostics if finding.severity == "error"]


def finding(text: str, dialect: Dialect = Dialect.SER_0_9) -> Diagnostic:
    (found,) = findings(text, dialect)
    return found


def marked(span: Span) -> str:
    """What stands there."""
    return span.source.lines[span.line - 1][span.column - 1 : span.end_column - 1]


# a module of serpy's own


def test_one_missing_line_gives_one_finding() -> None:
    found = finding('route { t_newtran(); t_reply("404", "No"); t_relay(); t_relay(); }')
    assert found.message == "t_newtran, t_reply and t_relay (2 times) belong to the module tm, which is not loaded"
    assert (found.code, found.hint) == ("module-not-loaded", 'add loadmodule "tm.so"')
    assert marked(found.span) == "t_newtran"
    assert [marked(label.span) for label in found.labels] == ["t_reply", "t_relay"]


def test_a_module_that_is_used_and_needed_is_missed_once() -> None:
    found = finding('loadmodule "msilo.so"\nroute { if (t_newtran()) { m_store("0"); } }')
    assert found.message == "t_newtran belongs to the module tm, which is not loaded"
    assert [(label.span.line, label.text) for label in found.labels] == [(1, "msilo needs it too")]


def test_a_module_that_two_need_is_missed_once() -> None:
    catalogue = FixedCatalogue({"one": One, "two": Two, "base": Base})
    with pytest.raises(ScriptError) as caught:
        load_script("t.cfg", text=b'loadmodule "one"\nloadmodule "two"\nroute { drop; }', catalogue=catalogue)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("missing-module", "one and two need base, which is not loaded")
    assert [(label.span.line, label.text) for label in found.labels] == [(2, "two needs it too")]


def test_its_parameters_join() -> None:
    assert finding('modparam("tm", "fr_timer", 3)\nroute { t_relay(); }').span.line == 2


def test_its_parameters_alone_are_told_of_once() -> None:
    found = finding('modparam("tm", "fr_timer", 3)\nmodparam("tm", "wt_timer", 3)\nroute { ; }')
    assert (found.code, found.message, found.span.line) == ("module-not-loaded", "the module tm is not loaded", 1)


def test_many_commands_are_counted() -> None:
    names = ["t_newtran", "t_release", "t_relay", "t_on_branch", "t_any_replied", "t_is_canceled", "t_lookup_request"]
    names += ["t_lookup_cancel", "t_retransmit_reply", "t_any_timeout"]
    found = finding(f"route {{ {' '.join(f'{name}();' for name in names)} }}")
    assert "t_lookup_cancel and 2 more belong to the module tm" in found.message


# a module that serpy does not have


@pytest.mark.parametrize("path", ["rr", "rr.so", "modules/rr/rr.so", "/usr/lib/ser/modules/rr.so", "../rr/rr.so"])
def test_a_missing_module_is_known_by_its_path(path: str) -> None:
    found = finding(f'loadmodule "{path}"\nmodparam("rr", "enable_full_lr", 1)\nroute {{ record_route(); }}')
    assert found.code == "module-to-come"
    assert found.message == "serpy does not have the module rr yet; the script uses record_route"
    assert found.hint == "take the line out, with its modparam lines and this command"
    assert (found.span.line, [marked(label.span) for label in found.labels]) == (1, ["record_route"])


@pytest.mark.parametrize("name", ["acc", "ACC", "acc|auth_db", "(acc|usrloc)", "ac.*"])
def test_its_parameters_are_no_findings(name: str) -> None:
    found = finding(f'loadmodule "acc.so"\nmodparam("{name}", "db_url", "x")\nroute {{ ; }}')
    assert found.message == "serpy does not have the module acc yet"


def test_a_name_with_a_dash_is_no_expression() -> None:
    assert finding('loadmodule "cpl-c.so"\nmodparam("cpl-c", "cpl_db", "x")\nroute { ; }').code == "module-to-come"


def test_a_broken_expression_is_told_of_even_when_nothing_is_loaded() -> None:
    assert finding('modparam("(acc", "db_url", "x")\nroute { ; }').code == "bad-regex"


def test_parameters_are_set_of_those_that_are_loaded() -> None:
    found = findings(
        'loadmodule "auth_db.so" loadmodule "usrloc.so"\nmodparam("auth_db|usrloc", "db_mode", "x")\nroute { ; }'
    )
    assert [finding.code for finding in found] == ["module-to-come", "wrong-type"]


def test_a_missing_module_is_known_by_the_name_that_it_exports() -> None:
    found = finding('loadmodule "vm.so"\nmodparam("voicemail", "db_url", "x")\nroute { vm("a", "b"); }')
    assert found.message == "serpy does not have the module vm yet; the script uses vm"


def test_a_missing_module_loaded_twice_is_one_finding() -> None:
    assert finding('loadmodule "rr.so" loadmodule "rr.so" route { ; }').span.column == 12


def test_commands_of_a_missing_module_that_is_not_loaded() -> None:
    found = finding("route { if (loose_route()) { record_route(); } record_route(); }")
    assert (
        found.message == "loose_route and record_route (2 times) belong to the module rr, which serpy does not have yet"
    )
    assert marked(found.span) == "loose_route"


def test_another_program_s_command_says_whose_it_is() -> None:
    assert finding("route { t_precheck_trans(); }").message.startswith(
        "t_precheck_trans belongs to Kamailio's module tmx"
    )
    assert finding("route { ipmatch('x'); }", Dialect.KAMAILIO).message.startswith("ipmatch belongs to SER's module")


def test_a_command_in_two_modules_names_both() -> None:
    told = finding("route { decode_contact(); }", Dialect.KAMAILIO).message
    assert told == "decode_contact belongs to the modules mangler or siputils, which serpy does not have yet"


def test_a_command_in_two_modules_is_that_of_the_loaded_one() -> None:
    told = finding('loadmodule "mangler.so"\nroute { decode_contact(); }', Dialect.KAMAILIO).message
    assert told == "serpy does not have the module mangler yet; the script uses decode_contact"


@pytest.mark.parametrize("load", ["", 'loadmodule "textops.so"\n'])
def test_a_command_that_serpy_s_module_does_not_have_yet(load: str) -> None:
    found = finding(load + 'route { is_method("INVITE"); }')
    assert (found.code, found.message) == (
        "command-to-come",
        "serpy's textops does not have Kamailio's is_method yet",
    )
    assert found.hint == 'compare the method: method=="INVITE"'


def test_a_command_of_kamailio_s_core() -> None:
    assert finding("route { userphone(); }").message == "serpy's core does not have Kamailio's userphone yet"


# OpenSIPS, and early SER


def test_opensips_is_not_to_come() -> None:
    found = findings('loadmodule "proto_udp.so"\nmodparam("tls_mgm", "x", 1)\nroute { create_dialog(); }')
    assert {finding.code for finding in found} == {"other-program"}
    assert [finding.span.line for finding in found] == [1, 2, 3]


def test_an_old_name_leads_to_the_new_one() -> None:
    found = finding('loadmodule "tm.so"\nroute { t_add_transaction(); }')
    assert (found.code, found.hint) == ("old-name", "write t_newtran")
    assert found.message == "t_add_transaction is the old name of t_newtran"


def test_an_old_name_says_when_the_new_one_is_missing_too() -> None:
    assert finding("route { addRecordRoute(); }").message.endswith(", of the module rr, which serpy does not have yet")
    assert finding("route { t_unref(); }").message.endswith(", of the module tm, which is not loaded")


def test_kamailio_uses_an_old_name_anew() -> None:
    found = finding('loadmodule "tm.so"\nroute { t_send_reply("404", "No"); }', Dialect.KAMAILIO)
    assert found.message == "serpy's tm does not have t_send_reply yet"


def test_a_dropped_command_says_what_to_do() -> None:
    assert finding("route { sl_filter_ACK(); }").hint == "take it out: sl absorbs these ACKs by itself"


# nothing known


def test_a_misspelling_is_told_of_once() -> None:
    found = finding('loadmodule "tm.so"\nroute { t_realy(); t_realy(); }')
    assert (found.message, found.hint) == ("there is no command t_realy (used 2 times)", "did you mean t_relay?")


def test_a_misspelling_of_a_missing_module_s_command() -> None:
    assert finding("route { recrod_route(); }").hint == "did you mean record_route, of the module rr?"


def test_thousands_of_unknown_names_are_not_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def suggest(wrong: str, known: object) -> str:
        asked.append(wrong)
        return ""

    monkeypatch.setattr(unknown, "suggest", suggest)
    calls = " ".join(f"nothing{number}();" for number in range(2000))
    assert len(findings(f"route {{ {calls} }}")) == 2000
    assert len(asked) < 100


# global parameters, and parameters of modules


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("log_level=3", "other-program", "log_level is OpenSIPS's name for debug"),
        (
            "anycast=1",
            "other-program",
            "anycast is a parameter of OpenSIPS, and serpy runs scripts for SER and Kamailio",
        ),
        (
            "async_workers=3",
            "parameter-to-come",
            "async_workers is a parameter of Kamailio, which serpy does not support yet",
        ),
        ("debgu=3 debgu=4", "unknown-parameter", "there is no global parameter debgu"),
        (
            'loadmodule "tm.so" modparam("tm", "relay_100", 1)',
            "parameter-to-come",
            "serpy's tm does not have Kamailio's parameter relay_100 yet",
        ),
    ],
)
def test_a_parameter_is_told_apart(line: str, code: str, message: str) -> None:
    found = finding(line + "\nroute { ; }")
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize("value", ['"tm", "fr_timer", "3000"', '"tm", "uac_from", 3'])
def test_kamailio_does_not_convert_the_values_of_modparam(value: str) -> None:
    """Kamailio dialect 1.5; SER's scripts are read leniently (R12)."""
    text = f'loadmodule "tm.so"\nmodparam({value})\nroute {{ ; }}'
    assert finding(text, Dialect.KAMAILIO).code == "wrong-type"
    assert load_script("t.cfg", text=text.encode(), dialect=Dialect.SER_0_9, catalogue=Catalogue()).modules


def test_modparamx_converts_them() -> None:
    text = 'loadmodule "tm.so"\nmodparamx("tm", "fr_timer", "3000")\nroute { ; }'
    assert not [found for found in _all(text) if found.code == "wrong-type"]


def _all(text: str) -> list[Diagnostic]:
    try:
        load_script("t.cfg", text=text.encode(), dialect=Dialect.KAMAILIO, catalogue=Catalogue())
    except ScriptError as error:
        return error.diagnostics
    return []


# what it costs


def test_a_script_that_is_right_does_not_read_the_atlas(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(name: str) -> None:
        raise AssertionError(f"{name} is read")

    monkeypatch.setattr(atlas, "_content", unread)
    atlas.names_for.cache_clear()
    load_script(
        "t.cfg",
        text=b'debug=3\nloadmodule "tm.so"\nmodparam("tm", "fr_timer", 3)\nroute { log(1, "x"); }',
        catalogue=Catalogue(),
        dialect=Dialect.SER_0_9,
    )
