"""The pytest plug-in, installed with serpy: it collects flow files, and offers the fixture `sip_lab`.

`-p no:serpy` turns it off. Every run of pytest in an environment that has serpy imports it; what it needs of serpy is
imported when there is a flow or a lab.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if pluginmanager.is_blocked("serpy"):
        return
    add = parser.getgroup("serpy", "flow files of serpy").addoption
    add(
        "--serpy-update",
        action="store_true",
        help="record what happens now: writes what is different into the flow files",
    )
    add("--serpy-cov", action="store_true", help="tell which lines and branches of the scripts no test reached")
    add("--serpy-cov-html", metavar="DIR", help="write the scripts, shaded by it, as HTML pages")
    add("--serpy-cov-lcov", metavar="FILE", help="write it in the format of lcov, for editors")
    add("--serpy-cov-fail-under", metavar="N", type=float, help="fail when fewer than N per cent were reached")


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.is_blocked("serpy"):
        return
    if config.getoption("serpy_update"):
        from .ci import under_ci

        if under_ci():
            raise pytest.UsageError("--serpy-update is refused under CI: record where a person sees the diff")
    from . import pytest_flows, pytest_labs

    config.pluginmanager.register(pytest_flows, "serpy")
    config.pluginmanager.register(pytest_labs, "serpy-labs")
    if any(config.getoption(f"serpy_cov{option}") not in (None, False) for option in ("", *_OF_COVERAGE)):
        from .pytest_cov import CoverageOfScripts

        config.pluginmanager.register(CoverageOfScripts(), "serpy-cov")


_OF_COVERAGE = ("_html", "_lcov", "_fail_under")
