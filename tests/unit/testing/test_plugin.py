"""The pytest plug-in: flow files as tests, and the fixture `sip_lab`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import serpy.testing.runner.parallel  # so that each run within this process need not import it anew
import serpy.testing.sip_lab  # noqa: F401

pytest_plugins = ["pytester"]

CHECKOUT = Path(__file__).parents[3]
FLOW = """\
title: it answers at once
script:
  loadmodule "sl"
  route { sl_send_reply("200", "OK"); }
peers: alice 10.0.0.1:5060

> alice OPTIONS sip:127.0.0.1
"""
RECORDED = FLOW + "< alice 200 OK\n"
DIFFERENT = FLOW + "< alice 202 OK\n"
SCRIPT = """
loadmodule "sl"
route { sl_send_reply("200", "OK"); }
"""


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("CI", raising=False)
        yield


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest("-p", "no:hypothesispytest", *arguments)


def flow(pytester: pytest.Pytester, text: str, name: str = "a") -> None:
    pytester.makefile(".flow", **{name: text})


def test_it_is_installed_here(pytestconfig: pytest.Config) -> None:
    """Else the flows of this checkout would not be run: install it anew (`make test` does)."""
    assert pytestconfig.pluginmanager.hasplugin("serpy.testing.plugin")


def test_a_flow_that_passes_is_named_by_its_title(pytester: pytest.Pytester) -> None:
    flow(pytester, RECORDED)
    result = run(pytester, "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["a.flow::it answers at once PASSED*"])


def test_a_failure_is_shown_as_its_diff(pytester: pytest.Pytester) -> None:
    flow(pytester, DIFFERENT)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    wanted = ["*_ it answers at once _*", "--- *a.flow (recorded)", "-< alice 202 OK", "+< alice 200 OK"]
    result.stdout.fnmatch_lines(wanted)
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*runtest*")


def test_k_takes_words_of_the_title(pytester: pytest.Pytester) -> None:
    flow(pytester, RECORDED)
    flow(pytester, RECORDED.replace("at once", "late"), "b")
    run(pytester, "-k", "once").assert_outcomes(passed=1, deselected=1)


def test_a_flow_without_a_title_fails_and_is_no_error_of_collection(pytester: pytest.Pytester) -> None:
    flow(pytester, RECORDED.partition("\n")[2])
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the flow has no title*"])


def test_update_records(pytester: pytest.Pytester) -> None:
    flow(pytester, FLOW)
    result = run(pytester, "--serpy-update")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*1 updated*"])
    assert (pytester.path / "a.flow").read_text().strip() == RECORDED.strip()
    run(pytester).assert_outcomes(passed=1)


def test_update_is_refused_under_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    flow(pytester, FLOW)
    result = run(pytester, "--serpy-update")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*refused under CI*"])


@pytest.mark.parametrize("name", ["serpy", "serpy.testing.plugin"])
def test_it_can_be_turned_off(pytester: pytest.Pytester, name: str) -> None:
    flow(pytester, RECORDED)
    pytester.makepyfile("def test_x(sip_lab): pass")
    result = run(pytester, "-p", f"no:{name}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'sip_lab' not found*"])


def test_flows_outside_of_testpaths_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntestpaths = inside")
    flow(pytester, RECORDED, "inside/a")
    flow(pytester, DIFFERENT, "outside/b")
    run(pytester).assert_outcomes(passed=1)


def test_types_of_javascript_are_no_flows(pytester: pytest.Pytester) -> None:
    (pytester.path / "index.js.flow").write_text("declare var x: string;\n")
    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_it_works_under_xdist(pytester: pytest.Pytester) -> None:
    flow(pytester, FLOW)
    flow(pytester, RECORDED + "\nwiat 4s\n", "b")
    result = run(pytester, "-n", "2", "--serpy-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*b.flow:10: `wiat 4s` is no block*", "*1 failed, 1 updated*"])


def test_a_run_without_flows_imports_nothing_of_the_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    program = """
import sys, pytest
pytest.main(["-q", "-p", "no:hypothesispytest"])
print(*sorted(name for name in sys.modules if name.startswith(("serpy.", "rich", "lark"))))
"""
    done = pytester.run(sys.executable, "-c", program)
    imported = done.outlines[-1].split()
    assert imported == [f"serpy.testing{name}" for name in ("", ".plugin", ".pytest_flows", ".pytest_labs")]


# -- sip_lab -----------------------------------------------------------------------------------------------------------


def test_a_plain_test_may_use_a_lab(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        def test_it(sip_lab):
            lab = sip_lab({SCRIPT!r})
            reply = lab.peer("alice").request("OPTIONS", "sip:127.0.0.1").reply
            assert (reply.status, reply.reason) == (200, "OK")
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_an_async_test_may_use_a_lab_without_another_plug_in(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.parametrize("to", ["sip:127.0.0.1", "sip:bob@127.0.0.1"])
        async def test_it(sip_lab, to):
            lab = sip_lab({SCRIPT!r})
            reply = await lab.peer("alice").request("OPTIONS", to)
            assert reply.status == 200
            lab.advance(30)
            assert lab.elapsed == 30

        class TestIt:
            async def test_it(self, sip_lab):
                assert (await sip_lab({SCRIPT!r}).peer("alice").register()).status == 200
        """
    )
    run(pytester).assert_outcomes(passed=3)


def test_a_failed_test_shows_what_happened_in_its_lab(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        async def test_it(sip_lab):
            assert (await sip_lab({SCRIPT!r}).peer("alice").register()).status == 404
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*what happened in the lab*", "< alice 200 OK"])


def test_a_script_is_found_beside_the_test(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("below")
    (folder / "t.cfg").write_text(SCRIPT)
    (folder / "test_it.py").write_text("def test_it(sip_lab):\n    sip_lab('t.cfg')\n")
    run(pytester).assert_outcomes(passed=1)


def test_a_wrong_script_fails_with_its_findings_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(sip_lab):\n    sip_lab('route { frob(); }')\n")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error[[]unknown-command]: there is no command frob"])
    result.stdout.no_fnmatch_line("*def test_it*")


def test_who_awaits_something_else_is_told_how_time_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, types

        async def test_asyncio(sip_lab):
            await asyncio.sleep(1)

        @types.coroutine
        def other():
            yield "something"

        async def test_other(sip_lab):
            await other()
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*call lab.advance(SECONDS)", "*awaits 'something'*call lab.advance(SECONDS)"])


def test_the_tests_in_the_documentation_pass(pytester: pytest.Pytester) -> None:
    page = (CHECKOUT / "docs" / "testing-in-python.md").read_text()
    tests = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(tests) == 3
    pytester.makepyfile("\n".join(tests))
    (pytester.path / "msilo.cfg").write_bytes((CHECKOUT / "examples" / "msilo.cfg").read_bytes())
    run(pytester).assert_outcomes(passed=3)
