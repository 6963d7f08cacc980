"""What a server is started with."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.testing.against.mapping import Mapping
from serpy.testing.against.others import Command, Kamailio, Missing, other_server
from serpy.testing.flow.document import read_document
from serpy.testing.flow.head import Head, read_head

SOCKETS = [("127.0.0.1", 5060)]


@pytest.fixture
def mapping() -> Mapping:
    return Mapping("127.83.12")


def test_places_of_a_command_are_filled(tmp_path: Path, mapping: Mapping) -> None:
    script = tmp_path / "x.cfg"
    script.write_text("listen=127.0.0.1\n")
    head = Head(script=script, modparams={"tm.fr_timer": 5})
    (tmp_path / "run").mkdir()
    command = Command.read("cat -f {config} -l {address} {host}/{port} {run}")
    words = command.command(tmp_path / "x.flow", head, mapping, tmp_path / "run", SOCKETS)
    copy = Path(words[2])
    assert words == ["cat", "-f", str(copy), "-l", "127.83.12.1:5060", "127.83.12.1/5060", str(tmp_path / "run")]
    assert copy.read_text() == 'alias=localhost\nlisten=127.83.12.1\n\nmodparam("tm", "fr_timer", 5)\n'


def test_a_script_that_names_no_address_gets_one(tmp_path: Path, mapping: Mapping) -> None:
    head = Head(script_text="#!SER\nroute { drop(); }\n")
    words = Command.read("cat {config}").command(tmp_path / "x.flow", head, mapping, tmp_path, [("10.0.0.9", 5060)])
    assert Path(words[1]).read_text().startswith("#!SER\nlisten=127.83.12.1\nroute {")


def test_included_files_go_with_the_script(tmp_path: Path, mapping: Mapping) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.cfg").write_text('listen=127.0.0.1\ninclude_file "../a.cfg"\n')
    script = tmp_path / "a.cfg"
    script.write_text('include_file "sub/b.cfg"\n#!import_file "nowhere.cfg"\n')
    run = tmp_path / "run"
    run.mkdir()
    words = Command.read("cat {config}").command(tmp_path / "x.flow", Head(script=script), mapping, run, SOCKETS)
    assert f'include_file "{run}/1-b.cfg"\n#!import_file "nowhere.cfg"\n' in Path(words[1]).read_text()
    assert (run / "1-b.cfg").read_text() == f'listen=127.83.12.1\ninclude_file "{run}/0-a.cfg"\n'


def test_kamailio_listens_where_serpy_does_and_nowhere_else(tmp_path: Path, mapping: Mapping) -> None:
    script = tmp_path / "k.cfg"
    script.write_text("listen=eth0\nport=5070\nalias=10.0.0.1\n")
    head = Head(
        kamailio_script=script, modparams={"tm.fr_timer": 5, "msilo.registrar": ""}, defines={"A": "", "B": "1"}
    )
    (tmp_path / "run").mkdir()
    words = Kamailio("kamailio").command(tmp_path / "x.flow", head, mapping, tmp_path / "run", SOCKETS)
    assert words[words.index("-l") + 1] == "udp:127.83.12.2:5060"
    assert words[-4:] == ["-A", "A", "-A", "B=1"]
    copy = Path(words[words.index("-f") + 1]).read_text()
    assert copy == '\n\nalias=127.83.12.1\n\nmodparam("tm", "fr_timer", 5000)\nmodparam("msilo", "from_address", "")\n'


def test_a_script_for_kamailio_may_stand_in_the_flow(tmp_path: Path, mapping: Mapping) -> None:
    text = (
        "title: t\nscript:\n  route { drop(); }\nkamailio-script:\n  request_route {\n\n    drop;\n  }\nack: manual\n"
    )
    head = read_head(read_document(text), tmp_path)
    assert head.kamailio_script_text == "request_route {\n\n  drop;\n}\n"
    assert not head.acks
    words = Kamailio("kamailio").command(tmp_path / "x.flow", head, mapping, tmp_path, SOCKETS)
    assert Path(words[words.index("-f") + 1]).read_text().startswith("request_route {\n\n  drop;\n}\n")


def test_what_kamailio_cannot_be_given_is_told(tmp_path: Path) -> None:
    kamailio = Kamailio("kamailio")
    assert "kamailio-script" in kamailio.why_not(tmp_path / "x.flow", Head())
    head = Head(kamailio_script_text="route { drop; }", modparams={"print.x": 1})
    assert "print.x" in kamailio.why_not(tmp_path / "x.flow", head)


@pytest.mark.parametrize(
    ("against", "command", "why"),
    [
        (None, "", "empty"),
        (None, "cat 'x", "not closed"),
        (None, "cat {conf}", "{conf}"),
        (None, "no-such-program {config}", "there is no command"),
        ("asterisk", None, "asterisk"),
    ],
)
def test_a_command_that_cannot_be_understood(against: str | None, command: str | None, why: str) -> None:
    with pytest.raises(Missing, match=why):
        other_server(against, command)
