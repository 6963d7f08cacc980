"""The whole way, with the example, and what is kept between two starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serpy.cfg import mistakes
from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.load import load_script
from serpy.dialect import Dialect

EXAMPLE = Path(__file__).parents[3] / "examples" / "msilo.cfg"


def test_the_example_loads_in_its_own_order_of_modules() -> None:
    """R16."""
    script = load_script(EXAMPLE)
    assert script.dialect is Dialect.SER_0_9
    assert list(script.modules) == ["print", "textops", "sl", "mysql", "maxfwd", "msilo", "tm", "registrar", "usrloc"]


def test_a_second_start_needs_no_parser(cache_folder: Path) -> None:
    load_script(EXAMPLE)
    assert list(cache_folder.glob("script-*"))
    program = (
        "import sys; from serpy.cfg.load import load_script; load_script(sys.argv[1]); print('lark' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(EXAMPLE)], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_a_changed_script_is_read_anew(tmp_path: Path) -> None:
    script = tmp_path / "t.cfg"
    script.write_text("route { ; }")
    load_script(script)
    script.write_text("route { frob(); }")
    with pytest.raises(ScriptError):
        load_script(script)


def test_a_broken_cache_is_made_anew(cache_folder: Path) -> None:
    load_script(EXAMPLE)
    (kept,) = cache_folder.glob("script-*")
    size = kept.stat().st_size
    kept.write_bytes(b"nonsense")
    load_script(EXAMPLE)
    assert kept.stat().st_size == size


def test_a_folder_that_others_may_write_is_not_trusted(cache_folder: Path) -> None:
    cache_folder.mkdir(parents=True)
    cache_folder.chmod(0o777)
    load_script(EXAMPLE)
    assert list(cache_folder.iterdir()) == []


def test_a_script_runs_without_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert len(load_script(EXAMPLE).modules) == 9


def test_errors_after_the_first_are_found() -> None:
    text = b'route { a(; }\nmodparam("x")\nroute[1] { b() c(); }\nroute[2] { if () ; }\n'
    with pytest.raises(ScriptError) as caught:
        load_script("t.cfg", text=text)
    assert [finding.span.line for finding in caught.value.diagnostics] == [1, 2, 3, 4]


def test_a_file_full_of_errors_ends_somewhere() -> None:
    with pytest.raises(ScriptError) as caught:
        load_script("t.cfg", text=b"route { a(; }\n" * 100)
    assert len(caught.value.diagnostics) == 20


def test_every_word_of_the_grammar_has_a_name_for_people() -> None:
    grammar = (Path(__file__).parents[3] / "grammar" / "script.lark").read_text()
    terminals = {
        line.split(":")[0].split(".")[0] for line in grammar.split("\n") if line[:1].isupper() or line[:1] == "_"
    }
    assert terminals <= set(mistakes.terminal_words())


def test_an_included_file_that_comes_to_be_in_front_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "main.cfg").write_text('include_file "part.cfg"\nrequest_route { route(A); drop; }\n')
    (tmp_path / "etc" / "part.cfg").write_text("route[A] { ; }\n")
    monkeypatch.chdir(tmp_path)
    assert load_script("etc/main.cfg").warnings == []
    (tmp_path / "part.cfg").write_text("route[B] { ; }\n")  # where the server was started goes first
    assert "no-such-route" in {finding.code for finding in load_script("etc/main.cfg").warnings}
    (tmp_path / "part.cfg").unlink()
    os.mkfifo(tmp_path / "part.cfg")  # and a FIFO there is not waited for
    with pytest.raises(ScriptError, match="it is not a file"):
        load_script("etc/main.cfg")
