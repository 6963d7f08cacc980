"""What is refused or warned of where a value is hardly meant as it is written."""

from __future__ import annotations

import pytest

from serpy.cfg.load import load_script
from tests.unit.cfg.lint.findings import found
from tests.unit.cfg.lint.findings import told as lint_told


def codes(text: str, head: str = "") -> list[str]:
    from serpy.cfg.diagnostics import ScriptError

    try:
        return [one.code for one in load_script("t.cfg", text=f"{head}\n{text}".encode()).warnings]
    except ScriptError as error:
        return [one.code for one in error.diagnostics if one.severity == "error"]


@pytest.mark.parametrize("pattern", [r"^sip:\d+@", r"[\d]"])
def test_the_letter_d_behind_an_operator(pattern: str) -> None:
    assert found("literal-d", f'route {{ if (uri=~"{pattern}") {{ drop; }} }}') == [f'"{pattern}"']
    assert found("literal-d", f'route {{ if (@to.uri=~"{pattern}") {{ drop; }} }}', "#!SER 2") == [f'"{pattern}"']
    assert not found("literal-d", 'route { if (uri=="\\d") { drop; } }')


@pytest.mark.parametrize("condition", ['"BYE"', 'method=="INVITE" || "BYE"', 'method=="INVITE" && !"BYE"'])
def test_a_text_alone_is_no_condition(condition: str) -> None:
    for head in ("", "#!SER 2", "#!KAMAILIO"):
        assert "no-comparison" in codes(f"route {{ if ({condition}) {{ drop; }} }}", head)


@pytest.mark.parametrize(
    "command",
    ['rewriteport("abc")', 'rewriteport("70000")', 'rewritehostport("1.2.3.4:99999")', 'rewritehostport(":5060")'],
)
def test_ports_that_are_none(command: str) -> None:
    assert codes(f"route {{ {command}; drop; }}") == ["bad-argument"]


@pytest.mark.parametrize(
    "command",
    ['setport("5060")', 'rewriteport("")', 'sethp("h:1;transport=udp")', 'sethp("[::1]")', 'sethp("[::1]:5060")'],
)
def test_ports_that_are_some(command: str) -> None:
    assert codes(f"route {{ {command}; drop; }}") == []


@pytest.mark.parametrize("network", ["10.0.0.1/8", "10.0.0.0/255.0.255.0", '"10.0.0.1/8"'])
def test_odd_networks(network: str) -> None:
    assert found("odd-network", f"route {{ if (src_ip=={network}) {{ drop; }} }}") == [network]


@pytest.mark.parametrize("network", ["10.0.0.0/8", "10.0.0.1/32", "10.0.0.1", "10.0.0.0/255.0.0.0", "0.0.0.0/0"])
def test_usual_networks(network: str) -> None:
    assert not found("odd-network", f"route {{ if (src_ip=={network}) {{ drop; }} }}")


def test_no_children() -> None:
    assert codes("children=-1\nroute { drop; }") == ["bad-value"]
    assert codes("children=4\nroute { drop; }") == []


def test_kamailios_variables_where_serpy_takes_something_else() -> None:
    text = 'loadmodule "msilo.so"\nroute { m_store("$ru"); }'
    assert "not-supported-yet" in codes(text, "#!KAMAILIO")
    assert "bad-argument" not in codes(text, "#!KAMAILIO")
    assert "bad-argument" in codes(text, "#!SER 0.9")
    text = 'loadmodule "registrar.so"\nmodparam("registrar", "received_avp", "$avp(RECEIVED)")\nroute { drop; }'
    assert "not-supported-yet" in codes(text, "#!KAMAILIO")
    assert "wrong-type" not in codes(text, "#!KAMAILIO")


@pytest.mark.parametrize(
    ("condition", "head"), [('search("^(To|t):.*;[ ]*tag=")', ""), ('@to.tag != ""', "#!SER 2"), ("@to.tag", "#!SER 2")]
)
def test_a_tag_of_to_is_a_dialog(condition: str, head: str) -> None:
    assert not found("open-relay", f"route {{ if ({condition}) {{ t_relay(); }} }}", head)


def test_no_tag_of_to_is_none() -> None:
    assert found("open-relay", 'route { if (@to.tag == "") { t_relay(); } }', "#!SER 2")
    assert found("open-relay", 'route { if (search("^From:.*tag=")) { t_relay(); } }')


def test_the_help_names_the_level_of_the_text_that_is_marked() -> None:
    assert lint_told("silent-log", 'debug=2\nroute { log("x"); log(3, "y"); drop; }').hint.endswith("or debug=4")


def test_allowing_a_readable_password_is_never_useless() -> None:
    assert "useless-allow" not in codes("debug=3  # serpy: allow password-readable\nroute { drop; }")


@pytest.mark.parametrize("condition", ['uri=="sip:.*@x"', 'method=="INVITE|ACK"', 'uri=="^sip:"'])
def test_a_pattern_where_a_text_is_compared(condition: str) -> None:
    assert condition in found("never-true", f"route {{ if ({condition}) {{ drop; }} }}")
    assert not found("never-true", f"route {{ if ({condition.replace('==', '=~')}) {{ drop; }} }}")


def test_transports_that_only_kamailio_has() -> None:
    assert codes("route { if (proto==sctp) { drop; } }") == ["bad-comparison"]
    assert "bad-comparison" not in codes("route { if (proto==WS) { drop; } }", "#!KAMAILIO")


def test_codes_that_no_reply_has() -> None:
    for code, found_codes in (("99", ["bad-argument"]), ("1000", ["bad-argument"])):
        assert codes(f'loadmodule "tm.so"\nroute {{ t_newtran(); t_reply("{code}", "x"); }}') == found_codes
    assert "bad-argument" not in codes('loadmodule "tm.so"\nroute { t_newtran(); t_reply("0", "x"); }')
