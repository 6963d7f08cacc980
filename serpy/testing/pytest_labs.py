"""The fixture `sip_lab`: tests in Python over the real server in virtual time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .sip_lab import MakeLab, SipLab

_labs = pytest.StashKey[list[Any]]()


@pytest.fixture
def sip_lab(request: pytest.FixtureRequest) -> Iterator[MakeLab]:
    """Make labs: the real server with a script, in virtual time. A relative path starts at the test's own folder.

    See `serpy.testing.sip_lab`.
    """
    from ..cfg.diagnostics import ScriptError
    from .sip_lab import SipLab

    made: list[SipLab] = request.node.stash.setdefault(_labs, [])

    def make(script: Path | str, **options: Any) -> SipLab:
        if isinstance(script, Path) or not ("\n" in script or "{" in script):
            script = request.path.parent / script
        wrong = ""
        try:
            made.append(SipLab(script, **options))
        except ScriptError as error:
            wrong = f"the script cannot be run:\n{error}"
        if wrong:
            pytest.fail(wrong, pytrace=False)
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an `async def` test over the lab; what it awaits there never suspends."""
    if "sip_lab" not in pyfuncitem.fixturenames or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    run(pyfuncitem.obj, arguments)
    return True


def run(test: Callable[..., Any], arguments: dict[str, Any]) -> None:
    """Run a coroutine function to its end."""
    steps = test(**arguments)
    try:
        waits = steps.send(None)
    except StopIteration:
        return
    except RuntimeError as error:
        if str(error) == "no running event loop":
            error.add_note(_NOT_OF_THE_LAB)
        raise
    steps.close()
    raise RuntimeError(f"{test.__name__} awaits {waits!r}. {_NOT_OF_THE_LAB}")


_NOT_OF_THE_LAB = (
    "A test over the lab awaits what its peers sent, and nothing of asyncio; to let time pass, "
    "call lab.advance(SECONDS)"
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        for lab in item.stash.get(_labs, []):
            report.sections.append(("what happened in the lab", lab.story))
    return report
